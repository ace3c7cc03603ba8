"""The levels of a document before they are checked: node types found, entries brought to today's version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphflow.graph.checked import Code, Level
from graphflow.graph.links import Fits
from graphflow.graph.model import Document, Interface, NodeEntry
from graphflow.graph.ports import Ports, spec_ports
from graphflow.graph.problem import Problem, pointer
from graphflow.graph.wording import Nearest, listed
from graphflow.nodetype.catalogue import Catalogue
from graphflow.nodetype.ports import Subgraph
from graphflow.nodetype.spec import NodeSpec


@dataclass(slots=True)
class Source:
    """One level as it stands in the document.

    key: In `Checked.levels`. prefix: Of the paths of its nodes. at: The JSON pointer of its place. uses: Where it names
    subgraphs: (node, param), or (node, None) for a #name node. pinned: Params (node, name) whose value nothing given to
    the interface changes. copy_of: The level that this is a changed copy of.
    """

    key: str
    prefix: str
    at: str
    nodes: dict[str, NodeEntry]
    interface: Interface
    specs: dict[str, NodeSpec] = field(default_factory=dict[str, NodeSpec])
    uses: list[tuple[str, str | None]] = field(default_factory=list["tuple[str, str | None]"])
    pinned: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    copy_of: str | None = None

    def children(self) -> Iterator[tuple[str, str]]:
        """(node id, key of a level) for each #name node and each subgraph param."""
        for node, param in self.uses:
            entry = self.nodes[node]
            value = entry.type if param is None else entry.params.get(param)
            if isinstance(value, str) and value[:1] == "#":
                yield node, value[1:]


MOST_PROBLEMS = 1000


@dataclass(slots=True)
class Desk:
    """What all levels of one check share: the catalogue, what was worked out already, and the problems found."""

    document: Document
    catalogue: Catalogue
    code: Code
    fits: Fits
    near: Nearest = field(default_factory=Nearest)
    problems: list[Problem] = field(default_factory=list[Problem])
    more: int = 0  # problems that are counted and not listed
    ports: dict[str, Ports] = field(default_factory=dict[str, Ports])
    sources: dict[str, Source] = field(default_factory=dict[str, Source])
    levels: dict[str, Level] = field(default_factory=dict[str, Level])
    # What a #name node of each checked level has, and what a Subgraph param sees of it.
    instances: dict[str, Ports] = field(default_factory=dict[str, Ports])
    subgraphs: dict[str, Subgraph] = field(default_factory=dict[str, Subgraph])

    def tell(
        self,
        source: Source,
        node: str,
        code: str,
        message: str,
        hint: str = "",
        *,
        at: tuple[str, ...] = (),
        field: str = "",
    ) -> None:
        """Add a problem of a node; beyond a bound they are only counted."""
        if len(self.problems) >= MOST_PROBLEMS:
            self.more += 1
            return
        place = source.at + pointer("nodes", node, *at)
        self.problems.append(Problem(code, message, place, source.prefix + node, field, hint))

    def tell_interface(
        self, source: Source, code: str, message: str, hint: str, at: tuple[str, ...], field: str
    ) -> None:
        """Add a problem of a level's interface."""
        place = source.at + pointer("interface", *at)
        self.problems.append(Problem(code, message, place, source.prefix.rstrip("/"), field, hint))

    def ports_of(self, spec: NodeSpec) -> Ports:
        """The declared ports of a node type."""
        ports = self.ports.get(spec.type)
        if ports is None:
            ports = self.ports[spec.type] = spec_ports(spec)
        return ports


def prepare(desk: Desk) -> None:
    """Fill `desk.sources` with the root and every subgraph."""
    document = desk.document
    desk.sources[""] = Source("", "", "", document.nodes, document.interface)
    for name, inner in document.subgraphs.items():
        at = pointer("subgraphs", name)
        desk.sources[name] = Source(name, f"#{name}/", at, inner.nodes, inner.interface)
    known = desk.catalogue.nodes
    for source in desk.sources.values():
        changed: dict[str, NodeEntry] = {}
        for node, entry in source.nodes.items():
            if entry.type[:1] == "#":
                source.uses.append((node, None))
                continue
            spec = known.get(entry.type) or desk.catalogue.find(entry.type)
            if spec is None:
                if entry.mode != "mute":
                    _unknown(desk, source, node, entry)
                continue
            source.specs[node] = spec
            for param in desk.ports_of(spec).bodies:
                source.uses.append((node, param))
            if entry.version != spec.version and (made := _migrated(desk, source, node, entry, spec)):
                changed[node] = made
        if changed:
            source.nodes = {**source.nodes, **changed}


def _unknown(desk: Desk, source: Source, node: str, entry: NodeEntry) -> None:
    pack = entry.type.split("/")[0] if "/" in entry.type else entry.type.split(".")[0]
    catalogue = desk.catalogue
    said = f"{source.prefix}{node} is of the type {entry.type}, which is not known here."
    if pack in catalogue.problems:
        said = f"{source.prefix}{node} is of the type {entry.type}, but the pack {pack} could not be imported: " + (
            catalogue.problems[pack].strip().rstrip(".") + "."
        )
        hint = f"Mend or reinstall the pack {pack}, then try again."
    elif pack in desk.document.packs and pack not in catalogue.packs:
        hint = f"Install the pack {pack}; the workflow was made with its version {desk.document.packs[pack]}."
    else:
        near: list[str] = []
        if desk.near.left > 0:
            desk.near.left -= 1
            near = catalogue.nearest(entry.type[:200])
        hint = f"Did you mean {' or '.join(near)}?" if near else f"Installed packs: {listed(sorted(catalogue.packs))}."
    desk.tell(source, node, "type.unknown", said, hint, at=("type",), field="type")


def _migrated(desk: Desk, source: Source, node: str, entry: NodeEntry, spec: NodeSpec) -> NodeEntry | None:
    name = f"{source.prefix}{node}"
    if entry.version > spec.version:
        said = f"{name} is of version {entry.version} of {spec.type}, but version {spec.version} is installed."
        desk.tell(source, node, "type.newer", said, f"Update the pack {spec.pack}.", at=("version",), field="version")
        return None
    params: dict[str, Any] = dict(entry.params)
    inputs: dict[str, Any] = dict(entry.inputs)
    for version in range(entry.version, spec.version):
        if version not in spec.migrations:
            continue  # the version was raised for its results; the params stayed
        try:
            desk.code.migrate(spec, version, params, inputs)
        except Exception as error:
            said = f"{name} cannot be brought from version {version} of {spec.type} to {version + 1}: {error}"
            hint = f"Write the node anew for version {spec.version}."
            desk.tell(source, node, "type.migration", said.rstrip(".") + ".", hint, at=("version",), field="version")
            return None
    return NodeEntry(entry.type, inputs, params, spec.version, entry.mode)
