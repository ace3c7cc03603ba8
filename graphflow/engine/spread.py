"""Steps that become other steps: a node mapped over a list, an expansion, and the gathers that name their outputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from graphflow.engine.hold import assemble, hold, leaves, rebuild
from graphflow.engine.plan import Given, Value, Wired
from graphflow.engine.step import (
    CALL,
    EXPAND,
    GATHER,
    NAMED,
    SINK,
    Feed,
    Gathered,
    Item,
    Source,
    Step,
    feed_named,
    is_list,
    sources_of,
)  # fmt: skip
from graphflow.nodetype.declare import Node
from graphflow.nodetype.expansion import Expansion, Placed, Wire
from graphflow.nodetype.ports import Subgraph
from graphflow.values.coerce import coerce
from graphflow.values.digest import list_digest
from graphflow.values.types import ANY, Type

if TYPE_CHECKING:
    from graphflow.engine.run import Run

SMALL = {"text", "number", "whole", "boolean", "json", "seed", "color"}  # kinds that an expansion may read


class Unequal(ValueError):
    """Lists of different lengths drive one node."""


# -- gathers ----------------------------------------------------------------------------------------------------------


def gather(run: Run, step: Step) -> None:
    """Name a gather's outputs from its sources, which are all final."""
    digests = _gathered(run, step)
    if digests is not None:
        run.name(step, digests)


def regather(run: Run, drifted: Step) -> None:
    """Gathers of a step whose digests have changed are named anew."""
    stack = [drifted]
    while stack:
        for consumer in stack.pop().consumers:
            if consumer.kind == GATHER and consumer.state == NAMED:
                consumer.digests = _gathered(run, consumer) or consumer.digests
                stack.append(consumer)


def _gathered(run: Run, step: Step) -> list[bytes] | None:
    """The digests of a gather's outputs; None, and the step is skipped, if a source has none."""
    digests: list[bytes] = []
    for out, gathered in enumerate(step.gathered):
        if gathered.alias is not None:
            if gathered.alias.step.state != NAMED:
                run.skip(step, gathered.alias.step)
                return None
            digests.append(run.digest_at(gathered.alias))
            continue
        failed = next((item.source.step for item in gathered.items or () if item.source.step.state != NAMED), None)
        if failed is not None and not gathered.skip_failed:
            run.skip(step, failed)
            return None
        digests.append(_gather_list(run, step, out, gathered))
    return digests


def _gather_list(run: Run, step: Step, out: int, gathered: Gathered) -> bytes:
    leafs: list[Source] = []
    names: list[bytes] = []
    for source, splice in gathered.items or ():
        if source.step.state != NAMED:
            continue
        if splice:
            found = run.elements_of(source) if is_list(source) else []
            names += found
            leafs += [Source(source.step, source.out, at) for at in range(len(found))]
        else:
            names.append(run.digest_at(source))
            leafs.append(source)
    step.elements = {**(step.elements or {}), out: names}
    step.leafs = {**(step.leafs or {}), out: leafs}
    whole = list_digest(names)
    run.session.fetch.lists[whole] = names
    return whole


def _become(run: Run, step: Step, gathered: list[Gathered]) -> None:
    """From now on the step only names what its new steps give."""
    step.kind = GATHER
    step.gathered = gathered
    step.feeds = []
    step.tolerates = any(one.items is not None for one in gathered)
    run.wait_again(step, sources_of(step))


# -- mapping ----------------------------------------------------------------------------------------------------------


def split(run: Run, step: Step) -> None:
    """One step for each element of the lists that drive a node; each has its own key, without its position."""
    count = _length(run, step, {feed.name: feed.source for feed in step.feeds if feed.mapped})
    kind = CALL if step.known is None or step.known.spec.expand is None else EXPAND
    elements: list[Step] = []
    for index in range(count):
        one = Step(len(run.plan.steps), f"{step.path}[{index}]", kind, step.outputs, step.known)
        run.plan.steps.append(one)
        one.types = tuple(kind.element for kind in step.types)
        one.visible, one.impure, one.rank, one.subgraphs = step.visible, step.impure, step.rank, step.subgraphs
        one.literals, one.parts, one.texts = step.literals, step.parts, step.texts
        one.feeds = [_one_feed(run, feed, index) for feed in step.feeds]
        elements.append(one)
    _become(
        run, step, [Gathered([Item(Source(one, out)) for one in elements]) for out in range(len(step.outputs))]
    )  # fmt: skip


