"""`graphflow.Workflow`: a document built from Python.

w = Workflow(title="Soften a portrait")
photo = w.add(image.load, id="photo", file="portrait.png")
soft = w.add(image.blur, id="soft", image=photo, radius=6)
w.input("strength", soft.param("radius"), title="Strength")
w.output("picture", soft)
w.save("soften.json")
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from msgspec import UNSET

from graphflow.graph.document import read_document, write_document
from graphflow.graph.handles import Given, Output, Port, Step, as_output, is_link, open_inputs, unknown
from graphflow.graph.model import (
    ID_PATTERN,
    MAX_DEPTH,
    VERSION,
    Document,
    InterfaceInput,
    NodeEntry,
    SubgraphEntry,
)
from graphflow.graph.plain import plain
from graphflow.nodetype.catalogue import Catalogue
from graphflow.nodetype.declare import Node, declared
from graphflow.nodetype.spec import NodeSpec
from graphflow.values.kinds import Secret

# Containers around a param's value where it stands deepest, in a subgraph.
_VALUE_DEPTH = MAX_DEPTH - 6
_ABSENT: Any = object()


class Workflow:
    """A workflow document that is being built; `document` is the document as it stands.

    title, about: For people. catalogue: With one, node types given as text are checked like nodes, and a step of such a
    type can stand for its first output.
    """

    def __init__(self, *, title: str = "", about: str = "", catalogue: Catalogue | None = None) -> None:
        self.document = Document(graphflow=VERSION, nodes={}, title=title, about=about)
        self.catalogue = catalogue
        self._specs: dict[str, NodeSpec] = {}

    @classmethod
    def load(cls, path: str | Path, *, catalogue: Catalogue | None = None) -> Self:
        """Read a workflow from a file. Raises OSError, and DocumentError with all that is wrong with it."""
        made = cls(catalogue=catalogue)
        made.document = read_document(Path(path).read_bytes())
        return made

    def save(self, path: str | Path) -> Path:
        """Write the document, all of it or nothing. Raises DocumentError if it could not be read again."""
        place = Path(path)
        data = write_document(self.document)
        part = place.with_name(f".{place.name}.{os.getpid()}.part")
        try:
            part.write_bytes(data)
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)
        return place

    def add(self, what: Node[..., Any] | str, /, *, id: str | None = None, **given: Any) -> Step:
        """Add a node.

        what: A node, a type as text, or "#name" of a subgraph. id: By default the type's last word. given: Links
        (steps, outputs, lists of these) by input or param, and values by param. A node's own param `id` can be set in
        `step.entry.params`.

        Raises TypeError for a name that the node does not have, with the nearest ones; ValueError for a value that
        JSON cannot hold, or an id that is taken or is none.
        """
        node_type = what.type if isinstance(what, Node) else what
        spec = self._spec(what)
        known = self._names(node_type, spec)
        entry = NodeEntry(type=node_type, version=spec.version if spec else 1)
        for name, value in given.items():
            if value is None and spec and spec.input(name):
                continue
            if known is not None and name not in known:
                raise TypeError(unknown(node_type, "input or param", name, known))
            if spec and spec.input(name) and not is_link(value):
                raise TypeError(f"{node_type}, {name}: an input takes a link, such as another step, not a value.")
            if is_link(value):
                entry.inputs[name] = self._link(node_type, name, value)
            else:
                entry.params[name] = _value(f"{node_type}, {name}", value)
        name = self._id(node_type, id)
        self.document.nodes[name] = entry
        return Step(self, name, spec)

    def __getitem__(self, id: str) -> Step:
        """The step of a node that is there. Raises LookupError with the nearest ids."""
        if id not in self.document.nodes:
            raise LookupError(unknown("The workflow", "node", id, self.document.nodes))
        return Step(self, id, self._spec(self.document.nodes[id].type))

    def input(
        self,
        name: str,
        to: Port | Sequence[Port],
        *,
        title: str = "",
        about: str = "",
        default: Any = _ABSENT,
        range: Sequence[float | None] | None = None,
    ) -> None:
        """Give the workflow an input that leads to one or more inputs or params.

        default: The value if none is given; None is a value. range: (lowest, highest) or (lowest, highest, step).
        """
        ports = [to] if isinstance(to, Port) else list(to)
        if not ports:
            raise ValueError(f'The input {name} leads nowhere; give it a place, such as soft.param("radius").')
        self._new(name, self.document.interface.inputs, "interface input")
        for port in ports:
            if port.step.workflow is not self:
                raise ValueError(f"{port} belongs to another workflow, whose own inputs lead to it.")
        self.document.interface.inputs[name] = InterfaceInput(
            to=[str(port) for port in ports],
            title=title,
            about=about,
            default=UNSET if default is _ABSENT else _value(f"The default of {name}", default),
            range=list(range) if range else None,
        )

    def output(self, name: str, of: Given) -> None:
        """Give the workflow an output."""
        self._new(name, self.document.interface.outputs, "interface output")
        self.document.interface.outputs[name] = str(as_output(of, self))

    def subgraph(self, name: str, inner: Workflow) -> str:
        """Bring another workflow in as a subgraph and return its type, "#name", for `add` and for params that take one.

        What is added to `inner` later does not come along. Raises ValueError if the name is taken by another graph.
        """
        found = read_document(write_document(inner.document))
        entry = SubgraphEntry(nodes=found.nodes, interface=found.interface, view=found.view)
        for its_name, its_entry in {**found.subgraphs, name: entry}.items():
            if not re.search(ID_PATTERN, its_name):
                raise ValueError(f"{its_name!r} is no subgraph name; use 1 to 64 letters, digits, _ and -.")
            if self.document.subgraphs.get(its_name, its_entry) != its_entry:
                raise ValueError(f"There is another subgraph {its_name!r} already; give this one another name.")
            self.document.subgraphs[its_name] = its_entry
        return f"#{name}"

    def _spec(self, what: Node[..., Any] | str) -> NodeSpec | None:
        """What is known of a node type: of a node, in the catalogue, or of a node that this process has imported."""
        name = what.type if isinstance(what, Node) else what
        if name not in self._specs:
            node = what if isinstance(what, Node) else _declared(what)
            found = node.spec if node else self.catalogue and self.catalogue.find(name)
            if not found:
                return None
            self._specs[name] = found
        return self._specs[name]

    def _names(self, node_type: str, spec: NodeSpec | None) -> list[str] | None:
        """The inputs and params of a node type; None where they are not known."""
        if node_type.startswith("#"):
            if node_type[1:] not in self.document.subgraphs:
                raise ValueError(unknown("The workflow", "subgraph", node_type[1:], self.document.subgraphs))
            return list(self.document.subgraphs[node_type[1:]].interface.inputs)
        if spec is None or open_inputs(spec):
            return None
        return [*(i.name for i in spec.inputs), *(p.name for p in spec.params)]

    def _link(self, node_type: str, name: str, value: Any) -> str | list[str]:
        if not isinstance(value, Sequence):
            return str(as_output(value, self))
        if not all(isinstance(item, Step | Output) for item in value):
            raise TypeError(f"{node_type}, {name}: mixes links and values; make steps of the values, too.")
        return [str(as_output(item, self)) for item in value]

    def _id(self, node_type: str, id: str | None) -> str:
        if id is not None:
            self._new(id, self.document.nodes, "node")
            return id
        word = re.sub(r"[^A-Za-z0-9_-]", "-", re.split(r"[./#]", node_type)[-1])[:50] or "node"
        count, name = 1, word
        while name in self.document.nodes:
            count += 1
            name = f"{word}-{count}"
        return name

    def _new(self, name: str, there: dict[str, Any], what: str) -> None:
        if not re.search(ID_PATTERN, name):
            raise ValueError(f"{name!r} is no {what} id; use 1 to 64 letters, digits, _ and -.")
        if name in there:
            raise ValueError(f"There is a {what} {name!r} already; give this one another name.")


def _declared(node_type: str) -> Node[..., Any] | None:
    return next((node for nodes in declared.values() for node in nodes if node.type == node_type), None)


def _value(where: str, value: Any) -> Any:
    if isinstance(value, Secret):
        return value.name
    if isinstance(value, Path):
        return value.as_posix()
    try:
        return plain(value, _VALUE_DEPTH)
    except ValueError as error:
        raise ValueError(f"{where}: the value cannot stand in a document: {error}.") from None
