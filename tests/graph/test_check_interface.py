"""Interfaces: where inputs lead, of what type they are, which values they take; and the values of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graphflow.graph.check import Checked, Link

Look = Callable[..., Checked]
Only = Callable[[Checked], Any]

PHOTO = {"type": "image.load", "params": {"file": "a.png"}}
SOFT = {"type": "image.blur", "inputs": {"image": "photo.image"}}
NODES = {"photo": PHOTO, "soft": SOFT}


def strength(**more: Any) -> dict[str, Any]:
    return {"inputs": {"strength": {"to": ["soft.radius"], **more}}}


def test_an_interface_input_has_the_type_of_its_target_and_links_to_it(look: Look) -> None:
    checked = look(NODES, interface=strength())
    assert checked.problems == []
    level = checked.levels[""]
    assert str(level.input_types["strength"]) == "number"
    link = level.uses["soft"].links["radius"]
    assert isinstance(link, Link)
    assert (link.node, link.output) == ("", "strength")
    assert level.uses["soft"].params == {"radius": 2.0}


@pytest.mark.parametrize(
    ("to", "code", "hint"),
    [
        ("sof.radius", "interface.missing", "Did you mean soft?"),
        ("soft.radus", "interface.missing", "Did you mean radius?"),
        ("soft.image", "interface.driven", "Take away one of the two."),
    ],
)
def test_an_input_that_leads_nowhere_or_to_a_driven_place_is_told(
    look: Look, only: Only, to: str, code: str, hint: str
) -> None:
    problem = only(look(NODES, interface={"inputs": {"x": {"to": [to]}}}))
    assert (problem.code, problem.hint, problem.field) == (code, hint, "x")
    assert problem.pointer.startswith("/interface/inputs/x/to")


def test_two_inputs_that_lead_to_one_place_are_told(look: Look, only: Only) -> None:
    problem = only(look(NODES, interface={"inputs": {"a": {"to": ["soft.radius"]}, "b": {"to": ["soft.radius"]}}}))
    assert (problem.code, problem.field) == ("interface.driven", "b")


def test_an_output_that_points_nowhere_is_told(look: Look, only: Only) -> None:
    problem = only(look(NODES, interface={"outputs": {"picture": "soft.imag"}}))
    assert (problem.code, problem.pointer) == ("interface.missing", "/interface/outputs/picture")
    assert problem.hint == "Did you mean image?"


def test_targets_that_want_different_things_are_told(look: Look, only: Only) -> None:
    problem = only(
        look({**NODES, "s": {"type": "text.save"}}, interface={"inputs": {"x": {"to": ["soft.mask", "s.text"]}}})
    )
    assert problem.code == "interface.types"
    assert "soft.mask a mask, s.text a text" in problem.message


def test_targets_of_which_one_converts_agree(look: Look) -> None:
    nodes = {**NODES, "again": {"type": "image.blur"}}
    level = look(nodes, interface={"inputs": {"x": {"to": ["again.image", "soft.mask"]}}}).levels[""]
    assert str(level.input_types["x"]) == "mask"
    link = level.uses["again"].links["image"]
    assert isinstance(link, Link)
    assert link.fit.conversion == "convert.mask_to_image"


@pytest.mark.parametrize(
    ("default", "code"), [(65, "interface.range"), ("6", "interface.type"), (None, "interface.type")]
)
def test_a_default_that_the_target_does_not_take_is_told(look: Look, only: Only, default: Any, code: str) -> None:
    nodes = {**NODES, "n": {"type": "number.add"}}
    to = ["soft.radius", "n.a", "n.b"]
    problem = only(look(nodes, interface={"inputs": {"x": {"to": to, "default": default}}}))
    assert (problem.code, problem.pointer) == (code, "/interface/inputs/x/default")


@pytest.mark.parametrize("reach", [[0, 65], [-1, 3], [0, 1, 0]])
def test_a_range_that_is_wrong_or_beyond_the_target_is_told(look: Look, only: Only, reach: list[float]) -> None:
    problem = only(look(NODES, interface=strength(range=reach)))
    assert (problem.code, problem.pointer) == ("interface.range", "/interface/inputs/strength/range")


def test_a_range_on_a_text_is_told(look: Look, only: Only) -> None:
    nodes = {"page": {"type": "io.fetch"}}
    checked = look(nodes, interface={"inputs": {"x": {"to": ["page.url"], "range": [0, 1]}}})
    assert only(checked).code == "interface.range"


# -- the values of a run ----------------------------------------------------------------------------------------------


def test_a_value_of_a_run_is_coerced_and_goes_before_the_default(look: Look) -> None:
    checked = look(NODES, interface=strength(default=3), inputs={"strength": 5})
    assert checked.problems == []
    assert checked.inputs == {"strength": 5.0}
    assert look(NODES, interface=strength(default=3)).inputs == {"strength": 3.0}
    assert look(NODES, interface=strength()).inputs == {}


@pytest.mark.parametrize(
    ("value", "code"),
    [(65, "run.input-range"), (11, "run.input-range"), ("6", "run.input-type"), (float("nan"), "run.input-type")],
)
def test_a_value_out_of_the_range_of_the_interface_or_of_the_target_is_told(
    look: Look, only: Only, value: Any, code: str
) -> None:
    assert only(look(NODES, interface=strength(range=[0, 10]), inputs={"strength": value})).code == code


def test_an_unknown_input_of_a_run_is_told_with_the_nearest(look: Look, only: Only) -> None:
    problem = only(look(NODES, interface=strength(), inputs={"strengt": 1}))
    assert (problem.code, problem.hint) == ("run.input-unknown", "Did you mean strength?")


def test_a_needed_input_without_a_value_is_a_problem_only_for_a_run(look: Look, only: Only) -> None:
    nodes, interface = {"soft": {"type": "image.blur"}}, {"inputs": {"picture": {"to": ["soft.image"]}}}
    assert look(nodes, interface=interface).problems == []
    problem = only(look(nodes, interface=interface, run=True))
    assert (problem.code, problem.field) == ("run.input-missing", "picture")
    assert look(NODES, interface=strength(), run=True).problems == []


def test_an_input_that_leads_to_a_muted_node_is_not_needed(look: Look) -> None:
    nodes = {"soft": {"type": "image.blur", "mode": "mute"}}
    assert look(nodes, interface={"inputs": {"picture": {"to": ["soft.image"]}}}, run=True).problems == []


def test_an_input_behind_a_bypassed_node_is_needed_by_what_comes_next(look: Look, only: Only) -> None:
    nodes = {"a": {"type": "image.blur", "mode": "bypass"}, "b": {"type": "image.blur", "inputs": {"image": "a.image"}}}
    checked = look(nodes, interface={"inputs": {"picture": {"to": ["a.image"]}}}, run=True)
    assert only(checked).code == "run.input-missing"
    link = checked.levels[""].uses["b"].links["image"]
    assert isinstance(link, Link)
    assert (link.node, link.output) == ("", "picture")


def test_a_param_that_decides_the_ports_takes_the_value_of_the_run(look: Look) -> None:
    nodes = {"p": {"type": "flow.ports", "inputs": {"z": "n.value"}}, "n": {"type": "number.value"}}
    checked = look(nodes, interface={"inputs": {"names": {"to": ["p.names"]}}}, inputs={"names": "xyz"})
    assert checked.problems == []
    assert set(checked.levels[""].uses["p"].inputs) == {"x", "y", "z"}


# -- targets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["soft", "soft.image", "s/soft", "s/soft.image", "s[3]/soft"])
def test_a_target_that_exists_is_no_problem(look: Look, target: str) -> None:
    assert (
        look({**NODES, "s": {"type": "#inner"}}, subgraphs={"inner": {"nodes": NODES}}, targets=(target,)).problems
        == []
    )


@pytest.mark.parametrize(
    ("target", "hint"),
    [
        ("sof", "Did you mean soft?"),
        ("soft.imag", "Did you mean image?"),
        ("s/sof", "Did you mean soft?"),
        ("soft/x", "There are no nodes in it."),
        ("", "The nodes are: photo, s, soft."),
    ],
)
def test_an_unknown_target_is_told_with_the_nearest(look: Look, only: Only, target: str, hint: str) -> None:
    problem = only(look({**NODES, "s": {"type": "#inner"}}, subgraphs={"inner": {"nodes": NODES}}, targets=(target,)))
    assert (problem.code, problem.hint) == ("run.target-unknown", hint)
