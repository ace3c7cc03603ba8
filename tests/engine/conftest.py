"""Sessions on folders of the test's own, documents in short, and runs told as plain lines."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from graphflow import Event, Node, Session
from graphflow.cache.key import bytes_of
from graphflow.engine.result import Result

_LINK = re.compile(r"(?!.*\.txt\Z)[\w-]+\.\w+\Z")
PATIENCE = 60.0  # seconds after which a run is taken to hang


def use(what: str | Node[..., Any], mode: str | None = None, **given: Any) -> dict[str, Any]:
    """A node of a document: texts such as "a.value", alone or in a list, are links; all else are params."""
    links = {name: value for name, value in given.items() if _is_link(value)}
    found: dict[str, Any] = {"type": what if isinstance(what, str) else what.type}
    if links:
        found["inputs"] = links
    if len(links) < len(given):
        found["params"] = {name: value for name, value in given.items() if name not in links}
    return {**found, "mode": mode} if mode else found


def _is_link(value: Any) -> bool:
    items = value if isinstance(value, list) and value else [value]
    return all(isinstance(item, str) and _LINK.match(item) for item in items)


def graph(subgraphs: dict[str, Any] | None = None, interface: Any = None, **nodes: Any) -> dict[str, Any]:
    """A document of some nodes."""
    found: dict[str, Any] = {"graphflow": 1, "nodes": nodes}
    if subgraphs:
        found["subgraphs"] = subgraphs
    if interface:
        found["interface"] = interface
    return found


def body(inputs: dict[str, list[str]], outputs: dict[str, str], **nodes: Any) -> dict[str, Any]:
    """A subgraph of some nodes."""
    shown = {"inputs": {name: {"to": to} for name, to in inputs.items()}, "outputs": outputs}
    return {"nodes": nodes, "interface": shown}


def line(event: Event) -> str:
    """An event as its kind and path."""
    return f"{event.kind} {event.path}".strip()


@dataclass
class Ran:
    """What came of a run, and its events."""

    result: Result
    events: list[Event] = field(default_factory=list)

    @property
    def told(self) -> list[str]:
        """Every event between the run's first and last."""
        lines = [line(event) for event in self.events]
        assert lines[0] == "run.started"
        assert lines[-1] == f"run.{self.result.status}"
        return lines[1:-1]

    @property
    def computed(self) -> list[str]:
        """The paths of the steps that really ran to their end, in order."""
        return [event.path for event in self.events if event.kind == "step.done"]

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]

    @property
    def values(self) -> dict[str, Any]:
        return self.result.values

    @property
    def status(self) -> str:
        return self.result.status

    @property
    def messages(self) -> list[str]:
        return [error.message for error in self.result.errors]


class Bench:
    """Opens sessions and runs documents; everything is closed when the test ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self._open: list[Session] = []

    def session(self, nodes: Iterable[Node[..., Any]] = (), home: Path | str | None = "own", **options: Any) -> Session:
        """A session on the test's home (or another, or none), with one thread unless told."""
        options = {"threads": 1, "memory": 1 << 26, **options}
        made = Session(self.home if home == "own" else home, nodes=nodes, **options)
        self._open.append(made)
        return made

    def restarted(self, session: Session, nodes: Iterable[Node[..., Any]] = (), **options: Any) -> Session:
        """The session closed, and a new one on the same home."""
        self.close(session)
        return self.session(nodes, home=session.home, **options)

    def close(self, session: Session) -> None:
        session.close()
        self._open.remove(session)

    def run(self, session: Session, document: Any, **options: Any) -> Ran:
        """A run from start to end; one that hangs fails, with the states of its steps."""
        return self.begin(session, document, **options)()

    def begin(self, session: Session, document: Any, **options: Any) -> Handle:
        events: list[Event] = []
        then: Callable[[Event], None] | None = options.pop("on_event", None)

        def listen(event: Event) -> None:
            events.append(event)
            if then is not None:
                then(event)

        return Handle(session, session.submit(document, on_event=listen, **options), events)

    def done(self) -> None:
        for session in self._open:
            session.close()


class Handle:
    """A run that goes on; calling it waits for its end."""

    def __init__(self, session: Session, run: Any, events: list[Event]) -> None:
        self.session, self.run, self.events = session, run, events

    def __call__(self, patience: float = PATIENCE) -> Ran:
        try:
            return Ran(self.session.wait(self.run, patience), self.events)
        except TimeoutError:
            raise AssertionError(f"The run hangs.\n{states(self.run)}") from None

    def cancel(self) -> None:
        self.session.cancel(self.run)

    def wait_for(self, wanted: str) -> None:
        """Wait until an event was told."""
        tick = threading.Event()
        for _ in range(int(PATIENCE * 500)):
            if any(line(event) == wanted for event in list(self.events)):
                return
            tick.wait(0.002)
        raise AssertionError(f"{wanted!r} was never told.\n{states(self.run)}")


def states(run: Any) -> str:
    """Where the steps of a run stand."""
    names = ("waiting", "working", "named", "failed", "skipped")
    lines = [
        f"{step.path}: {names[step.state]}, kind {step.kind}, unresolved {step.unresolved}, asked {step.asked}, "
        f"readers {[reader.path for reader in step.readers or ()]}"
        for step in run.plan.steps
        if step.demanded and (step.state < 2 or step.readers)
    ]
    flights = [f"{flight.step.path} started={flight.started}" for flight in run.flights]
    return "\n".join([f"status {run.status}, open {run.open}, flights {flights}", *lines])


@pytest.fixture
def bench(tmp_path: Path) -> Generator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.done()


def evict(session: Session) -> None:
    """Let every value go that is in memory or on disk; small ones in the ledger, and all names, stay."""
    session.fetch.memory.shrink(0)
    disk = session.fetch.disk
    for name, _, _ in list(disk.entries()) if disk is not None else []:
        disk.remove(bytes_of(name))


@pytest.fixture(name="evict")
def _evict() -> Callable[[Session], None]:
    return evict


@pytest.fixture(name="use")
def _use() -> Callable[..., dict[str, Any]]:
    return use


@pytest.fixture(name="graph")
def _graph() -> Callable[..., dict[str, Any]]:
    return graph


@pytest.fixture(name="body")
def _body() -> Callable[..., dict[str, Any]]:
    return body


@pytest.fixture(name="states")
def _states() -> Callable[[Any], str]:
    return states
