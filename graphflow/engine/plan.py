"""From a checked document to steps: subgraphs are written out, so that nesting never changes a key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from msgspec import UNSET

from graphflow.engine.kinds import Known, Types
from graphflow.engine.step import CALL, CONST, EXPAND, GATHER, MAP, NOTHING, Feed, Gathered, Item, Source, Step
from graphflow.graph.checked import Checked, Level, Link, Use
from graphflow.nodetype.ports import Subgraph
from graphflow.nodetype.spec import NodeSpec
from graphflow.values.coerce import coerce
from graphflow.values.digest import digest
from graphflow.values.kind import kind_of
from graphflow.values.kinds import File, Folder
from graphflow.values.types import Fit, Type, fit, parse, substitute

_HASHABLE = (str, int, float, bool, type(None))
FILES = {"file", "folder"}


class Value(NamedTuple):
    """A value that stands where a link could."""

    value: Any


class Wired(NamedTuple):
    """A source and the type that it gives."""

    source: Source
    type: Type


# What a node of a level became: a step, or a #name node's outputs.
Made = Step | dict[str, Wired]
_EXACT = Fit()


def wire(made: Made, output: str) -> Wired | None:
    """One output of what a node became."""
    if isinstance(made, dict):
        return made.get(output)
    if output not in made.outputs:
        return None
    out = made.outputs.index(output)
    return Wired(Source(made, out), made.types[out])


def wires(made: Made) -> dict[str, Wired]:
    """All outputs of what a node became."""
    if isinstance(made, dict):
        return made
    return {
        name: Wired(Source(made, out), kind)
        for out, (name, kind) in enumerate(zip(made.outputs, made.types, strict=True))
    }


# What may drive a parameter; None is an optional input that a muted node would have driven.
Given = Value | Wired | Sequence[Wired] | None


@dataclass(slots=True)
class Plan:
    """The steps of a run, in topological order, and where to find them."""

    steps: list[Step] = field(default_factory=list[Step])
    places: dict[str, Made] = field(default_factory=dict[str, "Made"])
    exports: dict[str, Wired] = field(default_factory=dict[str, Wired])
    muted: dict[str, str] = field(default_factory=dict[str, str])


class Builder:
    """Makes steps; also used in the middle of a run, where an expansion places more of them."""

    def __init__(self, checked: Checked, types: Types, known: dict[str, Known]) -> None:
        self.checked = checked
        self.types = types
        self.known = known
        self.plan = Plan()
        self._fits: dict[tuple[Type, Type], Fit | None] = {}
        self._digests: dict[tuple[type, Any], bytes] = {}
        self._parts_of: dict[Any, list[tuple[bytes, bytes]]] = {}
        self._parsed: dict[str, Type] = {}

    def build(self) -> Plan:
        """The whole document, with the values that the check found for its interface's inputs."""
        bindings: dict[str, Given] = {name: Value(value) for name, value in self.checked.inputs.items()}
        self.plan.exports = self.level("", "", bindings)
        return self.plan

    # -- levels -----------------------------------------------------------------------------------------------------

    def level(self, name: str, prefix: str, bindings: Mapping[str, Given]) -> dict[str, Wired]:
        """Write out one level at a path; gives what its interface's outputs are."""
        level = self.checked.levels[name]
        given = self._interface(level, bindings)
        scope: dict[str, Made | None] = {}
        for use in level.uses.values():
            scope[use.id] = self._use(use, f"{prefix}{use.id}", given, bindings, scope)
        exports: dict[str, Wired] = {}
        for out, link in level.outputs.items():
            drawn = self._drawn(link, bindings, scope)
            if isinstance(drawn, Wired):
                exports[out] = drawn
            elif drawn is not None:
                exports[out] = self._whole(f"{prefix}{out}", drawn, level.output_types[out])
        return exports

    def _whole(self, path: str, drawn: Given, kind: Type) -> Wired:
        """A level's output that is a plain value, or an array of links, as one source."""
        if isinstance(drawn, Value):
            return self.constant(path, drawn.value, kind)
        assert drawn is not None
        assert not isinstance(drawn, Wired)
        return self._spliced(path, "", list(drawn), kind)

    def _interface(self, level: Level, bindings: Mapping[str, Given]) -> dict[str, dict[str, Given]]:
        """{node: {parameter: what the interface gives it}}, its values and defaults."""
        given: dict[str, dict[str, Given]] = {}
        for name, entry in level.interface.inputs.items():
            if name in bindings:
                what = bindings[name]
            elif entry.default is not UNSET:
                what = Value(entry.default)
            else:
                continue
            for target in entry.to:
                node, _, parameter = target.partition(".")
                given.setdefault(node, {})[parameter] = what
        return given

    def _use(
        self,
        use: Use,
        path: str,
        interface: Mapping[str, Mapping[str, Given]],
        bindings: Mapping[str, Given],
        scope: Mapping[str, Made | None],
    ) -> Made | None:
        if use.mode is None and use.id not in interface:
            simple = self._simple(use, path, scope)
            if simple is not None:
                return simple
        if use.mode == "mute" or (use.spec is None and use.subgraph is None):
            self.plan.muted[path] = "muted"
            return None
        given: dict[str, Given] = {name: Value(value) for name, value in use.params.items()}
        given.update(interface.get(use.id, {}))
        for name, link in use.links.items():
            drawn = self._drawn(link, bindings, scope)
            if drawn is not None:
                given[name] = drawn
        if use.mode == "bypass":
            self.plan.muted[path] = "bypassed"
            return {}
        if use.subgraph is not None:
            return self._instance(use, path, given)
        assert use.spec is not None
        made = self.place(use.spec, path, given)
        self.plan.places[path] = made
        return made

    def _simple(self, use: Use, path: str, scope: Mapping[str, Made | None]) -> Step | None:
        """The quick way for what most nodes of a large graph are: declared ports, links that fit as they are.

        None where it is not so simple; then the long way decides.
        """
        if use.spec is None:
            return None
        known = self._known(use.spec)
        if not known.plain:
            return None
        feeds: list[Feed] = []
        for name, link in use.links.items():
            if isinstance(link, list):
                return None
            made = scope.get(link.node)
            if type(made) is not Step or name not in known.ports:
                return None
            out = made.outputs.index(link.output)
            prefix, want, param, low, high, lazy = known.ports[name]
            kind = made.types[out]
            if kind is not want and not (kind is link.type and link.fit == _EXACT and kind.is_list == want.is_list):
                return None
            feeds.append(Feed(name, prefix, Source(made, out), want, param, lazy, False, low, high))
        parts = self._parts(known, use.params, feeds)
        if parts is None:
            return None
        step = Step(len(self.plan.steps), path, CALL, known.outputs, known)
        self.plan.steps.append(step)
        step.feeds = feeds
        step.literals = use.params
        step.parts = parts
        step.types = known.types
        if not known.ordinary:
            step.visible, step.impure = not known.spec.conversion, not known.spec.pure
        self.plan.places[path] = step
        return step

    def _parts(self, known: Known, params: dict[str, Any], feeds: list[Feed]) -> list[tuple[bytes, bytes]] | None:
        """The literals' part of a key, remembered: nodes of a large graph mostly have the same few params."""
        at: tuple[Any, ...]
        if known.fixed == len(params):  # every param is here, each of one plain type: the values tell all
            at = (known, tuple(params.values()))
        else:
            at = (known, tuple(params.items()), tuple([f.name for f in feeds]), tuple(map(type, params.values())))
        try:
            found = self._parts_of.get(at)
        except TypeError:
            return None  # a list or object among them
        if found is None:
            linked = {feed.name for feed in feeds}
            found = [(known.prefix(name), self.digest_of(value)) for name, value in params.items()]
            found += [(prefix, NOTHING) for name, prefix in known.absent if name not in linked]
            self._parts_of[at] = found
        return found

    def _drawn(self, link: Link | list[Link], bindings: Mapping[str, Given], scope: Mapping[str, Made | None]) -> Given:
        if isinstance(link, list):
            drawn = [self._drawn(one, bindings, scope) for one in link]
            return [one for one in drawn if isinstance(one, Wired)]
        if link.node == "":
            return bindings.get(link.output)
        found = scope.get(link.node)
        return None if found is None else wire(found, link.output)

    def _instance(self, use: Use, path: str, given: Mapping[str, Given]) -> dict[str, Wired]:
        """A #name node: its level in its place, or one for each element when a list comes to a single input."""
        assert use.subgraph is not None
        level = self.checked.levels[use.subgraph]
        mapped = [
            name
            for name, drawn in given.items()
            if isinstance(drawn, Wired) and (f := self._fit(drawn.type, level.input_types[name])) and f.mapped
        ]
        if not mapped:
            made = self.level(use.subgraph, f"{path}/", given)
        else:
            made = self._mapped_instance(use, path, given, mapped)
        self.plan.places[path] = made
        return made

    def _mapped_instance(self, use: Use, path: str, given: Mapping[str, Given], mapped: list[str]) -> dict[str, Wired]:
        assert use.subgraph is not None
        outputs = self.checked.levels[use.subgraph].output_types
        step = self._new(path, EXPAND, tuple(outputs), None)
        step.types = tuple(Type("list", (kind,)) for kind in outputs.values())
        step.subgraphs = {"": (use.subgraph, dict(given), mapped)}
        for name, drawn in given.items():
            if isinstance(drawn, Wired):
                self.feed(step, Feed(name, b"", drawn.source, drawn.type, mapped=name in mapped))
        return wires(step)

    # -- steps ------------------------------------------------------------------------------------------------------

    def place(
        self,
        spec: NodeSpec,
        path: str,
        given: Mapping[str, Given],
    ) -> dict[str, Wired]:
        """One node as steps, with the conversions and gathers that its links ask for."""
        known = self._known(spec)
        subgraphs = self._subgraphs(spec, given)
        dynamic_in: Mapping[str, Type] = {}
        names, types = known.outputs, known.types
        if spec.ports_in is not None or spec.ports_out is not None:
            dynamic_in, names, types = self._dynamic(spec, given, subgraphs, names, types)
        step = self._new(path, CALL if spec.expand is None else EXPAND, names, known)
        step.visible = not spec.conversion
        step.impure = not spec.pure
        if subgraphs:
            step.subgraphs = subgraphs
        bound: dict[str, Type] = {}
        mapped = False
        literals: dict[str, Any] = {}
        for name, drawn in given.items():
            if drawn is None:
                continue
            param = known.params.get(name)
            want = param or known.inputs.get(name) or dynamic_in.get(name)
            if want is None:
                continue
            if isinstance(drawn, Value) and param is not None:
                self._literal(step, spec, name, param, drawn.value, literals)
                continue
            feed = self._feed(step, spec, name, want, drawn, bound)
            mapped = mapped or feed.mapped
        if literals:
            step.literals = literals
        self._defaults(step, spec, known)
        step.types = tuple(substitute(kind, bound) for kind in types) if bound else types
        if mapped or step.kind == MAP:  # a list that was typed maps as one that is linked
            step.kind = MAP if step.kind == CALL else step.kind
            step.types = tuple(Type("list", (kind,)) for kind in step.types)
        return wires(step)

    def gather(self, path: str, outputs: Mapping[str, tuple[Gathered, Type]]) -> Step:
        """A step that names outputs from others."""
        step = self._new(path, GATHER, tuple(outputs), None)
        step.visible = False
        step.types = tuple(kind for _, kind in outputs.values())
        step.gathered = [gathered for gathered, _ in outputs.values()]
        return step

    def constant(self, path: str, value: Any, kind: Type) -> Wired:
        """A value given from Python, as a step that is named at once."""
        step = self._new(path, CONST, ("value",), None)
        step.visible = False
        step.types = (kind,)
        step.literals = {"value": value}
        return Wired(Source(step, 0), kind)

    def feed(self, step: Step, feed: Feed) -> Feed:
        """Let a source drive a parameter of a step."""
        step.feeds.append(feed)
        return feed

    def _new(self, path: str, kind: int, outputs: tuple[str, ...], known: Known | None) -> Step:
        step = Step(len(self.plan.steps), path, kind, outputs, known)
        self.plan.steps.append(step)
        return step

    def _known(self, spec: NodeSpec) -> Known:
        found = self.known.get(spec.type)
        if found is None or found.spec is not spec:
            found = self.known[spec.type] = Known(spec, self.types)
        return found

    def _fit(self, source: Type, target: Type) -> Fit | None:
        pair = (source, target)
        if pair not in self._fits:
            self._fits[pair] = fit(source, target, self.types.catalogue.conversions)
        return self._fits[pair]

    def _feed(self, step: Step, spec: NodeSpec, name: str, want: Type, drawn: Given, bound: dict[str, Type]) -> Feed:
        known = step.known
        assert known is not None
        if isinstance(drawn, Value):
            drawn = self.constant(f"{step.path}.{name}", drawn.value, _type_of(drawn.value, want))
        if not isinstance(drawn, Wired):
            assert drawn is not None
            drawn = self._spliced(step.path, name, list(drawn), want)
        fits = self._fit(drawn.type, want)
        source = drawn.source
        mapped = fits is not None and fits.mapped
        if fits is not None:
            bound.update(fits.bound)
            if fits.conversion:
                source = self._convert(step.path, name, fits.conversion, drawn)
            elif want.without_none.is_list and not drawn.type.without_none.is_list and drawn.type.name != "any":
                source = self._spliced(step.path, name, [drawn], want).source
        param = spec.param(name) if name in known.params else None
        port = None if param else spec.input(name)
        return self.feed(
            step,
            Feed(
                name, known.prefix(name), source, want, param=param is not None,
                lazy=port is not None and port.lazy, mapped=mapped,
                low=param.low if param else None, high=param.high if param else None,
            ),
        )  # fmt: skip

    def _spliced(self, path: str, name: str, drawn: list[Wired], want: Type) -> Wired:
        """An array of links as one list: lists among them are spliced in, in order."""
        element = want.without_none.element if want.without_none.is_list else want
        if element.is_variable:  # the first link says what it stands for
            first = drawn[0].type.without_none
            element = first.element if first.is_list else drawn[0].type
        items: list[Item] = []
        for at, one in enumerate(drawn):
            fits = self._fit(one.type, element)
            source = one.source
            if fits is not None and fits.conversion:
                source = self._convert(path, f"{name}[{at}]", fits.conversion, one)
            items.append(Item(source, one.type.without_none.is_list and not element.is_list))
        kind = Type("list", (element,))
        step = self.gather(f"{path}.{name}", {"list": (Gathered(items), kind)})
        return Wired(Source(step, 0), kind)

    def _convert(self, path: str, name: str, conversion: str, drawn: Wired) -> Source:
        spec = self.types.catalogue.nodes[conversion]
        made = self.place(spec, f"{path}.{name}", {spec.inputs[0].name: drawn})
        return next(iter(made.values())).source

    def _literal(self, step: Step, spec: NodeSpec, name: str, want: Type, value: Any, literals: dict[str, Any]) -> None:
        assert step.known is not None
        if want.name == "subgraph":
            literals[name] = step.subgraphs.get(name, value)
            return
        if step.known.reads_files and _is_file(want) and not _held(value):
            if value is not None:
                step.texts = {**(step.texts or {}), name: value}
                return
        if isinstance(value, list) and not want.takes_whole:
            source = self.constant(f"{step.path}.{name}", value, Type("list", (want,)))
            self._feed(step, spec, name, want, source, {})
            step.kind = MAP
            return
        made = coerce(value, want)
        if problem := step.known.refuse(name, made):
            raise ValueError(f"{step.path}.{name} {problem}")
        literals[name] = made
        step.parts = [*step.parts, (step.known.prefix(name), self.digest_of(made))]

    def digest_of(self, value: Any) -> bytes:
        """The digest of a literal, remembered for short plain ones."""
        if type(value) not in _HASHABLE:
            return digest(value)
        at = (type(value), value)
        found = self._digests.get(at)
        if found is None:
            found = self._digests[at] = digest(value)
        return found

    def _defaults(self, step: Step, spec: NodeSpec, known: Known) -> None:
        """Params that nobody gave, and optional inputs that nobody linked, stand in the key as what they are."""
        given = {feed.name for feed in step.feeds} | set(step.literals) | set(step.texts or ())
        parts = list(step.parts)
        for param in spec.params:
            if param.name in given or param.required or param.type == "subgraph":
                continue
            made = coerce(param.default, known.params[param.name])
            step.literals = {**step.literals, param.name: made}
            parts.append((known.prefix(param.name), self.digest_of(made)))
        parts += [(prefix, NOTHING) for name, prefix in known.absent if name not in given]
        step.parts = parts

    # -- dynamic ports ----------------------------------------------------------------------------------------------

    def _subgraphs(self, spec: NodeSpec, given: Mapping[str, Given]) -> dict[str, Subgraph]:
        found: dict[str, Subgraph] = {}
        for param in spec.params:
            drawn = given.get(param.name)
            if param.type == "subgraph" and isinstance(drawn, Value):
                value = drawn.value
                found[param.name] = value if isinstance(value, Subgraph) else self.checked.subgraphs[value[1:]]
        return found

    def _dynamic(
        self,
        spec: NodeSpec,
        given: Mapping[str, Given],
        subgraphs: Mapping[str, Subgraph],
        names: tuple[str, ...],
        types: tuple[Type, ...],
    ) -> tuple[dict[str, Type], tuple[str, ...], tuple[Type, ...]]:
        params = {p.name: p.default for p in spec.params if not p.required}
        params.update({n: v.value for n, v in given.items() if isinstance(v, Value)})
        params.update(subgraphs)
        inputs, outputs = self.types.ports(spec, params)
        if spec.ports_out is not None:
            names, types = tuple(outputs), tuple(self._parse(text) for text in outputs.values())
        return {name: self._parse(text) for name, text in inputs.items()}, names, types

    def _parse(self, text: str) -> Type:
        if text not in self._parsed:
            self._parsed[text] = parse(text)
        return self._parsed[text]


def _is_file(want: Type) -> bool:
    return any(o.name in FILES for o in (want.element if want.is_list else want).options)


def _held(value: Any) -> bool:
    """Whether a file param was given as a File from Python, not as a path."""
    items = value if isinstance(value, list | tuple) else [value]
    return value is None or (bool(items) and all(isinstance(item, File | Folder) for item in items))


def _type_of(value: Any, want: Type) -> Type:
    """The port type of a value from Python, for an input that wants a type."""
    if isinstance(value, list | tuple) and not want.takes_whole:
        return Type("list", (want,))
    kind = kind_of(value)
    return Type(kind.name) if kind is not None else want
