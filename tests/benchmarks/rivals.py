"""The same graphs on dask, Hamilton and joblib: seconds of a first run and of a second one.

Each is driven as its users drive it, by the quickest of its natural ways; building its graph is not
counted, and a small graph is run before the clock starts.
"""

from __future__ import annotations

import importlib.util
import linecache
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from graphs import Plan, leaves


def missing() -> list[str]:
    """Which of them are not installed; `make bench` installs them."""
    return [name for name in ("dask", "hamilton", "joblib") if importlib.util.find_spec(name) is None]


@dataclass
class Times:
    """Seconds of the first run and of the same run again."""

    cold: float
    again: float


def _one(v: float) -> float:
    return v


def _inc(x: float, by: float) -> float:
    return x + by


def _add(a: float, b: float, by: float) -> float:
    return a + b + by


_BARE = {"one": _one, "inc": _inc, "add": _add}


def _clocked(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def dask(plan: Plan) -> Times:
    """dask, a graph of tasks on the threaded scheduler or the synchronous one, whichever is quicker.

    It has no cache of its own: running again computes everything again.
    """
    from dask.local import get_sync
    from dask.threaded import get

    get({"a": (_one, 1.0), "b": (_inc, "a", 1.0)}, ["b"])
    graph = {name: (_BARE[made], *links, constant) for name, (made, links, constant) in plan.items()}
    wanted = leaves(plan)
    ways = [lambda: get_sync(graph, wanted), lambda: get(graph, wanted)]
    cold = [_clocked(way) for way in ways]
    again = [_clocked(way) for way in ways]
    return Times(min(cold), min(again))


def hamilton(plan: Plan) -> Times:
    """Hamilton with its cache on disk (`with_cache`); the second run is by another driver on the same cache."""
    driver = _hamilton()
    module = _module(plan)
    wanted = leaves(plan)
    with tempfile.TemporaryDirectory() as folder:
        first = driver.Builder().with_modules(module).with_cache(path=folder).build()
        cold = _clocked(lambda: first.execute(wanted))
        second = driver.Builder().with_modules(module).with_cache(path=folder).build()
        again = _clocked(lambda: second.execute(wanted))
    return Times(cold, again)


def hamilton_memory(plan: Plan) -> Times:
    """Hamilton without a cache: every run computes everything."""
    driver = _hamilton()
    first = driver.Builder().with_modules(_module(plan)).build()
    wanted = leaves(plan)
    return Times(_clocked(lambda: first.execute(wanted)), _clocked(lambda: first.execute(wanted)))


def _hamilton() -> ModuleType:
    os.environ["HAMILTON_TELEMETRY_ENABLED"] = "false"  # it would report each run over the network
    from hamilton import driver

    return driver


def _module(plan: Plan) -> ModuleType:
    """Hamilton's way to write a graph: a module of functions whose parameters are named like other functions."""
    lines = ["from __future__ import annotations", ""]
    for name, (made, links, constant) in plan.items():
        given = ", ".join(f"{link}: float" for link in links)
        body = " + ".join([*links, repr(constant)]) if made != "one" else repr(constant)
        lines += [f"def {name}({given}) -> float:", f"    return {body}", ""]
    module = ModuleType("hamilton_graph")
    source = "\n".join(lines)
    where = "hamilton_graph.py"
    linecache.cache[where] = (len(source), None, source.splitlines(keepends=True), where)
    exec(compile(source, where, "exec"), module.__dict__)
    sys.modules["hamilton_graph"] = module
    return module


def joblib(plan: Plan) -> Times:
    """joblib.Memory: each function cached by its arguments, called in order."""
    import joblib as library

    with tempfile.TemporaryDirectory() as folder:
        memory = library.Memory(folder, verbose=0)
        cached = {name: memory.cache(function) for name, function in _BARE.items()}

        def run() -> None:
            values: dict[str, float] = {}
            for name, (made, links, constant) in plan.items():
                values[name] = cached[made](*(values[link] for link in links), constant)

        return Times(_clocked(run), _clocked(run))
