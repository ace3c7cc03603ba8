"""Where the links of a level come from, led through bypassed nodes; and what is wrong with one that leads nowhere."""

from __future__ import annotations

from typing import Final

from graphflow.graph.checked import Link, Use
from graphflow.graph.links import bridge_hint
from graphflow.graph.ports import Ports
from graphflow.graph.sources import Desk, Source
from graphflow.graph.wording import a_type
from graphflow.values.types import ANY, Type

Origin = tuple[str, str, Type]  # node, output, type of what comes


class Muted:
    """Stands for the output of a node that is skipped."""


MUTED: Final = Muted()


class Origins:
    """What the nodes checked so far give."""

    def __init__(self, desk: Desk, source: Source) -> None:
        self.desk, self.source = desk, source
        self._gives: dict[str, dict[str, Type]] = {}
        self._open: set[str] = set()
        self._muted: set[str] = set()
        self._silent: dict[str, frozenset[str]] = {}
        # Bypassed node -> output -> what comes in for it; None if nothing does.
        self._passed: dict[str, dict[str, Origin | list[Origin] | Muted | None]] = {}

    def find(self, node: str, field: str, text: str, place: int | None = None) -> Origin | list[Origin] | Muted | None:
        """What a link brings; None if it leads nowhere, which is told."""
        return self.look(text, (node, field, place))

    def look(self, text: str, asker: tuple[str, str, int | None] | str) -> Origin | list[Origin] | Muted | None:
        """What a link text brings to an input (node, field, place in an array) or to an interface output."""
        name, dot, output = text.partition(".")
        gives = self._gives.get(name)
        if gives is not None:
            kind = gives.get(output)
            if kind is not None:
                if name in self._muted or output in self._silent.get(name, ()):
                    return MUTED
                if name in self._passed:
                    return self._through(name, output, asker)
                return name, output, kind
            if name in self._open:
                return MUTED if name in self._muted else (name, output, ANY)
        elif name in self.source.nodes and dot and output:
            return name, output, ANY  # a node of a circle, not judged yet; the circle is told
        self._nowhere(text, asker)
        return None

    def settle(self, use: Use, ports: Ports, outputs: dict[str, Type]) -> None:
        """Note what a node gives. outputs: Their types before mapping."""
        self._gives[use.id] = use.outputs
        if ports.silent:
            self._silent[use.id] = ports.silent
        if ports.open:
            self._open.add(use.id)
        if use.mode == "mute":
            self._muted.add(use.id)
        elif use.mode == "bypass":
            self._passed[use.id] = {name: self._first(use, kind) for name, kind in outputs.items()}

    def refuse(self, node: str, field: str, text: str, came: Type, wanted: Type, place: int | None) -> None:
        """Tell that a link is of the wrong kind."""
        prefix = self.source.prefix
        said = f"{prefix}{node}.{field} wants {a_type(wanted)}, {prefix}{text} gives {a_type(came)}."
        at = ("inputs", field) if place is None else ("inputs", field, str(place))
        hint = bridge_hint(self.desk.catalogue, came, wanted)
        self.desk.tell(self.source, node, "link.kind", said, hint, at=at, field=field)

    def _first(self, use: Use, kind: Type) -> Origin | list[Origin] | Muted | None:
        """What a bypassed node passes on for an output of a type: its first linked input of exactly that type."""
        entry = self.source.nodes[use.id]
        for name, asked in use.inputs.items():
            if asked != kind:
                continue
            link = use.links.get(name)
            if isinstance(link, Link):
                if link.fit.conversion is None:
                    return link.node, link.output, link.type
            elif link and all(one.fit.conversion is None for one in link):
                return [(one.node, one.output, one.type) for one in link]
            elif name in entry.inputs and link is None and self._is_muted(entry.inputs[name]):
                return MUTED
        return None

    def _is_muted(self, given: str | list[str]) -> bool:
        texts = given if isinstance(given, list) else [given]
        found = [text.partition(".") for text in texts]
        return bool(found) and all(
            name in self._muted
            or output in self._silent.get(name, ())
            or isinstance(self._passed.get(name, {}).get(output), Muted)
            for name, _, output in found
        )

    def _through(
        self, name: str, output: str, asker: tuple[str, str, int | None] | str
    ) -> Origin | list[Origin] | Muted | None:
        found = self._passed[name].get(output)
        if found is None:
            prefix = self.source.prefix
            kind = a_type(self._gives[name][output])
            needs = f"the interface's output {asker}" if isinstance(asker, str) else f"{prefix}{asker[0]}.{asker[1]}"
            said = f"{prefix}{name} is bypassed, but no link brings it {kind} for {output}, which {needs} needs."
            hint = f"Link {kind} to {prefix}{name}, or mute it instead."
            self.desk.tell(self.source, name, "bypass.none", said, hint, at=("mode",), field=output)
        return found

    def _nowhere(self, text: str, asker: tuple[str, str, int | None] | str) -> None:
        prefix, desk = self.source.prefix, self.desk
        name, dot, output = text.partition(".")
        if isinstance(asker, str):
            begin = f"The interface's output {asker} points at {text}"
        else:
            begin = f"{prefix}{asker[0]}.{asker[1]} is linked to {text}"
        if not dot or not name or not output:
            code, said, hint = "link.malformed", f"{begin}, which is no link.", "Write a link as node.output."
        elif name not in self.source.nodes:
            code, said = "link.missing", f"{begin}, but there is no node {name}."
            hint = desk.near.hint(name, self.source.nodes, "nodes")
        else:
            code, said = "link.missing", f"{begin}, but {prefix}{name} has no output {output}."
            hint = desk.near.hint(output, list(self._gives[name]), "outputs")
        if isinstance(asker, str):
            desk.tell_interface(self.source, code.replace("link", "interface"), said, hint, ("outputs", asker), asker)
        else:
            node, field, place = asker
            at = ("inputs", field) if place is None else ("inputs", field, str(place))
            desk.tell(self.source, node, code, said, hint, at=at, field=field)
