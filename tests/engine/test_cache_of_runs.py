"""What is computed and what is found: cold, warm, after a restart, cut off early, evicted; by exact event lists."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from graphflow import Inputs, node


@node
def start(*, value: float = 1.0) -> float:
    """Give a number."""
    return value


@node
def add(x: float, *, by: float = 1.0) -> float:
    """Add a number."""
    return x + by


@node
def sign(x: float) -> float:
    """Tell the sign."""
    return float((x > 0) - (x < 0))


@node
def wide(x: float) -> str:
    """Give what is too large for the ledger."""
    return f"{x:16.1f}" * 10_000


@node
def narrow(text: str) -> float:
    """Read what wide gave."""
    return float(text[:16])


@node
def numbers(*, values: list[float] = ()) -> list[float]:  # type: ignore[assignment]
    """Give a list."""
    return list(values)


@node
def total(items: list[float]) -> float:
    """Add up a list."""
    return float(sum(items))


@node
def spread(more: Inputs, *, names: list[str]) -> float:
    """Add up dynamic inputs."""
    return float(sum(more.values()))


@spread.inputs
def _(names: list[str]) -> dict[str, str]:
    return dict.fromkeys(names, "number")


NODES = [start, add, sign, wide, narrow, numbers, total, spread]
ALL = ["step.started a", "step.done a", "step.started b", "step.done b", "step.started c", "step.done c"]
FOUND = ["step.cached a", "step.cached b", "step.cached c"]


def chain(use: Any, graph: Any, value: float = 1.0, by: float = 2.0) -> Any:
    return graph(a=use(start, value=value), b=use(add, x="a.value", by=by), c=use(sign, x="b.value"))


def test_a_cold_run_computes_each_step_once_in_order(bench: Any, use: Any, graph: Any) -> None:
    ran = bench.run(bench.session(NODES), chain(use, graph))
    assert ran.told == ALL
    assert ran.values == {"c.value": 1.0}
    assert ran.result.executed == 3


def test_a_warm_run_computes_nothing(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    bench.run(session, chain(use, graph))
    ran = bench.run(session, chain(use, graph))
    assert ran.told == FOUND
    assert (ran.result.executed, ran.values) == (0, {"c.value": 1.0})


def test_a_session_without_a_folder_remembers_while_it_lives(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES, home=None)
    bench.run(session, chain(use, graph))
    assert bench.run(session, chain(use, graph)).told == FOUND


def test_after_a_restart_nothing_is_computed(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    bench.run(session, chain(use, graph))
    ran = bench.run(bench.restarted(session, NODES), chain(use, graph))
    assert ran.told == FOUND
    assert ran.values == {"c.value": 1.0}


def test_another_document_finds_the_same_steps_in_the_ledger(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    bench.run(session, chain(use, graph))
    other = graph(
        other=use(start, value=1.0), second=use(add, x="other.value", by=2.0), new=use(add, x="second.value", by=0.5)
    )
    ran = bench.run(bench.restarted(session, NODES), other)
    assert ran.told == ["step.cached other", "step.cached second", "step.started new", "step.done new"]


def test_a_colleague_finds_everything_on_the_shared_shelf(bench: Any, use: Any, graph: Any, tmp_path: Path) -> None:
    shelf = str(tmp_path / "shared")
    document = graph(a=use(start), w=use(wide, x="a.value"), c=use(narrow, text="w.value"))
    bench.run(bench.session(NODES, home=tmp_path / "mine", shelf=shelf, disk_speed=1e12), document)
    ran = bench.run(bench.session(NODES, home=tmp_path / "theirs", shelf=shelf), document, targets=["w", "c"])
    assert ran.computed == []
    assert ran.values == {"w.value": f"{1.0:16.1f}" * 10_000, "c.value": 1.0}


def test_a_damaged_entry_on_the_shared_shelf_is_found_told_and_rebuilt(
    bench: Any, use: Any, graph: Any, tmp_path: Path
) -> None:
    shelf = tmp_path / "shared"
    document = graph(a=use(start, value=3.0))
    bench.run(bench.session(NODES, home=tmp_path / "mine", shelf=str(shelf)), document)
    for path in (shelf / "values").glob("*/*"):
        body = bytearray(path.read_bytes())
        body[-1] ^= 1
        path.write_bytes(bytes(body))
    ran = bench.run(bench.session(NODES, home=tmp_path / "theirs", shelf=str(shelf)), document)
    assert ran.told == ["step.cached a", "cache.corrupt", "step.started a", "step.done a"]
    assert ran.values == {"a.value": 3.0}


def test_a_step_that_gives_an_equal_value_stops_the_wave(bench: Any, use: Any, graph: Any) -> None:
    def document(value: float) -> Any:
        return graph(a=use(start, value=value), b=use(sign, x="a.value"), c=use(add, x="b.value"))

    session = bench.session(NODES)
    bench.run(session, document(5.0))
    ran = bench.run(session, document(7.0))
    assert ran.told == ["step.started a", "step.done a", "step.started b", "step.done b", "step.cached c"]


def test_a_param_that_changed_computes_its_step_and_what_depends_on_it(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    bench.run(session, chain(use, graph))
    ran = bench.run(session, chain(use, graph, by=-4.0))
    assert ran.told == ["step.cached a", *ALL[2:]]
    assert ran.values == {"c.value": -1.0}


def test_layout_and_title_change_nothing(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    bench.run(session, chain(use, graph))
    document = {**chain(use, graph), "title": "Other", "view": {"nodes": {"a": {"x": 5, "y": 6}}}}
    assert bench.run(session, document).told == FOUND


def test_typed_defaulted_and_linked_values_give_one_key(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    bench.run(session, graph(a=use(start, value=4.0), b=use(add, x="a.value", by=1.0)))
    defaulted = graph(a=use(start, value=4), b=use(add, x="a.value"))
    assert bench.run(session, defaulted).told == ["step.cached a", "step.cached b"]
    linked = graph(a=use(start, value=4.0), one=use(start), b=use(add, x="a.value", by="one.value"))
    assert bench.run(session, linked).computed == ["one"]


def test_nesting_changes_no_key(bench: Any, use: Any, graph: Any, body: Any) -> None:
    session = bench.session(NODES)
    bench.run(session, chain(use, graph))
    inner = body({"x": ["b.x"]}, {"out": "c.value"}, b=use(add, by=2.0), c=use(sign, x="b.value"))
    outer = body({"x": ["in.x"]}, {"out": "in.out"}, **{"in": use("#inner")})
    document = graph({"inner": inner, "outer": outer}, a=use(start), o=use("#outer", x="a.value"))
    ran = bench.run(session, document)
    assert ran.told == ["step.cached a", "step.cached o/in/b", "step.cached o/in/c"]
    assert ran.values == {"o.out": 1.0}


def test_an_evicted_value_in_the_middle_is_not_rebuilt(bench: Any, use: Any, graph: Any, evict: Any) -> None:
    document = graph(a=use(start), w=use(wide, x="a.value"), c=use(narrow, text="w.value"))
    session = bench.session(NODES)
    bench.run(session, document)
    evict(session)
    ran = bench.run(session, document)
    assert ran.told == ["step.cached a", "step.cached w", "step.cached c"]


def test_an_evicted_target_is_rebuilt_alone(bench: Any, use: Any, graph: Any, evict: Any) -> None:
    document = graph(a=use(start), b=use(add, x="a.value"), w=use(wide, x="b.value"))
    session = bench.session(NODES)
    bench.run(session, document)
    evict(session)
    ran = bench.run(session, document)
    assert ran.told == ["step.cached a", "step.cached b", "step.cached w", "step.started w", "step.done w"]
    assert ran.values["w.value"] == f"{2.0:16.1f}" * 10_000


def test_an_evicted_target_that_was_rebuilt_is_kept_again(bench: Any, use: Any, graph: Any, evict: Any) -> None:
    document = graph(a=use(start), w=use(wide, x="a.value"))
    session = bench.session(NODES)
    bench.run(session, document)
    evict(session)
    bench.run(session, document)
    assert bench.run(bench.restarted(session, NODES), document).computed == []


def test_a_new_reader_of_an_evicted_value_has_it_rebuilt(bench: Any, use: Any, graph: Any, evict: Any) -> None:
    session = bench.session(NODES)
    bench.run(session, graph(a=use(start), w=use(wide, x="a.value")))
    evict(session)
    ran = bench.run(session, graph(a=use(start), w=use(wide, x="a.value"), c=use(narrow, text="w.value")))
    assert ran.told == [
        "step.cached a", "step.cached w", "step.started w", "step.done w", "step.started c", "step.done c"
    ]  # fmt: skip


def test_equal_steps_in_one_run_are_executed_once(bench: Any, use: Any, graph: Any) -> None:
    document = graph(a=use(start), b=use(add, x="a.value"), c=use(add, x="a.value"))
    ran = bench.run(bench.session(NODES), document)
    assert ran.told == ["step.started a", "step.done a", "step.started b", "step.done b", "step.cached c"]
    assert ran.values == {"b.value": 2.0, "c.value": 2.0}


def test_one_element_that_changed_is_computed_alone(bench: Any, use: Any, graph: Any) -> None:
    def document(values: list[float]) -> Any:
        return graph(n=use(numbers, values=values), m=use(add, x="n.value"), t=use(total, items="m.value"))

    session = bench.session(NODES)
    first = bench.run(session, document([1.0, 2.0, 3.0]))
    assert first.computed == ["n", "m[0]", "m[1]", "m[2]", "t"]
    ran = bench.run(session, document([1.0, 9.0, 3.0]))
    assert ran.computed == ["n", "m[1]", "t"]
    assert ran.values == {"t.value": 16.0}


def test_an_element_put_in_front_is_computed_alone(bench: Any, use: Any, graph: Any) -> None:
    def document(values: list[float]) -> Any:
        return graph(n=use(numbers, values=values), m=use(add, x="n.value"), t=use(total, items="m.value"))

    session = bench.session(NODES)
    bench.run(session, document([1.0, 2.0, 3.0]))
    ran = bench.run(bench.restarted(session, NODES), document([7.0, 1.0, 2.0, 3.0]))
    assert ran.computed == ["n", "m[0]", "t"]
    assert ran.values == {"t.value": 17.0}


def test_a_plan_tells_what_would_run_and_runs_nothing(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    bench.run(session, chain(use, graph))
    assert session.plan(chain(use, graph)) == {"a": "cached", "b": "cached", "c": "cached"}
    assert session.plan(chain(use, graph, by=9.0)) == {"a": "cached", "b": "to do", "c": "perhaps"}
    assert bench.run(session, chain(use, graph, by=9.0)).computed == ["b", "c"]


def test_a_long_list_survives_the_loss_of_its_entry_on_disk(bench: Any, use: Any, graph: Any, evict: Any) -> None:
    values = [float(index) for index in range(3000)]  # a list entry too large for the ledger
    document = graph(n=use(numbers, values=values), t=use(total, items="n.value"))
    session = bench.session(NODES)
    bench.run(session, document)
    evict(session)
    session = bench.restarted(session, NODES)
    more = graph(n=use(numbers, values=values), m=use(add, x="n.value"), t=use(total, items="m.value"))
    ran = bench.run(session, more)
    assert (ran.status, ran.values) == ("done", {"t.value": float(sum(values) + 3000)})


def test_a_run_that_asks_for_no_values_reads_none(bench: Any, use: Any, graph: Any, evict: Any) -> None:
    document = graph(a=use(start), w=use(wide, x="a.value"))
    session = bench.session(NODES)
    bench.run(session, document)
    evict(session)
    ran = bench.run(session, document, values=False)
    assert ran.told == ["step.cached a", "step.cached w"]
    assert ran.values == {}


def test_lists_whose_entry_is_gone_from_the_ledger_are_made_again(bench: Any, use: Any, graph: Any) -> None:
    document = graph(n=use(numbers, values=[1.0, 2.0]), t=use(total, items="n.value"))
    session = bench.session(NODES)
    bench.run(session, document)
    bench.close(session)
    with sqlite3.connect(bench.home / "ledger.sqlite") as ledger:
        ledger.execute("DELETE FROM value")
    ledger.close()
    more = graph(n=use(numbers, values=[1.0, 2.0]), m=use(add, x="n.value"), t=use(total, items="m.value"))
    ran = bench.run(bench.session(NODES), more)
    assert ran.told[:2] == ["step.started n", "step.done n"]
    assert ran.values == {"t.value": 5.0}
