"""Nodes mapped over lists, subgraphs as loops, lazy and dynamic inputs, modes: what they compute and what they tell."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import pytest

from graphflow import Image, Inputs, Json, Lazy, Mask, Outputs, node
from graphflow.engine.errors import InvalidDocument
from graphflow_nodes.flow.branches import first, gate, select, switch
from graphflow_nodes.flow.fold import fold
from graphflow_nodes.flow.lists import collect, repeat, zip_
from graphflow_nodes.flow.map import map_
from graphflow_nodes.flow.sweep import sweep, tabulate
from graphflow_nodes.flow.while_loop import while_

T = TypeVar("T")


@node
def value(*, number: float = 1.0) -> float:
    """Give a number."""
    return number


@node
def flag(*, on: bool = True) -> bool:
    """Give true or false."""
    return on


@node
def values(*, numbers: list[float] = ()) -> list[float]:  # type: ignore[assignment]
    """Give a list."""
    return list(numbers)


@node
def plus(a: float, b: float) -> float:
    """Add two."""
    return a + b


@node
def inc(x: float, *, by: float = 1.0) -> float:
    """Add."""
    return x + by


@node
def at_least(x: float, *, limit: float = 5.0) -> bool:
    """Tell whether it is as large."""
    return x >= limit


@node
def below(x: float, *, limit: float = 2.0) -> float:
    """Fail for large numbers."""
    if x >= limit:
        raise ValueError(f"{x:g} is not below {limit:g}")
    return x


@node
def total(items: list[float]) -> float:
    """Add up."""
    return float(sum(items))


@node
def count_of(items: Json) -> float:
    """Count whatever it is."""
    return float(len(items))


@node
def same(thing: T) -> T:
    """Pass on anything."""
    return thing


class Both(NamedTuple):
    """Two numbers."""

    low: float
    high: float


@node
def around(x: float, *, by: float = 1.0) -> Both:
    """A number below and one above."""
    return Both(x - by, x + by)


@node
def maybe(x: float | None = None, y: float | None = None) -> str:
    """Tell what came."""
    return f"{x} {y}"


@node
def choose(a: Lazy[float] = Lazy(), b: Lazy[float] = Lazy(), *, first: bool = True) -> float:  # noqa: B008
    """Take one; the other is not computed."""
    return a.value if first else b.value


@choose.needs
def _(first: bool) -> set[str]:
    return {"a"} if first else {"b"}


@node
def dynamic_sum(more: Inputs, *, names: list[str]) -> Outputs:
    """Add up what comes, and give each twice."""
    return Outputs({f"twice_{name}": 2 * found for name, found in more.items()}, total=sum(more.values()))


@dynamic_sum.inputs
def _(names: list[str]) -> dict[str, str]:
    return dict.fromkeys(names, "number")


@dynamic_sum.outputs
def _(names: list[str]) -> dict[str, str]:
    return {**{f"twice_{name}": "number" for name in names}, "total": "number"}


@node
def mask(*, level: float = 0.5) -> Mask:
    """Make a mask."""
    import torch

    return Mask(torch.full((1, 1, 2, 2), level))


@node
def brightness(image: Image) -> float:
    """Tell the mean."""
    return float(image.pixels.mean())


NODES: list[Any] = [value, flag, values, plus, inc, at_least, below, total, count_of, same, around, maybe, choose]
NODES += [dynamic_sum, mask, brightness]
NODES += [first, gate, select, switch, fold, collect, repeat, zip_, map_, sweep, tabulate, while_]


@pytest.fixture
def session(bench: Any) -> Any:
    return bench.session(NODES, home=None)


# -- lists ---------------------------------------------------------------------------------------------------------


def test_equal_lists_go_side_by_side(bench: Any, session: Any, use: Any, graph: Any) -> None:
    document = graph(m=use(values, numbers=[1, 2, 3]), n=use(values, numbers=[10, 20, 30]),
                     p=use(plus, a="m.value", b="n.value"))  # fmt: skip
    assert bench.run(session, document).values == {"p.value": [11.0, 22.0, 33.0]}


def test_a_list_of_one_and_a_single_value_repeat(bench: Any, session: Any, use: Any, graph: Any) -> None:
    document = graph(m=use(values, numbers=[1, 2, 3]), n=use(values, numbers=[10]), v=use(value, number=100),
                     p=use(plus, a="m.value", b="n.value"), q=use(plus, a="v.value", b="m.value"))  # fmt: skip
    assert bench.run(session, document).values == {"p.value": [11.0, 12.0, 13.0], "q.value": [101.0, 102.0, 103.0]}


def test_unequal_lists_fail_and_name_both(bench: Any, session: Any, use: Any, graph: Any) -> None:
    document = graph(m=use(values, numbers=[1, 2, 3]), n=use(values, numbers=[10, 20]),
                     p=use(plus, a="m.value", b="n.value"))  # fmt: skip
    ran = bench.run(session, document)
    assert ran.status == "failed"
    assert "a" in ran.messages[0]
    assert "b brings a list of 2 and a one of 3" in ran.messages[0]


def test_an_empty_list_maps_to_an_empty_list(bench: Any, session: Any, use: Any, graph: Any) -> None:
    document = graph(m=use(values), i=use(inc, x="m.value"), t=use(total, items="i.value"))
    ran = bench.run(session, document, targets=["i", "t"])
    assert ran.values == {"i.value": [], "t.value": 0.0}


def test_a_list_typed_into_a_param_maps_the_node(bench: Any, session: Any, use: Any, graph: Any) -> None:
    ran = bench.run(session, graph(v=use(value), i=use(inc, x="v.value", by=[1.0, 2.0])))
    assert ran.values == {"i.value": [2.0, 3.0]}
    assert ran.computed == ["v", "i[0]", "i[1]"]


def test_an_array_of_links_is_spliced_in_order(bench: Any, session: Any, use: Any, graph: Any) -> None:
    document = graph(v=use(value, number=7), m=use(values, numbers=[1, 2]), i=use(inc, x="m.value"),
                     c=use(collect, items=["i.value", "v.value", "m.value"]))  # fmt: skip
    assert list(bench.run(session, document).values.values()) == [[2.0, 3.0, 7.0, 1.0, 2.0]]


def test_one_value_on_a_list_input_is_a_list_of_one(bench: Any, session: Any, use: Any, graph: Any) -> None:
    assert bench.run(session, graph(v=use(value), t=use(total, items="v.value"))).values == {"t.value": 1.0}


def test_json_and_generics_take_a_list_whole(bench: Any, session: Any, use: Any, graph: Any) -> None:
    document = graph(m=use(values, numbers=[1, 2, 3]), c=use(count_of, items="m.value"), s=use(same, thing="m.value"),
                     i=use(inc, x="s.value"))  # fmt: skip
    ran = bench.run(session, document)
    assert ran.values == {"c.value": 3.0, "i.value": [2.0, 3.0, 4.0]}


def test_a_node_of_several_outputs_is_mapped_in_each(bench: Any, session: Any, use: Any, graph: Any) -> None:
    document = graph(m=use(values, numbers=[1, 5]), a=use(around, x="m.value"), p=use(plus, a="a.low", b="a.high"))
    assert bench.run(session, document, targets=["a.high", "p"]).values == {
        "a.high": [2.0, 6.0],
        "p.value": [2.0, 10.0],
    }


def test_equal_elements_are_computed_once(bench: Any, session: Any, use: Any, graph: Any) -> None:
    ran = bench.run(session, graph(m=use(values, numbers=[4, 4, 4]), i=use(inc, x="m.value")))
    assert ran.computed == ["m", "i[0]"]
    assert ran.values == {"i.value": [5.0, 5.0, 5.0]}


# -- lazy, optional, dynamic, conversions --------------------------------------------------------------------------


@pytest.mark.parametrize(("on", "ran_", "found"), [(True, ["f", "x", "c"], 1.0), (False, ["f", "y", "c"], 2.0)])
def test_a_lazy_input_is_computed_only_if_a_linked_param_asks_for_it(
    on: bool, ran_: list[str], found: float, bench: Any, session: Any, use: Any, graph: Any
) -> None:
    document = graph(f=use(flag, on=on), x=use(value), y=use(value, number=2.0),
                     c=use(choose, a="x.value", b="y.value", first="f.value"))  # fmt: skip
    ran = bench.run(session, document)
    assert (ran.computed, ran.values) == (ran_, {"c.value": found})


def test_a_lazy_input_that_was_not_needed_is_not_in_the_key(bench: Any, session: Any, use: Any, graph: Any) -> None:
    bench.run(session, graph(x=use(value), y=use(value, number=2.0), c=use(choose, a="x.value", b="y.value")))
    ran = bench.run(session, graph(x=use(value), y=use(value, number=3.0), c=use(choose, a="x.value", b="y.value")))
    assert ran.told == ["step.cached x", "step.cached c"]


def test_the_branch_of_a_switch_that_would_fail_is_never_run(bench: Any, session: Any, use: Any, graph: Any) -> None:
    document = graph(x=use(value), y=use(value, number=9), b=use(below, x="y.value"),
                     s=use(switch, first="x.value", second="b.value"))  # fmt: skip
    ran = bench.run(session, document)
    assert (ran.status, ran.computed) == ("done", ["x", "s"])


def test_a_closed_gate_skips_what_follows_and_computes_nothing_before(
    bench: Any, session: Any, use: Any, graph: Any
) -> None:
    ran = bench.run(session, graph(x=use(value), g=use(gate, value="x.value", open=False), i=use(inc, x="g.value")))
    assert ran.told == ["step.started g", "step.skipped g", "step.skipped i"]
    assert ran.status == "done"


def test_an_optional_input_may_be_absent_and_that_is_part_of_the_key(
    bench: Any, session: Any, use: Any, graph: Any
) -> None:
    document = graph(v=use(value), n=use(maybe), m=use(maybe, x="v.value"), o=use(maybe, y="v.value"))
    assert bench.run(session, document).values == {"n.value": "None None", "m.value": "1.0 None", "o.value": "None 1.0"}


def test_dynamic_ports_come_from_params(bench: Any, session: Any, use: Any, graph: Any) -> None:
    document = graph(v=use(value, number=3), w=use(value, number=4), s=use(dynamic_sum, u="v.value", t="w.value"))
    document["nodes"]["s"]["params"] = {"names": ["u", "t"]}
    document["nodes"]["i"] = use(inc, x="s.twice_t")
    ran = bench.run(session, document, targets=["s", "i"])
    assert ran.values == {"s.twice_u": 6.0, "s.twice_t": 8.0, "s.total": 7.0, "i.value": 9.0}


def test_a_conversion_on_a_link_is_a_step_that_is_not_told(bench: Any, session: Any, use: Any, graph: Any) -> None:
    document = graph(m=use(mask, level=0.25), b=use(brightness, image="m.mask"))
    ran = bench.run(session, document)
    assert ran.values == {"b.value": 0.25}
    assert ran.told == ["step.started m", "step.done m", "step.started b", "step.done b"]
    assert bench.run(session, document).told == ["step.cached m", "step.cached b"]


# -- modes ---------------------------------------------------------------------------------------------------------


def test_a_muted_node_takes_what_needs_it_along_and_optional_inputs_get_nothing(
    bench: Any, session: Any, use: Any, graph: Any
) -> None:
    document = graph(v=use(value), i=use(inc, mode="mute", x="v.value"), j=use(inc, x="i.value"),
                     m=use(maybe, x="i.value", y="v.value"))  # fmt: skip
    ran = bench.run(session, document)
    assert ran.values == {"m.value": "None 1.0"}
    states = {name: entry["status"] for name, entry in ran.result.nodes.items()}
    assert (states["i"], states["j"]) == ("muted", "muted")


def test_a_bypassed_node_gives_its_first_input_of_the_kind(bench: Any, session: Any, use: Any, graph: Any) -> None:
    document = graph(v=use(value), i=use(inc, mode="bypass", x="v.value"), j=use(inc, x="i.value", by=2.0))
    ran = bench.run(session, document)
    assert ran.values == {"j.value": 3.0}
    assert ran.result.nodes["i"]["status"] == "bypassed"


# -- loops ---------------------------------------------------------------------------------------------------------


def grow(use: Any, body: Any) -> Any:
    """A body: x, x + 1, whether that is five."""
    nodes = {"i": use(inc), "s": use(at_least, x="i.value")}
    return body({"x": ["i.x"]}, {"x": "i.value", "stop": "s.value"}, **nodes)


def test_map_runs_a_subgraph_for_each_element(bench: Any, session: Any, use: Any, graph: Any, body: Any) -> None:
    document = graph({"g": grow(use, body)}, m=use(values, numbers=[1, 4]), l=use(map_, graph="#g", x="m.value"))
    ran = bench.run(session, document)
    assert ran.values == {"l.x": [2.0, 5.0], "l.stop": [False, True]}
    assert ran.computed == ["m", "l[0]/i", "l[1]/i", "l[0]/s", "l[1]/s"]


def test_map_over_an_empty_list_gives_empty_lists(bench: Any, session: Any, use: Any, graph: Any, body: Any) -> None:
    document = graph({"g": grow(use, body)}, m=use(values), l=use(map_, graph="#g", x="m.value"))
    assert bench.run(session, document).values == {"l.x": [], "l.stop": []}


@pytest.mark.parametrize(("on_error", "status"), [("stop", "failed"), ("skip", "failed")])
def test_map_stops_or_leaves_out_what_fails(
    on_error: str, status: str, bench: Any, session: Any, use: Any, graph: Any, body: Any
) -> None:
    inner = body({"x": ["b.x"]}, {"y": "b.value"}, b=use(below))
    document = graph({"g": inner}, m=use(values, numbers=[0, 5, 1]), t=use(total, items="l.y"),
                     l=use(map_, graph="#g", on_error=on_error, x="m.value"))  # fmt: skip
    ran = bench.run(session, document, targets=["l", "t"])
    assert ran.values == ({} if on_error == "stop" else {"l.y": [0.0, 1.0], "t.value": 1.0})
    assert [event.path for event in ran.of("step.failed")] == ["l[1]/b"]
    assert {"l[0]/b", "l[2]/b"} <= set(ran.computed)


def test_map_offers_the_index(bench: Any, session: Any, use: Any, graph: Any, body: Any) -> None:
    inner = body({"x": ["i.x"], "index": ["i.by"]}, {"y": "i.value"}, i=use(inc))
    document = graph({"g": inner}, m=use(values, numbers=[10, 20, 30]), l=use(map_, graph="#g", x="m.value"))
    assert bench.run(session, document).values == {"l.y": [10.0, 21.0, 32.0]}


def test_fold_hands_each_round_what_the_last_one_gave(
    bench: Any, session: Any, use: Any, graph: Any, body: Any
) -> None:
    inner = body({"sum": ["p.a"], "item": ["p.b"]}, {"sum": "p.value", "seen": "p.value"}, p=use(plus))
    document = graph({"g": inner}, v=use(value, number=100), m=use(values, numbers=[1, 2, 3]),
                     f=use(fold, graph="#g", sum="v.value", item="m.value"))  # fmt: skip
    assert bench.run(session, document).values == {"f.sum": 106.0, "f.seen": [101.0, 103.0, 106.0]}


def test_while_stops_when_it_is_told_to(bench: Any, session: Any, use: Any, graph: Any, body: Any) -> None:
    document = graph({"g": grow(use, body)}, v=use(value), w=use(while_, graph="#g", x="v.value"))
    ran = bench.run(session, document)
    assert ran.values == {"w.x": 5.0}
    assert ran.computed[-2:] == ["w[3]/i", "w[3]/s"]


def test_while_fails_at_its_limit_or_keeps_the_last_round(
    bench: Any, session: Any, use: Any, graph: Any, body: Any
) -> None:
    def document(at_limit: str) -> Any:
        loop = use(while_, graph="#g", x="v.value", limit=2, at_limit=at_limit)
        return graph({"g": grow(use, body)}, v=use(value), w=loop)

    ran = bench.run(session, document("fail"))
    assert ran.status == "failed"
    assert "did not stop within 2 rounds" in ran.messages[0]
    assert bench.run(session, document("keep")).values == {"w.x": 3.0}


def test_a_thousand_rounds(bench: Any, session: Any, use: Any, graph: Any, body: Any) -> None:
    inner = body(
        {"x": ["i.x"]}, {"x": "i.value", "stop": "s.value"}, i=use(inc), s=use(at_least, x="i.value", limit=1e9)
    )
    loop = use(while_, graph="#g", x="v.value", limit=1000, at_limit="keep")
    assert bench.run(session, graph({"g": inner}, v=use(value), w=loop)).values == {"w.x": 1001.0}
    short = body({"x": ["i.x"]}, {"x": "i.value"}, i=use(inc, by=0.5))
    document = graph({"g": short}, v=use(value), f=use(fold, graph="#g", x="v.value", times=1000))
    assert bench.run(session, document).values == {"f.x": 501.0}


def test_sweep_gives_a_list_for_each_output_and_a_table(
    bench: Any, session: Any, use: Any, graph: Any, body: Any
) -> None:
    inner = body({"a": ["v.number"], "b": ["i.by"]}, {"y": "i.value"}, v=use(value), i=use(inc, x="v.value"))
    document = graph({"g": inner}, s=use(sweep, graph="#g", axes={"a": [1, 2], "b": [10, 20]}))
    ran = bench.run(session, document)
    assert ran.values["s.y"] == [11.0, 21.0, 12.0, 22.0]
    assert dict(ran.values["s.table"].columns) == {
        "a": (1, 1, 2, 2), "b": (10, 20, 10, 20), "y": (11.0, 21.0, 12.0, 22.0)
    }  # fmt: skip


def test_loops_nest(bench: Any, session: Any, use: Any, graph: Any, body: Any) -> None:
    inner = body({"x": ["w.x"]}, {"x": "w.x"}, w=use(while_, graph="#g"))
    document = graph({"g": grow(use, body), "outer": inner}, m=use(values, numbers=[0, 3]),
                     l=use(map_, graph="#outer", x="m.value"))  # fmt: skip
    ran = bench.run(session, document)
    assert ran.values == {"l.x": [5.0, 5.0]}
    assert "l[0]/w[0]/i" in ran.computed


def test_a_second_run_of_loops_computes_nothing(bench: Any, use: Any, graph: Any, body: Any) -> None:
    session = bench.session(NODES)
    document = graph({"g": grow(use, body)}, m=use(values, numbers=[1, 2]), l=use(map_, graph="#g", x="m.value"),
                     w=use(while_, graph="#g", x="v.value"), v=use(value))  # fmt: skip
    right = bench.run(session, document).values
    ran = bench.run(bench.restarted(session, NODES), document)
    assert (ran.computed, ran.values) == ([], right)


def test_an_instance_of_a_subgraph_is_mapped_by_a_list(
    bench: Any, session: Any, use: Any, graph: Any, body: Any
) -> None:
    document = graph({"g": grow(use, body)}, m=use(values, numbers=[1, 4]), s=use("#g", x="m.value"),
                     t=use(total, items="s.x"))  # fmt: skip
    ran = bench.run(session, document, targets=["s", "t"])
    assert ran.values == {"s.x": [2.0, 5.0], "s.stop": [False, True], "t.value": 7.0}


def test_a_step_inside_a_loop_fails_the_loop_and_names_its_path(
    bench: Any, session: Any, use: Any, graph: Any, body: Any
) -> None:
    inner = body({"x": ["b.x"]}, {"x": "b.value"}, b=use(below, limit=0.0))
    document = graph({"g": inner}, v=use(value), f=use(fold, graph="#g", x="v.value", times=3), i=use(inc, x="f.x"))
    ran = bench.run(session, document)
    assert [event.path for event in ran.of("step.failed")] == ["f[0]/b"]
    assert ran.messages == [f"{below.type} at f[0]/b failed: 1 is not below 0."]
    assert ran.result.nodes["i"]["status"] == "skipped"


def test_a_list_of_lists_on_a_single_input_is_refused(bench: Any, session: Any, use: Any, graph: Any) -> None:
    document = graph(m=use(values, numbers=[1]), r=use(repeat, value="m.value"), i=use(inc, x="r.value"))
    with pytest.raises(InvalidDocument, match="list"):
        bench.run(session, document)
