"""Failures, cancels, shared steps, drift, writes into inputs, impure nodes: what a run tells and what it keeps."""

from __future__ import annotations

import itertools
import threading
import time
from typing import Any, TypeVar

import pytest
import torch

from graphflow import QUIET, Context, Image, Json, Session, Skip, node

T = TypeVar("T")
TURNS: dict[str, Any] = {"count": itertools.count(), "go": threading.Event(), "calls": []}


@pytest.fixture(autouse=True)
def fresh() -> None:
    TURNS["count"] = itertools.count()
    TURNS["go"] = threading.Event()
    TURNS["calls"] = []


@node
def one(*, value: float = 1.0) -> float:
    """Give a number."""
    return value


@node
def plus(x: float, *, by: float = 1.0) -> float:
    """Add."""
    return x + by


@node
def broken(x: float) -> float:
    """Fail."""
    TURNS["calls"].append(x)
    raise ValueError("the glass is empty")


@node
def broken_above(x: float, *, limit: float = 1.0) -> float:
    """Fail for some."""
    if x > limit:
        raise ValueError(f"{x:g} is too much")
    return x


@node
def several(*, values: list[float] = ()) -> list[float]:  # type: ignore[assignment]
    """Give a list."""
    return list(values)


@node
def waiting(x: float, *, ctx: Context = QUIET) -> float:
    """Wait until it may go on, or is cancelled."""
    TURNS["calls"].append(x)
    while not TURNS["go"].wait(0.005):
        ctx.check()
    return x + 100.0


@node
def deaf(x: float) -> float:
    """Wait without looking whether it is cancelled."""
    TURNS["calls"].append(x)
    TURNS["go"].wait(20.0)
    return x


@node(pure=False)
def turn() -> float:
    """Give another number at each call."""
    return float(next(TURNS["count"]))


@node
def secretly_changing(x: float) -> str:
    """Give another large text at each call."""
    return f"{next(TURNS['count']):16d}" * 10_000


@node
def length(text: str) -> float:
    """Read a text."""
    return float(text[:16])


@node
def lengths(texts: list[str]) -> list[float]:
    """Read several texts."""
    return [float(text[:16]) for text in texts]


@node
def leave(x: float) -> float:
    """Go no further."""
    raise Skip("there is nothing to do")


@node
def picture(*, level: float = 0.5) -> Image:
    """Make a picture."""
    return Image(torch.full((1, 3, 4, 4), level))


@node
def scribble(image: Image) -> Image:
    """Write into the picture that was lent."""
    image.pixels.mul_(0.5)
    return Image(image.pixels.clone())


@node
def mean(image: Image) -> float:
    """Tell the mean."""
    return float(image.pixels.mean())


@node
def inferred() -> Image:
    """Make a picture in inference mode, as model packs do."""
    with torch.inference_mode():
        return Image(torch.ones(1, 3, 2, 2) * 0.25)


@node
def tree() -> Json:
    """Give JSON."""
    return {"list": [1, 2]}


@node
def prune(tree: Json) -> Json:
    """Write into JSON."""
    tree["list"].append(3)
    return len(tree["list"])


@node
def prune_anything(tree: T) -> T:
    """Write into whatever was lent, if it is JSON."""
    tree["list"].append(3)  # type: ignore[index]
    return tree


@node
def scribble_and_fail(image: Image) -> Image:
    """Write into the picture that was lent, then fail."""
    image.pixels.mul_(0.5)
    raise ValueError("no more ink")


@node
def scribble_inferred(image: Image) -> Image:
    """Write in inference mode."""
    with torch.inference_mode():
        image.pixels.mul_(0.5)
        return Image(image.pixels.clone())


NODES = [one, plus, broken, broken_above, several, waiting, deaf, turn, secretly_changing, length, leave, picture]
NODES += [lengths, prune_anything, scribble_and_fail, scribble_inferred, scribble, mean, inferred, tree, prune]


def test_a_failed_step_names_itself_and_skips_what_needs_it(bench: Any, use: Any, graph: Any) -> None:
    document = graph(a=use(one), b=use(broken, x="a.value"), c=use(plus, x="b.value"), d=use(plus, x="a.value"))
    ran = bench.run(bench.session(NODES), document)
    assert ran.status == "failed"
    assert ran.told == ["step.started a", "step.done a", "step.started b", "step.failed b", "step.skipped c",
                        "step.started d", "step.done d"]  # fmt: skip
    assert ran.of("step.skipped")[0].data == {"because": "b"}
    assert ran.messages == [f"{broken.type} at b failed: the glass is empty."]
    assert ran.values == {"d.value": 2.0}
    states = {name: entry["status"] for name, entry in ran.result.nodes.items()}
    assert states == {"a": "done", "b": "failed", "c": "skipped", "d": "done"}


