"""Random graphs with evictions, cancels, failures and two runs at once: no wrong value, no hang.

The oracle is plain Python: every node's value worked out from the document alone.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphflow import QUIET, Context, Lazy, Session, node
from graphflow.engine.trim import Trimmer

WATCHDOG = 30.0  # seconds after which a run is taken to hang


@node
def stress_number(*, value: float = 0.0, pause: float = 0.0) -> float:
    """Give a number."""
    time.sleep(pause)
    return value


@node
def stress_add(a: float, b: float, *, by: float = 0.0, pause: float = 0.0, ctx: Context = QUIET) -> float:
    """Add numbers; slow ones look whether they are cancelled."""
    if pause:
        time.sleep(pause)
        ctx.check()
    return a + b + by


@node
def stress_list(a: float, *, count: int = 2) -> list[float]:
    """Give a list of numbers."""
    return [a + index for index in range(count)]


@node
def stress_sum(items: list[float]) -> float:
    """Add up a list."""
    return float(sum(items))


@node
def stress_fail(a: float, *, over: float = 0.0) -> float:
    """Fail for large numbers."""
    if a > over:
        raise ValueError(f"{a:g} is too large")
    return a


@node
def stress_wide(a: float, *, size: int = 10_000) -> str:
    """Give something too large for the ledger."""
    return f"{a:16.1f}" * size


@node
def stress_narrow(wide: str) -> float:
    """Read what stress_wide gave."""
    return float(wide[-16:])


@node
def stress_choose(a: Lazy[float] = Lazy(), b: Lazy[float] = Lazy(), *, first: bool = True) -> float:  # noqa: B008
    """Take one of two; the other is not computed."""
    return a.value if first else b.value


@stress_choose.needs
def _(first: bool) -> set[str]:
    return {"a"} if first else {"b"}


NODES = [
    stress_number, stress_add, stress_list, stress_sum, stress_fail, stress_wide, stress_narrow, stress_choose
]  # fmt: skip

Lookup = Callable[[str], Any]


class Failed(Exception):
    """In the oracle: a node that fails, or needs one that does."""


def random_document(dice: random.Random, size: int) -> dict[str, Any]:
    """A graph of some nodes, each linked to earlier ones."""
    nodes: dict[str, Any] = {}
    numbers: list[str] = []
    for at in range(size):
        name = f"n{at}"
        if not numbers or dice.random() < 0.15:
            nodes[name] = {"type": stress_number.type, "params": {"value": float(dice.randrange(6))}}
            numbers.append(name)
            continue
        pick = lambda: dice.choice(numbers[-6:]) + ".value"
        what = dice.random()
        if what < 0.5:
            made: dict[str, Any] = {"type": stress_add.type, "inputs": {"a": pick(), "b": pick()}}
            made["params"] = {"by": float(dice.randrange(3)), "pause": dice.choice([0.0, 0.0, 0.0, 0.002])}
            nodes[name] = made
        elif what < 0.65:
            count = dice.randrange(4)
            nodes[f"{name}l"] = {"type": stress_list.type, "inputs": {"a": pick()}, "params": {"count": count}}
            add = {"a": f"{name}l.value", "b": pick()}
            nodes[f"{name}m"] = {"type": stress_add.type, "inputs": add, "params": {"by": 1.0}}
            items = [f"{name}m.value", pick()] if dice.random() < 0.5 else f"{name}m.value"
            nodes[name] = {"type": stress_sum.type, "inputs": {"items": items}}
        elif what < 0.75:
            over = float(dice.choice([5, 20, 1e9, 1e9]))
            nodes[name] = {"type": stress_fail.type, "inputs": {"a": pick()}, "params": {"over": over}}
        elif what < 0.88:
            nodes[f"{name}w"] = {"type": stress_wide.type, "inputs": {"a": pick()}}
            nodes[name] = {"type": stress_narrow.type, "inputs": {"wide": f"{name}w.value"}}
        else:
            first = dice.random() < 0.5
            links = {"a": pick(), "b": pick()}
            nodes[name] = {"type": stress_choose.type, "inputs": links, "params": {"first": first}}
        numbers.append(name)
    return {"graphflow": 1, "nodes": nodes}


def expected(document: dict[str, Any]) -> dict[str, Any]:
    """{node: its value, or Failed}, in plain Python."""
    found: dict[str, Any] = {}

    def value_of(link: str) -> Any:
        value = found[link.partition(".")[0]]
        if isinstance(value, Failed):
            raise value
        return value

    for name, entry in document["nodes"].items():
        try:
            found[name] = _evaluate(entry, value_of)
        except Failed as failed:
            found[name] = failed
    return found


def _evaluate(entry: dict[str, Any], value_of: Lookup) -> Any:
    given, params = entry.get("inputs", {}), entry.get("params", {})
    if entry["type"] == stress_number.type:
        return params["value"]
    if entry["type"] == stress_choose.type:
        return value_of(given["a" if params["first"] else "b"])
    if entry["type"] == stress_sum.type:
        links = given["items"] if isinstance(given["items"], list) else [given["items"]]
        flat = [value for link in links for value in _listed(value_of(link))]
        return float(sum(flat))
    values = {name: value_of(link) for name, link in given.items()}
    if entry["type"] == stress_add.type:
        if isinstance(values["a"], list):
            return [item + values["b"] + params["by"] for item in values["a"]]
        return values["a"] + values["b"] + params["by"]
    if entry["type"] == stress_list.type:
        return [values["a"] + index for index in range(params["count"])]
    if entry["type"] == stress_fail.type and values["a"] > params["over"]:
        raise Failed
    return next(iter(values.values()))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def stress_round(seed: int, folder: Path, states: Callable[[Any], str]) -> None:
    """One round: two runs of like graphs in one session, with trouble."""
    dice = random.Random(seed)
    home = folder / f"home-{seed}" if dice.random() < 0.4 else None
    memory = dice.choice([0, 200, 200_000, 1 << 24])
    document = random_document(dice, dice.randrange(3, 16))
    other = document if dice.random() < 0.6 else random_document(dice, dice.randrange(3, 10))
    disk_speed = dice.choice([1e3, 400e6, 1e12])
    for _ in range(dice.randrange(1, 3)):
        with Session(
            home, nodes=NODES, memory=memory, threads=dice.randrange(1, 4), disk_speed=disk_speed, disk=1 << 30
        ) as session:
            _two_runs(session, dice, [document, other], states, seed)
    if home is not None:
        shutil.rmtree(home)


def _two_runs(
    session: Session, dice: random.Random, documents: list[Any], states: Callable[[Any], str], seed: int
) -> None:
    for document in documents:
        for name in document["nodes"]:
            document["nodes"][name].setdefault("params", {})
    targets = [dice.sample(list(document["nodes"]), min(3, len(document["nodes"]))) for document in documents]
    runs = [session.submit(d, targets=t) for d, t in zip(documents, targets, strict=True)]
    trouble = threading.Thread(target=_trouble, args=(session, dice.randrange(1 << 30), runs), daemon=True)
    trouble.start()
    for document, wanted, run in zip(documents, targets, runs, strict=True):
        try:
            result = session.wait(run, WATCHDOG)
        except TimeoutError:
            raise AssertionError(f"The round {seed} hangs.\n{states(run)}") from None
        _judge(seed, document, wanted, result)
    trouble.join()


def _judge(seed: int, document: Any, wanted: list[str], result: Any) -> None:
    truth = expected(document)
    for name in wanted:
        given = result.values.get(f"{name}.value", "nothing")
        right = truth[name]
        if isinstance(right, Failed):
            assert given == "nothing", f"round {seed}: {name} should have failed and gave {given}"
        elif result.status != "cancelled":
            if isinstance(given, str):
                given = float(given[:16])
            assert given == right, f"round {seed}: {name} should give {right}: {given}; {result.errors}"
    if result.status != "cancelled":
        failed = any(isinstance(truth[name], Failed) for name in wanted)
        assert result.status == ("failed" if failed else "done"), f"round {seed}: {result.errors}"


def _trouble(session: Session, seed: int, runs: list[Any]) -> None:
    """Evictions from memory and disk, and sometimes a cancel."""
    dice = random.Random(seed)
    for _ in range(dice.randrange(6)):
        time.sleep(dice.random() * 0.003)
        what = dice.random()
        if what < 0.4:
            session.fetch.memory.shrink(0)
        elif what < 0.6:
            Trimmer(session.fetch, 0).trim(0)
        elif what < 0.7 and session.fetch.disk is not None:
            _damage(session.fetch.disk.folder, dice)
        elif what < 0.75:
            session.fetch.ledger.trim_values(0)
        elif what < 0.85:
            session.cancel(dice.choice(runs))


def _damage(folder: Path, dice: random.Random) -> None:
    """Flip a byte of one entry."""
    entries = sorted(path for path in folder.glob("*/*") if ".new-" not in path.name)
    if entries:
        path = dice.choice(entries)
        with contextlib.suppress(FileNotFoundError), open(path, "r+b") as file:
            file.seek(dice.randrange(max(1, path.stat().st_size)))
            file.write(b"\xff")


@pytest.mark.parametrize("chunk", range(4))
def test_random_graphs_give_what_plain_python_gives_and_never_hang(chunk: int, tmp_path: Path, states: Any) -> None:
    for seed in range(chunk * 60, chunk * 60 + 60):
        stress_round(seed, tmp_path, states)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_thousand_random_rounds(tmp_path: Path, states: Any) -> None:
    first = int(os.environ.get("STRESS_FROM", "1000"))
    for seed in range(first, first + int(os.environ.get("STRESS_ROUNDS", "10000"))):
        stress_round(seed, tmp_path, states)
