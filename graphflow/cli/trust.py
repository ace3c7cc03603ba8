"""Paths of files that were typed: relative to the folder that the user is in, and trusted because they were typed."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphflow.cli.failure import UsageError
from graphflow.graph.model import Document, NodeEntry
from graphflow.nodetype.catalogue import Catalogue
from graphflow.values.types import parse


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, with files by a path that the engine finds. trusted: Those that lie elsewhere."""

    inputs: dict[str, Any]
    params: dict[str, Any]
    sweep: dict[str, list[Any]]
    trusted: frozenset[str]


def resolve_typed(catalogue: Catalogue, document: Document, request: dict[str, Any]) -> Typed:
    """Find the file params among the values of a request, and make their paths absolute. Raises UsageError."""
    known = document.interface.inputs
    for name, given in request["params"].items():
        if name in known:
            typed = f"--input {name}={_short(given)}"
            said = f"{name} is an input of the workflow; give it with {typed}."
            raise UsageError(said, f"Write {typed} instead of --set, which sets params of nodes.")
    if both := sorted(set(request["inputs"]) & set(request["sweep"])):
        raise UsageError(f"{both[0]} is given by --input and by --sweep.", "Take one of them away.")
    here = Path(request["cwd"])
    beside = Path(request["file"]).parent if request["file"] else here
    trusted: set[str] = set()

    def value(is_file: bool, given: Any) -> Any:
        if is_file and isinstance(given, str):
            return _place(given, here, beside, trusted)
        if is_file and isinstance(given, list):
            return [value(True, one) for one in given]
        return given

    def swept_file(name: str) -> bool:
        return (_input_takes_file if name in known else takes_file)(catalogue, document, name)

    params = {path: value(takes_file(catalogue, document, path), one) for path, one in request["params"].items()}
    inputs = {name: value(_input_takes_file(catalogue, document, name), one) for name, one in request["inputs"].items()}
    swept = {name: [value(swept_file(name), one) for one in values] for name, values in request["sweep"].items()}
    return Typed(inputs, params, swept, frozenset(trusted))


def _short(given: Any) -> str:
    text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    return text if len(text) <= 40 else "..."


def _place(text: str, here: Path, beside: Path, trusted: set[str]) -> str:
    """A typed path as the engine gets it: as short as the workflow's folder allows, so that nothing of this machine
    enters a saved file needlessly."""
    path = Path(os.path.normpath(here / Path(text).expanduser()))
    if not path.exists() and not os.path.isabs(text):
        return text  # perhaps in the data folder's inputs; else the engine says that it is missing
    real, root = os.path.realpath(path), os.path.realpath(beside)
    if real.startswith(root + os.sep):
        return os.path.relpath(real, root)
    trusted.add(str(path))
    return str(path)


def takes_file(catalogue: Catalogue, document: Document, path: str) -> bool:
    """Whether a param, named outer/inner.param, wants a file or a folder."""
    place, _, param = path.partition(".")
    nodes, entry = document.nodes, None
    for name in place.split("/"):
        entry = nodes.get(name)
        if entry is None:
            return False
        body = document.subgraphs.get(_body_of(entry))
        nodes = body.nodes if body is not None else {}
    return entry is not None and _param_takes_file(catalogue, document, entry, param, 0)


def _body_of(entry: NodeEntry) -> str:
    if entry.type.startswith("#"):
        return entry.type[1:]
    names = [value[1:] for value in entry.params.values() if isinstance(value, str) and value.startswith("#")]
    return names[0] if names else ""


def _param_takes_file(catalogue: Catalogue, document: Document, entry: NodeEntry, param: str, depth: int) -> bool:
    if entry.type.startswith("#"):
        body = document.subgraphs.get(entry.type[1:])
        port = body.interface.inputs.get(param) if body is not None else None
        if body is None or port is None or depth > 64:
            return False
        return any(_goes_to_file(catalogue, document, body.nodes, to, depth + 1) for to in port.to)
    spec = catalogue.find(entry.type)
    found = spec.param(param) if spec is not None else None
    if found is None:
        return False
    kind = parse(found.type)
    kind = kind.element if kind.is_list else kind
    return any(option.name in ("file", "folder") for option in kind.options)


def _input_takes_file(catalogue: Catalogue, document: Document, name: str) -> bool:
    port = document.interface.inputs.get(name)
    return port is not None and any(_goes_to_file(catalogue, document, document.nodes, to, 0) for to in port.to)


def _goes_to_file(catalogue: Catalogue, document: Document, nodes: dict[str, NodeEntry], to: str, depth: int) -> bool:
    node, _, param = to.partition(".")
    return node in nodes and _param_takes_file(catalogue, document, nodes[node], param, depth)
