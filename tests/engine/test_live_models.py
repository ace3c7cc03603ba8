"""Live models, async nodes, lanes: what steps share while they run."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest
import torch

from graphflow import QUIET, Context, Gpu, Model, loader, node, patcher
from graphflow.engine.context import StepContext
from graphflow.engine.pool import ModelPool

LOG: list[str] = []
BUSY: dict[str, int] = {"now": 0, "most": 0}


@pytest.fixture(autouse=True)
def fresh() -> None:
    LOG.clear()
    BUSY.update(now=0, most=0)


@loader("engine-test")
def load(model: Model[Any], ctx: Context) -> Any:
    LOG.append(f"load {model.source}")
    if model.source == "broken":
        raise OSError("the weights are torn")
    return torch.nn.Linear(100, 100, bias=False)


@patcher("engine-test")
def patch(live: Any, *, scale: float) -> Any:
    LOG.append(f"patch {scale:g}")
    return live


def recipe(source: str, *scales: float) -> Model[Any]:
    made: Model[Any] = Model("engine-test", source)
    for scale in scales:
        made = made.patched("engine-test", scale=scale)
    return made


@node
def model_of(*, source: str = "one") -> Model[Any]:
    """Name a model."""
    return recipe(source)


@node
def use_model(model: Model[Any], *, turn: int = 0, pause: float = 0.0, ctx: Context = QUIET) -> float:
    """Use a live model."""
    with ctx.use(model) as live:
        BUSY["now"] += 1
        BUSY["most"] = max(BUSY["most"], BUSY["now"])
        time.sleep(pause)
        BUSY["now"] -= 1
        return float(live.weight.shape[0] + turn)


@node
async def later(x: float, *, seconds: float = 0.01) -> float:
    """Wait without holding a thread, then pass on."""
    await asyncio.sleep(seconds)
    LOG.append("later")
    return x


@node(gpu=Gpu(gb=8))
def on_gpu(x: float) -> float:
    """Wish for a GPU."""
    return x + 1.0


@node
def give(*, value: float = 1.0) -> float:
    """Give a number."""
    return value


@node
def nap(x: float, *, seconds: float = 0.2) -> float:
    """Hold a thread."""
    BUSY["now"] += 1
    BUSY["most"] = max(BUSY["most"], BUSY["now"])
    time.sleep(seconds)
    BUSY["now"] -= 1
    return x


@node
def threads_used(x: float) -> float:
    """Tell how many compute threads torch has."""
    return float(torch.get_num_threads())


NODES = [model_of, use_model, later, on_gpu, give, nap, threads_used]


def test_a_live_model_is_loaded_once_and_used_by_many_steps(bench: Any, use: Any, graph: Any) -> None:
    document = graph(m=use(model_of), a=use(use_model, model="m.model"), b=use(use_model, model="m.model", turn=1))
    ran = bench.run(bench.session(NODES), document)
    assert ran.values == {"a.value": 100.0, "b.value": 101.0}
    assert LOG == ["load one"]


def test_a_live_model_is_lent_to_one_step_at_a_time(bench: Any, use: Any, graph: Any) -> None:
    users = {f"u{at}": use(use_model, model="m.model", turn=at, pause=0.02) for at in range(4)}
    bench.run(bench.session(NODES, threads=4), graph(m=use(model_of), **users))
    assert BUSY["most"] == 1


def test_a_loader_that_fails_fails_the_step_and_is_asked_again_the_next_time(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    document = graph(m=use(model_of, source="broken"), a=use(use_model, model="m.model"))
    for _ in range(2):
        assert "the weights are torn" in bench.run(session, document).messages[0]
    assert LOG == ["load broken", "load broken"]
    assert len(session.pool) == 0


def test_other_patches_are_another_live_model_and_stand_in_order() -> None:
    pool = ModelPool(1 << 30)
    for model in (recipe("a"), recipe("a", 1.0), recipe("a", 1.0, 2.0), recipe("a", 2.0, 1.0), recipe("a", 1.0)):
        with pool.lend(model, QUIET):
            pass
    assert LOG == ["load a", "load a", "patch 1", "load a", "patch 1", "patch 2", "load a", "patch 2", "patch 1"]
    assert len(pool) == 4


def test_models_beyond_the_bound_are_let_go_but_never_one_that_is_lent() -> None:
    size = 40_000  # 100 x 100 float32
    pool = ModelPool(2 * size)
    with pool.lend(recipe("a"), QUIET):
        for name in "bcd":
            with pool.lend(recipe(name), QUIET):
                assert pool.used <= 3 * size
        assert pool.used <= 2 * size
    LOG.clear()
    with pool.lend(recipe("a"), QUIET):
        assert LOG == []
    assert pool.free() == 2 * size
    assert (pool.used, len(pool)) == (0, 0)


def test_values_and_models_share_one_bound(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES, home=None, memory=100_000)
    document = graph(m=use(model_of), a=use(use_model, model="m.model"))
    bench.run(session, document)
    assert session.pool.used == 40_000
    assert session.fetch.memory.limit == 60_000
    session.pool.free()
    assert session.fetch.memory.limit == 100_000


def test_an_unknown_loader_is_named(bench: Any) -> None:
    model: Model[Any] = Model("no-such", "x")
    with pytest.raises(LookupError, match="no pack registers the loader 'no-such'"), ModelPool(1).lend(model, QUIET):
        pass


# -- async, lanes --------------------------------------------------------------------------------------------------


def test_async_nodes_wait_side_by_side(bench: Any, use: Any, graph: Any) -> None:
    nodes = {f"g{at}": use(give, value=float(at)) for at in range(6)}
    nodes |= {f"l{at}": use(later, x=f"g{at}.value", seconds=0.3) for at in range(6)}
    began = time.monotonic()
    ran = bench.run(bench.session(NODES), graph(**nodes))
    assert time.monotonic() - began < 1.5
    assert ran.values == {f"l{at}.value": float(at) for at in range(6)}


def test_a_cancelled_async_node_is_woken_and_gives_its_thread_back(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    handle = bench.begin(session, graph(g=use(give), l=use(later, x="g.value", seconds=30.0)))
    handle.wait_for("step.started l")
    handle.cancel()
    assert handle(1.0).status == "cancelled"
    until = time.monotonic() + 5.0
    while session.lanes["io"].busy and time.monotonic() < until:
        time.sleep(0.01)
    assert not session.lanes["io"].busy
    assert LOG == []


def test_a_node_that_wishes_for_a_gpu_runs_without_one(bench: Any, use: Any, graph: Any) -> None:
    assert bench.run(bench.session(NODES), graph(g=use(give), n=use(on_gpu, x="g.value"))).values == {"n.value": 2.0}


@pytest.mark.parametrize("threads", [1, 3])
def test_so_many_steps_run_side_by_side_as_the_lane_has_threads(threads: int, bench: Any, use: Any, graph: Any) -> None:
    nodes = {f"g{at}": use(give, value=float(at)) for at in range(6)}
    nodes |= {f"n{at}": use(nap, x=f"g{at}.value", seconds=0.1) for at in range(6)}
    bench.run(bench.session(NODES, threads=threads), graph(**nodes))
    assert BUSY["most"] == threads


def test_compute_threads_are_fixed_by_the_node_not_by_load(bench: Any, use: Any, graph: Any) -> None:
    was = torch.get_num_threads()
    ran = bench.run(bench.session(NODES, threads=2), graph(g=use(give), t=use(threads_used, x="g.value")))
    assert ran.values == {"t.value": 1.0}
    torch.set_num_threads(was)


def test_progress_is_told_to_every_run_that_waits(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session([*NODES, speaker], threads=2)
    GO.clear()
    first = bench.begin(session, graph(g=use(give), s=use(speaker, x="g.value")))
    first.wait_for("step.started s")
    second = bench.begin(session, graph(h=use(give), t=use(speaker, x="h.value")))
    GO.set()
    assert [event.path for event in first().of("step.said")] == ["s"]
    assert [event.path for event in second().of("step.said")] == ["t"]


GO = threading.Event()


@node
def speaker(x: float, *, ctx: Context = QUIET) -> float:
    """Speak when it may."""
    assert isinstance(ctx, StepContext)
    GO.wait(10.0)
    ctx.say("now")
    return x
