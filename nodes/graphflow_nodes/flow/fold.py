"""A subgraph over a list, each round beginning with what the last one gave."""

from __future__ import annotations

from typing import Annotated, Any

from graphflow import Expansion, Inputs, Outputs, Range, Subgraph, Wire, node
from graphflow_nodes.flow._loops import INDEX, at, only_in_a_workflow, optional, rounds, with_index


@node
def fold(more: Inputs, *, graph: Subgraph, times: Annotated[int, Range(0, 100_000)] = 0) -> Outputs:
    """Run a subgraph again and again, handing each round what the last one gave.

    An output of the subgraph that is named like an input is carried from round to round; the node's output of that name
    is what the last round gave. The other inputs are lists, an element a round; the other outputs become lists. An
    input named `index` is given the number of the round, from 0.

    graph: The subgraph, as #name.
    times: How many rounds, where no list tells; 0 takes the length of the lists.
    """
    only_in_a_workflow("flow.fold")


def _carried(graph: Subgraph) -> list[str]:
    return [name for name in graph.inputs if name in graph.outputs]


@fold.inputs
def _(graph: Subgraph) -> dict[str, str]:
    carried = _carried(graph)
    return {
        name: kind if name in carried else optional(f"list[{kind}]", name in graph.required)
        for name, kind in graph.inputs.items()
        if name != INDEX
    }


@fold.outputs
def _(graph: Subgraph) -> dict[str, str]:
    carried = _carried(graph)
    return {name: kind if name in carried else f"list[{kind}]" for name, kind in graph.outputs.items()}


@fold.expand
def _(more: dict[str, Wire], graph: Subgraph, times: int) -> Expansion:
    carried: dict[str, Any] = {name: more[name] for name in _carried(graph)}
    lists = {name: wire for name, wire in more.items() if name not in carried}
    count = times or rounds(lists, "flow.fold")
    if times and lists:
        count = min(times, rounds(lists, "flow.fold")) if any(len(w) != 1 for w in lists.values()) else times
    expansion = Expansion()
    gathered: dict[str, list[Wire]] = {name: [] for name in graph.outputs if name not in carried}
    for round in range(count):
        body = expansion.add(graph, f"[{round}]", with_index(graph.inputs, {**carried, **at(lists, round)}, round))
        carried = {name: body[name] for name in carried}
        for name, wires in gathered.items():
            wires.append(body[name])
    for name, wire in carried.items():
        expansion.output(name, wire)
    for name, wires in gathered.items():
        expansion.output(name, wires)
    return expansion
