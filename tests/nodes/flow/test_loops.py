"""Loops over subgraphs of bundled nodes, run by the engine: what they give, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from graphflow import Inputs, Session, Subgraph
from graphflow.engine.errors import InvalidDocument
from graphflow.engine.result import Result
from graphflow_nodes.flow.fold import fold
from graphflow_nodes.flow.map import map_
from graphflow_nodes.flow.sweep import settings, sweep, tabulate
from graphflow_nodes.flow.while_loop import while_

# x and y become their sum; UNTIL also says whether it has reached ten.
ADD: dict[str, Any] = {
    "nodes": {"sum": {"type": "number.expression", "params": {"expression": "x + y"}}},
    "interface": {"inputs": {"x": {"to": ["sum.x"]}, "y": {"to": ["sum.y"]}}, "outputs": {"x": "sum.number"}},
}
UNTIL: dict[str, Any] = {
    "nodes": {
        **ADD["nodes"],
        "far": {"type": "number.expression", "inputs": {"s": "sum.number"}, "params": {"expression": "s >= 10"}},
    },
    "interface": {**ADD["interface"], "outputs": {"x": "sum.number", "stop": "far.boolean"}},
}
DIVIDE: dict[str, Any] = {
    "nodes": {"share": {"type": "number.expression", "params": {"expression": "1 / x"}}},
    "interface": {"inputs": {"x": {"to": ["share.x"]}}, "outputs": {"share": "share.number"}},
}


def _number(value: float) -> dict[str, Any]:
    return {"type": "number.number", "params": {"value": value}}


def _range(start: float, stop: float, count: int) -> dict[str, Any]:
    return {"type": "number.range", "params": {"start": start, "stop": stop, "count": count}}


def _run(type: str, inputs: dict[str, Any], body: dict[str, Any] = ADD, output: str = "x", **params: Any) -> Result:
    """A loop over `body`, beside a few things to link from."""
    nodes = {
        "two": _number(2.0),
        "three": _number(3.0),
        "list": _range(1, 3, 3),
        "pair": _range(1, 2, 2),
        "around": _range(-1, 1, 3),
        "loop": {"type": type, "inputs": inputs, "params": {"graph": "#body", **params}},
    }
    document = {"graphflow": 1, "nodes": nodes, "subgraphs": {"body": body}}
    with Session(threads=1) as session:
        return session.run(document, targets=[f"loop.{output}"])


def _out(*given: Any, **params: Any) -> Any:
    """The value that a loop gives."""
    result = _run(*given, **params)
    assert result.status == "done", [error.message for error in result.errors]
    (value,) = result.values.values()
    return value


def _failed(result: Result) -> str:
    assert result.status == "failed"
    return " ".join(error.message for error in result.errors)


# -- flow.map ---------------------------------------------------------------------------------------------------------


def test_map_runs_the_subgraph_for_each_element() -> None:
    assert _out("flow.map", {"x": "list.value", "y": "two.value"}) == [3.0, 4.0, 5.0]


def test_map_takes_two_lists_side_by_side() -> None:
    assert _out("flow.map", {"x": "list.value", "y": "around.value"}) == [0.0, 2.0, 4.0]


def test_map_refuses_lists_of_two_lengths_and_names_both() -> None:
    message = _failed(_run("flow.map", {"x": "list.value", "y": "pair.value"}))
    assert "2 elements on y" in message
    assert "3 on x" in message


def test_map_gives_each_round_its_number() -> None:
    body = {**ADD, "interface": {**ADD["interface"], "inputs": {"x": {"to": ["sum.x"]}, "index": {"to": ["sum.y"]}}}}
    assert _out("flow.map", {"x": "list.value"}, body) == [1.0, 3.0, 5.0]


def test_map_fails_with_an_element_unless_told_to_leave_it_out() -> None:
    links = {"x": "around.value"}
    assert "loop[1]" in str([error.node for error in _run("flow.map", links, DIVIDE, "share").errors])
    assert list(_run("flow.map", links, DIVIDE, "share", on_error="skip").values.values()) == [[-1.0, 1.0]]


# -- flow.fold --------------------------------------------------------------------------------------------------------


def test_fold_hands_each_round_what_the_last_one_gave() -> None:
    assert _out("flow.fold", {"x": "two.value", "y": "list.value"}) == 2 + 1 + 2 + 3


def test_fold_runs_as_often_as_told() -> None:
    assert _out("flow.fold", {"x": "two.value", "y": "three.value"}, times=4) == 2 + 4 * 3


def test_fold_collects_what_is_not_carried() -> None:
    body = {**ADD, "interface": {**ADD["interface"], "outputs": {"x": "sum.number", "seen": "sum.number"}}}
    assert _out("flow.fold", {"x": "two.value", "y": "list.value"}, body, "seen") == [3.0, 5.0, 8.0]


# -- flow.while -------------------------------------------------------------------------------------------------------


def test_while_goes_on_until_the_subgraph_says_stop() -> None:
    assert _out("flow.while", {"x": "two.value", "y": "three.value"}, UNTIL) == 11.0


def test_while_fails_at_its_limit_and_says_so() -> None:
    links = {"x": "two.value", "y": "three.value"}
    assert "did not stop within 2 rounds" in _failed(_run("flow.while", links, UNTIL, limit=2))


def test_while_keeps_the_last_round_where_it_is_told_to() -> None:
    links = {"x": "two.value", "y": "three.value"}
    assert _out("flow.while", links, UNTIL, limit=2, at_limit="keep") == 8.0


def test_while_needs_an_output_that_says_stop() -> None:
    with pytest.raises(InvalidDocument, match="boolean output 'stop'"):
        _run("flow.while", {"x": "two.value", "y": "three.value"})


# -- flow.sweep -------------------------------------------------------------------------------------------------------


def test_sweep_takes_every_combination_of_a_grid_the_last_axis_first() -> None:
    assert _out("flow.sweep", {}, axes={"x": [10, 20], "y": [1, 2]}) == [11.0, 12.0, 21.0, 22.0]


def test_sweep_gives_a_table_of_the_settings_and_of_what_came_of_them() -> None:
    body = {**ADD, "interface": {**ADD["interface"], "outputs": {"total": "sum.number"}}}
    table = _out("flow.sweep", {}, body, "table", axes={"x": [10, 20], "y": [1, 2]}, mode="zip")
    assert table.columns == {"x": (10, 20), "y": (1, 2), "total": (11.0, 22.0)}


def test_sweep_shows_pictures_on_one_sheet() -> None:
    body = {
        "nodes": {"plain": {"type": "image.solid", "params": {"width": 8, "height": 8}}},
        "interface": {"inputs": {"color": {"to": ["plain.color"]}}, "outputs": {"image": "plain.image"}},
    }
    sheet = _out("flow.sweep", {}, body, "sheet", axes={"color": ["#ff0000", "#0000ff"]})
    assert sheet.batch == 1
    assert sheet.pixels.shape[3] >= 16


def test_sweep_names_the_axis_that_the_subgraph_does_not_have() -> None:
    with pytest.raises(InvalidDocument, match="no input 'z'; it has x, y"):
        _run("flow.sweep", {}, axes={"z": [1]})


def test_settings_of_unequal_axes_do_not_zip() -> None:
    with pytest.raises(ValueError, match="x 2, y 1; use the mode grid"):
        settings({"x": [1, 2], "y": [1]}, "zip")


def test_settings_are_not_made_by_the_million() -> None:
    with pytest.raises(ValueError, match="would run 1,000,000 settings; the most is 10,000"):
        settings({"x": [0] * 1000, "y": [0] * 1000}, "grid")


def test_tabulate_lays_columns_beside_rows() -> None:
    table = tabulate(Inputs(total=[3, 4]), rows=[{"x": 1}, {"x": 2}], columns=["total"])
    assert table.columns == {"x": (1, 2), "total": (3, 4)}


@pytest.mark.parametrize("rows", [{"x": 1}, [1]])
def test_tabulate_refuses_what_is_no_list_of_objects(rows: Any) -> None:
    with pytest.raises(ValueError, match=r"flow\.tabulate"):
        tabulate(Inputs(), rows=rows)


# -- called without an engine -----------------------------------------------------------------------------------------


def test_a_loop_called_as_plain_python_says_that_it_needs_a_workflow() -> None:
    body = Subgraph("body")
    for loop, given in ((map_, {}), (fold, {}), (while_, {}), (sweep, {"axes": {"x": [1]}})):
        with pytest.raises(RuntimeError, match="runs only inside a workflow"):
            loop(Inputs(), graph=body, **given)
