"""A document with the values that a run really used, as it stands inside the files that the run saved."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import msgspec

from graphflow.graph.model import Document, NodeEntry, SubgraphEntry


def with_values(document: Document, inputs: Mapping[str, Any], params: Mapping[str, Any]) -> Document:
    """The document in which a run's inputs are defaults and its params stand at their nodes.

    A param inside a subgraph that several nodes use gives that instance a subgraph of its own.
    """
    if not inputs and not params:
        return document
    made = copy.deepcopy(document)
    for name, value in inputs.items():
        if name in made.interface.inputs and _is_json(value):
            made.interface.inputs[name].default = value
    for path, value in params.items():
        place, _, param = path.rpartition(".")
        if _is_json(value):
            _set(made, made.nodes, place.split("/"), param, value)
    return made


def _set(document: Document, nodes: dict[str, NodeEntry], path: list[str], param: str, value: Any) -> None:
    node = nodes.get(path[0])
    if node is None:
        return
    if len(path) == 1:
        node.params[param] = value
        return
    name = node.type.removeprefix("#")
    inner = document.subgraphs.get(name)
    if inner is None:
        return
    if _users(document, name) > 1:
        fresh = next(f"{name[:56]}-{n}" for n in range(2, 1_000_000) if f"{name[:56]}-{n}" not in document.subgraphs)
        inner = document.subgraphs[fresh] = copy.deepcopy(inner)
        node.type = f"#{fresh}"
    _set(document, inner.nodes, path[1:], param, value)


def _users(document: Document, name: str) -> int:
    graphs: list[Document | SubgraphEntry] = [document, *document.subgraphs.values()]
    return sum(
        (entry.type == f"#{name}") + sum(value == f"#{name}" for value in entry.params.values())
        for graph in graphs
        for entry in graph.nodes.values()
    )


def _is_json(value: Any) -> bool:
    try:
        msgspec.json.encode(value)
    except (TypeError, ValueError):
        return False
    return isinstance(value, str | int | float | bool | list | dict) or value is None
