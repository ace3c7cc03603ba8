"""Where values are kept by digest: in memory, in a folder, in a folder or store that is shared.

On disk and remotely an entry is a BLAKE3 of its body, then the body. Entries appear by rename and are never synced:
a torn or flipped one fails its check, is dropped, told and rebuilt.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from graphflow.cache.evict import GreedyDual
from graphflow.cache.key import text_of
from graphflow.values.digest import content_digest

_ORPHAN_AGE = 3600.0  # seconds after which a writer that left a temporary file is taken for dead


class CorruptEntry(ValueError):
    """An entry whose body is not what was written."""


class Shelf(Protocol):
    """Entries of bytes by digest. Where the cache and the engine meet."""

    def get(self, digest: bytes) -> bytes | None:
        """The body; None if it is not here. Raises CorruptEntry, after dropping the entry."""
        ...

    def put(self, digest: bytes, body: bytes) -> None:
        """Keep a body. Raises OSError."""
        ...

    def has(self, digest: bytes) -> bool:
        """Whether an entry seems to be here; `get` may still find it corrupt."""
        ...


class MemoryShelf:
    """Live values by digest, bounded in bytes; what is cheapest to rebuild for its size goes first."""

    def __init__(self, limit: int, on_evict: Callable[[bytes], None] | None = None) -> None:
        self.limit = limit
        self.used = 0
        self._values: dict[bytes, tuple[Any, int]] = {}
        self._order = GreedyDual()
        self._on_evict = on_evict
        self._lock = threading.RLock()  # threads of all lanes read and write

    def __len__(self) -> int:
        return len(self._values)

    def get(self, digest: bytes) -> tuple[Any] | None:
        """The value in a tuple of one (it may be None itself); None if it is not here."""
        with self._lock:
            found = self._values.get(digest)
            if found is None:
                return None
            self._order.touch(digest)
            return (found[0],)

    def has(self, digest: bytes) -> bool:
        return digest in self._values

    def put(self, digest: bytes, value: Any, size: int, seconds: float) -> None:
        """Keep a value of so many bytes that takes so long to rebuild; others, or this one, may go for it."""
        with self._lock:
            if digest in self._values:
                self._order.touch(digest)
                return
            self._values[digest] = (value, size)
            self._order.add(digest, seconds, size)
            self.used += size
            if self.used > self.limit:
                self.shrink(self.limit)

    def shrink(self, limit: int) -> None:
        """Let values go until at most `limit` bytes are used."""
        with self._lock:
            while self.used > limit and self._values:
                self.drop(self._order.pop())

    def drop(self, digest: bytes) -> None:
        """Let one value go."""
        with self._lock:
            found = self._values.pop(digest, None)
            self._order.remove(digest)
            if found is not None:
                self.used -= found[1]
        if found is not None and self._on_evict:
            self._on_evict(digest)

    def drop_where(self, test: Callable[[Any], bool]) -> None:
        """Let all values go for which the test holds."""
        with self._lock:
            for digest in [d for d, (value, _) in self._values.items() if test(value)]:
                self.drop(digest)


def _seal(body: bytes) -> bytes:
    return content_digest(body) + body


def _open(sealed: bytes, digest: bytes) -> bytes:
    body = sealed[32:]
    if len(sealed) < 32 or content_digest(body) != sealed[:32]:
        raise CorruptEntry(f"The cached value {text_of(digest)[:16]} is damaged.")
    return body


class DiskShelf:
    """Entries as files below one folder, two letters of the digest a subfolder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._made: set[Path] = set()

    def path(self, digest: bytes) -> Path:
        name = text_of(digest).replace("k:", "k-")
        return self.folder / name[-2:] / name

    def has(self, digest: bytes) -> bool:
        return os.path.isfile(self.path(digest))

    def get(self, digest: bytes) -> bytes | None:
        path = self.path(digest)
        if not os.path.isfile(path):
            return None  # not there, or something else in its place
        try:
            sealed = path.read_bytes()
        except FileNotFoundError:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # the time of its last use, by which the shelf is trimmed
        try:
            return _open(sealed, digest)
        except CorruptEntry:
            path.unlink(missing_ok=True)
            raise

    def put(self, digest: bytes, body: bytes) -> None:
        path = self.path(digest)
        if path.parent not in self._made:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(path.parent)
        try:
            write_whole(path, _seal(body))
        except FileNotFoundError:  # somebody has deleted the shelf meanwhile
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, _seal(body))

    def entries(self) -> Iterator[tuple[str, int, float]]:
        """(digest text, bytes, time of last use) of each entry."""
        for entry in self._files():
            if ".new-" not in entry.name:
                try:
                    stat = entry.stat()
                except FileNotFoundError:
                    continue  # another process trims too
                yield entry.name.replace("k-", "k:"), stat.st_size, stat.st_mtime

    def sweep(self) -> int:
        """Remove what writers that died left behind; how many there were."""
        swept = 0
        for entry in self._files():
            if ".new-" not in entry.name:
                continue
            try:
                old = time.time() - entry.stat().st_mtime > _ORPHAN_AGE
            except FileNotFoundError:
                continue  # its writer lives and has just put it in place
            if old:
                Path(entry.path).unlink(missing_ok=True)
                swept += 1
        return swept

    def remove(self, digest: bytes) -> None:
        self.path(digest).unlink(missing_ok=True)

    def _files(self) -> Iterator[os.DirEntry[str]]:
        for folder in sorted(self.folder.glob("*/")):
            try:
                with os.scandir(folder) as entries:
                    yield from entries
            except FileNotFoundError:
                continue  # deleted meanwhile


def write_whole(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a file so that it appears whole or not at all. Raises OSError, leaving nothing behind."""
    beside = path.with_name(f"{path.name}.new-{secrets.token_hex(4)}")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


class RemoteShelf:
    """Entries and traces in a folder or object store that fsspec can open, shared with colleagues."""

    def __init__(self, url: str) -> None:
        import fsspec

        self.url = url
        self._files, self._root = fsspec.core.url_to_fs(url)
        self._root = self._root.rstrip("/")

    def has(self, digest: bytes) -> bool:
        return bool(self._files.exists(self._place("values", text_of(digest))))

    def get(self, digest: bytes) -> bytes | None:
        place = self._place("values", text_of(digest))
        sealed = self._read(place)
        if sealed is None:
            return None
        try:
            return _open(sealed, digest)
        except CorruptEntry:
            self._files.rm_file(place)
            raise

    def put(self, digest: bytes, body: bytes) -> None:
        self._write(self._place("values", text_of(digest)), _seal(body))

    def get_trace(self, key: bytes) -> bytes | None:
        return self._read(self._place("traces", key.hex()) + ".json")

    def put_trace(self, key: bytes, body: bytes) -> None:
        self._write(self._place("traces", key.hex()) + ".json", body)

    def _place(self, what: str, name: str) -> str:
        name = name.replace("k:", "k-")
        return f"{self._root}/{what}/{name[-2:]}/{name}"

    def _read(self, path: str) -> bytes | None:
        try:
            return bytes(self._files.cat_file(path))
        except FileNotFoundError:
            return None

    def _write(self, path: str, data: bytes) -> None:
        folder = path.rsplit("/", 1)[0]
        self._files.makedirs(folder, exist_ok=True)
        beside = f"{path}.new-{secrets.token_hex(4)}"
        self._files.pipe_file(beside, data)
        self._files.mv(beside, path)
