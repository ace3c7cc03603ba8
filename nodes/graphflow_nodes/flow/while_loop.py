"""A subgraph until it says stop."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from graphflow import Expansion, Inputs, Outputs, Range, Subgraph, Wire, node
from graphflow_nodes.flow._loops import INDEX, only_in_a_workflow, optional, with_index

STOP = "stop"


@node
def while_(
    more: Inputs,
    *,
    graph: Subgraph,
    limit: Annotated[int, Range(1, 100_000)] = 100,
    at_limit: Literal["fail", "keep"] = "fail",
) -> Outputs:
    """Run a subgraph again and again until its output `stop` is true.

    An output that is named like an input is carried from round to round; the other inputs stay. The node's outputs are
    those of the last round. An input named `index` is given the number of the round, from 0.

    graph: The subgraph, as #name, with a boolean output `stop`.
    limit: The most rounds.
    at_limit: What happens when so many rounds did not stop: fail, or keep the last round's outputs.
    """
    only_in_a_workflow("flow.while")


@while_.inputs
def _(graph: Subgraph) -> dict[str, str]:
    return {name: optional(kind, name in graph.required) for name, kind in graph.inputs.items() if name != INDEX}


@while_.outputs
def _(graph: Subgraph) -> dict[str, str]:
    if graph.outputs.get(STOP) != "boolean":
        raise ValueError(f"flow.while needs a boolean output {STOP!r} of #{graph.name}: it says when to end")
    return {name: kind for name, kind in graph.outputs.items() if name != STOP}


@while_.expand
def _(more: dict[str, Wire], graph: Subgraph, limit: int, at_limit: str) -> Expansion:
    carried = [name for name in graph.inputs if name in graph.outputs]

    def begin(round: int, given: dict[str, Any]) -> Expansion:
        expansion = Expansion()
        body = expansion.add(graph, f"[{round}]", with_index(graph.inputs, given, round))
        wires = {name: body[name] for name in graph.outputs if name != STOP}

        def go_on(stop_: Wire, **gave: Wire) -> Expansion:
            if stop_.value or (round + 1 >= limit and at_limit == "keep"):
                return finish(gave)
            if round + 1 >= limit:
                raise ValueError(f"flow.while did not stop within {limit} rounds; raise its limit, or keep the last")
            return begin(round + 1, {**given, **{name: gave[name] for name in carried}})

        expansion.follow(go_on, stop_=body[STOP], **wires)
        return expansion

    def finish(gave: dict[str, Wire]) -> Expansion:
        expansion = Expansion()
        for name, wire in gave.items():
            expansion.output(name, wire)
        return expansion

    return begin(0, dict(more))
