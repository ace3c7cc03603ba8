"""What is kept of a step: its values in memory, on disk if they are dear, its trace in the ledger.

A value is durable if it is small, a target, a saved file, or dearer to rebuild (with those of its inputs that are not
durable) than three times its writing; decided when the step completes. A cheaper one is known by name only, and
rebuilt when a step needs its bytes.
"""

from __future__ import annotations

import sys
import time
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from graphflow.cache.key import text_of
from graphflow.cache.ledger import LedgerError
from graphflow.cache.shelf import RemoteShelf
from graphflow.cache.trace import Trace, to_json
from graphflow.engine.events import Event
from graphflow.engine.fetch import pack_list
from graphflow.engine.flight import Flight, Outcome
from graphflow.engine.step import Step
from graphflow.values.codec import encode
from graphflow.values.kind import kind_of

if TYPE_CHECKING:
    from graphflow.engine.session import Session

SMALL = 64 * 1024  # bytes: up to here a value is kept in the ledger
WORTH = 3.0  # times its writing that a value must cost to rebuild


class NoRoomLeft(OSError):
    """The disk took neither a value nor its trace."""


def keep(session: Session, flight: Flight, outcome: Outcome) -> None:
    """Put an outcome on the shelves and in the ledger. Raises NoRoomLeft."""
    step = flight.step
    known = step.known
    assert known is not None
    known.spent(outcome.seconds)
    cost = outcome.seconds + _inputs_cost(step)
    small: list[tuple[bytes, bytes]] = []
    durable = session.home is not None
    try:
        for name, value in outcome.values.items():
            size = measure(value)[0]
            session.fetch.memory.put(name, value, size, cost)
            if session.home is not None:
                size = measure(value, stored=True)[0]
                durable = _store(session, step, name, value, size, cost, small) and durable
        for out, names in (outcome.elements or {}).items():
            _store_list(session, step, outcome.digests[out], names, small)
        outcome.rebuild = 0.0 if durable else cost
        if step.key is not None:
            session.fetch.remember(step.key, outcome.digests, outcome.rebuild)
            trace = _trace(flight, outcome)
            if session.home is not None:
                session.fetch.ledger.append(step.key, trace, small)
            _share(session, flight, trace, outcome, durable)
    except (LedgerError, OSError) as error:
        raise NoRoomLeft(error.strerror or str(error)) from error


def _inputs_cost(step: Step) -> float:
    """Seconds to have the inputs again that are not durable; a producer of several counts once."""
    reads = step.reads
    if len(reads) == 1:
        return reads[0][0].rebuild
    return sum({id(producer): producer.rebuild for producer, _ in reads}.values())


def _store(
    session: Session, step: Step, name: bytes, value: Any, size: int, cost: float, small: list[tuple[bytes, bytes]]
) -> bool:
    """Make a value durable if it is worth it; whether it is."""
    known = step.known
    assert known is not None
    if size <= SMALL:
        # A value that had to be rebuilt is not where it was thought to be.
        if name not in session.durable or step.cause:
            small.append((name, encode(value)))
            session.durable.add(name)
    elif step.target or known.spec.saves or cost > WORTH * size / session.disk_speed:
        assert session.fetch.disk is not None
        if not session.fetch.disk.has(name):
            session.fetch.disk.put(name, encode(value))
            session.fetch.ledger.save_cost(text_of(name), cost)
            session.wrote(size)
    else:
        return False
    return True


def _store_list(
    session: Session, step: Step, whole: bytes, names: list[bytes], small: list[tuple[bytes, bytes]]
) -> None:
    session.fetch.lists[whole] = names
    if session.home is None or (whole in session.durable and not step.cause):
        return
    body = pack_list(names)
    if len(body) <= SMALL:
        small.append((whole, body))
    elif session.fetch.disk is not None:
        session.fetch.disk.put(whole, body)
    session.durable.add(whole)


def _trace(flight: Flight, outcome: Outcome) -> Trace:
    step, run = flight.step, flight.run
    known = step.known
    assert known is not None
    names = known.names
    parts = {names.get(prefix, "?"): value for prefix, value in (*step.parts, *step.file_parts)}
    for feed in step.feeds:
        parts[feed.name] = run.digest_at(feed.source)
    return Trace(
        type=known.spec.type, version=known.spec.version, code=known.code, salt=known.salt, outputs=outcome.digests,
        seconds=outcome.seconds, rebuild=outcome.rebuild, size=outcome.size, parts=parts, device="cpu",
        libraries=libraries(), time=time.time(), cause=step.cause,
    )  # fmt: skip


def _share(session: Session, flight: Flight, trace: Trace, outcome: Outcome, durable: bool) -> None:
    """Put what is durable on the shared shelf too. Where that cannot be reached the run goes on, and is told."""
    remote, step = session.fetch.remote, flight.step
    if remote is None or not durable or step.impure or step.key is None:
        return
    try:
        _put_shared(remote, step.key, trace, outcome)
    except Exception as error:  # each kind of store has errors of its own
        message = f"What {step.path} gave could not be put on the shared shelf: {error}"
        session.post(flight.run, Event("shelf.failed", step.path, {"message": message}))


def _put_shared(remote: RemoteShelf, key: bytes, trace: Trace, outcome: Outcome) -> None:
    """Values before the trace that names them."""
    for name, value in outcome.values.items():
        if not remote.has(name):
            remote.put(name, encode(value))
    for out, names in (outcome.elements or {}).items():
        if not remote.has(outcome.digests[out]):
            remote.put(outcome.digests[out], pack_list(names))
    remote.put_trace(key, to_json(trace))


@cache
def libraries() -> str:
    """Python and the libraries whose versions a trace tells."""
    told = [f"python {sys.version_info.major}.{sys.version_info.minor}"]
    for name in ("torch", "numpy"):
        try:
            told.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(told)


def measure(value: Any, stored: bool = False) -> tuple[int, bool]:
    """Bytes of a value in memory (or, stored, on a shelf), and whether a part of it is on a GPU."""
    if isinstance(value, str | bytes):
        return len(value), False
    if isinstance(value, int | float | bool) or value is None:
        return 16, False
    kind = kind_of(value)
    if kind is not None:
        if kind.name == "file":
            return value.size if stored or isinstance(value.source, bytes) else 256, False
        return measure(dict(kind.state(value)), stored)
    if isinstance(value, list | tuple | dict):
        parts = [measure(part, stored) for part in (value.values() if isinstance(value, dict) else value)]
        return 16 + sum(size for size, _ in parts), any(gpu for _, gpu in parts)
    if hasattr(value, "nbytes"):
        return int(value.nbytes), bool(getattr(value, "is_cuda", False))
    return 64, False
