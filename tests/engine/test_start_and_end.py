"""How runs begin and end: inputs, params, targets, plans, events in order, many runs at once."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

import graphflow
from graphflow import QUIET, Context, File, Lazy, Session, node
from graphflow.engine.errors import FileMissing, InvalidDocument, NoRoom, RunFailed


@node
def amount(*, value: float = 1.0) -> float:
    """Give a number."""
    return value


@node
def more(x: float, *, by: float = 1.0) -> float:
    """Add."""
    return x + by


@node
def never(x: float) -> float:
    """Fail."""
    raise ValueError("never")


@node
def long_text(x: float) -> str:
    """Give a large text."""
    return f"{x:16.1f}" * 10_000


@node
def yes(text: str) -> bool:
    """Read it."""
    return True


@node
def pick(a: Lazy[float] = Lazy(), b: Lazy[float] = Lazy(), *, first: bool = True) -> float:  # noqa: B008
    """Take one."""
    return a.value if first else b.value


@pick.needs
def _(first: bool) -> set[str]:
    return {"a"} if first else {"b"}


@node
def both_ways(*, text: str = "") -> str:
    """Pass a large param on."""
    return text


@pick.cost
def _(first: bool) -> float:
    return 1.0


@node(saves=True)
def keep_text(x: float) -> File:
    """Make a file."""
    return File.of_bytes("x.txt", f"{x:g}".encode())


@node
def chatty(x: float, *, rounds: int = 5, ctx: Context = QUIET) -> float:
    """Tell progress."""
    for at in range(rounds):
        ctx.progress(at + 1, rounds)
    return x


NODES = [amount, more, never, long_text, yes, pick, both_ways, keep_text, chatty]
FACE = {
    "inputs": {"start": {"to": ["a.value"]}, "step": {"to": ["b.by", "c.by"], "default": 2.0}},
    "outputs": {"end": "c.value", "middle": "b.value"},
}


def faced(use: Any, graph: Any) -> Any:
    return graph(
        None, FACE, a=use(amount), b=use(more, x="a.value"), c=use(more, x="b.value"), d=use(more, x="a.value")
    )


def test_the_interface_gives_values_in_and_out(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    document = faced(use, graph)
    ran = bench.run(session, document, inputs={"start": 10})
    assert {name: ran.values[name] for name in ("end", "middle")} == {"end": 14.0, "middle": 12.0}
    again = bench.run(session, document, inputs={"start": 10, "step": 1}, targets=["c"])
    assert again.values == {"c.value": 12.0}


def test_a_param_given_for_the_run_beats_the_documents(bench: Any, use: Any, graph: Any) -> None:
    ran = bench.run(bench.session(NODES), graph(a=use(amount), b=use(more, x="a.value", by=5.0)), params={"b.by": 7})
    assert ran.values == {"b.value": 8.0}


def test_only_what_a_target_needs_is_computed(bench: Any, use: Any, graph: Any) -> None:
    ran = bench.run(bench.session(NODES), faced(use, graph), targets=["b"])
    assert ran.computed == ["a", "b"]
    assert ran.values == {"b.value": 3.0}


@pytest.mark.parametrize(
    "options", [{"inputs": {"no": 1}}, {"params": {"b.no": 1}}, {"params": {"no.by": 1}}, {"targets": ["no"]},
                {"params": {"b.by": "text"}}, {"inputs": {"start": "text"}}],
)  # fmt: skip
def test_what_the_document_does_not_have_is_refused(options: Any, bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    with pytest.raises(InvalidDocument):
        bench.run(session, faced(use, graph), **options)


def test_a_workflow_file_that_is_not_there_is_told() -> None:
    with Session(None, nodes=NODES) as session, pytest.raises(FileMissing, match=r"no\.json cannot be read"):
        session.run("no.json")


def test_a_workflow_is_read_from_a_file_and_from_bytes(bench: Any, use: Any, graph: Any, tmp_path: Path) -> None:
    session = bench.session(NODES)
    data = msgspec.json.encode(graph(a=use(amount, value=3.0)))
    (tmp_path / "flow.json").write_bytes(data)
    for form in (data, tmp_path / "flow.json", str(tmp_path / "flow.json")):
        assert bench.run(session, form).values == {"a.value": 3.0}


def test_graphflow_run_gives_values_and_raises_the_first_sentence(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    document = graph(a=use(amount), b=use(more, x="a.value"))
    assert graphflow.run(document, session=session) == {"b.value": 2.0}
    with pytest.raises(RunFailed, match="n failed: never"):
        graphflow.run(graph(a=use(amount), n=use(never, x="a.value")), session=session)


def test_a_full_disk_raises_what_the_command_line_ends_with(
    bench: Any, use: Any, graph: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = bench.session(NODES)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(session.fetch.disk, "put", full)
    with pytest.raises(NoRoom) as raised:
        graphflow.run(graph(a=use(amount), t=use(long_text, x="a.value")), session=session)
    assert raised.value.exit_code == 74


def test_a_plan_executes_nothing_even_where_a_value_would_have_to_be_rebuilt(
    bench: Any, use: Any, graph: Any, evict: Any
) -> None:
    session = bench.session(NODES)
    document = graph(
        a=use(amount), t=use(long_text, x="a.value"), y=use(yes, text="t.value"), b=use(amount, value=2.0),
        p=use(pick, a="a.value", b="b.value", first="y.value"), s=use(keep_text, x="p.value"),
    )  # fmt: skip
    assert session.plan(document)["a"] == "to do"
    bench.run(session, document)
    evict(session)
    session.fetch.ledger.trim_values(0)
    seen = session.plan(document, out=bench.folder / "out")
    assert {seen[name] for name in ("a", "t", "y")} == {"cached"}
    assert not (bench.folder / "out").exists()
    assert len(session.fetch.memory) == 0
    assert session.inflight == {}


def test_progress_comes_between_the_start_and_the_end_of_its_step(bench: Any, use: Any, graph: Any) -> None:
    ran = bench.run(bench.session(NODES), graph(a=use(amount), c=use(chatty, x="a.value")))
    assert ran.told[2:] == ["step.started c", *["step.progress c"] * 5, "step.done c"]


def test_many_runs_at_once_each_get_their_own_events(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES, threads=3)
    handles: list[Any] = []
    lock = threading.Lock()

    def begin(number: int) -> None:
        document = graph(a=use(amount, value=float(number % 4)), b=use(more, x="a.value", by=float(number)))
        handle = bench.begin(session, document)
        with lock:
            handles.append((number, handle))

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, handle in handles:
        ran = handle()
        assert ran.values == {"b.value": float(number % 4 + number)}
        assert {event.path for event in ran.events} <= {"", "a", "b"}
    assert session.runs == []


def test_waiting_with_a_limit_raises_and_the_run_goes_on(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session([*NODES, patient])
    GO.clear()
    handle = bench.begin(session, graph(a=use(amount), p=use(patient, x="a.value")))
    with pytest.raises(TimeoutError):
        session.wait(handle.run, 0.05)
    GO.set()
    assert handle().status == "done"


GO = threading.Event()


@node
def patient(x: float) -> float:
    """Wait."""
    GO.wait(20.0)
    return x


def test_a_document_without_nodes_is_done_at_once(bench: Any, graph: Any) -> None:
    ran = bench.run(bench.session(NODES), graph())
    assert (ran.status, ran.told, ran.values) == ("done", [], {})


def test_the_result_as_json_can_be_written(bench: Any, use: Any, graph: Any) -> None:
    ran = bench.run(bench.session(NODES), faced(use, graph))
    told = msgspec.json.decode(msgspec.json.encode(ran.result.as_json()))
    assert told["status"] == "done"
    assert told["nodes"]["b"]["outputs"]["value"]["kind"] == "number"
    assert set(told["outputs"]) >= {"end", "middle"}
    for event in ran.events:
        msgspec.json.encode(event.as_json())
