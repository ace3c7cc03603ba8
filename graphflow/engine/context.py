"""The context that the engine passes to a node: progress as events, cancelling, live models, secrets."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from graphflow.engine.events import Event
from graphflow.nodetype.context import Cancelled, Context
from graphflow.values.kinds import Model, Secret

if TYPE_CHECKING:
    from graphflow.engine.flight import Flight
    from graphflow.engine.session import Session

M = TypeVar("M")


class StepContext(Context):
    """What one step may ask of the engine."""

    def __init__(self, session: Session, flight: Flight) -> None:
        self._session = session
        self._flight = flight

    def progress(self, done: float, total: float, preview: object = None) -> None:
        self.check()
        data: dict[str, Any] = {"done": done, "total": total}
        if preview is not None:
            data["preview"] = preview
        self._tell("step.progress", data)

    def check(self) -> None:
        cancelled = self._flight.cancelled
        if cancelled is not None and cancelled.is_set():
            raise Cancelled("The run was cancelled.")

    def say(self, message: str) -> None:
        self._tell("step.said", {"message": self._session.secrets.hide(message)})

    def _tell(self, kind: str, data: dict[str, Any]) -> None:
        # Every run that waits for the flight hears of it, under its own path.
        for run, step in list(self._flight.waiters):
            self._session.tell_now(run, Event(kind, step.path, data))

    def elapsed(self) -> float:
        return time.time() - self._flight.run.began

    @contextmanager
    def use(self, model: Model[M]) -> Generator[Any]:
        with self._session.pool.lend(model, self) as live:
            yield live

    def secret(self, secret: Secret) -> str:
        return self._session.secrets.read(secret.name)
