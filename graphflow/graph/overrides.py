"""Params that a run sets by path. An instance of a subgraph that one changes gets a level of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from msgspec import UNSET

from graphflow.graph.model import NodeEntry
from graphflow.graph.plain import plain
from graphflow.graph.problem import Problem, pointer
from graphflow.graph.sources import Desk, Source

Walk = list[tuple[Source, str, str | None]]  # level, node, the param that names the next level


def set_params(desk: Desk, params: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
    """Write the values of a run into the levels, before these are checked.

    A value goes before what the document says, also before what an interface gives to the same place.
    """
    _deciding(desk, inputs)
    for path, value in params.items():
        walk = _walk(desk, path)
        if walk is None:
            continue
        source, node, _ = walk[-1]
        name = path.partition(".")[2]
        if link := _driven(walk, name):
            said = f"{path} cannot be set, because a link drives {link}."
            _tell(desk, "run.param-driven", said, path, source, node, "Take the link away, or set what it comes from.")
            continue
        try:
            value = plain(value)
        except ValueError as error:
            hint = "Give a value that JSON can hold."
            _tell(desk, "run.param-value", f"{path} cannot be set: {error}.", path, source, node, hint)
            continue
        _write(_own(desk, walk), node, name, value)


def _deciding(desk: Desk, inputs: Mapping[str, Any]) -> None:
    """A param that decides a node's ports takes the run's value, or the interface's default, before the check."""
    root = desk.sources[""]
    for name, one in root.interface.inputs.items():
        value = inputs.get(name, one.default)
        for text in one.to:
            node, _, param = text.partition(".")
            spec = root.specs.get(node)
            if spec is None or param not in {*(spec.ports_in or ()), *(spec.ports_out or ())}:
                continue
            if param in desk.ports_of(spec).bodies or param in root.nodes[node].inputs:
                continue
            root.pinned.add((node, param))
            if value is not UNSET:
                _write(root, node, param, value)


def _write(source: Source, node: str, param: str, value: Any) -> None:
    entry = source.nodes[node]
    made = NodeEntry(entry.type, entry.inputs, {**entry.params, param: value}, entry.version, entry.mode)
    source.nodes = {**source.nodes, node: made}
    source.pinned.add((node, param))


def _walk(desk: Desk, path: str) -> Walk | None:
    """The levels and nodes of a path, or None after telling what is wrong with it."""
    place, dot, param = path.partition(".")
    names = place.split("/")
    source = desk.sources[""]
    walk: Walk = []
    for depth, node in enumerate(names):
        entry = source.nodes.get(node)
        if entry is None:
            said = f"{path} cannot be set: there is no node {'/'.join(names[: depth + 1])}."
            _tell(desk, "run.param-unknown", said, path, None, "", desk.near.hint(node, source.nodes, "nodes"))
            return None
        if depth == len(names) - 1:
            walk.append((source, node, None))
            break
        via, key = next(((p, k) for _, p, k in _bodies(source, node) if _holds(desk, k, names[depth + 1])), (None, ""))
        if not key:
            said = f"{path} cannot be set: {'/'.join(names[: depth + 1])} has no node {names[depth + 1]} inside."
            keys = [k for _, _, k in _bodies(source, node)]
            inside = [n for k in keys if k in desk.sources for n in desk.sources[k].nodes]
            hint = desk.near.hint(names[depth + 1], inside, "nodes in it")
            _tell(desk, "run.param-unknown", said, path, source, node, hint)
            return None
        walk.append((source, node, via))
        source = desk.sources[key]
    source, node, _ = walk[-1]
    known = _known(desk, source, node)
    if not dot or (known is not None and param not in known):
        said = f"{path} cannot be set: {place} has no param {param}." if dot else f"{path} names no param."
        hint = desk.near.hint(param, known or [], "params") if dot else f"Write it as {place}.param."
        _tell(desk, "run.param-unknown", said, path, source, node, hint)
        return None
    return walk


def _known(desk: Desk, source: Source, node: str) -> list[str] | None:
    """The params of a node; None if only its code can tell, or nothing is known of it."""
    entry, spec = source.nodes[node], source.specs.get(node)
    if spec is not None:
        return None if spec.ports_in is not None else [p.name for p in spec.params]
    body = desk.sources.get(entry.type[1:]) if entry.type[:1] == "#" else None
    return None if body is None else list(body.interface.inputs)


def _bodies(source: Source, node: str) -> list[tuple[str, str | None, str]]:
    """(node, the param that names it, key) of each subgraph in a node."""
    entry = source.nodes[node]
    found: list[tuple[str, str | None, str]] = []
    if entry.type[:1] == "#":
        return [(node, "", entry.type[1:])]
    for at, param in source.uses:
        if at == node and param is not None:
            value = entry.params.get(param)
            if isinstance(value, str) and value[:1] == "#":
                found.append((node, param, value[1:]))
    return found


def _holds(desk: Desk, key: str, node: str) -> bool:
    return key in desk.sources and node in desk.sources[key].nodes


def _driven(walk: Walk, name: str) -> str:
    """The place outside or inside whose link drives the param, or ""."""
    field: str | None = name
    for source, node, _ in reversed(walk):
        if field in source.nodes[node].inputs:
            return f"{node}.{field}"
        field = next((k for k, one in source.interface.inputs.items() if f"{node}.{field}" in one.to), None)
        if field is None:
            break
    return ""


def _own(desk: Desk, walk: Walk) -> Source:
    """The last level of a walk, made this path's own: what other instances use stays as it is."""
    parent = walk[0][0]
    for depth, (_, node, via) in enumerate(walk[:-1]):
        key = next(k for _, p, k in _bodies(parent, node) if p == via)
        child = desk.sources[key]
        if child.copy_of is None or child.prefix != f"{'/'.join(n for _, n, _ in walk[: depth + 1])}/":
            count = sum(1 for known in desk.sources if known.startswith(f"{key[:48]}--")) + 1
            while (made := f"{key[:48]}--{count}") in desk.sources:
                count += 1
            prefix = "/".join(n for _, n, _ in walk[: depth + 1]) + "/"
            child = replace(child, key=made, prefix=prefix, pinned=set(child.pinned), copy_of=key)
            desk.sources[made] = child
            entry = parent.nodes[node]
            params = {**entry.params, via: f"#{made}"} if via else entry.params
            kind = entry.type if via else f"#{made}"
            copy = NodeEntry(kind, entry.inputs, params, entry.version, entry.mode)
            parent.nodes = {**parent.nodes, node: copy}
        parent = child
    return parent


def _tell(desk: Desk, code: str, said: str, path: str, source: Source | None, node: str, hint: str) -> None:
    place = (source.at + pointer("nodes", node)) if source is not None and node else "/nodes"
    desk.problems.append(Problem(code, said, place, path.partition(".")[0], path.partition(".")[2], hint))
