"""A level's interface: where its inputs lead, their types, which values they take, and where outputs begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET

from graphflow.graph.checked import Level, Link, Use
from graphflow.graph.links import EXACT, Fits
from graphflow.graph.literals import Refused, accept
from graphflow.graph.model import Interface, InterfaceInput
from graphflow.graph.origins import Muted, Origin, Origins
from graphflow.graph.ports import Limits, Port, make_ports
from graphflow.graph.problem import Problem
from graphflow.graph.sources import Desk, Source
from graphflow.graph.wording import a_type
from graphflow.nodetype.ports import Subgraph
from graphflow.values.types import ANY, NONE, Type, union

_NUMBERS = {"number", "whole", "seed", "any", "json"}


@dataclass(slots=True)
class Target:
    """A place that an interface input leads to, and the words for what is wrong with it."""

    name: str

    def nowhere(self, desk: Desk, at: str, node: str, field: str, known: list[str]) -> None:
        """The node has no such input."""
        said = f"The interface's input {self.name} leads to {node}.{field}, but {node} has no input or param {field}."
        self._tell(desk, "interface.missing", at, said, desk.near.hint(field, known, "inputs and params"))

    def already(self, desk: Desk, at: str, place: str, by: str = "a link") -> None:
        """Something else drives the place."""
        said = f"The interface's input {self.name} leads to {place}, which is driven by {by} already."
        self._tell(desk, "interface.driven", at, said, "Take away one of the two.")

    def fixed(self, desk: Desk, at: str, place: str, why: str) -> None:
        """The place takes no link."""
        said = f"The interface's input {self.name} leads to {place}, which cannot be driven, for {why}."
        self._tell(desk, "interface.fixed", at, said, "Write its value under the node's params.")

    def _tell(self, desk: Desk, code: str, at: str, said: str, hint: str) -> None:
        path = at.split("/")
        node = f"#{path[2]}" if path[1] == "subgraphs" else ""
        desk.problems.append(Problem(code, said, at, node, self.name, hint))


@dataclass(slots=True)
class Pending:
    """One place (node.input) that an interface input leads to.

    use: None if nothing given to the input changes the place.
    """

    name: str
    place: str
    use: Use | None
    field: str
    port: Port
    type: Type


def targets_of(desk: Desk, source: Source) -> dict[str, dict[str, Target]]:
    """Node -> input or param -> the interface input that leads there."""
    driven: dict[str, dict[str, Target]] = {}
    for name, one in source.interface.inputs.items():
        for place, text in enumerate(one.to):
            node, dot, field = text.partition(".")
            at = ("inputs", name, "to", str(place))
            if not dot or not node or not field:
                said = f"The interface's input {name} leads to {text}, which is no place."
                desk.tell_interface(source, "interface.malformed", said, "Write it as node.input.", at, name)
            elif node not in source.nodes:
                said = f"The interface's input {name} leads to {text}, but there is no node {node}."
                hint = desk.near.hint(node, source.nodes, "nodes")
                desk.tell_interface(source, "interface.missing", said, hint, at, name)
            elif field in driven.setdefault(node, {}):
                by = f"the interface's input {driven[node][field].name}"
                pointer = f"{source.at}/interface/inputs/{name}/to"
                Target(name).already(desk, pointer, source.prefix + text, by)
            else:
                driven[node][field] = Target(name)
    return driven


def check_interface(
    desk: Desk,
    source: Source,
    uses: dict[str, Use],
    origins: Origins,
    pending: list[Pending],
    through: list[tuple[Use, str, Link, Port]],
) -> Level:
    """The level, with the types of its interface. Leaves on the desk what a #name node of it has."""
    level = Level(uses, _unpinned(source))
    places: dict[str, list[Pending]] = {name: [] for name in source.interface.inputs}
    for one in pending:
        places[one.name].append(one)
    for name, rows in places.items():
        order = {place: i for i, place in enumerate(source.interface.inputs[name].to)}
        rows.sort(key=lambda row: order[row.place])
        level.input_types[name] = _agreed(desk, source, name, rows)
    required: set[str] = set()
    for one in pending:
        if one.use is not None:
            kind = level.input_types[one.name]
            fit = desk.fits.plain(kind, one.port.asks) if not one.port.generic else None
            one.use.links[one.field] = Link("", one.name, kind, fit or EXACT)
            if one.use.mode is None and one.port.required and one.field not in one.use.params:
                required.add(one.name)
    for use, field, link, port in through:
        link.type = level.input_types.get(link.output, ANY)
        if not port.generic and not isinstance(use.links.get(field), list):
            link.fit = desk.fits.plain(link.type, port.asks) or link.fit
        if use.mode is None and port.required and field not in use.params:
            required.add(link.output)
    ports = [_port(desk, source, name, level.input_types[name], rows, required) for name, rows in places.items()]
    defaults = {p.name: v for p in ports if (v := _default(desk, source, p)) is not UNSET}
    for port in ports:
        port.required = port.required and port.name not in defaults
    level.required = frozenset(p.name for p in ports if p.required)
    silent = _outputs(desk, source, origins, level)
    made = make_ports(ports, level.output_types, defaults)
    made.silent = frozenset(silent)
    desk.instances[source.key] = made
    desk.subgraphs[source.key] = _subgraph(source.key, level, places, defaults)
    return level


