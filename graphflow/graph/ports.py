"""The ports of a node type, of a #name node and of a node with dynamic ports, in the one form that check uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from msgspec import UNSET

from graphflow.graph.literals import literal
from graphflow.nodetype.spec import NodeSpec, ParamSpec
from graphflow.values.types import ANY, NONE, Type, parse, union

_BODY = "it names a subgraph"
Limits = tuple[float | None, float | None]


@dataclass(slots=True)
class Port:
    """An input or a param.

    type: As declared. asks: What a link has to fit; also nothing where the port may stay empty. literal: Whether a
    value may stand under `params`. param: Not an input. fixed: Why no link may drive it, or "". limits, choices: All
    that a value has to keep to; an interface input has those of every place that it leads to.
    """

    name: str
    type: Type
    asks: Type
    required: bool
    literal: bool = False
    param: bool = False
    fixed: str = ""
    generic: bool = False
    limits: tuple[Limits, ...] = ()
    choices: tuple[tuple[str, ...], ...] = ()


@dataclass(slots=True)
class Ports:
    """All ports of a node.

    bodies: Params that name a subgraph. silent: Outputs that a muted node inside leaves without a value. open: Not
    all ports are known, because the node is wrong in some other way.
    """

    ports: dict[str, Port]
    inputs: dict[str, Type]
    outputs: dict[str, Type]
    defaults: dict[str, Any] = field(default_factory=dict[str, Any])
    required: tuple[str, ...] = ()
    generic: bool = False
    bodies: tuple[str, ...] = ()
    silent: frozenset[str] = frozenset()
    open: bool = False


@lru_cache(maxsize=4096)
def read_type(text: str) -> Type:
    """A type from text; one object for one text. Raises ValueError."""
    return parse(text)


def type_or_any(text: str) -> Type:
    """A type from text; one that cannot be read takes anything."""
    try:
        return read_type(text)
    except ValueError:
        return ANY


def has_variable(kind: Type) -> bool:
    """Whether a type has a variable in it."""
    return kind.is_variable or any(has_variable(arg) for arg in kind.args)


def make_ports(ports: Iterable[Port], outputs: dict[str, Type], defaults: dict[str, Any]) -> Ports:
    """Ports with what follows from them."""
    table = {port.name: port for port in ports}
    return Ports(
        ports=table,
        inputs={p.name: p.type for p in table.values() if not p.param},
        outputs=outputs,
        defaults=defaults,
        required=tuple(p.name for p in table.values() if p.required),
        generic=any(p.generic for p in table.values()) or any(map(has_variable, outputs.values())),
        bodies=tuple(p.name for p in table.values() if p.fixed == _BODY),
    )


def spec_ports(spec: NodeSpec) -> Ports:
    """The declared ports of a node type."""
    deciding = {*(spec.ports_in or ()), *(spec.ports_out or ())}
    ports: list[Port] = []
    for one in spec.inputs:
        kind = type_or_any(one.type)
        asks = union([kind, NONE]) if one.optional else kind
        ports.append(Port(one.name, kind, asks, not one.optional, generic=has_variable(kind)))
    ports += [_param(one, one.name in deciding) for one in spec.params]
    defaults = {one.name: _default(one) for one in spec.params if not one.required}
    return make_ports(ports, {o.name: type_or_any(o.type) for o in spec.outputs}, defaults)


def with_dynamic(base: Ports, inputs: dict[str, str], outputs: dict[str, str]) -> Ports:
    """The declared ports and those that code tells. Raises ValueError for a type that cannot be read.

    A dynamic input of a plain kind may be given a value under `params`; one that takes nothing may stay empty.
    """
    ports = list(base.ports.values())
    for name, text in inputs.items():
        kind = read_type(text)
        ports.append(Port(name, kind, kind, not kind.is_optional, literal=True, generic=has_variable(kind)))
    given = {**base.outputs, **{name: read_type(text) for name, text in outputs.items()}}
    return make_ports(ports, given, base.defaults)


def with_open_ends(base: Ports) -> Ports:
    """The declared ports, where the dynamic ones are not known."""
    return replace(base, open=True)


def _param(one: ParamSpec, deciding: bool) -> Port:
    kind = type_or_any(one.type)
    fixed = ""
    if any(option.name == "subgraph" for option in kind.options):
        fixed = _BODY
    elif deciding:
        fixed = "it decides which ports the node has"
    return Port(
        name=one.name,
        type=kind,
        asks=kind,
        required=one.required,
        literal=True,
        param=True,
        fixed=fixed,
        generic=has_variable(kind),
        limits=((one.low, one.high),) if one.low is not None or one.high is not None else (),
        choices=(tuple(one.choices),) if one.choices is not None and not one.menu else (),
    )


def _default(one: ParamSpec) -> Any:
    if one.default is None or one.default is UNSET:
        return None
    try:
        return literal(one.default, type_or_any(one.type))
    except ValueError:
        return one.default  # a kind of this process's packs alone; checked where it was declared
