"""What the engine costs a node, beside dask, Hamilton and joblib on the same graphs in the same run."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import graphs
import measured
import rivals
from report import Report, Table, Target, at_most, median, shown

from graphflow.cache.ledger import Ledger
from graphflow.cache.trace import Trace
from graphflow.engine.session import Session

Case = tuple[str, int]
MICRO = 1e6
_rounds = count(1)


def report(small: bool) -> Report:
    """Measure everything. small: Sizes and rounds that only show that it works."""
    measured.settle()
    cases: list[Case] = [("chain", 30), ("fan", 30), ("lattice", 25)] if small else [
        ("chain", 100), ("chain", 300), ("chain", 1000), ("chain", 20_000), ("fan", 20_000), ("lattice", 1024),
    ]  # fmt: skip
    cold = _Cold(cases, rounds=1 if small else 7, traces=2000 if small else 1_000_000)
    again = _Again(cases, rounds=1 if small else 5)
    others = _Others(cases, rounds=1 if small else 3)
    tables = [cold.table(), again.table(), again.fixed_table(), others.table(cold, again)]
    return Report(
        "The engine",
        "Nodes that add two numbers, in chains, in a fan and in a lattice: what is left is the engine's own cost. "
        "Medians, in microseconds a node unless a column says otherwise.",
        tables,
        _targets(cold, again),
    )


def _fresh() -> float:
    """A number from which no graph began before, nor came near: nothing of the next round is known."""
    turn = next(_rounds)
    return turn * 100_000 + turn / 4096


# -- cold -------------------------------------------------------------------------------------------------------------


class _Cold:
    """Every step is computed: in memory, with ledger and shelf, and with many traces in the ledger before it."""

    def __init__(self, cases: list[Case], rounds: int, traces: int) -> None:
        self.cases, self.traces = cases, traces
        self.runs: dict[tuple[Case, str], list[measured.Acts]] = {}
        with tempfile.TemporaryDirectory() as full:
            began = time.perf_counter()
            fill(Path(full) / "ledger.sqlite", traces)
            self.filled = time.perf_counter() - began
            for _ in range(rounds):
                for case in cases:
                    self._round(case, "memory", None)
                    with tempfile.TemporaryDirectory() as home:
                        self._round(case, "durable", home)
                    self._round(case, "full", full)

    def _round(self, case: Case, where: str, home: str | None) -> None:
        data = graphs.document(graphs.SHAPES[case[0]](case[1], _fresh()))
        with Session(home, nodes=graphs.NODES) as session:
            measured.warm(session)
            acts = measured.run(session, data)
        assert acts.executed == case[1], f"{acts.executed} of {case} were computed"
        self.runs.setdefault((case, where), []).append(acts)

    def micro(self, case: Case, where: str, act: Callable[[measured.Acts], float] = lambda acts: acts.run) -> float:
        return median(act(acts) for acts in self.runs[case, where]) / case[1] * MICRO

    def table(self) -> Table:
        rows = [
            [
                f"{shape} {size:,}",
                *(self.micro((shape, size), where) for where in ("memory", "durable", "full")),
                self.micro((shape, size), "durable", lambda acts: acts.read),
                self.micro((shape, size), "durable", lambda acts: acts.check),
                self.micro((shape, size), "durable", lambda acts: acts.plan),
            ]
            for shape, size in self.cases
        ]
        return Table(
            "Cold: every node is computed",
            ["graph", "in memory", "durable", f"durable, {self.traces:,} traces", "reading", "checking", "planning"],
            rows,
            [
                "The clock of the first three columns starts at the first step and stops after the last commit; "
                "reading, checking and planning are told beside it.",
                f"Filling the ledger with {self.traces:,} traces took {self.filled:.0f} s.",
            ],
        )


def fill(path: Path, rows: int) -> None:
    """Write a ledger of so many traces, with the small value of each, as if that many steps had run."""
    ledger = Ledger(path)
    chance = random.Random(7)
    libraries = "python 3.11, torch 2.13.0, numpy 2.3.0"
    for at in range(rows):
        value, by, key = (chance.randbytes(32) for _ in range(3))
        parts = {"x": value, "by": by}
        trace = Trace("local/graphs.inc", 1, bytes(32), "", [value], 1e-6, 0.0, 16, parts, "cpu", libraries, 1.8e9)
        ledger.append(key, trace, [(value, chance.randbytes(12))])
        if at % 50_000 == 0:
            ledger.flush()
    ledger.close()


# -- again ------------------------------------------------------------------------------------------------------------


class _Again:
    """Nothing changed: in the same process, and after a restart."""

    def __init__(self, cases: list[Case], rounds: int) -> None:
        self.cases = cases
        self.same: dict[Case, list[measured.Acts]] = {}
        self.restarted: dict[Case, list[dict[str, float]]] = {}
        self.fixed: list[dict[str, float]] = []
        for case in cases:
            with tempfile.TemporaryDirectory() as home:
                self._case(home, case, rounds)
        with tempfile.TemporaryDirectory() as home:
            _restart(home, ("chain", 1), 1.0)
            self.fixed = [_restart(home, ("chain", 1), 1.0) for _ in range(rounds)]

    def _case(self, home: str, case: Case, rounds: int) -> None:
        start = _fresh()
        data = graphs.document(graphs.SHAPES[case[0]](case[1], start))
        with Session(home, nodes=graphs.NODES) as session:
            measured.run(session, data)
            self.same[case] = [measured.run(session, data) for _ in range(rounds)]
        assert all(acts.executed == 0 for acts in self.same[case])
        self.restarted[case] = [_restart(home, case, start) for _ in range(rounds)]
        assert all(told["executed"] == 0 for told in self.restarted[case])

    def same_cpu(self, case: Case) -> float:
        return median(acts.cpu for acts in self.same[case]) / case[1] * MICRO

    def restarted_cpu(self, case: Case) -> float:
        """Microseconds a node beyond what one node costs."""
        whole = median(told["cpu"] for told in self.restarted[case])
        return max(whole - median(told["cpu"] for told in self.fixed), 0.0) / case[1] * MICRO

    def fixed_cost(self) -> float:
        """Milliseconds to open a session on an old data folder and find one node unchanged."""
        return median(told["opened_cpu"] + told["cpu"] for told in self.fixed) * 1e3

    def reading(self, case: Case) -> float:
        return median(told["read_cpu"] + told["check_cpu"] for told in self.restarted[case]) / case[1] * MICRO

    def table(self) -> Table:
        rows = [
            [
                f"{shape} {size:,}",
                self.same_cpu((shape, size)),
                self.restarted_cpu((shape, size)),
                self.reading((shape, size)),
            ]
            for shape, size in self.cases
        ]
        return Table(
            "Unchanged: CPU time to find that nothing is to be done",
            ["graph", "same process", "after a restart", "reading and checking"],
            rows,
            ["With planning. After a restart the fixed cost, told below, is taken off."],
        )

    def fixed_table(self) -> Table:
        opened = median(told["opened_cpu"] for told in self.fixed) * 1e3
        return Table(
            "Fixed cost after a restart, milliseconds of CPU",
            ["opening a session on an old data folder", "finding one node unchanged", "together"],
            [[opened, self.fixed_cost() - opened, self.fixed_cost()]],
            ["Without the start of Python and the import of graphflow."],
        )


def _restart(home: str, case: Case, start: float) -> dict[str, float]:
    child = Path(__file__).with_name("restarted.py")
    done = subprocess.run(
        [sys.executable, str(child), home, case[0], str(case[1]), str(start)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"restarted.py failed:\n{done.stderr}")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


# -- beside others ----------------------------------------------------------------------------------------------------

# How each is run, and how many nodes it can bear.
_OTHERS: dict[str, tuple[Callable[[graphs.Plan], rivals.Times], int]] = {
    "dask": (rivals.dask, 20_000),
    "Hamilton, cache on disk": (rivals.hamilton, 300),
    "Hamilton, no cache": (rivals.hamilton_memory, 300),
    "joblib.Memory": (rivals.joblib, 1024),
}


class _Others:
    """The same graphs on other engines, up to the size that each can bear; nothing where they are not installed."""

    def __init__(self, cases: list[Case], rounds: int) -> None:
        self.cases = cases
        self.found: dict[tuple[str, Case], rivals.Times | None] = {}
        there = not rivals.missing()
        for name, (run, most) in _OTHERS.items():
            for case in cases:
                self.found[name, case] = _others_median(run, case, rounds) if there and case[1] <= most else None

    def table(self, cold: _Cold, again: _Again) -> Table:
        rows: list[list[object]] = []
        for case in self.cases:
            ours = cold.micro(case, "durable")
            same = median(acts.run for acts in again.same[case]) / case[1] * MICRO
            rows.append([f"{case[0]} {case[1]:,}", f"{shown(ours)} / {shown(same)}"])
            for name in _OTHERS:
                times = self.found[name, case]
                rows[-1].append("–" if times is None else _beside(times, case, ours, same))
        return Table(
            "Beside others: first run / the same run again, wall time (how many times graphflow's)",
            ["graph", "graphflow, durable", *_OTHERS],
            rows,
            [
                "dask: a raw graph, on the threaded or the synchronous scheduler, whichever was quicker. It keeps "
                "nothing, so that again is a first run. Hamilton without a cache likewise.",
                "Hamilton with a cache and joblib keep results on disk, as graphflow does.",
                "Hamilton reaches Python's recursion limit between 300 and 1,000 nodes of a chain; "
                "joblib was not run at 20,000 nodes, for its time.",
            ],
        )


def _others_median(run: Callable[[graphs.Plan], rivals.Times], case: Case, rounds: int) -> rivals.Times:
    times = [run(graphs.SHAPES[case[0]](case[1], _fresh())) for _ in range(rounds)]
    return rivals.Times(median(one.cold for one in times), median(one.again for one in times))


def _beside(times: rivals.Times, case: Case, ours: float, same: float) -> str:
    cold, again = times.cold / case[1] * MICRO, times.again / case[1] * MICRO
    return f"{shown(cold)} / {shown(again)} ({shown(cold / ours)} / {shown(again / same)})"


# -- targets ----------------------------------------------------------------------------------------------------------


def _targets(cold: _Cold, again: _Again) -> list[Target]:
    chains = [case for case in cold.cases if case[0] == "chain"]
    shapes = [case for case in cold.cases if case[0] != "chain"]
    least, most = chains[0], chains[-1]

    def worst(cases: list[Case], where: str) -> float:
        return max(cold.micro(case, where) for case in cases)

    growth = {where: cold.micro(most, where) / cold.micro(least, where) for where in ("memory", "durable")}
    times = f"{most[1]:,} nodes at most 1.3 times the cost of {least[1]:,}"
    return [
        at_most("chain in memory: under 50 µs a node", worst(chains, "memory"), 50, "µs"),
        at_most("chain, durable: under 100 µs a node", worst(chains, "durable"), 100, "µs"),
        at_most(f"chain, durable, {cold.traces:,} traces: under 150 µs", worst(chains, "full"), 150, "µs"),
        at_most("fan and lattice in memory: under 50 µs", worst(shapes, "memory"), 50, "µs"),
        at_most("fan and lattice, durable: under 100 µs", worst(shapes, "durable"), 100, "µs"),
        at_most(f"{times}, in memory", growth["memory"], 1.3, "times"),
        at_most(f"{times}, durable", growth["durable"], 1.3, "times"),
        at_most("unchanged, same process: under 10 µs of CPU", max(map(again.same_cpu, again.cases)), 10, "µs"),
        at_most("unchanged, after a restart: under 10 µs of CPU", max(map(again.restarted_cpu, again.cases)), 10, "µs"),
        at_most("fixed cost after a restart: under 30 ms", again.fixed_cost(), 30, "ms"),
        at_most("reading and checking: under 40 µs a node", max(map(again.reading, again.cases)), 40, "µs"),
    ]  # fmt: skip
