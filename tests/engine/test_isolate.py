"""Nodes with a process of their own: they work, and what kills them kills nothing else."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Generator
from typing import Any, NamedTuple

import pytest
import torch

from graphflow import QUIET, Context, Image, Inputs, Lazy, Secret, Session, Skip, node
from graphflow.engine.isolate import Pool
from graphflow.nodetype.widgets import Isolate


@node
def alone_start(*, value: float = 2.0) -> float:
    """Give a number."""
    return value


@node(isolate=True)
def alone_add(x: float, *, by: float = 1.0) -> float:
    """Add."""
    return x + by


class Halves(NamedTuple):
    """Two pictures."""

    upper: Image
    lower: Image


@node(isolate=True)
def alone_split(image: Image) -> Halves:
    """Cut a picture."""
    half = image.pixels.shape[2] // 2
    return Halves(Image(image.pixels[:, :, :half].clone()), Image(image.pixels[:, :, half:].clone()))


@node
def alone_picture(*, size: int = 8) -> Image:
    """Make a picture."""
    return Image(torch.linspace(0, 1, size * size).reshape(1, 1, size, size))


@node(isolate=True)
def alone_talk(x: float, *, rounds: int = 200, ctx: Context = QUIET) -> float:
    """Print, tell progress, say something."""
    for at in range(rounds):
        print("noise on standard output", at)
        ctx.progress(at + 1, rounds)
    sys.stdout.flush()
    os.write(1, b"raw noise\n")
    ctx.say("done with it")
    return x


@node(isolate=True)
def alone_pid(x: float) -> float:
    """Tell the process."""
    return float(os.getpid())


@node(isolate=True)
def alone_crash(x: float, *, how: str = "segv") -> float:
    """End the process in some way."""
    if how == "segv":
        ctypes.string_at(0)
    elif how == "exit":
        os._exit(7)
    elif how == "abort":
        os.abort()
    elif how == "raise":
        raise ValueError("not like this")
    elif how == "system":
        sys.exit(3)
    elif how == "skip":
        raise Skip("nothing to do")
    return x


@node(isolate=Isolate(gb=2.0, seconds=60.0))
def alone_greedy(x: float) -> float:
    """Take far too much memory."""
    return float(len(bytearray(8 << 30)))


@node(isolate=Isolate(gb=8.0, seconds=1.0))
def alone_slow(x: float) -> float:
    """Sleep far too long."""
    time.sleep(60)
    return x


@node(isolate=True)
def alone_deaf(x: float) -> float:
    """Work on without looking up."""
    while True:
        x += 1.0


@node(isolate=True)
def alone_secret(x: float, *, key: Secret = Secret("isolated"), ctx: Context = QUIET) -> float:  # noqa: B008
    """Use a secret."""
    ctx.say(f"the secret is {ctx.secret(key)}")
    return float(len(ctx.secret(key)))


@node(isolate=True)
def alone_choose(a: Lazy[float] = Lazy(), b: Lazy[float] = Lazy(), *, first: bool = True) -> float:  # noqa: B008
    """Take one of two."""
    assert a.present == first
    assert b.present != first
    return a.value if first else b.value


@alone_choose.needs
def _(first: bool) -> set[str]:
    return {"a"} if first else {"b"}


@node(isolate=True)
def alone_sum(more: Inputs, *, names: list[str]) -> float:
    """Add up dynamic inputs."""
    assert isinstance(more, Inputs)
    return float(sum(more.values()))


@alone_sum.inputs
def _(names: list[str]) -> dict[str, str]:
    return dict.fromkeys(names, "number")


NODES = [alone_start, alone_add, alone_split, alone_picture, alone_talk, alone_pid, alone_crash, alone_greedy]
NODES += [alone_slow, alone_deaf, alone_secret, alone_choose, alone_sum]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Generator[Session]:
    """One for all: a process takes its time to start."""
    with Session(tmp_path_factory.mktemp("home"), nodes=NODES, threads=1, memory=1 << 26) as made:
        yield made


def test_an_isolated_step_gives_its_value_and_is_cached_like_any(
    session: Session, bench: Any, use: Any, graph: Any
) -> None:
    document = graph(a=use(alone_start), b=use(alone_add, x="a.value", by=3.0))
    ran = bench.run(session, document)
    assert ran.values == {"b.value": 5.0}
    assert ran.told[-2:] == ["step.started b", "step.done b"]
    assert bench.run(session, document).told == ["step.cached a", "step.cached b"]


def test_tensors_and_several_outputs_pass_between_the_processes(
    session: Session, bench: Any, use: Any, graph: Any
) -> None:
    document = graph(p=use(alone_picture), s=use(alone_split, image="p.image"))
    ran = bench.run(session, document, targets=["p", "s"])
    whole = torch.cat([ran.values["s.upper"].pixels, ran.values["s.lower"].pixels], 2)
    assert torch.equal(whole, ran.values["p.image"].pixels)


def test_what_a_node_prints_breaks_nothing_and_progress_is_told(
    session: Session, bench: Any, use: Any, graph: Any
) -> None:
    ran = bench.run(session, graph(a=use(alone_start), b=use(alone_talk, x="a.value")))
    assert ran.values == {"b.value": 2.0}
    assert [event.data["done"] for event in ran.of("step.progress")] == list(range(1, 201))
    assert [event.data["message"] for event in ran.of("step.said")] == ["done with it"]


def test_the_process_is_kept_for_the_next_step(session: Session, bench: Any, use: Any, graph: Any) -> None:
    document = graph(
        a=use(alone_start), b=use(alone_start, value=4.0), p=use(alone_pid, x="a.value"), q=use(alone_pid, x="b.value")
    )
    values = bench.run(session, document).values
    assert values["p.value"] == values["q.value"] != float(os.getpid())


@pytest.mark.parametrize(
    ("how", "said"),
    [("segv", "died of SIGSEGV"), ("exit", "left with exit code 7"), ("abort", "died of SIGABRT")],
)
def test_a_crash_fails_only_its_step_and_names_it(
    how: str, said: str, session: Session, bench: Any, use: Any, graph: Any
) -> None:
    document = graph(
        a=use(alone_start), b=use(alone_crash, x="a.value", how=how), c=use(alone_add, x="a.value"),
        d=use(alone_add, x="b.value"),
    )  # fmt: skip
    ran = bench.run(session, document)
    assert ran.status == "failed"
    assert [(error.code, error.node) for error in ran.result.errors] == [("node.died", "b")]
    assert f"{alone_crash.type} at b {said}" in ran.messages[0]
    assert ran.values == {"c.value": 3.0}
    assert [event.path for event in ran.of("step.skipped")] == ["d"]
    assert bench.run(session, graph(a=use(alone_start), b=use(alone_add, x="a.value", by=9.0))).status == "done"


@pytest.mark.parametrize(("how", "said"), [("raise", "not like this"), ("system", "3")])
def test_what_an_isolated_node_raises_is_told_and_its_process_lives(
    how: str, said: str, session: Session, bench: Any, use: Any, graph: Any
) -> None:
    ran = bench.run(session, graph(a=use(alone_start), b=use(alone_crash, x="a.value", how=how)))
    assert said in ran.messages[0]
    assert ran.result.errors[0].code == "node.failed"


def test_an_isolated_node_may_skip(session: Session, bench: Any, use: Any, graph: Any) -> None:
    ran = bench.run(session, graph(a=use(alone_start), b=use(alone_crash, x="a.value", how="skip")))
    assert (ran.status, ran.told[-1]) == ("done", "step.skipped b")


def test_a_memory_limit_holds(session: Session, bench: Any, use: Any, graph: Any) -> None:
    ran = bench.run(session, graph(a=use(alone_start), b=use(alone_greedy, x="a.value")))
    assert ran.result.errors[0].code == "memory.full"
    assert ran.result.errors[0].node == "b"


def test_a_time_limit_holds(session: Session, bench: Any, use: Any, graph: Any) -> None:
    ran = bench.run(session, graph(a=use(alone_start), b=use(alone_slow, x="a.value")))
    assert "took longer than its limit of 1 s" in ran.messages[0]
    assert ran.result.errors[0].code == "node.died"


def test_cancelling_kills_the_process_within_three_seconds(session: Session, bench: Any, use: Any, graph: Any) -> None:
    fresh = graph(a=use(alone_start, value=77.0), p=use(alone_pid, x="a.value"))
    pid = int(bench.run(session, fresh).values["p.value"])
    handle = bench.begin(session, graph(a=use(alone_start), b=use(alone_deaf, x="a.value")))
    handle.wait_for("step.started b")
    handle.cancel()
    assert handle(1.0).status == "cancelled"
    until = time.monotonic() + 3.0
    while _alive(pid) and time.monotonic() < until:
        time.sleep(0.01)
    assert not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_secret_reaches_an_isolated_node_and_no_event(
    session: Session, bench: Any, use: Any, graph: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.secrets.put("isolated", "h0nolulu")
    ran = bench.run(session, graph(a=use(alone_start), b=use(alone_secret, x="a.value")))
    assert ran.values == {"b.value": 8.0}
    assert [event.data["message"] for event in ran.of("step.said")] == ["the secret is ***"]
    assert "h0nolulu" not in repr(ran.events)


def test_lazy_and_dynamic_inputs_reach_an_isolated_node(session: Session, bench: Any, use: Any, graph: Any) -> None:
    document = graph(
        a=use(alone_start), b=use(alone_start, value=5.0), c=use(alone_choose, a="a.value", b="b.value", first=False),
        s=use(alone_sum, names=["u", "v"], u="a.value", v="c.value"),
    )  # fmt: skip
    document["nodes"]["s"]["params"] = {"names": ["u", "v"]}
    ran = bench.run(session, document)
    assert ran.values == {"s.value": 7.0}
    assert ran.computed[-2:] == ["c", "s"]


def test_a_process_at_work_when_code_was_edited_is_not_used_again() -> None:
    pool = Pool()
    busy = pool.take(8.0)
    pool.close()  # as an edit of a pack does
    pool.give_back(busy)
    assert busy.child.poll() is not None
    fresh = pool.take(8.0)
    pool.give_back(fresh)
    assert pool.take(8.0) is fresh
    pool.give_back(fresh)
    pool.close()
    assert fresh.child.poll() is not None
