"""A subgraph for each element of a list."""

from __future__ import annotations

from typing import Literal

from graphflow import Expansion, Inputs, Outputs, Subgraph, Wire, node
from graphflow_nodes.flow._loops import INDEX, at, only_in_a_workflow, optional, rounds, with_index


@node
def map_(more: Inputs, *, graph: Subgraph, on_error: Literal["stop", "skip"] = "stop") -> Outputs:
    """Run a subgraph for each element of a list, and gather what it gives into lists.

    Several lists go side by side: equal lengths, or a list of one, which repeats. A subgraph's input named `index` is
    given the number of the element, from 0. Each element is cached by itself.

    graph: The subgraph, as #name.
    on_error: stop fails when an element fails, after the others have run; skip leaves failed elements out.
    """
    only_in_a_workflow("flow.map")


@map_.inputs
def _(graph: Subgraph) -> dict[str, str]:
    return {
        name: optional(f"list[{kind}]", name in graph.required) for name, kind in graph.inputs.items() if name != INDEX
    }


@map_.outputs
def _(graph: Subgraph) -> dict[str, str]:
    return {name: f"list[{kind}]" for name, kind in graph.outputs.items()}


@map_.expand
def _(more: dict[str, Wire], graph: Subgraph, on_error: str) -> Expansion:
    expansion = Expansion()
    placed = [
        expansion.add(graph, f"[{round}]", with_index(graph.inputs, at(more, round), round))
        for round in range(rounds(more, "flow.map"))
    ]
    for name in graph.outputs:
        expansion.output(name, [one[name] for one in placed], skip_failed=on_error == "skip")
    return expansion
