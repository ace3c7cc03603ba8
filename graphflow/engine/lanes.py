"""Threads that run steps: `cpu`, `io`, `gpu`, and `process` for steps with a process of their own.

A thread keeps the next ready step itself, so that a chain never changes thread; a sleeper is woken only where the
work is heavy enough to pay for the hand-over.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphflow.engine.flight import Flight

HEAVY = 0.001  # seconds: what a step must cost before it is worth waking a thread


class Lane:
    """One queue and its threads. All methods but `serve` are called with the session's lock held."""

    def __init__(self, name: str, threads: int, lock: threading.Lock, work: Callable[[Lane, Flight], None]) -> None:
        self.name = name
        self.busy: list[Flight] = []
        self._limit = threads
        self._threads = 0
        self._idle = 0
        self._queue: list[tuple[float, int, Flight]] = []
        self._wake = threading.Condition(lock)
        self._work = work
        self._order = 0
        self._closed = False

    def put(self, flight: Flight) -> None:
        """Queue a step; the longest path goes first."""
        self._order += 1
        heapq.heappush(self._queue, (-flight.rank, self._order, flight))
        if self._threads == 0:
            self._start()

    def pop(self) -> Flight | None:
        """The next step that somebody still waits for."""
        while self._queue:
            flight = heapq.heappop(self._queue)[2]
            if flight.waiters:
                return flight
        return None

    def wake(self, *, always: bool = False) -> None:
        """Let another thread help if something heavy waits."""
        if not self._queue:
            return
        if not (always or self._queue[0][2].heavy):
            return
        if self._idle:
            self._wake.notify()
        elif self._threads < self._limit:
            self._start()

    def close(self) -> None:
        """Let idle threads go; busy ones go after their step."""
        self._closed = True
        self._queue.clear()
        self._wake.notify_all()

    def grow(self) -> None:
        """One thread more, in place of one whose step nobody waits for any more but which goes on."""
        self._limit += 1

    def shrink(self) -> None:
        """The step that nobody waited for has ended: its thread, or another, is one too many."""
        self._limit -= 1

    def _start(self) -> None:
        self._threads += 1
        number = self._threads
        threading.Thread(target=self.serve, name=f"graphflow-{self.name}-{number}", daemon=True).start()

    def serve(self) -> None:
        """A thread's life: wait, run, keep the next step, wait."""
        while True:
            with self._wake:
                flight = self.pop()
                while flight is None or self._threads > self._limit:
                    if self._closed or self._threads > self._limit:
                        self._threads -= 1
                        if flight is not None:
                            self.put(flight)
                        return
                    self._idle += 1
                    self._wake.wait()
                    self._idle -= 1
                    flight = self.pop()
            self._work(self, flight)
