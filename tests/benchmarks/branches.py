"""Two independent branches on two cores: what the engine leaves of what two bare threads reach."""

from __future__ import annotations

import json
import threading
import time
from typing import Annotated

from report import Report, Table, at_least, median

from graphflow import Range, Session, node

STEPS = 3  # nodes in a branch


@node(threads=1)
def labour(x: float, *, rounds: Annotated[int, Range(1, 1_000_000)] = 1) -> float:
    """Multiply matrices on one thread, as often as asked."""
    return toil(x, rounds)


def toil(x: float, rounds: int) -> float:
    """The work itself, as a bare thread does it."""
    import torch

    matrix = torch.full((384, 384), 1.0 / 384) * (1 + x * 1e-9)
    product = matrix
    for _ in range(rounds):
        product = product @ matrix
    return x + float(product.mean())


@node
def origin(*, v: float = 0.0) -> float:
    """Give a number."""
    return v


def report(small: bool) -> Report:
    """Measure in turns: one thread after the other, two bare threads, the engine."""
    import torch

    torch.set_num_threads(1)
    rounds = _rounds_for(0.01 if small else 0.4)
    times: dict[str, list[float]] = {"one": [], "bare": [], "engine": []}
    with Session(nodes=[labour, origin], threads=2) as session:
        _engine(session, -1.0, rounds)  # set-up is not counted
        for turn in range(1 if small else 7):
            times["one"].append(_clocked(lambda: [_branch(rounds) for _ in range(2)]))
            times["bare"].append(_clocked(lambda: _threads(rounds)))
            times["engine"].append(_engine(session, float(turn), rounds))
    one, bare, engine = (median(times[name]) for name in ("one", "bare", "engine"))
    share = median(b / e for b, e in zip(times["bare"], times["engine"], strict=True))
    table = Table(
        "Two branches",
        ["", "seconds", "times one thread"],
        [
            ["one branch after the other", one, 1.0],
            ["two bare threads", bare, one / bare],
            ["graphflow, two branches", engine, one / engine],
        ],
        ["Branches of pure Python stay at 1 times: one interpreter runs one of them at a time."],
    )
    return Report(
        "Branches side by side",
        f"Two branches of {STEPS} nodes each; every node multiplies matrices on one thread of torch, as often as takes "
        "0.4 s. Medians of rounds taken in turns.",
        [table],
        [at_least("at least 0.97 of what two bare threads reach in the same run", share, 0.97)],
    )


def _clocked(work: object) -> float:
    began = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - began


def _rounds_for(seconds: float) -> int:
    toil(0.0, 10)
    took = min(_clocked(lambda: toil(0.0, 50)) for _ in range(3)) / 50
    return max(1, round(seconds / took))


def _branch(rounds: int) -> None:
    x = 0.0
    for _ in range(STEPS):
        x = toil(x, rounds)


def _threads(rounds: int) -> None:
    threads = [threading.Thread(target=_branch, args=(rounds,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _engine(session: Session, start: float, rounds: int) -> float:
    nodes: dict[str, object] = {}
    for branch in range(2):
        nodes[f"b{branch}s0"] = {"type": origin.type, "params": {"v": start * 2 + branch}}
        for step in range(1, STEPS + 1):
            link = {"x": f"b{branch}s{step - 1}.value"}
            nodes[f"b{branch}s{step}"] = {"type": labour.type, "inputs": link, "params": {"rounds": rounds}}
    run = session.submit(json.dumps({"graphflow": 1, "nodes": nodes}).encode(), values=False)
    run.finished.wait()
    ended = time.time()
    assert session.wait(run).executed == 2 * (STEPS + 1)
    return ended - run.began
