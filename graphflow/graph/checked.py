"""What a check gives: each level of the document with its nodes in order, links resolved and types known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from graphflow.graph.model import Interface
from graphflow.graph.problem import Problem
from graphflow.nodetype.ports import Subgraph
from graphflow.nodetype.spec import NodeSpec
from graphflow.values.types import Fit, Type


class Code(Protocol):
    """What check asks of the packs' code, and only for nodes that need it. The registry of packs offers it."""

    def ports(self, spec: NodeSpec, params: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
        """The dynamic inputs and outputs of a node with these params: {name: type text} each."""
        ...

    def migrate(self, spec: NodeSpec, version: int, params: dict[str, Any], inputs: dict[str, Any]) -> None:
        """Bring params and inputs of `version` to the next one, in place."""
        ...

    def choices(self, spec: NodeSpec, param: str, params: dict[str, Any]) -> list[str]:
        """The menu of a param whose choices come from code or disk."""
        ...


@dataclass(slots=True)
class Link:
    """Where a value comes from. node "" stands for the level's own interface input named `output`.

    type: Of the source. fit: How it stands where it is asked: converted, mapped, variables bound.
    """

    node: str
    output: str
    type: Type
    fit: Fit


@dataclass(slots=True)
class Use:
    """A node of a level, ready to be planned.

    spec: None for a #name node and for an unknown type. subgraph: The key of its level in `Checked.levels`. mode: mute
    also where a needed input comes from a muted node. params: Values, coerced and with defaults filled in; one driven
    by a link is absent. One driven by an interface input stays: it holds where nothing is given to that input. links:
    By input or linked param, already led through bypassed nodes; an array of links is a list. inputs, outputs: Types
    with variables replaced; an input has its own type, not the list that it is mapped over; an output of a mapped
    node is a list. mapped: The inputs and params over which the node is mapped.
    """

    id: str
    spec: NodeSpec | None = None
    subgraph: str | None = None
    mode: str | None = None
    params: dict[str, Any] = field(default_factory=dict[str, Any])
    links: dict[str, Link | list[Link]] = field(default_factory=dict[str, "Link | list[Link]"])
    inputs: dict[str, Type] = field(default_factory=dict[str, Type])
    outputs: dict[str, Type] = field(default_factory=dict[str, Type])
    mapped: tuple[str, ...] = ()


@dataclass(slots=True)
class Level:
    """The root graph or a subgraph.

    uses: In topological order. outputs: Where each interface output comes from, led through bypassed nodes; absent if
    a muted node leaves it without a value. interface: Without the places that a run sets by `params`. required: Its
    inputs without which a needed input stays empty.
    """

    uses: dict[str, Use]
    interface: Interface
    input_types: dict[str, Type] = field(default_factory=dict[str, Type])
    output_types: dict[str, Type] = field(default_factory=dict[str, Type])
    outputs: dict[str, Link | list[Link]] = field(default_factory=dict[str, "Link | list[Link]"])
    required: frozenset[str] = frozenset()


@dataclass(slots=True)
class Checked:
    """The whole document, checked.

    levels: "" is the root. A subgraph stands under its name; one instance that a run's param changes gets a level of
    its own, named in that instance's `Use.subgraph`. grants: {grant: paths of the nodes that need it}. inputs: Values
    of the root's interface: the run's, else the defaults. subgraphs: What a param of the type Subgraph sees of each
    level. A plan may use the levels only if there are no problems.
    """

    problems: list[Problem]
    levels: dict[str, Level]
    grants: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    inputs: dict[str, Any] = field(default_factory=dict[str, Any])
    subgraphs: dict[str, Subgraph] = field(default_factory=dict[str, Subgraph])
