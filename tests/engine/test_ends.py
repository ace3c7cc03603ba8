"""What a run is asked for, and whether it failed: only its ends decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graphflow import node


@node
def numbers(*, count: int = 3) -> list[float]:
    """Count from zero."""
    return [float(number) for number in range(count)]


@node
def refuse_one(x: float) -> float:
    """Fail for one."""
    if x == 1.0:
        raise ValueError("one is refused")
    return x


@node
def total(xs: list[float]) -> float:
    """Add up."""
    return sum(xs)


NODES = [numbers, refuse_one, total]


@pytest.fixture
def looped(use: Any, graph: Any, body: Any) -> Callable[[str], dict[str, Any]]:
    return lambda on_error: graph(
        subgraphs={"try": body({"x": ["r.x"]}, {"y": "r.value"}, r=use(refuse_one))},
        all=use(numbers),
        each=use("flow.map", x="all.value", graph="#try", on_error=on_error),
        sum=use(total, xs="each.y"),
    )


def test_elements_that_a_loop_leaves_out_do_not_fail_the_run(bench: Any, looped: Any) -> None:
    ran = bench.run(bench.session(NODES), looped("skip"))
    assert ran.status == "done"
    assert ran.values == {"sum.value": 2.0}
    assert [error.node for error in ran.result.left_out] == ["each[1]/r"]
    assert ran.result.errors == []
    assert ran.result.as_json()["left_out"][0]["code"] == "node.failed"


def test_the_same_element_fails_a_run_that_needs_it(bench: Any, looped: Any) -> None:
    ran = bench.run(bench.session(NODES), looped("stop"))
    assert ran.status == "failed"
    assert [error.node for error in ran.result.errors] == ["each[1]/r"]
    assert "left_out" not in ran.result.as_json()


def test_an_interface_output_is_a_target_by_its_name(bench: Any, graph: Any, use: Any) -> None:
    document = graph(
        interface={"inputs": {}, "outputs": {"answer": "sum.value"}},
        all=use(numbers),
        sum=use(total, xs="all.value"),
        other=use(numbers, count=9),
    )
    ran = bench.run(bench.session(NODES), document, targets=["answer"])
    assert ran.values == {"answer": 3.0}
    assert ran.computed == ["all", "sum"]


def test_a_step_inside_a_loop_is_a_target_by_its_path(bench: Any, looped: Any) -> None:
    ran = bench.run(bench.session(NODES), looped("skip"), targets=["each[2]/r"])
    assert ran.values["each[2]/r.value"] == 2.0
