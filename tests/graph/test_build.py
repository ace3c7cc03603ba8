"""`graphflow.Workflow`: documents built from Python."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Annotated, NamedTuple

import pytest

import graphflow
from graphflow import DocumentError, Image, Inputs, Mask, Range, Secret, Workflow, node
from graphflow.graph.document import read_document, write_document
from graphflow.nodetype.catalogue import Catalogue
from graphflow.nodetype.spec import NodeSpec, OutputSpec, ParamSpec


class Parts(NamedTuple):
    """Two outputs."""

    image: Image
    mask: Mask


@node
def load(*, file: str) -> Image:
    """Load."""
    raise NotImplementedError


@node
def blur(image: Image, mask: Mask | None = None, *, radius: Annotated[float, Range(0, 64)] = 2.0) -> Image:
    """Blur."""
    raise NotImplementedError


@node(version=3)
def split(image: Image, *, mode: str = "a") -> Parts:
    """Split."""
    raise NotImplementedError


@node
def grid(images: list[Image], *, columns: int = 1) -> Image:
    """Put together."""
    raise NotImplementedError


@node
def template(*, text: str, more: Inputs) -> str:
    """Fill in."""
    raise NotImplementedError


@template.inputs
def _fields(text: str) -> dict[str, str]:
    return {text: "text"}


def soften() -> Workflow:
    w = Workflow(title="Soften a portrait", about="What it does.")
    photo = w.add(load, id="photo", file="portrait.png")
    soft = w.add(blur, id="soft", image=photo, radius=6.0)
    w.input("strength", soft.param("radius"), title="Strength", default=4, range=(0, 10))
    w.output("picture", soft)
    return w


def test_a_workflow_is_written_like_its_file(tmp_path: Path) -> None:
    place = soften().save(tmp_path / "soften.json")
    assert place.read_text().replace(f"{load.type.rpartition('.')[0]}.", "image.") == (
        """{
  "graphflow": 1,
  "title": "Soften a portrait",
  "about": "What it does.",
  "nodes": {
    "photo": {"type": "image.load", "params": {"file": "portrait.png"}},
    "soft": {"type": "image.blur", "inputs": {"image": "photo.image"}, "params": {"radius": 6}}
  },
  "interface": {
    "inputs": {"strength": {"to": ["soft.radius"], "title": "Strength", "default": 4, "range": [0, 10]}},
    "outputs": {"picture": "soft.image"}
  }
}
"""
    )
    assert [path.name for path in tmp_path.iterdir()] == ["soften.json"]


def test_a_saved_workflow_is_loaded_and_built_further(tmp_path: Path) -> None:
    w = Workflow.load(soften().save(tmp_path / "w.json"))
    assert w.document == read_document(write_document(soften().document))
    more = w.add(blur, image=w["soft"])
    assert more.entry.inputs == {"image": "soft.image"}


def test_an_id_is_made_of_the_type_if_none_is_given() -> None:
    w = Workflow()
    assert [w.add("image.load").id, w.add("image.load").id, w.add("acme/x.load").id] == ["load", "load-2", "load-3"]


def test_outputs_are_named_with_brackets_or_a_dot() -> None:
    w = Workflow()
    parts = w.add(split, image=w.add(load, file="a"))
    soft = w.add(blur, image=parts["image"], mask=parts.mask)
    assert soft.entry.inputs == {"image": "split.image", "mask": "split.mask"}


def test_a_step_stands_for_its_first_output() -> None:
    w = Workflow()
    assert w.add(blur, image=w.add(split, image=w.add(load, file="a"))).entry.inputs == {"image": "split.image"}


def test_a_list_of_steps_is_an_array_of_links() -> None:
    w = Workflow()
    a, b = w.add(load, id="a", file="a"), w.add(split, id="b", image=w.add(load, file="c"))
    assert w.add(grid, images=[a, b.image]).entry.inputs == {"images": ["a.image", "b.image"]}


def test_a_param_may_be_given_a_link() -> None:
    w = Workflow()
    number = w.add("number.number", value=3)
    assert w.add(blur, image=w.add(load, file="a"), radius=number["value"]).entry.inputs["radius"] == "number.value"


def test_an_optional_input_may_be_given_none() -> None:
    w = Workflow()
    soft = w.add(blur, image=w.add(load, file="a"), mask=None)
    assert (list(soft.entry.inputs), soft.entry.params) == (["image"], {})


def test_the_version_of_a_node_stands_in_the_document() -> None:
    w = Workflow()
    assert w.add(split, image=w.add(load, file="a"), mode="b").entry.version == 3


def test_values_take_the_one_form_that_they_have_in_a_file() -> None:
    w = Workflow()
    step = w.add("x.y", a=2.0, b=(1, 2), c=Secret("key"), d=Path("a") / "b.png", e=None)
    assert repr(step.entry.params) == "{'a': 2, 'b': [1, 2], 'c': 'key', 'd': 'a/b.png', 'e': None}"


def test_a_node_is_muted_and_bypassed() -> None:
    w = Workflow()
    assert w.add("x.y").mute().entry.mode == "mute"
    assert w.add("x.y").bypass().entry.mode == "bypass"


def test_dynamic_inputs_take_any_name() -> None:
    w = Workflow()
    step = w.add(template, text="name", name=w.add("text.text")["value"])
    assert step.entry.inputs == {"name": "text.value"}
    w.input("who", step.input("other"))


def test_a_subgraph_is_used_as_a_type_and_as_a_param() -> None:
    w = Workflow()
    tone = w.subgraph("tone", soften())
    used = w.add(tone, strength=3)
    then = w.add(blur, image=used)
    assert w.add("flow.map", graph=tone).entry.params == {"graph": "#tone"}
    assert (used.entry.type, used.entry.params) == ("#tone", {"strength": 3})
    assert then.entry.inputs == {"image": "tone.picture"}
    assert w.document.subgraphs["tone"].interface == read_document(write_document(soften().document)).interface


def test_nested_subgraphs_come_along() -> None:
    inner = Workflow()
    inner.add(inner.subgraph("tone", soften()))
    w = Workflow()
    w.add(w.subgraph("outer", inner))
    assert sorted(w.document.subgraphs) == ["outer", "tone"]
    assert w.subgraph("outer", inner) == "#outer"


def test_two_graphs_of_one_name_are_refused() -> None:
    w = Workflow()
    w.subgraph("tone", soften())
    with pytest.raises(ValueError, match="another subgraph 'tone'"):
        w.subgraph("tone", Workflow())


def test_a_catalogue_tells_about_types_given_as_text() -> None:
    spec = NodeSpec("acme/x.y", "Y", "", "m", "f", version=2, params=[ParamSpec("size", "whole")],
                    outputs=[OutputSpec("thing", "image")])  # fmt: skip
    w = Workflow(catalogue=Catalogue(nodes={"acme/x.y": spec}))
    step = w.add("acme/x.y", size=3)
    assert (step.entry.version, str(step.first)) == (2, "y.thing")
    with pytest.raises(TypeError, match=r"no input or param 'sise'; did you mean size\?"):
        w.add("acme/x.y", sise=3)


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (lambda w: w.add(blur, image=w["photo"], radus=3), TypeError, "'radus'; did you mean radius?"),
        (lambda w: w.add(blur, image=3), TypeError, "takes a link"),
        (lambda w: w.add(grid, images=[w["photo"], 3]), TypeError, "mixes links and values"),
        (lambda w: w.add(blur, image=Workflow().add(load, file="x")), ValueError, "another workflow"),
        (lambda w: w.add(load, file=b"x"), ValueError, "JSON has no bytes"),
        (lambda w: w.add(load, file=float("nan")), ValueError, "no number in JSON"),
        (lambda w: w.add(load, file=PurePath), ValueError, "cannot stand in a document"),
        (lambda w: w.add(load, id="photo", file="x"), ValueError, "a node 'photo' already"),
        (lambda w: w.add(load, id="a b", file="x"), ValueError, "no node id"),
        (lambda w: w.add("#nothing"), ValueError, "no subgraph 'nothing'"),
        (lambda w: w.add(blur, image=w.add("other.node")), LookupError, "outputs of node (other.node) are not known"),
        (lambda w: w["photo"]["imag"], LookupError, "no output 'imag'; did you mean image?"),
        (lambda w: w["photo"].imag, AttributeError, "did you mean image?"),
        (lambda w: w["phot"], LookupError, "no node 'phot'; did you mean photo"),
        (lambda w: w["soft"].param("radios"), LookupError, "did you mean radius?"),
        (lambda w: w["soft"].input("radius"), LookupError, "no input 'radius'"),
        (lambda w: w.input("strength", w["soft"].param("radius")), ValueError, "interface input 'strength' already"),
        (lambda w: w.input("x y", w["soft"].param("radius")), ValueError, "no interface input id"),
        (lambda w: w.input("x", []), ValueError, "leads nowhere"),
        (lambda w: w.input("x", soften()["soft"].param("radius")), ValueError, "another workflow"),
        (lambda w: w.input("x", w["soft"].param("radius"), range=(1, 0)), ValueError, "from 1 down to 0"),
        (lambda w: w.output("picture", w["soft"]), ValueError, "interface output 'picture' already"),
        (lambda w: w.subgraph("a b", Workflow()), ValueError, "no subgraph name"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_once(wrong: object, error: type[Exception], words: str) -> None:
    w = soften()
    with pytest.raises(error) as caught:
        wrong(w)  # type: ignore[operator]
    assert words in str(caught.value)
    assert sorted(w.document.nodes)[-2:] == ["photo", "soft"]


def test_a_step_is_no_sequence() -> None:
    with pytest.raises(TypeError, match="not iterable"):
        list(soften()["soft"])  # type: ignore[call-overload]


def test_a_broken_workflow_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "w.json").write_text("{}")
    with pytest.raises(DocumentError, match="graphflow"):
        Workflow.load(tmp_path / "w.json")


def test_a_workflow_that_cannot_be_written_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    w = soften()
    place = w.save(tmp_path / "w.json")
    before = place.read_bytes()
    w["soft"].entry.params["radius"] = float("nan")
    with pytest.raises(DocumentError):
        w.save(place)
    assert place.read_bytes() == before


def test_the_front_door_has_what_builds_and_tells() -> None:
    assert graphflow.Workflow is Workflow
    assert isinstance(soften().document, graphflow.Document)
    assert issubclass(graphflow.DocumentError, ValueError)
