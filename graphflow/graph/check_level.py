"""Checks one level: each node in order, with its params and links; what it gives is then known to the next ones."""

from __future__ import annotations

from typing import Any

from graphflow.graph.check_interface import Pending, check_interface, targets_of
from graphflow.graph.checked import Level, Link, Use
from graphflow.graph.cycles import topological
from graphflow.graph.links import EXACT
from graphflow.graph.literals import Refused, accept, accept_each, maps
from graphflow.graph.model import NodeEntry
from graphflow.graph.origins import Muted, Origin, Origins
from graphflow.graph.ports import Port, Ports, with_dynamic, with_open_ends
from graphflow.graph.problem import pointer
from graphflow.graph.sources import Desk, Source
from graphflow.graph.wording import a_type, chain
from graphflow.values.types import ANY, Type, substitute

_OPEN = Ports({}, {}, {}, open=True)


class LevelCheck:
    """One level under check. `done` gives the level and leaves its ports on the desk."""

    def __init__(self, desk: Desk, source: Source) -> None:
        self.desk, self.source = desk, source
        self.uses: dict[str, Use] = {}
        self.ports: dict[str, Ports] = {}
        self.origins = Origins(desk, source)
        self.driven = targets_of(desk, source)
        self.pending: list[Pending] = []
        # Links through bypassed nodes that begin at the interface; typed again when its types are known.
        self.through: list[tuple[Use, str, Link, Port]] = []

    def done(self) -> Level:
        """Check every node, then the interface."""
        for node in self._order():
            self._node(node, self.source.nodes[node])
        return check_interface(self.desk, self.source, self.uses, self.origins, self.pending, self.through)

    def _order(self) -> list[str]:
        nodes = self.source.nodes
        sources: dict[str, list[str]] = {}
        for node, entry in nodes.items():
            froms: list[str] = []
            for given in entry.inputs.values():
                for text in given if isinstance(given, list) else (given,):
                    name = text[: text.find(".")]
                    if name in nodes:
                        froms.append(name)
            sources[node] = froms
        order, circles = topological(sources)
        for circle in circles:
            names = [self.source.prefix + node for node in [*circle, circle[0]]]
            said = f"The links run in a circle: {chain(names)}."
            self.desk.tell(self.source, circle[0], "graph.cycle", said, "Take away one of these links.")
        return order

    # -- one node ---------------------------------------------------------------------------------------------------

    def _node(self, node: str, entry: NodeEntry) -> None:
        spec = self.source.specs.get(node)
        ports = self.desk.ports_of(spec) if spec else self._instance(node, entry)
        use = Use(node, spec, None, entry.mode, ports.defaults.copy())
        if spec is None and not ports.open:
            use.subgraph = entry.type[1:]
        self.uses[node] = use
        if entry.params:
            ports = self._params(use, entry, ports)
        elif spec and (spec.ports_in is not None or spec.ports_out is not None):
            ports = self._dynamic(use, entry, ports)
        self.ports[node] = ports
        bound: dict[str, Type] = {}
        starved = self._links(use, entry, ports, bound)
        if node in self.driven:
            self._interface(use, entry, ports, bound)
        if starved and use.mode is None:
            use.mode = "mute"
        if use.mode is None and ports.required:
            self._missing(use, entry, ports)
        self._outputs(use, ports, bound)

    def _instance(self, node: str, entry: NodeEntry) -> Ports:
        if entry.type[:1] != "#":
            return _OPEN
        name = entry.type[1:]
        found = self.desk.instances.get(name)
        if found is None:
            if name not in self.desk.sources:
                self._no_subgraph(node, name, ("type",), "type")
            return _OPEN
        return found

    def _no_subgraph(self, node: str, name: str, at: tuple[str, ...], field: str) -> None:
        said = f"{self._at(node)} uses the subgraph #{name}, which the workflow does not have."
        hint = self.desk.near.hint(name, list(self.desk.document.subgraphs), "subgraphs")
        self.desk.tell(self.source, node, "subgraph.unknown", said, hint, at=at, field=field)

    def _at(self, node: str) -> str:
        return self.source.prefix + node

    # -- params -----------------------------------------------------------------------------------------------------

    def _params(self, use: Use, entry: NodeEntry, ports: Ports) -> Ports:
        later: list[str] = []
        for name, value in entry.params.items():
            port = ports.ports.get(name)
            if port is None:
                later.append(name)
            else:
                self._value(use, entry, port, value)
        spec = use.spec
        if spec and (spec.ports_in is not None or spec.ports_out is not None):
            ports = self._dynamic(use, entry, ports)
        for name in later:
            port = ports.ports.get(name)
            if port is not None:
                self._value(use, entry, port, entry.params[name])
            elif not ports.open:
                said = f"{self._at(use.id)} ({entry.type}) has no param {name}."
                known = [p.name for p in ports.ports.values() if p.literal]
                hint = self.desk.near.hint(name, known, "params")
                self.desk.tell(self.source, use.id, "param.unknown", said, hint, at=("params", name), field=name)
        return ports

    def _value(self, use: Use, entry: NodeEntry, port: Port, value: Any) -> None:
        name, at = port.name, ("params", port.name)
        if name in entry.inputs:
            said = f"{self._at(use.id)}.{name} is given both as a link and as a value."
            hint = "Keep one of the two."
            self.desk.tell(self.source, use.id, "param.twice", said, hint, at=at, field=name)
        elif not port.literal:
            said = f"{self._at(use.id)}.{name} is an input and takes no value."
            hint = f"Link {a_type(port.type)} to it, under inputs."
            self.desk.tell(self.source, use.id, "param.input", said, hint, at=at, field=name)
        else:
            try:
                if maps(port, value) and name not in self.driven.get(use.id, ()):
                    use.params[name] = accept_each(port, value)
                    use.mapped += (name,)
                else:
                    use.params[name] = accept(port, value)
            except Refused as no:
                said = f"{self._at(use.id)}.{name}{no.said}"
                self.desk.tell(self.source, use.id, no.code, said, no.hint, at=at, field=name)

    def _dynamic(self, use: Use, entry: NodeEntry, ports: Ports) -> Ports:
        """The ports with those that the code tells for these params."""
        spec = use.spec
        assert spec is not None
        asked = {*(spec.ports_in or ()), *(spec.ports_out or ())}
        given: dict[str, Any] = dict(use.params)
        whole = True
        for name in ports.bodies:
            value = use.params.get(name)
            if isinstance(value, str) and value[:1] == "#":
                body = self.desk.subgraphs.get(value[1:])
                if body is None and value[1:] not in self.desk.sources:
                    self._no_subgraph(use.id, value[1:], ("params", name), name)
                whole &= body is not None
                given[name] = body
        # A param that is wrong or linked is told elsewhere; its default must not decide the ports.
        whole &= all(name in given for name in asked) and not any(name in entry.inputs for name in asked)
        wrong = any(name in entry.params and name not in use.params for name in asked)
        if not whole or wrong:
            return with_open_ends(ports)
        try:
            inputs, outputs = self.desk.code.ports(spec, given)
            return with_dynamic(ports, inputs, outputs)
        except Exception as error:
            said = f"The ports of {self._at(use.id)} ({spec.type}) cannot be told: {error}"
            hint = f"Check {', '.join(sorted(asked))}."
            self.desk.tell(self.source, use.id, "ports.failed", said.rstrip(".") + ".", hint)
            return with_open_ends(ports)

    # -- links ------------------------------------------------------------------------------------------------------

    def _links(self, use: Use, entry: NodeEntry, ports: Ports, bound: dict[str, Type]) -> bool:
        """Fill in the links. True if a needed input comes from a muted node."""
        items = list(entry.inputs.items())
        if ports.generic and len(items) > 1:
            place = {name: i for i, name in enumerate(ports.ports)}
            items.sort(key=lambda item: place.get(item[0], len(place)))
        starved = False
        table = ports.ports
        for name, given in items:
            port = table.get(name)
            if port is None:
                if not ports.open:
                    self._no_input(use, entry, ports, name)
                    continue
                port = Port(name, ANY, ANY, False)
            if port.fixed:
                said = f"{self._at(use.id)}.{name} cannot be linked, for {port.fixed}."
                hint = f"Write its value under params, as {name}."
                self.desk.tell(self.source, use.id, "param.fixed", said, hint, at=("inputs", name), field=name)
                continue
            if isinstance(given, list):
                starved |= self._array(use, port, given, bound)
            else:
                starved |= self._link(use, port, given, bound)
        return starved

    def _no_input(self, use: Use, entry: NodeEntry, ports: Ports, name: str) -> None:
        said = f"{self._at(use.id)} ({entry.type}) has no input {name}."
        hint = self.desk.near.hint(name, list(ports.ports), "inputs and params")
        self.desk.tell(self.source, use.id, "input.unknown", said, hint, at=("inputs", name), field=name)

    def _link(self, use: Use, port: Port, text: str, bound: dict[str, Type]) -> bool:
        name = port.name
        found = self.origins.find(use.id, name, text)
        if found is None:
            use.params.pop(name, None)
            return False
        if isinstance(found, Muted):
            # A param goes back to its default, an optional input to nothing.
            return port.required
        use.params.pop(name, None)
        if isinstance(found, list):
            if not port.asks.without_none.is_list:
                self._several(use, port, (name,))
                return False
            links = [link for origin in found if (link := self._judge(use, port, origin, bound, text))]
            use.links[name] = list(links)
            return False
        link = self._judge(use, port, found, bound, text)
        if link is not None:
            use.links[name] = link
            if link.fit.mapped:
                use.mapped += (name,)
        return False

    def _array(self, use: Use, port: Port, texts: list[str], bound: dict[str, Type]) -> bool:
        name = port.name
        use.params.pop(name, None)
        if not port.asks.without_none.is_list and port.type != ANY:
            self._several(use, port, (name,))
            return False
        links: list[Link] = []
        muted = False
        for place, text in enumerate(texts):
            found = self.origins.find(use.id, name, text, place)
            if isinstance(found, Muted):
                muted = True
            elif found is not None:
                for origin in found if isinstance(found, list) else (found,):
                    if link := self._judge(use, port, origin, bound, text, place):
                        links.append(link)
        if muted and not links:
            return port.required
        use.links[name] = list(links)
        return False

    def _several(self, use: Use, port: Port, names: tuple[str, ...]) -> None:
        said = f"{self._at(use.id)}.{port.name} wants {a_type(port.type)}, not several links."
        hint = "Link one; only an input of a list takes several."
        self.desk.tell(self.source, use.id, "link.array", said, hint, at=("inputs", *names), field=port.name)

    def _judge(
        self, use: Use, port: Port, origin: Origin, bound: dict[str, Type], text: str, place: int | None = None
    ) -> Link | None:
        node, output, kind = origin
        if port.generic:
            fit = self.desk.fits.generic(kind, port.asks, bound)
            if fit is not None:
                bound.update(fit.bound)
        else:
            fit = self.desk.fits.plain(kind, port.asks)
        if fit is None:
            wanted = substitute(port.type, bound) if bound else port.type
            self.origins.refuse(use.id, port.name, text, kind, wanted, place)
            return None
        link = Link(node, output, kind, fit)
        if not node:
            self.through.append((use, port.name, link, port))
        return link

    # -- interface, missing, outputs ----------------------------------------------------------------------------------

    def _interface(self, use: Use, entry: NodeEntry, ports: Ports, bound: dict[str, Type]) -> None:
        """Connect what the level's interface drives on this node."""
        for name, interface_input in self.driven[use.id].items():
            port = ports.ports.get(name)
            at = self.source.at + pointer("interface", "inputs", interface_input.name, "to")
            if port is None and not ports.open:
                interface_input.nowhere(self.desk, at, self._at(use.id), name, list(ports.ports))
            elif name in entry.inputs:
                interface_input.already(self.desk, at, f"{self._at(use.id)}.{name}")
            elif port is not None and port.fixed and (use.id, name) not in self.source.pinned:
                interface_input.fixed(self.desk, at, f"{self._at(use.id)}.{name}", port.fixed)
            else:
                port = port or Port(name, ANY, ANY, False)
                kind = substitute(port.type, bound) if port.generic else port.type
                free = (use.id, name) not in self.source.pinned
                if free:
                    use.links[name] = Link("", interface_input.name, kind, EXACT)
                place = f"{use.id}.{name}"
                self.pending.append(Pending(interface_input.name, place, use if free else None, name, port, kind))

    def _missing(self, use: Use, entry: NodeEntry, ports: Ports) -> None:
        for name in ports.required:
            if name in use.links or name in use.params or name in entry.inputs or name in entry.params:
                continue
            port = ports.ports[name]
            if port.param:
                said = f"{self._at(use.id)} ({entry.type}) needs a value for {name}."
                hint = f"Give {a_type(port.type)} under params, or link one."
                if port.fixed:
                    hint = f"Give {a_type(port.type)} under params."
                self.desk.tell(self.source, use.id, "param.missing", said, hint, at=("params",), field=name)
            else:
                said = f"{self._at(use.id)} ({entry.type}) needs {a_type(port.type)} at {name}, which has no link."
                hint = f"Link {a_type(port.type)} to {self._at(use.id)}.{name}."
                self.desk.tell(self.source, use.id, "input.missing", said, hint, at=("inputs",), field=name)

    def _outputs(self, use: Use, ports: Ports, bound: dict[str, Type]) -> None:
        use.inputs, outputs = ports.inputs, ports.outputs
        if ports.generic:
            use.inputs = {name: substitute(kind, bound) for name, kind in ports.inputs.items()}
            outputs = {name: substitute(kind, bound) for name, kind in outputs.items()}
        use.outputs = outputs
        if use.mapped:
            use.outputs = {name: Type("list", (kind,)) for name, kind in outputs.items()}
        self.origins.settle(use, ports, outputs)
