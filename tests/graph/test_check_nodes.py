"""Types, params and links of single nodes: what is wrong is told with the values, the names and the cure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graphflow.graph.check import Checked, Link, check
from graphflow.graph.model import Document, NodeEntry
from graphflow.values.kinds import Secret

Look = Callable[..., Checked]
Only = Callable[[Checked], Any]

PHOTO = {"type": "image.load", "params": {"file": "a.png"}}


def blur(source: str = "photo.image", **params: Any) -> dict[str, Any]:
    return {"type": "image.blur", "inputs": {"image": source}, "params": params}


def test_a_good_document_has_no_problems_and_its_nodes_in_order(look: Look) -> None:
    checked = look({"soft": blur(radius=6), "photo": PHOTO})
    assert checked.problems == []
    assert list(checked.levels[""].uses) == ["photo", "soft"]
    use = checked.levels[""].uses["soft"]
    assert use.params == {"radius": 6.0}
    assert type(use.params["radius"]) is float
    link = use.links["image"]
    assert isinstance(link, Link)
    assert (link.node, link.output, str(link.type), link.fit.mapped) == ("photo", "image", "image", False)


def test_defaults_are_filled_in_and_a_secret_is_a_name(look: Look) -> None:
    checked = look({"page": {"type": "io.fetch", "params": {"url": "x"}}})
    assert checked.levels[""].uses["page"].params == {"url": "x", "key": Secret("KEY")}
    assert checked.grants == {"network": ["page"]}


def test_a_file_is_kept_as_its_path(look: Look) -> None:
    checked = look({"photo": {"type": "image.load", "params": {"file": "/tmp/../a.png"}}})
    assert checked.problems == []
    assert checked.levels[""].uses["photo"].params == {"file": "/tmp/../a.png"}


# -- types ------------------------------------------------------------------------------------------------------------


def test_an_unknown_type_is_told_with_the_nearest_names(look: Look, only: Only) -> None:
    problem = only(look({"soft": {"type": "image.blurr"}}))
    assert (problem.code, problem.node, problem.pointer) == ("type.unknown", "soft", "/nodes/soft/type")
    assert "image.blur" in problem.hint


def test_a_pack_that_failed_to_import_is_named_with_its_reason(look: Look, only: Only) -> None:
    problem = only(look({"soft": {"type": "acme/sharpen.unsharp"}}))
    assert "acme could not be imported: ImportError: no module named rdkit." in problem.message


def test_a_pack_of_the_document_that_is_not_installed_is_named(look: Look, only: Only) -> None:
    problem = only(look({"soft": {"type": "other/blur"}}, packs={"other": "1.2"}))
    assert problem.hint == "Install the pack other; the workflow was made with its version 1.2."


def test_an_unknown_type_that_is_muted_is_no_problem(look: Look) -> None:
    assert look({"soft": {"type": "other/blur", "mode": "mute"}}).problems == []


def test_an_earlier_name_and_an_older_version_are_brought_up_to_date(look: Look) -> None:
    nodes = {
        "photo": PHOTO,
        "grow": {"type": "mask.widen", "inputs": {"mask": "photo.mask"}, "params": {"amount": 4}},
    }
    checked = look(nodes)
    assert checked.problems == []
    use = checked.levels[""].uses["grow"]
    assert use.spec is not None
    assert (use.spec.type, use.params) == ("mask.grow", {"by": 4})


def test_a_newer_version_than_installed_is_a_problem(look: Look, only: Only) -> None:
    grow = {"type": "mask.grow", "inputs": {"mask": "photo.mask"}, "version": 4}
    problem = only(look({"photo": PHOTO, "grow": grow}))
    assert problem.code == "type.newer"
    assert "version 4" in problem.message
    assert "version 3" in problem.message


def test_a_migration_that_fails_is_a_problem(look: Look) -> None:
    checked = look({"photo": PHOTO, "grow": {"type": "mask.grow", "inputs": {"mask": "photo.mask"}}})
    assert [problem.code for problem in checked.problems] == ["type.migration"]


# -- params -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("radius", [0, 64, 0.5])
def test_both_ends_of_a_range_are_allowed(look: Look, radius: float) -> None:
    assert look({"photo": PHOTO, "soft": blur(radius=radius)}).problems == []


@pytest.mark.parametrize("radius", [-0.001, 64.001, 1e300])
def test_a_number_out_of_its_range_is_told_with_the_range(look: Look, only: Only, radius: float) -> None:
    problem = only(look({"photo": PHOTO, "soft": blur(radius=radius)}))
    assert (problem.code, problem.field) == ("param.range", "radius")
    assert problem.pointer == "/nodes/soft/params/radius"
    assert "0 to 64" in problem.message
    assert problem.hint == "Give a number from 0 to 64."


@pytest.mark.parametrize("radius", ["6", True, None, {}])
def test_a_param_of_the_wrong_type_is_refused(look: Look, only: Only, radius: Any) -> None:
    problem = only(look({"photo": PHOTO, "soft": blur(radius=radius)}))
    assert problem.code == "param.type"
    assert problem.message.startswith("soft.radius wants a number, got ")


def test_a_value_that_is_none_of_the_choices_is_told_with_the_choices(look: Look, only: Only) -> None:
    resize = {"type": "image.resize", "inputs": {"image": "photo.image"}, "params": {"mode": "fil", "width": 5}}
    problem = only(look({"photo": PHOTO, "small": resize}))
    assert problem.code == "param.choice"
    assert problem.message == "small.mode: the text 'fil' is none of its choices."
    assert problem.hint == "Did you mean fill? Its choices are fit, fill, stretch."


def test_a_param_that_must_be_given_is_missed(look: Look, only: Only) -> None:
    problem = only(look({"photo": PHOTO, "small": {"type": "image.resize", "inputs": {"image": "photo.image"}}}))
    assert (problem.code, problem.field) == ("param.missing", "width")


def test_an_unknown_param_is_told_with_the_nearest(look: Look, only: Only) -> None:
    problem = only(look({"photo": PHOTO, "soft": blur(radus=2)}))
    assert (problem.code, problem.hint) == ("param.unknown", "Did you mean radius?")


def test_a_value_for_an_input_is_refused(look: Look, only: Only) -> None:
    problem = only(look({"soft": {"type": "image.blur", "params": {"image": "a.png"}}}))
    assert (problem.code, problem.hint) == ("param.input", "Link an image to it, under inputs.")


def test_a_value_given_as_link_and_as_param_is_refused(look: Look, only: Only) -> None:
    soft = {"type": "image.blur", "inputs": {"image": "photo.image", "radius": "n.value"}, "params": {"radius": 3}}
    problem = only(look({"photo": PHOTO, "n": {"type": "number.value"}, "soft": soft}))
    assert (problem.code, problem.field) == ("param.twice", "radius")


def test_a_linked_param_has_no_value(look: Look) -> None:
    soft = {"type": "image.blur", "inputs": {"image": "photo.image", "radius": "n.value"}}
    use = look({"photo": PHOTO, "n": {"type": "number.value"}, "soft": soft}).levels[""].uses["soft"]
    assert use.params == {}
    assert set(use.links) == {"image", "radius"}


def test_a_list_as_a_param_maps_the_node(look: Look) -> None:
    use = look({"photo": PHOTO, "soft": blur(radius=[1, 2])}).levels[""].uses["soft"]
    assert use.mapped == ("radius",)
    assert use.params == {"radius": [1.0, 2.0]}
    assert str(use.outputs["image"]) == "list[image]"


def test_a_wrong_element_of_a_list_is_told_with_its_place(look: Look, only: Only) -> None:
    problem = only(look({"photo": PHOTO, "soft": blur(radius=[1, 99])}))
    assert (problem.code, problem.message) == (
        "param.range",
        "soft.radius at [1]: 99.0 is outside its range 0 to 64.",
    )


# -- links ------------------------------------------------------------------------------------------------------------


def test_a_missing_input_is_told_with_its_kind(look: Look, only: Only) -> None:
    problem = only(look({"soft": {"type": "image.blur"}}))
    assert (problem.code, problem.field, problem.pointer) == ("input.missing", "image", "/nodes/soft/inputs")
    assert problem.message == "soft (image.blur) needs an image at image, which has no link."


def test_an_unknown_input_is_told_with_the_nearest(look: Look, only: Only) -> None:
    soft = {"type": "image.blur", "inputs": {"image": "photo.image", "maks": "photo.mask"}}
    problem = only(look({"photo": PHOTO, "soft": soft}))
    assert (problem.code, problem.hint) == ("input.unknown", "Did you mean mask?")


def test_a_wrong_kind_names_both_ends_and_the_node_between(look: Look, only: Only) -> None:
    grow = {"type": "mask.grow", "inputs": {"mask": "photo.image"}, "version": 3}
    problem = only(look({"photo": PHOTO, "grow": grow}))
    assert (problem.code, problem.pointer) == ("link.kind", "/nodes/grow/inputs/mask")
    assert problem.message == "grow.mask wants a mask, photo.image gives an image."
    assert problem.hint == "Put image.to_mask between them."


def test_a_conversion_is_recorded_in_the_link(look: Look) -> None:
    link = look({"photo": PHOTO, "soft": blur("photo.mask")}).levels[""].uses["soft"].links["image"]
    assert isinstance(link, Link)
    assert (str(link.type), link.fit.conversion) == ("mask", "convert.mask_to_image")


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("foto.image", "link.missing", "Did you mean photo?"),
        ("photo.imag", "link.missing", "Did you mean image?"),
        ("photo.pixels", "link.missing", "The outputs are: image, mask."),
    ],
)
def test_a_link_to_nowhere_is_told_with_the_nearest(look: Look, only: Only, text: str, code: str, hint: str) -> None:
    problem = only(look({"photo": PHOTO, "soft": blur(text)}))
    assert (problem.code, problem.hint) == (code, hint)


@pytest.mark.parametrize("text", ["photo", "photo.", ".image", ""])
def test_a_malformed_link_is_refused(look: Look, only: Only, catalogue: Any, text: str) -> None:
    photo, soft = NodeEntry("image.load", {}, {"file": "a"}), NodeEntry("image.blur", {"image": text})
    problem = only(check(Document(1, {"photo": photo, "soft": soft}), catalogue, None))  # type: ignore[arg-type]
    assert problem.code == "link.malformed"


def test_an_array_of_links_is_spliced_in_order(look: Look) -> None:
    grid = {"type": "image.grid", "inputs": {"images": ["photo.image", "parts.images", "photo.mask"]}}
    parts = {"type": "image.split", "inputs": {"image": "photo.image"}}
    links = look({"photo": PHOTO, "parts": parts, "grid": grid}).levels[""].uses["grid"].links["images"]
    assert isinstance(links, list)
    assert [(link.node, link.output, link.fit.conversion) for link in links] == [
        ("photo", "image", None),
        ("parts", "images", None),
        ("photo", "mask", "convert.mask_to_image"),
    ]


def test_a_wrong_link_in_an_array_is_told_with_its_place(look: Look, only: Only) -> None:
    grid = {"type": "image.grid", "inputs": {"images": ["photo.image", "n.value"]}}
    problem = only(look({"photo": PHOTO, "n": {"type": "number.value"}, "grid": grid}))
    assert (problem.code, problem.pointer) == ("link.kind", "/nodes/grid/inputs/images/1")


def test_an_array_of_links_on_a_single_input_is_refused(look: Look, only: Only) -> None:
    soft = {"type": "image.blur", "inputs": {"image": ["photo.image"]}}
    assert only(look({"photo": PHOTO, "soft": soft})).code == "link.array"


def test_a_list_maps_the_node_and_its_outputs_become_lists(look: Look) -> None:
    nodes = {"photo": PHOTO, "parts": {"type": "image.split", "inputs": {"image": "photo.image"}}}
    use = look({**nodes, "soft": blur("parts.images")}).levels[""].uses["soft"]
    assert use.mapped == ("image",)
    assert {name: str(kind) for name, kind in use.outputs.items()} == {"image": "list[image]"}


def test_several_lists_map_one_node(look: Look) -> None:
    nodes = {"r": {"type": "number.range"}, "sum": {"type": "number.add", "inputs": {"a": "r.value", "b": "r.value"}}}
    assert look(nodes).levels[""].uses["sum"].mapped == ("a", "b")


def test_a_list_of_lists_on_a_single_input_is_refused(look: Look, only: Only) -> None:
    nodes = {"p": {"type": "number.pages"}, "n": {"type": "number.value"}}
    problem = only(look({**nodes, "sum": {"type": "number.add", "inputs": {"a": "p.value", "b": "n.value"}}}))
    assert problem.code == "link.kind"
    assert problem.hint.startswith("A list of lists is not mapped")


# -- generics and dynamic ports ---------------------------------------------------------------------------------------


def test_a_generic_output_has_the_type_of_its_inputs(look: Look) -> None:
    nodes = {"photo": PHOTO, "either": {"type": "flow.switch", "inputs": {"yes": "photo.image", "no": "photo.image"}}}
    use = look(nodes).levels[""].uses["either"]
    assert (str(use.outputs["value"]), str(use.inputs["no"])) == ("image", "image")


def test_a_generic_takes_a_list_whole(look: Look) -> None:
    nodes = {"r": {"type": "number.range"}, "s": {"type": "flow.switch", "inputs": {"yes": "r.value", "no": "r.value"}}}
    use = look(nodes).levels[""].uses["s"]
    assert (use.mapped, str(use.outputs["value"])) == ((), "list[number]")


def test_inputs_of_one_type_variable_must_agree(look: Look, only: Only) -> None:
    nodes = {
        "photo": PHOTO,
        "n": {"type": "number.value"},
        "either": {"type": "flow.switch", "inputs": {"yes": "photo.image", "no": "n.value"}},
    }
    problem = only(look(nodes))
    assert problem.message == "either.no wants an image, n.value gives a number."


def test_a_generic_fixed_by_one_input_converts_the_other(look: Look) -> None:
    nodes = {"photo": PHOTO, "either": {"type": "flow.switch", "inputs": {"no": "photo.mask", "yes": "photo.image"}}}
    checked = look(nodes)
    assert checked.problems == []
    link = checked.levels[""].uses["either"].links["no"]
    assert isinstance(link, Link)
    assert link.fit.conversion == "convert.mask_to_image"


def test_dynamic_inputs_come_from_the_code_and_may_be_given_values(look: Look) -> None:
    ports = {"type": "flow.ports", "params": {"names": "xy", "y": 2}, "inputs": {"x": "n.value"}}
    checked = look({"n": {"type": "number.value"}, "p": ports})
    assert checked.problems == []
    use = checked.levels[""].uses["p"]
    assert (set(use.inputs), set(use.links), use.params["y"]) == ({"x", "y"}, {"x"}, 2.0)


def test_an_input_that_the_code_does_not_tell_is_unknown(look: Look, only: Only) -> None:
    ports = {"type": "flow.ports", "params": {"names": "xy"}, "inputs": {"z": "n.value"}}
    assert only(look({"n": {"type": "number.value"}, "p": ports})).code == "input.unknown"


def test_code_that_cannot_tell_its_ports_is_a_problem(look: Look, only: Only) -> None:
    problem = only(look({"p": {"type": "flow.ports", "params": {"names": "1"}}}))
    assert (problem.code, problem.message) == (
        "ports.failed",
        "The ports of p (flow.ports) cannot be told: names holds more than letters.",
    )


def test_a_param_that_decides_the_ports_cannot_be_linked(look: Look, only: Only) -> None:
    nodes = {
        "t": {"type": "io.fetch", "params": {"url": "u"}},
        "p": {"type": "flow.ports", "inputs": {"names": "t.value"}},
    }
    assert only(look(nodes)).code == "param.fixed"


def test_everything_is_told_in_one_pass(look: Look) -> None:
    nodes = {
        "photo": {"type": "image.laod"},
        "soft": blur("photo.image", radius=99, what=1),
        "grow": {"type": "mask.grow", "version": 3},
    }
    codes = {problem.code for problem in look(nodes).problems}
    assert codes == {"type.unknown", "param.range", "param.unknown", "input.missing"}


def test_a_flood_of_problems_is_listed_to_a_thousand_and_counted(look: Look) -> None:
    problems = look({f"n{number}": {"type": "no.such"} for number in range(1500)}).problems
    assert len(problems) == 1001
    assert (problems[-1].code, problems[-1].message) == (
        "document.more",
        "There are 500 more problems, which are not listed.",
    )
