"""A step in flight: it belongs to every run that waits for it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphflow.engine.errors import StepError
from graphflow.engine.lanes import HEAVY
from graphflow.engine.step import Step

if TYPE_CHECKING:
    from graphflow.engine.run import Run


class Flight:
    """One execution of one key. It is cancelled with the last run that waits for it; its failure is theirs too."""

    __slots__ = ("abandoned", "cancelled", "key", "owner", "rank", "run", "started", "step", "waiters")

    def __init__(self, run: Run, step: Step) -> None:
        self.run = run
        self.step = step
        self.key = step.key
        self.rank = step.rank
        self.owner = (run, step)  # whose events tell of it
        self.waiters: list[tuple[Run, Step]] = [self.owner]
        self.cancelled: threading.Event | None = None
        self.started = False
        self.abandoned = False  # at work, but nobody waits for it: its thread counts no more

    @property
    def heavy(self) -> bool:
        """Whether it is worth a thread's hand-over; what never ran is taken to be."""
        known = self.step.known
        return known is None or known.cost is None or known.cost >= HEAVY

    def drop(self, run: Run) -> None:
        """A run waits no longer. If it was the owner, the next that waits takes its place."""
        self.waiters = [pair for pair in self.waiters if pair[0] is not run]
        if self.waiters and self.owner[0] is run:
            self.owner = self.waiters[0]
            if self.started:
                self.owner[0].tell("step.started", self.owner[1])
            else:
                self.run, self.step = self.owner
        elif not self.waiters:
            if self.cancelled is None:
                self.cancelled = threading.Event()
            self.cancelled.set()


@dataclass(slots=True)
class Outcome:
    """What came of a flight: values, or an error, or why there is neither.

    digests: Of the outputs. elements: Of those outputs that are lists. values: By digest. rebuild: Seconds to have the
    values again, 0 if they are durable. absent: Digests whose bytes were gone when it came to reading them. skipped: A
    reason to go no further. changed: A file that changed meanwhile. dropped: Nobody waits for it any more.
    """

    digests: list[bytes] = field(default_factory=list[bytes])
    elements: dict[int, list[bytes]] | None = None
    values: dict[bytes, Any] = field(default_factory=dict[bytes, Any])
    seconds: float = 0.0
    rebuild: float = 0.0
    size: int = 0
    error: StepError | None = None
    absent: list[bytes] = field(default_factory=list[bytes])
    skipped: str | None = None
    changed: str | None = None
    dropped: bool = False
