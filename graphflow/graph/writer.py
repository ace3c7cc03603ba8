"""Writes a workflow document: the same graph gives the same bytes, laid out to be read and compared by people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from json.encoder import encode_basestring
from operator import itemgetter
from typing import Any, TypeVar, cast

from msgspec import UNSET

from graphflow.graph.model import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_NODES,
    Document,
    Interface,
    InterfaceInput,
    NodeEntry,
    SubgraphEntry,
)
from graphflow.graph.plain import number_text, plain
from graphflow.graph.problem import DocumentError, Problem, pointer
from graphflow.graph.reader import model

WIDTH = 120
Tree = dict[str, Any]
T = TypeVar("T")


def write_document(document: Document) -> bytes:
    """The bytes of a document: UTF-8, nodes, params and inputs sorted, empty parts left out, a line break at the end.

    The order of the interface, of a value's own keys and of the view is kept. Raises DocumentError if the document
    holds what could not be read again.
    """
    tree = _tree(document)
    model(tree)
    data = ("".join(_root(tree)) + "\n").encode()
    _refuse_large(document, len(data))
    return data


def _refuse_large(document: Document, size: int) -> None:
    count = len(document.nodes) + sum(len(subgraph.nodes) for subgraph in document.subgraphs.values())
    hint = "Keep pictures and tables in files beside the workflow; let one node map over a list."
    if count > MAX_NODES:
        message = f"The document has {count:,} nodes; at most {MAX_NODES:,} are written."
        raise DocumentError([Problem("document.too-many-nodes", message, "/nodes", hint=hint)])
    if size > MAX_BYTES:
        message = f"The document has {size:,} bytes; at most {MAX_BYTES:,} are written."
        raise DocumentError([Problem("document.too-large", message, hint=hint)])


# -- the document as plain JSON, in the order of the format -----------------------------------------------------------


def _tree(document: Document) -> Tree:
    graph = _graph(document, ())
    tree: Tree = {
        "graphflow": document.graphflow,
        **_given(title=document.title, about=document.about),
        "nodes": graph.pop("nodes"),
        **_given(interface=graph.get("interface")),
        **_given(
            subgraphs={name: _graph(subgraph, ("subgraphs", name)) for name, subgraph in _sorted(document.subgraphs)}
        ),
        **_given(packs=dict(_sorted(document.packs))),
        **_given(view=graph.get("view")),
    }
    return tree


def _graph(graph: Document | SubgraphEntry, at: tuple[str, ...]) -> Tree:
    nodes = {name: _node(node, (*at, "nodes", name)) for name, node in _sorted(graph.nodes)}
    interface = _interface(graph.interface, (*at, "interface"))
    return {"nodes": nodes, **_given(interface=interface, view=_value(graph.view, (*at, "view")))}


def _node(node: NodeEntry, at: tuple[str, ...]) -> Tree:
    tree: Tree = {"type": node.type}
    if node.version != 1:
        tree["version"] = node.version
    if node.mode:
        tree["mode"] = node.mode
    if node.inputs:
        tree["inputs"] = dict(_sorted(node.inputs))
    if node.params:
        tree["params"] = {name: _value(value, (*at, "params", name)) for name, value in _sorted(node.params)}
    return tree


def _interface(interface: Interface, at: tuple[str, ...]) -> Tree:
    inputs = {name: _interface_input(entry, (*at, "inputs", name)) for name, entry in interface.inputs.items()}
    return _given(inputs=inputs, outputs=dict(interface.outputs))


def _interface_input(entry: InterfaceInput, at: tuple[str, ...]) -> Tree:
    tree: Tree = {"to": list(entry.to), **_given(title=entry.title, about=entry.about)}
    if entry.default is not UNSET:
        tree["default"] = _value(entry.default, (*at, "default"))
    if entry.range is not None:
        tree["range"] = _value(entry.range, (*at, "range"))
    return tree


def _given(**parts: Any) -> Tree:
    return {name: part for name, part in parts.items() if part}


def _value(value: Any, at: tuple[str, ...]) -> Any:
    try:
        return plain(value, MAX_DEPTH - len(at))
    except ValueError as error:
        node = at[at.index("nodes") + 1] if "nodes" in at[:-1] else ""
        message = f"The value at {pointer(*at)} cannot be written: {error}."
        hint = "Give numbers, texts, true, false, null, and lists and objects of these."
        raise DocumentError([Problem("document.value", message, pointer(*at), node, at[-1], hint)]) from None


def _sorted(parts: Mapping[str, T]) -> list[tuple[str, T]]:
    """By UTF-16 units, as RFC 8785 and every JavaScript sort do."""
    if all(map(str.isascii, parts)):
        return sorted(parts.items(), key=itemgetter(0))
    return sorted(parts.items(), key=lambda part: part[0].encode("utf-16-be", "surrogatepass"))


# -- the layout -------------------------------------------------------------------------------------------------------


def _root(tree: Tree) -> Iterator[str]:
    """Each part of the document on lines of its own, each node of a graph on one line if it is short."""
    graph: Tree = {"nodes": {}, "interface": {}, "view": {"nodes": {}}}
    yield from _open(tree, {**graph, "subgraphs": {"*": graph}}, "")


def _open(tree: Mapping[str, Any], open_parts: Mapping[str, Any], indent: str) -> Iterator[str]:
    """An object on several lines; so are the members that open_parts names (`*`: all), others if they are long."""
    if not tree:
        yield "{}"
        return
    inner = indent + "  "
    before = "{\n"
    for name, value in tree.items():
        yield f"{before}{inner}{encode_basestring(name)}: "
        parts = open_parts.get(name, open_parts.get("*"))
        if parts is not None and isinstance(value, dict):
            yield from _open(cast(Tree, value), parts, inner)
        else:
            yield from _fitted(value, inner, WIDTH - len(inner) - len(name) - 5)
        before = ",\n"
    yield f"\n{indent}}}"


def _fitted(value: Any, indent: str, room: int) -> Iterator[str]:
    """A value on one line if that has room, else on several."""
    line = _line(value, room)
    if line is not None:
        yield line
    elif isinstance(value, dict):
        yield from _open(cast(Tree, value), {}, indent)
    elif isinstance(value, list):
        yield from _open_list(value, indent)
    else:
        yield _scalar(value)


def _open_list(items: list[Any], indent: str) -> Iterator[str]:
    inner = indent + "  "
    if all(type(item) in (int, float) for item in items):
        yield from _filled([number_text(item) for item in items], indent)
        return
    before = "[\n"
    for item in items:
        yield before + inner
        yield from _fitted(item, inner, WIDTH - len(inner) - 1)
        before = ",\n"
    yield f"\n{indent}]"


def _filled(texts: list[str], indent: str) -> Iterator[str]:
    """Numbers, as many on a line as fit."""
    inner = indent + "  "
    yield "[\n" + inner
    used = len(inner)
    for index, text in enumerate(texts):
        if index:
            used += len(text) + 2
            yield ", " if used < WIDTH else f",\n{inner}"
            used = used if used < WIDTH else len(inner) + len(text)
        else:
            used += len(text)
        yield text
    yield f"\n{indent}]"


def _line(value: Any, room: int) -> str | None:
    """A value on one line of at most `room` characters; None if it needs more."""
    if isinstance(value, dict):
        members: list[str] = []
        room -= 2
        for name, item in cast(Tree, value).items():
            key = encode_basestring(name)
            text = _line(item, room - len(key) - 2)
            if text is None:
                return None
            members.append(f"{key}: {text}")
            room -= len(key) + len(text) + 4
        return "{" + ", ".join(members) + "}" if room >= -2 else None
    if isinstance(value, list):
        items: list[str] = []
        room -= 2
        for item in value:
            text = _line(item, room)
            if text is None:
                return None
            items.append(text)
            room -= len(text) + 2
        return "[" + ", ".join(items) + "]" if room >= -2 else None
    if isinstance(value, str) and len(value) > room:
        return None
    text = _scalar(value)
    return text if len(text) <= room else None


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value)
