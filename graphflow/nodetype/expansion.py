"""A graph that a node gives to be run in its place: the return value of an `expand` satellite.

The expanding node sees its inputs as wires: it may count the elements of a list and pass them on, but reads no tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphflow.nodetype.declare import Node
from graphflow.nodetype.ports import Subgraph


class Wire:
    """One input of the expanding node, or one output of a node placed by an expansion.

    type: The port type as text. source: What the engine knows it by.
    """

    __slots__ = ("_length", "_value", "index", "source", "type")

    def __init__(
        self,
        source: Any,
        type: str,
        *,
        length: int | None = None,
        index: int | None = None,
        value: tuple[Any] | None = None,
    ) -> None:
        self.source = source
        self.type = type
        self.index = index
        self._length = length
        self._value = value

    def __len__(self) -> int:
        """How many elements a list has. Raises TypeError if this is no list or is not known yet."""
        if self._length is None:
            raise TypeError(f"This wire carries {self.type}; only a list that is already named has a length.")
        return self._length

    @property
    def is_list(self) -> bool:
        return self._length is not None

    def __getitem__(self, index: int) -> Wire:
        """One element of a list."""
        if not 0 <= index < len(self):
            raise IndexError(f"The list has {len(self)} elements; there is no [{index}].")
        return Wire(self.source, self.type.removeprefix("list[").removesuffix("]"), index=index)

    @property
    def value(self) -> Any:
        """The value of a small plain input (text, number, boolean, JSON). Raises TypeError for others."""
        if self._value is None:
            raise TypeError(f"This wire carries {self.type}; an expansion reads only small plain values.")
        return self._value[0]


Given: TypeAlias = "Wire | list[Wire] | Any"


@dataclass(slots=True, eq=False)
class Placed:
    """A node or subgraph that an expansion placed; `placed["image"]` is one of its outputs."""

    what: str | Node[..., Any] | Subgraph
    at: str
    given: dict[str, Given]
    made: Any = None  # what the engine made of it

    def __getitem__(self, output: str) -> Wire:
        return Wire((self, output), "")


@dataclass(slots=True)
class Output:
    """What one output of the expanding node is: a wire, or a list of wires; of which failed ones may be left out."""

    wires: Wire | list[Wire]
    skip_failed: bool = False


@dataclass(slots=True)
class Follow:
    """What goes on when some wires are named: a function of these wires that returns the next expansion."""

    then: Callable[..., Expansion]
    wires: dict[str, Wire]


@dataclass(slots=True)
class Expansion:
    """Nodes to run, and how their outputs become those of the expanding node."""

    placed: list[Placed] = field(default_factory=list[Placed])
    outputs: dict[str, Output] = field(default_factory=dict[str, Output])
    followed: Follow | None = None

    def add(
        self, what: str | Node[..., Any] | Subgraph, at: str, given: Mapping[str, Given] | None = None, **more: Given
    ) -> Placed:
        """Place a node (by type or itself) or a subgraph.

        at: Where below the expanding node's path it stands: `[3]`, or a name. given: Wires, lists of wires, or plain
        values, by the name of the input or param.
        """
        made = Placed(what, at, {**(given or {}), **more})
        self.placed.append(made)
        return made

    def output(self, name: str, wires: Wire | list[Wire], *, skip_failed: bool = False) -> None:
        """Say what an output of the expanding node is. skip_failed leaves failed elements out of a list."""
        self.outputs[name] = Output(wires, skip_failed)

    def follow(self, then: Callable[..., Expansion], **wires: Wire) -> None:
        """Go on when these wires are named: `then(**wires)` returns the next expansion, which gives the outputs."""
        self.followed = Follow(then, wires)
