"""A small made-up catalogue and its code, so that no pack is needed to check documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from graphflow.graph.check import Checked, check
from graphflow.graph.model import Document
from graphflow.nodetype.catalogue import Catalogue
from graphflow.nodetype.spec import NodeSpec

Tree = dict[str, Any]


def spec(
    type: str, inputs: Tree | None = None, params: Tree | None = None, outputs: Tree | None = None, **more: Any
) -> Tree:
    """A spec in short: inputs {name: type}, with `?` behind an optional one's; params {name: record}."""
    return {
        "type": type,
        "title": type,
        "about": "",
        "module": "made.up",
        "function": "made_up",
        "inputs": [{"name": n, "type": t.rstrip("?"), "optional": t.endswith("?")} for n, t in (inputs or {}).items()],
        "params": [{"name": n, **record} for n, record in (params or {}).items()],
        "outputs": [{"name": n, "type": t} for n, t in (outputs or {}).items()],
        **more,
    }


RADIUS = {"type": "number", "default": 2.0, "low": 0, "high": 64}
FILES = {"saves": True}
SPECS = [
    spec("image.load", params={"file": {"type": "file"}}, outputs={"image": "image", "mask": "mask"}),
    spec("image.blur", {"image": "image", "mask": "mask?"}, {"radius": RADIUS}, {"image": "image"}),
    spec("image.resize", {"image": "image"}, {
        "mode": {"type": "text", "choices": ["fit", "fill", "stretch"], "default": "fit"},
        "width": {"type": "whole", "low": 1},
    }, {"image": "image"}),
    spec("image.grid", {"images": "list[image]"}, {"columns": {"type": "whole", "default": 2}}, {"image": "image"}),
    spec("image.split", {"image": "image"}, outputs={"images": "list[image]"}),
    spec("image.save", {"image": "image"}, {
        "name": {"type": "text", "default": "picture"},
        "format": {"type": "text", "choices": ["png", "jpeg"], "default": "png"},
    }, {"file": "file"}, saves=True),
    spec("image.to_mask", {"image": "image"}, outputs={"mask": "mask"}),
    spec("mask.grow", {"mask": "mask"}, {"by": {"type": "whole", "default": 1}}, {"mask": "mask"}, version=3,
         was=["mask.widen"], migrations=[1]),
    spec("number.value", params={"value": {"type": "number", "default": 0.0}}, outputs={"value": "number"}),
    spec("number.range", params={"count": {"type": "whole", "default": 3}}, outputs={"value": "list[number]"}),
    spec("number.pages", outputs={"value": "list[list[number]]"}),
    spec("number.add", {"a": "number", "b": "number"}, outputs={"value": "number"}),
    spec("number.sum", {"values": "list[number]"}, outputs={"value": "number"}),
    spec("text.shout", {"text": "text"}, outputs={"value": "text"}),
    spec("text.save", {"text": "text"}, {"name": {"type": "text", "default": "text"}}, {"file": "file"}, saves=True),
    spec("flow.switch", {"yes": "T", "no": "T"}, {"when": {"type": "boolean", "default": True}}, {"value": "T"}),
    spec("flow.collect", {"items": "list[T]"}, outputs={"list": "list[T]"}),
    spec("flow.map", params={"graph": {"type": "subgraph"}}, more="more", ports_in=["graph"], ports_out=["graph"]),
    spec("flow.ports", params={"names": {"type": "text", "default": "a"}}, more="more", ports_in=["names"],
         outputs={"value": "json"}),
    spec("io.fetch", params={"url": {"type": "text"}, "key": {"type": "secret", "default": "KEY"}},
         outputs={"value": "text"}, grants=["network"]),
    spec("convert.mask_to_image", {"mask": "mask"}, outputs={"image": "image"}, conversion=True),
    spec("convert.number_to_text", {"number": "number"}, outputs={"value": "text"}, conversion=True),
]  # fmt: skip


class MadeUpCode:
    """The code of the made-up types."""

    def ports(self, spec: NodeSpec, params: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
        """flow.ports has an input for each letter; flow.map has lists of what its subgraph has."""
        if spec.type == "flow.ports":
            if not params["names"].isalpha():
                raise ValueError("names holds more than letters")
            return dict.fromkeys(params["names"], "number | none"), {}
        graph = params["graph"]
        inputs = {n: f"list[{t}]" + ("" if n in graph.required else " | none") for n, t in graph.inputs.items()}
        return inputs, {n: f"list[{t}]" for n, t in graph.outputs.items()}

    def migrate(self, spec: NodeSpec, version: int, params: dict[str, Any], inputs: dict[str, Any]) -> None:
        """Version 1 of mask.grow called its param `amount`."""
        params["by"] = params.pop("amount")

    def choices(self, spec: NodeSpec, param: str, params: dict[str, Any]) -> list[str]:
        """No menu of these comes from code."""
        raise AssertionError("check asks for no menus")


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The made-up types, and a pack that could not be imported."""
    tree = {
        "nodes": {one["type"]: one for one in SPECS},
        "packs": {
            "image": "0.1.0",
            "mask": "0.1.0",
            "text": "0.1.0",
            "number": "0.1.0",
            "flow": "0.1.0",
            "io": "0.1.0",
        },
        "problems": {"acme": "ImportError: no module named rdkit"},
    }
    return msgspec.convert(tree, Catalogue)


@pytest.fixture(scope="session")
def code() -> MadeUpCode:
    """The code of the made-up types."""
    return MadeUpCode()


Look = Callable[..., Checked]


@pytest.fixture(scope="session")
def look(catalogue: Catalogue) -> Look:
    """Check a document that is written as its nodes: look({"a": {...}}, interface=..., subgraphs=..., inputs=...)."""

    def look(nodes: Tree, *, inputs: Tree | None = None, params: Tree | None = None, targets: tuple[str, ...] = (),
             run: bool = False, **more: Any) -> Checked:  # fmt: skip
        document = msgspec.convert({"graphflow": 1, "nodes": nodes, **more}, Document)
        return check(
            document, catalogue, MadeUpCode(), inputs=inputs or {}, params=params or {}, targets=targets, run=run
        )

    return look


@pytest.fixture(scope="session")
def only() -> Callable[[Checked], Any]:
    """The one problem that there is."""

    def only(checked: Checked) -> Any:
        assert len(checked.problems) == 1, [problem.message for problem in checked.problems]
        return checked.problems[0]

    return only