def _unpinned(source: Source) -> Interface:
    """The interface without the places whose value nothing given to it changes."""
    if not source.pinned:
        return source.interface
    inputs = {
        name: msgspec.structs.replace(one, to=[t for t in one.to if tuple(t.split(".", 1)) not in source.pinned])
        for name, one in source.interface.inputs.items()
    }
    return Interface(inputs, source.interface.outputs)


def _agreed(desk: Desk, source: Source, name: str, rows: list[Pending]) -> Type:
    """The type that suits every place that an input leads to: one of theirs, without a conversion if that can be."""
    kinds = list(dict.fromkeys(row.type for row in rows))
    if len(kinds) < 2:
        return kinds[0] if kinds else ANY
    for fits in (_STRICT, desk.fits):
        for kind in kinds:
            found = [fits.plain(kind, row.port.asks) for row in rows if row.type != kind]
            if all(fit is not None and not fit.mapped for fit in found):
                return kind
    told = ", ".join(f"{source.prefix}{row.place} {a_type(row.type)}" for row in rows)
    said = f"The interface's input {name} leads to places that want different things: {told}."
    hint = "Give each type an input of its own."
    desk.tell_interface(source, "interface.types", said, hint, ("inputs", name, "to"), name)
    return kinds[0]


_STRICT = Fits({})


def _port(desk: Desk, source: Source, name: str, kind: Type, rows: list[Pending], required: set[str]) -> Port:
    limits = tuple(dict.fromkeys(limit for row in rows for limit in row.port.limits))
    choices = tuple(dict.fromkeys(choice for row in rows for choice in row.port.choices))
    reach = _range(desk, source, name, source.interface.inputs[name], kind, limits)
    if reach is not None:
        limits = (reach, *(limit for limit in limits if limit != reach))
    needed = name in required
    asks = kind if needed else union([kind, NONE])
    return Port(name, kind, asks, needed, literal=True, limits=limits, choices=choices)


def _range(
    desk: Desk, source: Source, name: str, one: InterfaceInput, kind: Type, limits: tuple[Limits, ...]
) -> Limits | None:
    if one.range is None:
        return None
    low, high, *step = one.range
    said = hint = ""
    options = {o.name for o in kind.options} | ({o.name for o in kind.element.options} if kind.is_list else set())
    if not options & _NUMBERS:
        said, hint = f"is for numbers, but the input is {a_type(kind)}", "Leave the range out."
    elif step and step[0] is not None and step[0] <= 0:
        said, hint = f"has the step {step[0]:g}", "Give a step above 0."
    else:
        for least, most in limits:
            if (least is not None and low is not None and low < least) or (
                most is not None and high is not None and high > most
            ):
                said = f"reaches beyond the range {_end(least)} to {_end(most)} of a place that it leads to"
                hint = f"Keep it within {_end(least)} to {_end(most)}."
                break
    if said:
        said = f"The range of the interface's input {name} {said}."
        desk.tell_interface(source, "interface.range", said, hint, ("inputs", name, "range"), name)
        return None
    return low, high


def _end(number: float | None) -> str:
    return "anything" if number is None else f"{number:g}"


def _default(desk: Desk, source: Source, port: Port) -> Any:
    default = source.interface.inputs[port.name].default
    if default is UNSET:
        return UNSET
    if default is None and not port.required and not _takes_none(port):
        return UNSET  # null leaves the input empty, as it may stay
    try:
        return accept(port, default)
    except Refused as no:
        said = f"The default of the interface's input {port.name}{no.said}"
        at = ("inputs", port.name, "default")
        desk.tell_interface(source, no.code.replace("param", "interface"), said, no.hint, at, port.name)
        return UNSET


def _takes_none(port: Port) -> bool:
    return port.type.is_optional or port.type.name in ("any", "json")


def _outputs(desk: Desk, source: Source, origins: Origins, level: Level) -> set[str]:
    """Fill in where outputs come from; gives those that a muted node leaves without a value."""
    silent: set[str] = set()
    for name, text in source.interface.outputs.items():
        found = origins.look(text, name)
        level.output_types[name] = ANY
        if found is None:
            continue
        if isinstance(found, Muted):
            node, _, output = text.partition(".")
            silent.add(name)
            level.output_types[name] = level.uses[node].outputs.get(output, ANY)
        elif isinstance(found, list):
            level.outputs[name] = [_link(level, origin) for origin in found]
            kinds = union(kind.element if kind.is_list else kind for _, _, kind in found)
            level.output_types[name] = Type("list", (kinds,))
        else:
            link = _link(level, found)
            level.outputs[name], level.output_types[name] = link, link.type
    return silent


def _link(level: Level, origin: Origin) -> Link:
    node, output, kind = origin
    return Link(node, output, kind if node else level.input_types.get(output, kind), EXACT)


def _subgraph(key: str, level: Level, places: dict[str, list[Pending]], defaults: dict[str, Any]) -> Subgraph:
    """What a param of the type Subgraph sees of the level."""
    stands = dict(defaults)
    for name, rows in places.items():
        for row in rows:
            if name not in stands and row.use is not None and row.field in row.use.params:
                stands[name] = row.use.params[row.field]
    return Subgraph(
        name=key,
        inputs={name: str(kind) for name, kind in level.input_types.items()},
        outputs={name: str(kind) for name, kind in level.output_types.items()},
        params=frozenset(name for name, rows in places.items() if rows and all(row.port.literal for row in rows)),
        defaults=stands,
        required=level.required,
    )
