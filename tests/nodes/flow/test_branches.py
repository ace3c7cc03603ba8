"""Branches, called as plain Python and run in a workflow, where it shows what is never computed."""

from __future__ import annotations

from typing import Any

import pytest

from graphflow import Event, Lazy, Session, Skip
from graphflow.engine.result import Result
from graphflow_nodes.flow.branches import elapsed, first, gate, select, switch


@pytest.mark.parametrize(("use_first", "wanted"), [(True, "a"), (False, "b")])
def test_switch_passes_the_one_on_that_it_is_told(use_first: bool, wanted: str) -> None:
    assert switch(Lazy("a"), Lazy("b"), use_first=use_first) == wanted


def test_switch_says_which_link_is_missing() -> None:
    with pytest.raises(ValueError, match="second value on; link it"):
        switch(Lazy("a"), Lazy(), use_first=False)


def test_an_open_gate_lets_a_value_through() -> None:
    assert gate(Lazy("a")) == "a"


def test_a_closed_gate_stops() -> None:
    with pytest.raises(Skip, match="the gate is closed"):
        gate(Lazy(), open=False)


def test_first_passes_the_first_value_on_that_is_there() -> None:
    assert first(None, "", [], "d") == "d"
    assert first(None, 0, "c") == 0
    assert first(False, "b") is False


def test_first_stops_where_nothing_is() -> None:
    with pytest.raises(Skip, match="none of the inputs"):
        first(None, "", [])


@pytest.mark.parametrize(("index", "wanted"), [(0, "a"), (2, "c"), (-1, "c"), (-3, "a")])
def test_select_takes_one_element(index: int, wanted: str) -> None:
    assert select(["a", "b", "c"], index=index) == wanted


@pytest.mark.parametrize("index", [3, -4])
def test_select_says_what_the_list_does_not_have(index: int) -> None:
    with pytest.raises(ValueError, match=rf"\[{index}\] of a list of 3"):
        select(["a", "b", "c"], index=index)


def test_elapsed_passes_the_value_on_with_a_note() -> None:
    value, seconds, note = elapsed("a", label="blurred")
    assert value == "a"
    assert note == f"blurred after {seconds:.2f} s"
    assert elapsed("a").note.startswith("passed after ")


def _text(value: str) -> dict[str, Any]:
    return {"type": "text.literal", "params": {"text": value}}


def _run(document: dict[str, Any]) -> tuple[Result, set[str]]:
    """What came of it, and the nodes that were computed."""
    told: list[Event] = []
    with Session(threads=1) as session:
        result = session.run({"graphflow": 1, **document}, on_event=told.append)
    return result, {event.path for event in told if event.kind == "step.done"}


def test_in_a_workflow_the_branch_that_is_not_taken_is_never_computed() -> None:
    links = {"first": "a.value", "second": "b.value"}
    nodes = {"a": _text("a"), "b": _text("b"), "s": {"type": "flow.switch", "inputs": links}}
    outputs = {"outputs": {"chosen": "s.value"}}
    result, computed = _run({"nodes": nodes, "interface": outputs})
    assert (result.status, result.values["chosen"]) == ("done", "a")
    assert "b" not in computed


def test_in_a_workflow_nothing_is_computed_before_or_behind_a_closed_gate() -> None:
    nodes = {
        "a": _text("a"),
        "g": {"type": "flow.gate", "inputs": {"value": "a.value"}, "params": {"open": False}},
        "l": {"type": "text.length", "inputs": {"text": "g.value"}},
    }
    result, computed = _run({"nodes": nodes})
    assert result.status == "done"
    assert computed == set()
    assert {name: told["status"] for name, told in result.nodes.items()} == {"g": "skipped", "l": "skipped"}


def test_in_a_workflow_elapsed_runs_in_each_run() -> None:
    nodes = {"a": _text("a"), "e": {"type": "flow.elapsed", "inputs": {"value": "a.value"}}}
    with Session(threads=1) as session:
        counts = [session.run({"graphflow": 1, "nodes": nodes}).executed for _ in range(2)]
    assert counts == [2, 1]
