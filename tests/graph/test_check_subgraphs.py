"""Subgraphs: instances, params that name one, nesting, params set by path, grants and saved names written out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graphflow.graph.check import Checked, Link

Look = Callable[..., Checked]
Only = Callable[[Checked], Any]

PHOTO = {"type": "image.load", "params": {"file": "a.png"}}
LOOK: dict[str, Any] = {
    "nodes": {"soft": {"type": "image.blur", "params": {"radius": 4}}},
    "interface": {
        "inputs": {"picture": {"to": ["soft.image"]}, "strength": {"to": ["soft.radius"], "range": [0, 10]}},
        "outputs": {"image": "soft.image"},
    },
}
ONE = {"type": "#look", "inputs": {"picture": "photo.image"}}


def keeper(**params: Any) -> dict[str, Any]:
    save = {"type": "image.save", "inputs": {"image": "photo.image"}, "params": params}
    return {"nodes": {"photo": PHOTO, "save": save}, "interface": {"inputs": {"name": {"to": ["save.name"]}}}}


def test_an_instance_has_the_ports_of_the_interface(look: Look) -> None:
    checked = look({"photo": PHOTO, "one": {**ONE, "params": {"strength": 3}}}, subgraphs={"look": LOOK})
    assert checked.problems == []
    use = checked.levels[""].uses["one"]
    assert (use.spec, use.subgraph, use.params) == (None, "look", {"strength": 3.0})
    assert {name: str(kind) for name, kind in use.inputs.items()} == {"picture": "image", "strength": "number"}
    assert str(use.outputs["image"]) == "image"
    assert checked.levels["look"].required == {"picture"}


def test_a_list_maps_an_instance(look: Look) -> None:
    nodes = {"photo": PHOTO, "parts": {"type": "image.split", "inputs": {"image": "photo.image"}}}
    use = look({**nodes, "one": {"type": "#look", "inputs": {"picture": "parts.images"}}}, subgraphs={"look": LOOK})
    one = use.levels[""].uses["one"]
    assert (one.mapped, str(one.outputs["image"])) == (("picture",), "list[image]")


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"type": "#look"}, "input.missing"),
        ({"type": "#lok", "inputs": {"picture": "photo.image"}}, "subgraph.unknown"),
        ({**ONE, "params": {"strength": 11}}, "param.range"),
        ({**ONE, "params": {"strength": "1"}}, "param.type"),
        ({**ONE, "params": {"what": 1}}, "param.unknown"),
        ({"type": "#look", "inputs": {"picture": "photo.image", "what": "photo.image"}}, "input.unknown"),
    ],
)
def test_a_wrong_instance_is_told(look: Look, only: Only, entry: dict[str, Any], code: str) -> None:
    problem = only(look({"photo": PHOTO, "one": entry}, subgraphs={"look": LOOK}))
    assert (problem.code, problem.node) == (code, "one")


def test_a_range_holds_through_two_levels(look: Look, only: Only) -> None:
    outer = {"nodes": {"photo": PHOTO, "inner": ONE}, "interface": {"inputs": {"s": {"to": ["inner.strength"]}}}}
    problem = only(look({"o": {"type": "#outer", "params": {"s": 11}}}, subgraphs={"look": LOOK, "outer": outer}))
    assert (problem.code, problem.node, problem.field) == ("param.range", "o", "s")


def test_the_default_of_an_interface_is_the_instances_value(look: Look) -> None:
    interface = {**LOOK["interface"], "inputs": {**LOOK["interface"]["inputs"]}}
    interface["inputs"]["strength"] = {"to": ["soft.radius"], "default": 7}
    checked = look({"photo": PHOTO, "one": ONE}, subgraphs={"look": {**LOOK, "interface": interface}})
    assert checked.levels[""].uses["one"].params == {"strength": 7.0}
    assert checked.levels["look"].uses["soft"].params == {"radius": 4.0}


def test_a_problem_inside_a_subgraph_has_its_path_and_pointer(look: Look, only: Only) -> None:
    problem = only(look({}, subgraphs={"bad": {"nodes": {"soft": {"type": "image.blur"}}}}))
    assert (problem.node, problem.pointer) == ("#bad/soft", "/subgraphs/bad/nodes/soft/inputs")


# -- subgraphs as params ----------------------------------------------------------------------------------------------


def test_a_param_that_names_a_subgraph_gives_its_ports(look: Look) -> None:
    parts = {"type": "image.split", "inputs": {"image": "photo.image"}}
    each = {"type": "flow.map", "params": {"graph": "#look"}, "inputs": {"picture": "parts.images"}}
    checked = look({"photo": PHOTO, "parts": parts, "each": each}, subgraphs={"look": LOOK})
    assert checked.problems == []
    use = checked.levels[""].uses["each"]
    assert (use.params, use.mapped) == ({"graph": "#look"}, ())
    assert str(use.inputs["strength"]) == "list[number] | none"
    assert str(use.outputs["image"]) == "list[image]"
    graph = checked.subgraphs["look"]
    assert (set(graph.params), graph.defaults) == ({"strength"}, {"strength": 4.0})
    assert set(graph.required) == {"picture"}


def test_a_missing_input_of_a_map_is_told(look: Look, only: Only) -> None:
    problem = only(look({"each": {"type": "flow.map", "params": {"graph": "#look"}}}, subgraphs={"look": LOOK}))
    assert (problem.code, problem.field) == ("input.missing", "picture")


@pytest.mark.parametrize(
    ("params", "code"),
    [({}, "param.missing"), ({"graph": "#lok"}, "subgraph.unknown"), ({"graph": "look"}, "param.type")],
)
def test_a_wrong_subgraph_param_is_told(look: Look, only: Only, params: dict[str, Any], code: str) -> None:
    assert only(look({"each": {"type": "flow.map", "params": params}}, subgraphs={"look": LOOK})).code == code


def test_a_subgraph_param_cannot_be_linked(look: Look, only: Only) -> None:
    nodes = {
        "t": {"type": "io.fetch", "params": {"url": "u"}},
        "m": {"type": "flow.map", "inputs": {"graph": "t.value"}},
    }
    assert only(look(nodes)).message == "m.graph cannot be linked, for it names a subgraph."


# -- nesting ----------------------------------------------------------------------------------------------------------


def test_a_subgraph_that_contains_itself_is_told(look: Look, only: Only) -> None:
    problem = only(look({"x": {"type": "#a"}}, subgraphs={"a": {"nodes": {"y": {"type": "#a"}}}}))
    assert (problem.code, problem.message) == ("graph.recursion", "The subgraph a contains itself: #a → #a.")
    assert problem.node == "#a/y"


def test_a_subgraph_that_contains_itself_through_others_is_told(look: Look, only: Only) -> None:
    subgraphs = {
        "a": {"nodes": {"n": {"type": "#b"}}},
        "b": {"nodes": {"n": {"type": "flow.map", "params": {"graph": "#a"}}}},
    }
    assert only(look({}, subgraphs=subgraphs)).message == "The subgraph a contains itself: #a → #b → #a."


@pytest.mark.parametrize(("depth", "codes"), [(64, []), (65, ["graph.too-deep"]), (5000, ["graph.too-deep"])])
def test_nesting_is_limited(look: Look, depth: int, codes: list[str]) -> None:
    subgraphs: dict[str, Any] = {f"s{i}": {"nodes": {"n": {"type": f"#s{i + 1}"}}} for i in range(1, depth)}
    subgraphs[f"s{depth}"] = {"nodes": {"n": {"type": "number.value"}}}
    checked = look({"n": {"type": "#s1"}}, subgraphs=subgraphs)
    assert [problem.code for problem in checked.problems] == codes


def test_a_document_that_grows_beyond_all_bounds_when_written_out_is_refused(look: Look, only: Only) -> None:
    subgraphs: dict[str, Any] = {
        f"s{i}": {"nodes": {"a": {"type": f"#s{i + 1}"}, "b": {"type": f"#s{i + 1}"}}} for i in range(1, 60)
    }
    subgraphs["s60"] = {"nodes": {"page": {"type": "io.fetch", "params": {"url": "u"}}}}
    assert only(look({"n": {"type": "#s1"}}, subgraphs=subgraphs)).code == "graph.too-large"


# -- params of a run --------------------------------------------------------------------------------------------------


def test_a_param_set_by_a_run_goes_before_the_documents(look: Look) -> None:
    soft = {"type": "image.blur", "inputs": {"image": "photo.image"}, "params": {"radius": 1}}
    checked = look({"photo": PHOTO, "soft": soft}, params={"soft.radius": 9})
    assert checked.levels[""].uses["soft"].params == {"radius": 9.0}


def test_a_param_set_inside_one_instance_leaves_the_other(look: Look) -> None:
    checked = look({"photo": PHOTO, "one": ONE, "two": ONE}, subgraphs={"look": LOOK}, params={"one/soft.radius": 9})
    assert checked.problems == []
    uses = checked.levels[""].uses
    assert uses["two"].subgraph == "look"
    own = checked.levels[uses["one"].subgraph or ""]
    assert own.uses["soft"].params == {"radius": 9.0}
    assert "radius" not in own.uses["soft"].links
    assert own.interface.inputs["strength"].to == []
    assert checked.levels["look"].uses["soft"].params == {"radius": 4.0}


def test_two_params_set_inside_one_instance_share_its_level(look: Look) -> None:
    outer = {"nodes": {"photo": PHOTO, "inner": ONE, "again": ONE}}
    params = {"o/inner/soft.radius": 9, "o/photo.file": "b.png", "o/again.strength": 2}
    checked = look({"o": {"type": "#outer"}}, subgraphs={"look": LOOK, "outer": outer}, params=params)
    assert checked.problems == []
    own = checked.levels[checked.levels[""].uses["o"].subgraph or ""]
    assert own.uses["photo"].params == {"file": "b.png"}
    assert own.uses["again"].params == {"strength": 2.0}
    assert checked.levels[own.uses["inner"].subgraph or ""].uses["soft"].params == {"radius": 9.0}
    assert len(checked.levels) == 5


def test_a_param_set_inside_the_body_of_a_map_gives_it_a_body_of_its_own(look: Look) -> None:
    each = {"type": "flow.map", "params": {"graph": "#look"}, "inputs": {"picture": "photo.image"}}
    checked = look({"photo": PHOTO, "each": each}, subgraphs={"look": LOOK}, params={"each/soft.radius": 9})
    assert checked.problems == []
    key = checked.levels[""].uses["each"].params["graph"][1:]
    assert key != "look"
    assert checked.levels[key].uses["soft"].params == {"radius": 9.0}


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("sot.radius", 1, "run.param-unknown"),
        ("one", 1, "run.param-unknown"),
        ("one.what", 1, "run.param-unknown"),
        ("one/sof.radius", 1, "run.param-unknown"),
        ("one/soft.what", 1, "run.param-unknown"),
        ("photo/soft.radius", 1, "run.param-unknown"),
        ("one/soft.radius", 65, "param.range"),
        ("one/soft.radius", float("nan"), "run.param-value"),
        ("one/soft.radius", object(), "run.param-value"),
    ],
)
def test_a_wrong_param_of_a_run_is_told_once(look: Look, only: Only, path: str, value: Any, code: str) -> None:
    problem = only(look({"photo": PHOTO, "one": ONE}, subgraphs={"look": LOOK}, params={path: value}))
    assert problem.code == code


def test_a_param_set_on_a_node_of_an_unknown_type_is_no_second_problem(look: Look, only: Only) -> None:
    interface = {"inputs": {"x": {"to": ["a.x"]}}}
    assert only(look({"a": {"type": "#none"}}, interface=interface, params={"a.x": 1})).code == "subgraph.unknown"


def test_a_problem_of_a_changed_instance_is_told_with_its_path(look: Look, only: Only) -> None:
    problem = only(look({"photo": PHOTO, "one": ONE}, subgraphs={"look": LOOK}, params={"one/soft.radius": 65}))
    assert (problem.node, problem.field) == ("one/soft", "radius")


def test_a_problem_of_a_subgraph_is_not_told_again_for_its_changed_instance(look: Look, only: Only) -> None:
    bad = {**LOOK, "nodes": {**LOOK["nodes"], "bad": {"type": "number.nothing"}}}
    checked = look({"photo": PHOTO, "one": ONE}, subgraphs={"look": bad}, params={"one/soft.radius": 5})
    assert only(checked).node == "#look/bad"


def test_a_param_that_a_link_drives_cannot_be_set(look: Look, only: Only) -> None:
    one = {"type": "#look", "inputs": {"picture": "photo.image", "strength": "n.value"}}
    nodes = {"photo": PHOTO, "n": {"type": "number.value"}, "one": one}
    for path in ("one.strength", "one/soft.radius"):
        problem = only(look(nodes, subgraphs={"look": LOOK}, params={path: 1}))
        assert (problem.code, problem.message) == (
            "run.param-driven",
            f"{path} cannot be set, because a link drives one.strength.",
        )


# -- grants and saved names -------------------------------------------------------------------------------------------


def test_grants_are_told_with_the_paths_of_their_nodes(look: Look) -> None:
    page = {"type": "io.fetch", "params": {"url": "u"}}
    inner = {"nodes": {"page": page, "off": {**page, "mode": "mute"}}}
    nodes = {"page": page, "a": {"type": "#inner"}, "m": {"type": "flow.map", "params": {"graph": "#inner"}}}
    assert look(nodes, subgraphs={"inner": inner}).grants == {"network": ["page", "a/page", "m/page"]}


def test_two_savers_of_one_name_are_told(look: Look, only: Only) -> None:
    save = {"type": "image.save", "inputs": {"image": "photo.image"}, "params": {"name": "x"}}
    problem = only(look({"photo": PHOTO, "a": save, "b": save}))
    assert (problem.code, problem.node, problem.field) == ("save.same-name", "b", "name")
    assert problem.message == "a and b both save a file of the name x as png."


@pytest.mark.parametrize("other", [{"name": "y"}, {"name": "x", "format": "jpeg"}])
def test_savers_of_another_name_or_format_are_no_problem(look: Look, other: dict[str, Any]) -> None:
    save = {"type": "image.save", "inputs": {"image": "photo.image"}}
    nodes = {"a": {**save, "params": {"name": "x"}}, "b": {**save, "params": other}}
    assert look({"photo": PHOTO, **nodes}).problems == []


def test_a_saver_in_two_instances_of_a_subgraph_is_told(look: Look, only: Only) -> None:
    problem = only(look({"a": {"type": "#k"}, "b": {"type": "#k"}}, subgraphs={"k": keeper(name="x")}))
    assert (problem.code, problem.node, problem.pointer) == ("save.same-name", "b/save", "/nodes/b")


def test_instances_that_give_their_saver_other_names_are_no_problem(look: Look) -> None:
    nodes = {"a": {"type": "#k", "params": {"name": "p"}}, "b": {"type": "#k", "params": {"name": "q"}}}
    assert look(nodes, subgraphs={"k": keeper(name="x")}).problems == []


def test_instances_that_give_their_saver_one_name_are_told(look: Look, only: Only) -> None:
    nodes = {"a": {"type": "#k", "params": {"name": "p"}}, "b": {"type": "#k", "params": {"name": "p"}}}
    assert only(look(nodes, subgraphs={"k": keeper(name="x")})).code == "save.same-name"


def test_a_saver_whose_name_is_linked_is_no_problem(look: Look) -> None:
    nodes = {"t": {"type": "io.fetch", "params": {"url": "u"}}}
    linked = {"type": "#k", "inputs": {"name": "t.value"}}
    assert look({**nodes, "a": linked, "b": linked}, subgraphs={"k": keeper(name="x")}).problems == []


def test_an_interface_input_of_an_instance_links_to_the_interface_outside(look: Look) -> None:
    interface = {"inputs": {"s": {"to": ["one.strength"]}}}
    link = (
        look({"photo": PHOTO, "one": ONE}, subgraphs={"look": LOOK}, interface=interface)
        .levels[""]
        .uses["one"]
        .links["strength"]
    )
    assert isinstance(link, Link)
    assert (link.node, link.output, str(link.type)) == ("", "s", "number")
