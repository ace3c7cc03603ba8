"""GreedyDual-Size: which value to let go first.

Cao and Irani, "Cost-Aware WWW Proxy Caching Algorithms" (USITS 1997), section 4: each entry has H = L + cost / size;
the least H goes, and L becomes the H of what went, so that entries not used for long age. Cost is seconds to rebuild.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator


class GreedyDual:
    """The order in which entries go. Entries are named by digest; sizes in bytes, costs in seconds."""

    def __init__(self) -> None:
        self.age = 0.0
        self._entries: dict[bytes, tuple[float, float, int]] = {}  # digest -> (H, seconds, bytes)
        self._heap: list[tuple[float, bytes]] = []

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, digest: bytes, seconds: float, size: int) -> None:
        """Put an entry in, or tell that it was used."""
        priority = self.age + seconds / max(size, 1)
        self._entries[digest] = (priority, seconds, size)
        heapq.heappush(self._heap, (priority, digest))
        if len(self._heap) > 4 * len(self._entries) + 64:
            self._heap = [(entry[0], name) for name, entry in self._entries.items()]
            heapq.heapify(self._heap)

    def touch(self, digest: bytes) -> None:
        """Tell that an entry was used; nothing happens if it is not there."""
        entry = self._entries.get(digest)
        if entry is not None and self.age + entry[1] / max(entry[2], 1) > entry[0]:
            self.add(digest, entry[1], entry[2])

    def remove(self, digest: bytes) -> None:
        """Take an entry out without ageing the others."""
        self._entries.pop(digest, None)

    def pop(self) -> bytes:
        """The entry that goes first. Raises KeyError if there is none."""
        while self._heap:
            priority, digest = heapq.heappop(self._heap)
            entry = self._entries.get(digest)
            if entry is not None and entry[0] == priority:
                del self._entries[digest]
                self.age = priority
                return digest
        raise KeyError("nothing to evict")

    def order(self) -> Iterator[bytes]:
        """All entries, the first to go first."""
        return iter(sorted(self._entries, key=lambda digest: self._entries[digest][0]))