def test_a_failed_key_is_not_tried_again_in_the_run(bench: Any, use: Any, graph: Any) -> None:
    document = graph(
        a=use(one), b=use(broken, x="a.value"), slow=use(plus, x="a.value", by=0.0), c=use(broken, x="slow.value")
    )
    ran = bench.run(bench.session(NODES), document)
    assert TURNS["calls"] == [1.0]
    assert [event.path for event in ran.of("step.failed")] == ["b", "c"]
    assert ran.messages == [f"{broken.type} at {path} failed: the glass is empty." for path in "bc"]


def test_a_failure_is_not_stored(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    document = graph(a=use(one), b=use(broken, x="a.value"))
    bench.run(session, document)
    ran = bench.run(bench.restarted(session, NODES), document)
    assert ran.told == ["step.cached a", "step.started b", "step.failed b"]


def test_a_failing_element_is_named_after_the_others_have_run(bench: Any, use: Any, graph: Any) -> None:
    document = graph(n=use(several, values=[0.5, 3.0, 1.0]), m=use(broken_above, x="n.value"), p=use(plus, x="m.value"))
    ran = bench.run(bench.session(NODES), document)
    assert ran.told == [
        "step.started n", "step.done n", "step.started m[0]", "step.done m[0]", "step.started m[1]",
        "step.failed m[1]", "step.started m[2]", "step.done m[2]", "step.skipped m", "step.skipped p",
    ]  # fmt: skip
    assert ran.messages == [f"{broken_above.type} at m[1] failed: 3 is too much."]
    assert ran.result.nodes["m"]["status"] == "failed"


def test_a_node_that_skips_takes_its_readers_along_and_the_run_is_done(bench: Any, use: Any, graph: Any) -> None:
    ran = bench.run(bench.session(NODES), graph(a=use(one), b=use(leave, x="a.value"), c=use(plus, x="b.value")))
    assert ran.told[2:] == ["step.started b", "step.skipped b", "step.skipped c"]
    assert ran.status == "done"


# -- cancelling, shared steps --------------------------------------------------------------------------------------


def test_a_cancelled_run_is_final_at_once_and_keeps_what_is_finished(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    document = graph(a=use(one), b=use(waiting, x="a.value"), c=use(plus, x="b.value"))
    handle = bench.begin(session, document)
    handle.wait_for("step.started b")
    handle.cancel()
    ran = handle()
    assert ran.told == ["step.started a", "step.done a", "step.started b", "step.cancelled b"]
    assert ran.status == "cancelled"
    TURNS["go"].set()
    again = bench.run(session, document)
    assert again.told[0] == "step.cached a"
    assert again.computed == ["b", "c"]


def test_a_step_that_hears_of_no_cancel_is_not_stored_and_holds_up_nobody(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    handle = bench.begin(session, graph(a=use(one), b=use(deaf, x="a.value")))
    handle.wait_for("step.started b")
    handle.cancel()
    assert handle(1.0).status == "cancelled"
    other = bench.begin(session, graph(a=use(one), p=use(plus, x="a.value")))
    assert other(5.0).values == {"p.value": 2.0}
    TURNS["go"].set()
    assert bench.run(session, graph(a=use(one), b=use(deaf, x="a.value"))).computed == ["b"]


def test_a_listener_may_cancel_the_run(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    handles: list[Any] = []
    begun = threading.Event()

    def listen(event: Any) -> None:
        if event.path == "b":
            begun.wait(10.0)
            handles[0].cancel()

    document = graph(a=use(one), b=use(waiting, x="a.value"), c=use(plus, x="b.value"))
    handles.append(bench.begin(session, document, on_event=listen))
    begun.set()
    ran = handles[0](10.0)
    assert ran.told == ["step.started a", "step.done a", "step.started b", "step.cancelled b"]
    assert ran.status == "cancelled"


def test_equal_steps_of_two_runs_are_executed_once(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES, threads=2)
    first = bench.begin(session, graph(a=use(one), b=use(waiting, x="a.value")))
    first.wait_for("step.started b")
    second = bench.begin(session, graph(x=use(one), y=use(waiting, x="x.value"), z=use(plus, x="y.value")))
    TURNS["go"].set()
    assert first().told[-2:] == ["step.started b", "step.done b"]
    ran = second()
    assert ran.told == ["step.cached x", "step.cached y", "step.started z", "step.done z"]
    assert ran.values == {"z.value": 102.0}
    assert TURNS["calls"] == [1.0]


def test_a_failure_of_a_shared_step_is_told_to_each_run_under_its_own_path(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES, threads=2)
    slow = graph(a=use(one), b=use(waiting, x="a.value"), c=use(broken, x="b.value"))
    other = graph(x=use(one), y=use(waiting, x="x.value"), z=use(broken, x="y.value"))
    first = bench.begin(session, slow)
    second = bench.begin(session, other)
    TURNS["go"].set()
    assert first().messages == [f"{broken.type} at c failed: the glass is empty."]
    assert second().messages == [f"{broken.type} at z failed: the glass is empty."]


@pytest.mark.parametrize("gone", [0, 1])
def test_one_of_two_runs_that_wait_for_a_step_is_cancelled_and_the_other_gets_it(
    gone: int, bench: Any, use: Any, graph: Any
) -> None:
    session = bench.session(NODES, threads=2)
    owner = bench.begin(session, graph(a=use(one), b=use(waiting, x="a.value")))
    owner.wait_for("step.started b")
    other = bench.begin(session, graph(a=use(one), c=use(waiting, x="a.value")))
    handles = [owner, other]
    handles[gone].cancel()
    assert handles[gone]().status == "cancelled"
    TURNS["go"].set()
    ran = handles[1 - gone]()
    assert ran.status == "done"
    assert list(ran.values.values()) == [101.0]
    assert TURNS["calls"] == [1.0]
    if gone == 0:
        assert ran.told == ["step.cached a", "step.started c", "step.done c"]


def test_the_last_of_two_runs_takes_the_step_with_it(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES, threads=2)
    handles = [bench.begin(session, graph(a=use(one), b=use(waiting, x="a.value"))) for _ in range(2)]
    handles[0].wait_for("step.started b")
    for handle in handles:
        handle.cancel()
    assert [handle().status for handle in handles] == ["cancelled", "cancelled"]
    TURNS["go"].set()
    assert bench.run(session, graph(a=use(one), b=use(waiting, x="a.value"))).computed == ["b"]


# -- nodes that do what they may not -------------------------------------------------------------------------------


def test_a_node_that_writes_into_a_tensor_is_found_and_nothing_is_stored(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    document = graph(p=use(picture), s=use(scribble, image="p.image"), m=use(mean, image="p.image"))
    ran = bench.run(session, document, targets=["s"])
    assert ran.messages == [
        f"{scribble.type} at s failed: it wrote into image, which it was only lent; make a copy first (x = x.clone())."
    ]
    clean = bench.run(session, document, targets=["m"])
    assert clean.values == {"m.value": 0.5}


def test_a_node_that_writes_into_a_tensor_and_then_fails_leaves_nothing_wrong_behind(
    bench: Any, use: Any, graph: Any
) -> None:
    session = bench.session(NODES)
    document = graph(p=use(picture), s=use(scribble_and_fail, image="p.image"), m=use(mean, image="p.image"))
    ran = bench.run(session, document, targets=["s"])
    assert "it wrote into image" in ran.messages[0]
    assert bench.run(session, document, targets=["m"]).values == {"m.value": 0.5}


def test_a_node_that_writes_into_a_tensor_of_inference_mode_is_found(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    document = graph(p=use(inferred), s=use(scribble_inferred, image="p.image"), m=use(mean, image="p.image"))
    ran = bench.run(session, document, targets=["s"])
    assert "it wrote into an input" in ran.messages[0]
    assert bench.run(session, document, targets=["m"]).values == {"m.value": 0.25}


def test_json_is_lent_as_a_copy(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES, checks_inputs=True)
    document = graph(t=use(tree), p=use(prune, tree="t.value"))
    ran = bench.run(session, document, targets=["t", "p"])
    assert ran.values == {"t.value": {"list": [1, 2]}, "p.value": 3}


def test_a_node_that_writes_into_plain_values_is_found_where_inputs_are_checked(
    bench: Any, use: Any, graph: Any
) -> None:
    session = bench.session(NODES, checks_inputs=True)
    ran = bench.run(session, graph(t=use(tree), p=use(prune_anything, tree="t.value")))
    assert "it wrote into an input, which it was only lent" in ran.messages[0]


def test_tensors_made_in_inference_mode_pass(bench: Any, use: Any, graph: Any) -> None:
    ran = bench.run(bench.session(NODES), graph(i=use(inferred), m=use(mean, image="i.image")))
    assert ran.values == {"m.value": 0.25}


def test_a_node_that_gives_another_value_when_it_is_rebuilt_drifts(
    bench: Any, use: Any, graph: Any, evict: Any
) -> None:
    session = bench.session(NODES)
    document = graph(a=use(one), s=use(secretly_changing, x="a.value"))
    bench.run(session, document)
    evict(session)
    ran = bench.run(session, document)
    assert ran.told == ["step.cached a", "step.cached s", "step.started s", "step.done s", "drift s"]
    assert ran.values["s.value"].startswith(f"{1:16d}")


def test_a_reader_of_a_drifted_value_is_named_after_what_it_really_read(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES, home=None)
    base = graph(a=use(one), s=use(secretly_changing, x="a.value"))
    bench.run(session, base)
    session.fetch.memory.shrink(0)
    more = graph(a=use(one), s=use(secretly_changing, x="a.value"), n=use(length, text="s.value"))
    ran = bench.run(session, more)
    assert ran.told == ["step.cached a", "step.cached s", "step.started a", "step.done a", "step.started s",
                        "step.done s", "drift s", "step.started n", "step.done n"]  # fmt: skip
    assert ran.values == {"n.value": 1.0}
    assert bench.run(session, more).values == {"n.value": 1.0}


def test_a_list_of_a_drifted_value_is_named_anew(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES, home=None)
    base = {"a": use(one), "b": use(one, value=2.0), "s": use(secretly_changing, x="a.value")}
    bench.run(session, graph(**base))
    session.fetch.memory.shrink(0)
    more = graph(**base, t=use(secretly_changing, x="b.value"), n=use(lengths, texts=["s.value", "t.value"]))
    ran = bench.run(session, more)
    assert ran.told.count("drift s") == 1
    again = bench.run(session, more)
    assert (again.computed, again.values) == ([], ran.values)


# -- impure nodes --------------------------------------------------------------------------------------------------


def test_an_impure_node_runs_once_in_each_run(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    document = graph(t=use(turn), p=use(plus, x="t.value"), q=use(plus, x="t.value", by=2.0))
    assert bench.run(session, document).values == {"p.value": 1.0, "q.value": 2.0}
    assert bench.run(session, document).values == {"p.value": 2.0, "q.value": 3.0}


def test_two_impure_nodes_of_one_run_do_not_share(bench: Any, use: Any, graph: Any) -> None:
    ran = bench.run(bench.session(NODES), graph(t=use(turn), u=use(turn)))
    assert sorted(ran.values.values()) == [0.0, 1.0]


def test_a_run_that_is_resumed_finds_its_impure_steps(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    document = graph(t=use(turn), p=use(plus, x="t.value"))
    bench.run(session, document, run_id="abc")
    ran = bench.run(bench.restarted(session, NODES), document, run_id="abc")
    assert ran.told == ["step.cached t", "step.cached p"]


# -- small memory --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("home", ["own", None])
def test_a_memory_of_nothing_still_gives_what_is_right(home: Any, bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES, home=home, memory=0)
    document = graph(
        a=use(one), b=use(plus, x="a.value"), c=use(plus, x="b.value"), d=use(plus, x="a.value", by="c.value")
    )
    assert bench.run(session, document).values == {"d.value": 4.0}


def test_what_is_remembered_in_memory_stays_within_its_bound(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES, home=None, memory=500_000)
    steps = {f"s{at}": use(secretly_changing, x=f"o{at}.value") for at in range(9)}
    steps |= {f"o{at}": use(one, value=float(at)) for at in range(9)}
    bench.run(session, graph(**steps), values=False)
    assert 0 < session.fetch.memory.used <= 500_000


def test_an_error_in_a_listener_is_raised_to_who_waits(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)

    def listen(event: Any) -> None:
        raise RuntimeError("I do not listen")

    with pytest.raises(RuntimeError, match="I do not listen"):
        bench.run(session, graph(a=use(one)), on_event=listen)
    assert bench.run(session, graph(a=use(one))).status == "done"


def test_a_closed_session_ends_its_runs(bench: Any, use: Any, graph: Any) -> None:
    session = Session(bench.home, nodes=NODES, threads=1)
    handle = bench.begin(session, graph(a=use(one), b=use(waiting, x="a.value")))
    handle.wait_for("step.started b")
    began = time.monotonic()
    session.close()
    assert handle(1.0).status == "cancelled"
    assert time.monotonic() - began < 10
