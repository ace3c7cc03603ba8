"""Live models: made from recipes by registered loaders, lent exclusively, bounded in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from graphflow.cache.evict import GreedyDual
from graphflow.nodetype.context import Context
from graphflow.nodetype.models import LOADERS, PATCHERS
from graphflow.values.digest import digest
from graphflow.values.kinds import Model


class _Live:
    __slots__ = ("lock", "made", "seconds", "size", "users")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.made: Any = None
        self.size = 0
        self.seconds = 0.0  # that loading it took
        self.users = 0


class ModelPool:
    """Live models by the digest of their recipe, never by path. Other patches are another live model.

    room: Asked for so many bytes before a model stays; it may let values go from memory.
    """

    def __init__(self, limit: int, room: Callable[[int], None] | None = None) -> None:
        self.limit = limit
        self.used = 0
        self._room = room
        self._lock = threading.Lock()
        self._models: dict[bytes, _Live] = {}
        self._order = GreedyDual()

    @contextmanager
    def lend(self, model: Model[Any], context: Context) -> Generator[Any]:
        """The live model of a recipe, for one borrower at a time. Raises LookupError for an unknown loader."""
        name = digest(model)
        with self._lock:
            live = self._models.setdefault(name, _Live())
            live.users += 1
            self._order.touch(name)
        try:
            with live.lock:
                if live.made is None:
                    self._load(name, live, model, context)
                yield live.made
        finally:
            with self._lock:
                live.users -= 1
                if live.made is None and not live.users:
                    self._models.pop(name, None)

    def _load(self, name: bytes, live: _Live, model: Model[Any], context: Context) -> None:
        loader = LOADERS.get(model.loader)
        if loader is None:
            raise LookupError(f"no pack registers the loader {model.loader!r} that the model {model.source!r} needs")
        began = time.perf_counter()
        made = loader(model, context)
        for patch in model.patches:
            patcher = PATCHERS.get(patch.patcher)
            if patcher is None:
                raise LookupError(
                    f"no pack registers the patcher {patch.patcher!r} that the model {model.source!r} needs"
                )
            made = patcher(made, **dict(patch.settings))
        seconds = time.perf_counter() - began
        size = weigh(made)
        with self._lock:
            live.made, live.size, live.seconds = made, size, seconds
            self.used += size
            self._order.add(name, seconds, size)
            self._shrink(self.limit)
        if self._room:
            self._room(self.used)

    def _shrink(self, limit: int) -> None:
        kept: list[tuple[bytes, _Live]] = []
        while self.used > limit and len(self._order):
            name = self._order.pop()
            live = self._models[name]
            if live.users:
                kept.append((name, live))  # lent just now, or waited for: it stays
                continue
            del self._models[name]
            self.used -= live.size
        for name, live in kept:
            self._order.add(name, live.seconds, live.size)

    def free(self) -> int:
        """Let go of every model that is not lent; how many bytes that freed."""
        with self._lock:
            before = self.used
            self._shrink(0)
            freed = before - self.used
        if self._room:
            self._room(self.used)
        return freed

    def __len__(self) -> int:
        return len(self._models)


def weigh(made: Any) -> int:
    """Bytes of a live model's parameters and buffers; 1 MB for what has none."""
    size = 0
    parts = made.values() if isinstance(made, dict) else [made]
    for part in parts:
        for name in ("parameters", "buffers"):
            tensors: Any = getattr(part, name, None)
            if callable(tensors):
                listed: Any = tensors()
                size += sum(int(tensor.nbytes) for tensor in listed)
    return size or 1 << 20
