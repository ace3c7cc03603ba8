"""Mute skips a node and what needs it; bypass leads links through a node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphflow.graph.check import Checked, Link

Look = Callable[..., Checked]
Only = Callable[[Checked], Any]

PHOTO = {"type": "image.load", "params": {"file": "a.png"}}


def blur(mode: str | None = None, **inputs: Any) -> dict[str, Any]:
    return {"type": "image.blur", "inputs": inputs, "mode": mode}


def modes(checked: Checked) -> dict[str, str | None]:
    assert checked.problems == []
    return {name: use.mode for name, use in checked.levels[""].uses.items()}


def end(checked: Checked, node: str, field: str) -> tuple[str, str]:
    link = checked.levels[""].uses[node].links[field]
    assert isinstance(link, Link)
    return link.node, link.output


def test_a_muted_node_mutes_what_needs_it(look: Look) -> None:
    nodes = {"photo": {**PHOTO, "mode": "mute"}, "soft": blur(image="photo.image"), "save": blur(image="soft.image")}
    assert modes(look(nodes)) == {"photo": "mute", "soft": "mute", "save": "mute"}


def test_an_optional_input_from_a_muted_node_stays_empty(look: Look) -> None:
    grow = {"type": "mask.grow", "inputs": {"mask": "photo.mask"}, "version": 3, "mode": "mute"}
    checked = look({"photo": PHOTO, "grow": grow, "soft": blur(image="photo.image", mask="grow.mask")})
    assert modes(checked)["soft"] is None
    assert set(checked.levels[""].uses["soft"].links) == {"image"}


def test_a_param_driven_by_a_muted_node_has_its_default(look: Look) -> None:
    nodes = {"photo": PHOTO, "n": {"type": "number.value", "mode": "mute"}}
    checked = look({**nodes, "soft": blur(image="photo.image", radius="n.value")})
    assert modes(checked)["soft"] is None
    assert checked.levels[""].uses["soft"].params == {"radius": 2.0}


def test_a_list_loses_its_muted_elements(look: Look) -> None:
    grid = {"type": "image.grid", "inputs": {"images": ["photo.image", "soft.image"]}}
    links = (
        look({"photo": PHOTO, "soft": blur("mute", image="photo.image"), "g": grid})
        .levels[""]
        .uses["g"]
        .links["images"]
    )
    assert isinstance(links, list)
    assert [link.node for link in links] == ["photo"]


def test_a_muted_node_may_be_unfinished(look: Look) -> None:
    assert look({"soft": {"type": "image.blur", "mode": "mute"}}).problems == []


def test_a_bypassed_node_passes_its_first_input_of_the_kind(look: Look) -> None:
    nodes = {"photo": PHOTO, "a": blur("bypass", image="photo.image"), "b": blur("bypass", image="a.image")}
    checked = look({**nodes, "soft": blur(image="b.image")})
    assert modes(checked)["b"] == "bypass"
    assert end(checked, "soft", "image") == ("photo", "image")


def test_a_bypassed_node_passes_nothing_that_would_be_converted(look: Look, only: Only) -> None:
    nodes = {"photo": PHOTO, "a": blur("bypass", image="photo.mask"), "soft": blur(image="a.image")}
    problem = only(look(nodes))
    assert (problem.code, problem.node, problem.pointer) == ("bypass.none", "a", "/nodes/a/mode")


def test_a_bypassed_output_that_nobody_needs_is_no_problem(look: Look) -> None:
    assert look({"photo": {**PHOTO, "mode": "bypass"}}).problems == []


def test_a_bypassed_node_behind_a_muted_one_passes_on_the_muting(look: Look) -> None:
    nodes = {"photo": {**PHOTO, "mode": "mute"}, "a": blur("bypass", image="photo.image"), "b": blur(image="a.image")}
    assert modes(look(nodes)) == {"photo": "mute", "a": "bypass", "b": "mute"}


def test_a_list_passes_through_a_bypassed_node_and_maps_the_next(look: Look) -> None:
    parts = {"type": "image.split", "inputs": {"image": "photo.image"}}
    nodes = {"photo": PHOTO, "parts": parts, "a": blur("bypass", image="parts.images"), "b": blur(image="a.image")}
    checked = look(nodes)
    assert end(checked, "b", "image") == ("parts", "images")
    assert checked.levels[""].uses["b"].mapped == ("image",)


def test_an_interface_output_is_led_through_a_bypassed_node(look: Look) -> None:
    nodes = {"photo": PHOTO, "a": blur("bypass", image="photo.image")}
    level = look(nodes, interface={"outputs": {"picture": "a.image"}}).levels[""]
    link = level.outputs["picture"]
    assert isinstance(link, Link)
    assert (link.node, str(level.output_types["picture"])) == ("photo", "image")


def test_an_interface_output_of_a_muted_node_has_a_type_and_no_value(look: Look) -> None:
    level = look({"photo": {**PHOTO, "mode": "mute"}}, interface={"outputs": {"picture": "photo.image"}}).levels[""]
    assert level.outputs == {}
    assert str(level.output_types["picture"]) == "image"


def test_a_muted_inner_node_mutes_what_needs_the_instance(look: Look) -> None:
    inner = {"nodes": {"photo": {**PHOTO, "mode": "mute"}}, "interface": {"outputs": {"picture": "photo.image"}}}
    checked = look({"s": {"type": "#inner"}, "soft": blur(image="s.picture")}, subgraphs={"inner": inner})
    assert modes(checked) == {"s": None, "soft": "mute"}