def _length(run: Run, step: Step, lists: Mapping[str, Source]) -> int:
    """How many elements the lists have: equal lengths, or one that repeats."""
    lengths = {name: len(run.elements_of(source)) for name, source in lists.items()}
    longest = max(lengths.values())
    if longest <= 1:
        return min(lengths.values())
    for name, length in lengths.items():
        if length not in (1, longest):
            other = next(n for n, count in lengths.items() if count == longest)
            raise Unequal(
                f"{name} brings a list of {length} and {other} one of {longest}: give lists of equal length, "
                "or a list of one, which repeats."
            )
    return longest


def _one_feed(run: Run, feed: Feed, index: int) -> Feed:
    if not feed.mapped:
        return feed
    at = feed.source
    elem = index if len(run.elements_of(at)) > 1 else 0
    return Feed(
        feed.name, feed.prefix, Source(at.step, at.out, elem), feed.want,
        param=feed.param, lazy=feed.lazy, low=feed.low, high=feed.high,
    )  # fmt: skip


# -- expansions -------------------------------------------------------------------------------------------------------


def expand(run: Run, step: Step) -> None:
    """Ask the node for the graph that runs in its place, and write that out below its path."""
    if step.follow is not None:
        wires = _wires(run, step, step.follow.wires)
        if wires is not None:
            _splice(run, step, step.follow.then(**wires))
    elif step.known is None:
        _map_instance(run, step)
    else:
        arguments = _arguments(run, step)
        if arguments is not None:
            _splice(run, step, step.known.satellites["expand"](**arguments))


def _arguments(run: Run, step: Step) -> dict[str, Any] | None:
    assert step.known is not None
    spec = step.known.spec
    names = spec.expand or []
    params = [name for name in names if name in step.known.params]
    values = params_now(run, step, params)
    if values is None:
        return None
    more = {f.name: f for f in step.feeds if f.name not in step.known.params and f.name not in step.known.inputs}
    wired = {name: feed.source for name in names if (feed := feed_named(step, name)) and not feed.param}
    wired.update({name: feed.source for name, feed in more.items()})
    wires = _wires(run, step, {name: _wire(source) for name, source in wired.items()})
    if wires is None:
        return None
    found: dict[str, Any] = {**values, **{name: wires.get(name) for name in names if name in step.known.inputs}}
    if spec.more and spec.more in names:
        given = {name: wires[name] for name in more}
        found[spec.more] = {**given, **{n: v for n, v in step.literals.items() if n not in step.known.params}}
    return found


def _wire(source: Source) -> Wire:
    return Wire(Wired(source, _type_at(source)), str(_type_at(source)))


def _type_at(source: Source) -> Type:
    kind = source.step.types[source.out]
    return kind if source.elem < 0 else kind.without_none.element


def _wires(run: Run, step: Step, asked: Mapping[str, Wire]) -> dict[str, Wire] | None:
    """Wires with their lengths and small values; None while such a value is being rebuilt."""
    sources = {name: _source_of(wire) for name, wire in asked.items()}
    small = {name: source for name, source in sources.items() if _type_at(source).without_none.name in SMALL}
    values = values_now(run, step, small)
    if values is None:
        return None
    return {
        name: Wire(
            Wired(source, _type_at(source)),
            str(_type_at(source)),
            length=len(run.elements_of(source)) if is_list(source) else None,
            value=(values[name],) if name in values else None,
        )
        for name, source in sources.items()
    }


def _source_of(wire: Wire) -> Source:
    if isinstance(wire.source, Wired):
        source = wire.source.source
    else:
        placed, output = wire.source
        made: dict[str, Wired] = placed.made
        if output not in made:
            raise LookupError(f"what stands at {placed.at} gives no output {output!r}; a muted node may leave it empty")
        source = made[output].source
    if wire.index is None:
        return source
    return Source(source.step, source.out, wire.index)


def _splice(run: Run, step: Step, expansion: Expansion) -> None:
    """Place an expansion's nodes and let the step give its outputs."""
    first = len(run.plan.steps)
    for placed in expansion.placed:
        placed.made = _place(run, step, placed)
    if expansion.followed is not None:
        after = Step(len(run.plan.steps), step.path, EXPAND, step.outputs, None)
        run.plan.steps.append(after)
        after.types, after.follow, after.visible, after.known = step.types, expansion.followed, False, step.known
        after.feeds = [Feed(name, b"", _source_of(w), Type("any")) for name, w in expansion.followed.wires.items()]
        after.subgraphs = step.subgraphs
        gathered = [Gathered(alias=Source(after, out)) for out in range(len(step.outputs))]
    else:
        gathered = [_output(expansion, name) for name in step.outputs]
    _welcome(run, step, first)
    _become(run, step, gathered)


