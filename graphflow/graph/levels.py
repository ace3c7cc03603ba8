"""The order in which levels are checked: a subgraph before what uses it; what contains itself is told."""

from __future__ import annotations

from collections.abc import Iterator

from graphflow.graph.model import MAX_DEPTH, MAX_NODES
from graphflow.graph.problem import Problem, pointer
from graphflow.graph.sources import Desk
from graphflow.graph.wording import chain


def ordered(desk: Desk) -> list[str]:
    """Keys of all levels, children first. Tells recursion, nesting that is too deep, and too many nodes in all."""
    done: dict[str, int] = {}  # key -> how deep subgraphs nest in it
    for key in desk.sources:
        if key not in done:
            _visit(desk, key, done)
    deep = [key for key, depth in done.items() if depth == MAX_DEPTH + 1]
    for key in deep:
        place = desk.sources[key].at
        said = f"{_called(key)} nests subgraphs deeper than {MAX_DEPTH}."
        desk.problems.append(Problem("graph.too-deep", said, place, _path(key), "", "Put some of them side by side."))
    sizes: dict[str, int] = {}
    for key in done:
        source = desk.sources[key]
        sizes[key] = len(source.nodes) + sum(sizes.get(child, 0) for _, child in source.children())
    if sizes.get("", 0) > MAX_NODES >= len(desk.sources[""].nodes):
        said = f"With its subgraphs written out, the workflow has more than {MAX_NODES} nodes."
        desk.problems.append(Problem("graph.too-large", said, "/nodes", "", "", "Use subgraphs fewer times, or a map."))
    return list(done)


def _visit(desk: Desk, key: str, done: dict[str, int]) -> None:
    """Depth first, without recursion: a document may nest as deep as it has subgraphs."""
    stack: list[tuple[str, Iterator[tuple[str, str]]]] = [(key, desk.sources[key].children())]
    entered = {key: 0}
    depths: dict[str, int] = {key: 0}
    while stack:
        here, rest = stack[-1]
        for node, child in rest:
            if child in done:
                depths[here] = max(depths[here], done[child] + 1)
            elif child in entered:
                _recursion(desk, [name for name, _ in stack[entered[child] :]] + [child], here, node)
            elif child in desk.sources:
                entered[child] = len(stack)
                depths[child] = 0
                stack.append((child, desk.sources[child].children()))
                break
        else:
            stack.pop()
            del entered[here]
            done[here] = depths[here]
            if stack:
                parent = stack[-1][0]
                depths[parent] = max(depths[parent], done[here] + 1)


def _recursion(desk: Desk, names: list[str], key: str, node: str) -> None:
    source = desk.sources[key]
    said = f"{_called(names[-1])} contains itself: {chain(['#' + name for name in names])}."
    place = source.at + pointer("nodes", node)
    hint = "Take one of these out; for repetition there are flow.fold and flow.while."
    desk.problems.append(Problem("graph.recursion", said, place, source.prefix + node, "", hint))


def _called(key: str) -> str:
    return f"The subgraph {key}" if key else "The workflow"


def _path(key: str) -> str:
    return f"#{key}" if key else ""
