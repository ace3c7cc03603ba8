"""Name -> value -> run: how the engine finds what was computed before. The only caller of ledger and shelves.

A run first finds the *names* (digests) of every demanded step, without reading a value: what this session did, then
the document's manifest, then the ledger, then the shared shelf. *Bytes* are read for two reasons only: a step must be
executed and needs its inputs, or somebody asked for a target's value: memory, then small values in the ledger, then
disk, then the shared shelf. What is nowhere is None, and its producer runs again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphflow.cache.key import is_keyed, text_of
from graphflow.cache.ledger import Ledger
from graphflow.cache.shelf import CorruptEntry, DiskShelf, MemoryShelf, RemoteShelf
from graphflow.cache.trace import Trace, from_json
from graphflow.values.codec import CodecError, UnknownKind, decode
from graphflow.values.digest import digest, list_digest

_LIST = b"GFl1"
READ_SPEED = 400e6  # bytes a second: what reading a value back is reckoned to cost
RECENT = 200_000  # keys that a session remembers by itself

# What is remembered of a key: its outputs' digests and the seconds to have their values again (0: they are durable).
Name = tuple[list[bytes], float]


class Fetch:
    """Looks for names and values on every shelf, nearest first."""

    def __init__(
        self,
        ledger: Ledger,
        memory: MemoryShelf,
        disk: DiskShelf | None,
        remote: RemoteShelf | None,
        on_corrupt: Callable[[str], None],
        import_kind: Callable[[str], None],
    ) -> None:
        self.ledger, self.memory, self.disk, self.remote = ledger, memory, disk, remote
        self.recent: dict[bytes, Name] = {}
        self.lists: dict[bytes, list[bytes]] = {}
        self._forgot = False
        self._corrupt = on_corrupt
        self._import_kind = import_kind
        self._shelves: list[Callable[[bytes], bytes | None]] = [ledger.value]
        self._shelves += [shelf.get for shelf in (disk, remote) if shelf is not None]

    def remember(self, key: bytes, outputs: list[bytes], rebuild: float) -> None:
        """What this session just computed; beyond a bound the ledger alone remembers."""
        if len(self.recent) >= RECENT and self.ledger.path is not None:
            self.recent.clear()
            self.lists.clear()
            self._forgot = True
        self.recent[key] = (outputs, rebuild)

    def names(self, keys: list[bytes]) -> dict[bytes, Name]:
        """What is known of these keys, in few queries."""
        found: dict[bytes, Name] = {}
        if self._forgot or not self.ledger.only_ours():  # else `recent` knows all that the ledger does
            found = {key: (t.outputs, t.rebuild) for key, t in self.ledger.find(keys).items()}
        if self.remote is not None:
            for key in keys:
                if key not in found and (trace := self._shared_trace(self.remote, key)):
                    found[key] = (trace.outputs, 0.0)
        return found

    def _shared_trace(self, remote: RemoteShelf, key: bytes) -> Trace | None:
        body = remote.get_trace(key)
        if body is None:
            return None
        try:
            return from_json(body)
        except ValueError as error:
            self._corrupt(f"{text_of(key)[:16]}: {error}")
            return None

    def has(self, name: bytes) -> bool:
        """Whether a value's bytes seem to be at hand."""
        return (
            self.memory.has(name)
            or self.ledger.value(name) is not None
            or (self.disk is not None and self.disk.has(name))
            or (self.remote is not None and self.remote.has(name))
        )

    def value(self, name: bytes) -> tuple[Any] | None:
        """A value, in a tuple of one; None if its bytes are nowhere. Corrupt entries are dropped and told."""
        live = self.memory.get(name)
        if live is not None:
            return live
        for read in self._shelves:
            body = self._body(read, name)
            if body is None or body[:4] == _LIST:
                continue
            try:
                made = self._decode(body)
            except CodecError as error:
                self._corrupt(f"{text_of(name)[:16]}: {error}")
                continue
            if not is_keyed(name) and digest(made) != name:
                self._corrupt(f"{text_of(name)[:16]}: a stored value is not the one that its name tells")
                continue
            # The next reader finds it in memory; what it costs there is having to read it again.
            self.memory.put(name, made, len(body), len(body) / READ_SPEED)
            return (made,)
        return None

    def elements(self, name: bytes) -> list[bytes] | None:
        """The digests of a list's elements; None if the list's entry is nowhere."""
        known = self.lists.get(name)
        if known is not None:
            return known
        for read in self._shelves:
            body = self._body(read, name)
            if body is not None and body[:4] == _LIST:
                found = unpack_list(body)
                if list_digest(found) == name:
                    self.lists[name] = found
                    return found
                self._corrupt(f"{text_of(name)[:16]}: a stored list is not the one that its name tells")
        return None

    def _decode(self, body: bytes) -> Any:
        """A value from bytes; the pack of its kind is imported if it was not yet."""
        while True:
            try:
                return decode(body)
            except UnknownKind as unknown:
                try:
                    self._import_kind(unknown.kind)
                except LookupError:
                    raise unknown from None

    def _body(self, read: Callable[[bytes], bytes | None], name: bytes) -> bytes | None:
        try:
            return read(name)
        except CorruptEntry as error:
            self._corrupt(str(error))
            return None


def pack_list(elements: list[bytes]) -> bytes:
    """A list's entry: the digests of its elements."""
    return _LIST + b"".join(bytes([len(name)]) + name for name in elements)


def unpack_list(body: bytes) -> list[bytes]:
    """The digests that `pack_list` wrote."""
    found, at = [], len(_LIST)
    while at < len(body):
        size = body[at]
        found.append(bytes(body[at + 1 : at + 1 + size]))
        at += 1 + size
    return found