def _welcome(run: Run, step: Step, first: int) -> None:
    """New steps take the place of one: they are as urgent, and those that save are targets like any."""
    made = run.plan.steps[first:]
    for one in made:
        one.rank = step.rank
    for name in run.later:
        for one in made:
            if name == one.path or name.startswith(f"{one.path}."):
                _late_target(run, one, name)
    if run.saves_all:
        for one in made:
            if one.known is not None and one.known.spec.saves:
                run.demand_end(add_sink(run, one.path, Source(one, 0), returned=False))


def _late_target(run: Run, step: Step, name: str) -> None:
    """A target inside a loop that has just been made."""
    for out, output in enumerate(step.outputs):
        called = f"{step.path}.{output}"
        if name in (step.path, called):
            source = Source(step, out)
            run.targets[called] = Wired(source, step.types[out])
            run.demand_end(add_sink(run, called, source, returned=True))


def add_sink(run: Run, name: str, source: Source, *, returned: bool) -> Step:
    """A step at the end: it returns a target's value under a name, or saves the files of a node."""
    step = Step(len(run.plan.steps), name, SINK, ())
    run.plan.steps.append(step)
    step.visible, step.target = False, True
    step.feeds = [Feed(name, b"", source, ANY, param=returned)]
    return step


def _output(expansion: Expansion, name: str) -> Gathered:
    given = expansion.outputs.get(name)
    if given is None:
        raise LookupError(f"The expansion gives no output {name!r}; call expansion.output({name!r}, ...).")
    if isinstance(given.wires, Wire):
        return Gathered(alias=_source_of(given.wires))
    return Gathered([Item(_source_of(wire)) for wire in given.wires], skip_failed=given.skip_failed)


def _place(run: Run, step: Step, placed: Placed) -> dict[str, Wired]:
    given = {name: _given(value) for name, value in placed.given.items()}
    path = f"{step.path}{placed.at}" if placed.at.startswith("[") else f"{step.path}/{placed.at}"
    what = placed.what
    if isinstance(what, Subgraph):
        return run.builder.level(what.name, f"{path}/", given)
    spec = what.spec if isinstance(what, Node) else run.session.types.catalogue.find(what)
    if spec is None:
        raise LookupError(f"The expansion of {step.path} asks for the node type {what!r}, which no pack offers.")
    return run.builder.place(spec, path, given)


def _given(value: Any) -> Given:
    if isinstance(value, Wire):
        source = _source_of(value)
        return Wired(source, _type_at(source))
    if isinstance(value, list) and value and all(isinstance(item, Wire) for item in value):
        return [Wired(source, _type_at(source)) for source in map(_source_of, value)]
    return Value(value)


def _map_instance(run: Run, step: Step) -> None:
    """A #name node that a list drives: its level once for each element."""
    name, given, mapped = step.subgraphs[""]
    count = _length(run, step, {feed.name: feed.source for feed in step.feeds if feed.mapped})
    made: list[dict[str, Wired]] = []
    first = len(run.plan.steps)
    for index in range(count):
        bindings: dict[str, Given] = dict(given)
        for one in mapped:
            at, kind = given[one]
            elem = index if len(run.elements_of(at)) > 1 else 0
            bindings[one] = Wired(Source(at.step, at.out, elem), kind.element)
        made.append(run.builder.level(name, f"{step.path}[{index}]/", bindings))
    _welcome(run, step, first)
    _become(run, step, [Gathered([Item(each[out].source) for each in made]) for out in step.outputs])


# -- values that are read while naming ---------------------------------------------------------------------------------


def params_now(run: Run, step: Step, names: Iterable[str]) -> dict[str, Any] | None:
    """The values of some params; linked ones are fetched. None while one is being rebuilt: the step comes again."""
    assert step.known is not None
    wanted = list(names)
    linked = {name: feed for name in wanted if (feed := feed_named(step, name)) is not None}
    values = values_now(run, step, {name: feed.source for name, feed in linked.items()})
    if values is None:
        return None
    made = {name: coerce(value, step.known.params[name]) for name, value in values.items()}
    return {name: made[name] if name in made else step.literals.get(name) for name in wanted}


def values_now(run: Run, step: Step, sources: Mapping[str, Source]) -> dict[str, Any] | None:
    """The values of some sources; None while one is being rebuilt: the step comes again when it is there."""
    step.held = step.held or {}
    whole = True
    for source in sources.values():
        for producer, name in list(leaves(run, source)):
            whole = _hold_now(run, step, producer, name) and whole
    if not whole:
        return None
    return {name: assemble(run, source, step.held) for name, source in sources.items()}


def _hold_now(run: Run, step: Step, producer: Step, name: bytes) -> bool:
    assert step.held is not None
    if not hold(run, step, producer, name):
        return False
    if name not in step.held:
        found = run.session.fetch.value(name)
        if found is None:
            rebuild(run, producer, step, "CORRUPT")
            return False
        step.held[name] = found[0]
    return True
