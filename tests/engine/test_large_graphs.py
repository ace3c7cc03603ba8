"""Large graphs run without recursion, cold and found again."""

from __future__ import annotations

from typing import Any

import pytest

from graphflow import node


@node
def ground(*, value: float = 0.0) -> float:
    """Give a number."""
    return value


@node
def up(x: float) -> float:
    """Add one."""
    return x + 1.0


@node
def join(a: float, b: float) -> float:
    """Add two, kept small."""
    return (a + b) % 1000.0


@node
def sum_up(items: list[float]) -> float:
    """Add up."""
    return float(sum(items))


NODES = [ground, up, join, sum_up]
MANY = 20_000


def a_chain(use: Any, size: int) -> dict[str, Any]:
    nodes = {"n0": use(ground)}
    for at in range(1, size):
        nodes[f"n{at}"] = use(up, x=f"n{at - 1}.value")
    return nodes


@pytest.mark.parametrize("home", ["own", None])
def test_a_chain_of_twenty_thousand(home: Any, bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES, home=home)
    document = graph(**a_chain(use, MANY))
    ran = bench.run(session, document)
    assert ran.values == {f"n{MANY - 1}.value": float(MANY - 1)}
    assert ran.result.executed == MANY
    if home is not None:
        session = bench.restarted(session, NODES)
    again = bench.run(session, document)
    assert (again.result.executed, len(again.told)) == (0, MANY)


def test_a_fan_of_twenty_thousand(bench: Any, use: Any, graph: Any) -> None:
    nodes = {"g": use(ground)}
    nodes |= {f"n{at}": use(ground, value=float(at)) for at in range(MANY)}
    nodes["s"] = use(sum_up, items=[f"n{at}.value" for at in range(MANY)])
    session = bench.session(NODES)
    ran = bench.run(session, graph(**nodes), targets=["s"])
    assert ran.values == {"s.value": float(sum(range(MANY)))}
    assert bench.run(bench.restarted(session, NODES), graph(**nodes), targets=["s"]).result.executed == 0


@pytest.mark.parametrize("memory", [0, 1 << 24])
def test_a_lattice_of_thirty_two_by_thirty_two(memory: int, bench: Any, use: Any, graph: Any) -> None:
    size = 32
    nodes: dict[str, Any] = {}
    right: dict[tuple[int, int], float] = {}
    for row in range(size):
        for column in range(size):
            if row == 0 or column == 0:
                nodes[f"n{row}-{column}"] = use(ground, value=1.0)
                right[row, column] = 1.0
            else:
                nodes[f"n{row}-{column}"] = use(join, a=f"n{row - 1}-{column}.value", b=f"n{row}-{column - 1}.value")
                right[row, column] = (right[row - 1, column] + right[row, column - 1]) % 1000.0
    session = bench.session(NODES, memory=memory, threads=2)
    ran = bench.run(session, graph(**nodes), targets=["n31-31"])
    assert ran.values == {"n31-31.value": right[31, 31]}


def test_a_failure_at_the_head_of_a_long_chain_skips_all_of_it(bench: Any, use: Any, graph: Any) -> None:
    nodes = a_chain(use, MANY)
    nodes["n0"] = use(sum_up, items=["x.value"])
    nodes["x"] = use(ground, value=float("1e300"))
    nodes["y"] = use(up, x="x.value")
    nodes["n0"] = use(fail_now, x="x.value")
    ran = bench.run(bench.session([*NODES, fail_now]), graph(**nodes))
    assert len(ran.of("step.skipped")) == MANY - 1
    assert ran.values == {"y.value": 1e300}


@node
def fail_now(x: float) -> float:
    """Fail."""
    raise ValueError("no ground")


def test_a_chain_without_any_memory_is_rebuilt_without_recursion(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES, home=None)
    size = 5_000
    bench.run(session, graph(**a_chain(use, size)))
    session.fetch.memory.shrink(0)
    ran = bench.run(session, graph(**a_chain(use, size)))
    assert ran.values == {f"n{size - 1}.value": float(size - 1)}
    assert len(ran.computed) == size
