"""Keeps the shelf on disk within its bound, by GreedyDual-Size over what each entry cost and when it was last used."""

from __future__ import annotations

import shutil
import threading

from graphflow.cache.evict import GreedyDual
from graphflow.cache.key import bytes_of
from graphflow.engine.fetch import Fetch

DEFAULT_BYTES = 20_000_000_000
_SMALL = 4  # small values may take a quarter as much again
_SHARE = 20  # a twentieth of the bound may be written before the shelf is measured again


class Trimmer:
    """Measures the shelf now and then, and trims it when it has outgrown its bound.

    limit: Bytes; None is 20 GB or a tenth of what is free, whichever is less.
    """

    def __init__(self, fetch: Fetch, limit: int | None) -> None:
        self._fetch = fetch
        self._told = limit
        self._written = 0
        self._lock = threading.Lock()
        self._measured = False

    @property
    def limit(self) -> int:
        """Bytes that the shelf may hold."""
        if self._told is not None:
            return self._told
        disk = self._fetch.disk
        return DEFAULT_BYTES if disk is None else min(DEFAULT_BYTES, shutil.disk_usage(disk.folder).free // 10)

    def wrote(self, size: int) -> None:
        """So many bytes were put on the shelf."""
        self._written += size

    def tick(self) -> None:
        """Trim if so much was written that the bound may be passed."""
        if self._fetch.disk is None or self._written == 0:
            return
        if not self._measured or self._written > self.limit // _SHARE:
            self._measured = True
            self._written = 0
            self.trim(self.limit)

    def trim(self, limit: int) -> tuple[int, int]:
        """Remove entries until at most `limit` bytes are on the shelf; (entries, bytes) removed.

        Which ones go is what GreedyDual-Size would have let go, had it seen the entries used in the order of their
        last use.
        """
        disk = self._fetch.disk
        if disk is None:
            return 0, 0
        with self._lock:
            disk.sweep()
            entries = sorted(disk.entries(), key=lambda entry: entry[2])
            costs = self._fetch.ledger.costs()
            sizes = {bytes_of(text): size for text, size, _ in entries}
            order = GreedyDual()
            used = removed = freed = 0
            for text, size, _ in entries:
                order.add(bytes_of(text), costs.get(text, 0.0), size)
                used += size
                while used > limit:
                    name = order.pop()
                    disk.remove(name)
                    used -= sizes[name]
                    freed += sizes[name]
                    removed += 1
            # Small values are kept in the ledger: cheap to keep, but not without end.
            small, bytes_of_small = self._fetch.ledger.trim_values(limit // _SMALL)
            return removed + small, freed + bytes_of_small
