"""Which steps are at work, in shared memory: what a process leaves behind when a node's native code ends it.

One slot a thread: its number, a length, then the step's node type and path. Telling it costs well under a microsecond.
"""

from __future__ import annotations

import mmap
import struct
import threading
from threading import get_ident
from typing import NamedTuple

from graphflow.engine.step import Step

_SLOT = 512
_SLOTS = 256
_TEXT = _SLOT - 10
_room = struct.Struct(f"<QH{_TEXT}s")
_length = struct.Struct("<H")
_pack_into = _room.pack_into

SIZE = _SLOT * _SLOTS  # bytes that the file must have


class Working(NamedTuple):
    """A step at work: its node type (empty for the end of a run, which saves files), its path, its thread's number."""

    type: str
    path: str
    thread: int


class InFlight:
    """Slots in a file of SIZE bytes that the process and its parent share. fd: The open file."""

    def __init__(self, fd: int) -> None:
        self._map = mmap.mmap(fd, SIZE)
        self._slots: dict[int, int] = {}
        self._lock = threading.Lock()

    def begin(self, step: Step) -> None:
        """This thread begins a step."""
        thread = get_ident()
        at = self._slots.get(thread)
        if at is None:
            at = self._slot()
        known = step.known
        if at < 0 or (known is not None and known.spec.lane == "process"):
            return  # a process of its own, whose end is told there
        text = f"{known.spec.type}\n{step.path}" if known is not None else f"\n{step.path}"
        body = text.encode()
        _pack_into(self._map, at, thread, len(body) if len(body) < _TEXT else _TEXT, body)

    def end(self) -> None:
        """This thread is at no step."""
        at = self._slots.get(get_ident(), -1)
        if at >= 0:
            _length.pack_into(self._map, at + 8, 0)

    def read(self) -> list[Working]:
        """The steps that are at work now."""
        found: list[Working] = []
        for at in range(0, SIZE, _SLOT):
            thread, size, body = _room.unpack_from(self._map, at)
            if size:
                kind, _, path = body[:size].decode(errors="replace").partition("\n")
                found.append(Working(kind, path, thread))
        return found

    def close(self) -> None:
        """Let the memory go."""
        self._map.close()

    def _slot(self) -> int:
        with self._lock:
            at = len(self._slots) * _SLOT
            made = self._slots[get_ident()] = at if at < SIZE else -1
            return made
