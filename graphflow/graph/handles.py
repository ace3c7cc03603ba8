"""What `Workflow.add` gives back: a step, its outputs to link from, its params and inputs for the interface."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphflow.graph.model import NodeEntry
from graphflow.nodetype.spec import NodeSpec

if TYPE_CHECKING:
    from graphflow.graph.build import Workflow


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a step, to be given as an input or a param of another."""

    step: Step
    name: str

    def __str__(self) -> str:
        return f"{self.step.id}.{self.name}"


@dataclass(frozen=True, slots=True)
class Port:
    """One input or param of a step, for an input of the interface to lead to."""

    step: Step
    name: str

    def __str__(self) -> str:
        return f"{self.step.id}.{self.name}"


class Step:
    """A node of a workflow that is being built.

    `photo["image"]` and `photo.image` are its output `image`; the step itself stands for its first output. `param` and
    `input` name the ends of interface inputs. Outputs named like a method are reached with square brackets.
    """

    __iter__ = None  # square brackets take names, so it is no sequence

    def __init__(self, workflow: Workflow, id: str, spec: NodeSpec | None) -> None:
        self.workflow = workflow
        self.id = id
        self.spec = spec

    def __repr__(self) -> str:
        return f"<step {self.id}: {self.entry.type}>"

    def __getitem__(self, output: str) -> Output:
        known = self._outputs()
        if known is not None and output not in known:
            raise LookupError(unknown(f"{self.id} ({self.entry.type})", "output", output, known))
        return Output(self, output)

    def __getattr__(self, name: str) -> Output:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except LookupError as error:
            raise AttributeError(str(error)) from None

    @property
    def entry(self) -> NodeEntry:
        """The node as it stands in the document."""
        return self.workflow.document.nodes[self.id]

    @property
    def first(self) -> Output:
        """The output that the step itself stands for. Raises LookupError where its outputs are not known."""
        known = self._outputs()
        if known:
            return Output(self, known[0])
        raise LookupError(
            f"The outputs of {self.id} ({self.entry.type}) are not known here; "
            f'name the one that is meant, as in {self.id}["image"], or give add() the node itself.'
        )

    def param(self, name: str) -> Port:
        """A param, for `Workflow.input`. Raises LookupError if the node has none of that name."""
        return self._port(name, "param", [p.name for p in self.spec.params] if self.spec else [])

    def input(self, name: str) -> Port:
        """An input, for `Workflow.input`. Raises LookupError if the node has none of that name."""
        return self._port(name, "input", [i.name for i in self.spec.inputs] if self.spec else [])

    def mute(self) -> Step:
        """Skip this node and what needs it."""
        self.entry.mode = "mute"
        return self

    def bypass(self) -> Step:
        """Give each output the first input of its kind."""
        self.entry.mode = "bypass"
        return self

    def _port(self, name: str, what: str, known: list[str]) -> Port:
        if self.spec and not open_inputs(self.spec) and name not in known:
            raise LookupError(unknown(f"{self.id} ({self.entry.type})", what, name, known))
        return Port(self, name)

    def _outputs(self) -> list[str] | None:
        """The names of its outputs; None where they are not known."""
        if self.entry.type.startswith("#"):
            subgraph = self.workflow.document.subgraphs.get(self.entry.type[1:])
            return list(subgraph.interface.outputs) if subgraph else None
        if self.spec is None or self.spec.ports_out is not None or not self.spec.outputs:
            return None
        return [output.name for output in self.spec.outputs]


def open_inputs(spec: NodeSpec) -> bool:
    """Whether a node type has inputs that only its params tell."""
    return spec.more is not None or spec.ports_in is not None or any(p.type == "subgraph" for p in spec.params)


def unknown(where: str, what: str, name: str, known: Iterable[str]) -> str:
    """The sentence for a name that is not there, with the nearest ones."""
    names = list(known)
    near = difflib.get_close_matches(name, names, 3, 0.5)
    cure = f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(names) or 'none'}."
    return f"{where} has no {what} {name!r}; {cure}"


Given = Step | Output
"""What makes a link."""


def as_output(given: Given, workflow: Workflow) -> Output:
    """The output that a handle means. Raises ValueError for a handle of another workflow."""
    output = given.first if isinstance(given, Step) else given
    if output.step.workflow is not workflow:
        raise ValueError(f"{output} belongs to another workflow; bring that in with Workflow.subgraph.")
    return output


def is_link(value: Any) -> bool:
    """Whether a keyword's value makes a link: a handle, or a list that holds one."""
    if isinstance(value, list | tuple):
        return any(isinstance(item, Step | Output) for item in value)  # pyright: ignore[reportUnknownVariableType]
    return isinstance(value, Step | Output)
