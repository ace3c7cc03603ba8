"""Reads a workflow document: a good one by the fast path alone; a bad one is then looked at for every problem."""

from __future__ import annotations

import gc
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from graphflow.graph.explain import explain
from graphflow.graph.migrate import migrate
from graphflow.graph.model import MAX_DEPTH, MAX_NODES, VERSION, Document
from graphflow.graph.parse import Flaw, parse
from graphflow.graph.plain import plain
from graphflow.graph.problem import DocumentError, Problem
from graphflow.values.coerce import tell

# No smaller text holds more than MAX_NODES nodes, so only larger ones are counted: `"a":{"type":"b"},`.
_COUNT_FROM = 16 * MAX_NODES


def read_document(data: bytes | str) -> Document:
    """Read a document. Raises DocumentError with every problem that was found, each with its place and a hint.

    What it refuses: text that is not UTF-8 or not JSON, double keys, numbers that do not fit 64 bits, NaN, half
    characters, depth over 64, over 16 MiB, 100,000 nodes or 1,500,000 values, unknown keys, wrong JSON types, ids
    and links that are none. Whether types, links and values fit is for `check` to say.
    """
    if isinstance(data, str) or len(data) >= _COUNT_FROM:
        _refuse_crowd(data)
    with _calm(len(data)):
        tree, suspicious = parse(data)
        _refuse_version(tree)
        if suspicious or not _fits(tree, MAX_DEPTH):
            if problems := explain(tree):
                raise DocumentError(problems)
        return model(tree)


def read_tree(tree: Mapping[str, Any]) -> Document:
    """The document of plain Python values. Raises DocumentError as `read_document` does."""
    try:
        copy = plain(tree)
    except ValueError as error:
        message = f"The workflow holds what no document can: {error}."
        hint = "Give numbers, texts, true, false, null, and lists and objects of these."
        raise DocumentError([Problem("document.value", message, hint=hint)]) from None
    _refuse_version(copy)
    return model(copy)


def model(tree: dict[str, Any]) -> Document:
    """The model of a document's JSON, whose values are sound. Raises DocumentError for problems of structure."""
    if type(tree.get("graphflow")) is int:
        migrate(tree)
    try:
        return msgspec.convert(tree, Document)
    except msgspec.ValidationError as error:
        unseen = Problem("document.type", f"The document: {error}.", hint="See docs/workflow-format.md.")
        raise DocumentError(explain(tree, values_too=False) or [unseen]) from None


@contextmanager
def _calm(size: int) -> Generator[None]:
    """Without garbage collection while a large tree is built: it holds no cycles, and each pass looks at all of it."""
    if size < 100_000 or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class _SubgraphNodes(msgspec.Struct):
    nodes: dict[str, msgspec.Raw] = {}


class _Nodes(msgspec.Struct):
    """Enough of a document to count its nodes without making them."""

    nodes: dict[str, msgspec.Raw] = {}
    subgraphs: dict[str, _SubgraphNodes] = {}


def _refuse_crowd(data: bytes | str) -> None:
    try:
        seen = msgspec.json.decode(data, type=_Nodes)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return  # whatever is wrong is told by the parser
    count = len(seen.nodes) + sum(len(subgraph.nodes) for subgraph in seen.subgraphs.values())
    if count > MAX_NODES:
        message = f"The document has {count:,} nodes; at most {MAX_NODES:,} are read."
        hint = "Use a list and let one node map over it, or flow.map with a subgraph."
        raise DocumentError([Problem("document.too-many-nodes", message, "/nodes", hint=hint)])


def _refuse_version(tree: Any) -> None:
    if not isinstance(tree, dict):
        what = tree.message.rstrip(".") if isinstance(tree, Flaw) else f"this is {tell(tree)}"
        message = f"A workflow document is an object; {what}."
        hint = 'The smallest document is {"graphflow": 1, "nodes": {}}.'
        raise DocumentError([Problem("document.type", message, hint=hint)])
    version: Any = tree.get("graphflow")  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    if type(version) is not int or 1 <= version <= VERSION:
        return  # what is no whole number is told among the other problems
    if version > VERSION:
        message = f"The document is of version {version} of the format; this graphflow reads up to {VERSION}."
        hint = "Install a newer graphflow, or ask for a file that was saved with an older one."
    else:
        message, hint = f"There is no version {version} of the format.", f'Write "graphflow": {VERSION}.'
    raise DocumentError([Problem("document.version", message, "/graphflow", field="graphflow", hint=hint)])


def _fits(value: Any, room: int) -> bool:
    """Whether objects and arrays nest at most `room` deep."""
    if room == 0:
        return False
    for item in value.values() if type(value) is dict else value:
        kind = type(item)
        if (kind is dict or kind is list) and not _fits(item, room - 1):
            return False
    return True
