"""One run of a document, with the clocks of its acts told apart."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import graphs

from graphflow.engine import start
from graphflow.engine.session import Session
from graphflow.graph.document import read_document


@dataclass
class Acts:
    """Seconds of wall time, and of CPU time where the name says so.

    read: From bytes to a document. check: Everything that is looked at before a run. plan: The rest until the first
    step. run: From the first step to the last one's commit. cpu: Of plan and run together.
    """

    read: float
    read_cpu: float
    check: float
    check_cpu: float
    plan: float
    run: float
    cpu: float
    executed: int


def settle() -> None:
    """Let garbage collection leave what is there alone, as the command line does; for all engines alike."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


@contextmanager
def _clocked_check(spent: list[float]) -> Iterator[None]:
    check: Callable[..., Any] = start.check

    def clocked(*given: Any, **named: Any) -> Any:
        wall, cpu = time.perf_counter(), time.process_time()
        found = check(*given, **named)
        spent[:] = [time.perf_counter() - wall, time.process_time() - cpu]
        return found

    start.check = clocked
    try:
        yield
    finally:
        start.check = check


def warm(session: Session) -> None:
    """Run each node type once on values of its own: set-up is not counted."""
    plan = graphs.lattice(4, -7.0)
    session.run(graphs.document(plan), values=False)


def run(session: Session, data: bytes) -> Acts:
    """Read, check, plan and run a document; names only, no value is asked for at the end."""
    wall, cpu = time.perf_counter(), time.process_time()
    document = read_document(data)
    read, read_cpu = time.perf_counter() - wall, time.process_time() - cpu
    spent = [0.0, 0.0]
    with _clocked_check(spent):
        wall, cpu = time.time(), time.process_time()
        handle = session.submit(document, values=False)
        handle.finished.wait()
        ended, cpu = time.time(), time.process_time() - cpu
    result = session.wait(handle)
    if result.status != "done":
        raise RuntimeError(f"The run was {result.status}: {result.errors[:1]}")
    return Acts(
        read=read, read_cpu=read_cpu, check=spent[0], check_cpu=spent[1], plan=handle.began - wall - spent[0],
        run=ended - handle.began, cpu=cpu - spent[1], executed=result.executed,
    )  # fmt: skip
