"""Damaged entries, killed writers, a full disk, two processes on one data folder: nothing torn is ever served."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from graphflow import node
from graphflow.cache.ledger import Ledger, LedgerError
from graphflow.cache.shelf import DiskShelf

CHILD = Path(__file__).with_name("killed.py")


@node
def seed(*, value: float = 1.0) -> float:
    """Give a number."""
    return value


@node
def next_(x: float, *, by: float = 1.0) -> float:
    """Add."""
    return x + by


@node
def large(x: float) -> str:
    """Give what is too large for the ledger."""
    return f"{x:16.1f}" * 10_000


@node
def small_again(text: str) -> float:
    """Read it."""
    return float(text[:16])


@node
def listed(x: float, *, count: int = 3) -> list[float]:
    """Give a list."""
    return [x + index for index in range(count)]


@node
def summed(items: list[float]) -> float:
    """Add up."""
    return float(sum(items))


NODES = [seed, next_, large, small_again, listed, summed]
DURABLE = {"disk_speed": 1e15}  # writing costs nothing: every value is worth it


def flip(path: Path, at: int) -> None:
    body = bytearray(path.read_bytes())
    body[at % len(body)] ^= 0x10
    path.write_bytes(bytes(body))


def chain(use: Any, graph: Any) -> Any:
    return graph(a=use(seed), w=use(large, x="a.value"), s=use(small_again, text="w.value"))


@pytest.mark.parametrize("at", [0, 31, 32, 36, 1000, -1])
def test_a_damaged_entry_on_disk_is_found_told_and_rebuilt(at: int, bench: Any, use: Any, graph: Any) -> None:
    document = chain(use, graph)
    session = bench.session(NODES, **DURABLE)
    bench.run(session, document)
    session = bench.restarted(session, NODES, **DURABLE)
    entries = list((bench.home / "shelf").glob("*/*"))
    assert len(entries) == 1
    flip(entries[0], at)
    ran = bench.run(session, document, targets=["w"])
    assert ran.told == ["step.cached a", "step.cached w", "cache.corrupt", "step.started w", "step.done w"]
    assert ran.values == {"w.value": f"{1.0:16.1f}" * 10_000}
    assert bench.run(bench.restarted(session, NODES, **DURABLE), document, targets=["w"]).computed == []


def test_a_truncated_entry_is_found(bench: Any, use: Any, graph: Any) -> None:
    document = chain(use, graph)
    session = bench.session(NODES, **DURABLE)
    bench.run(session, document)
    session = bench.restarted(session, NODES, **DURABLE)
    entry = next((bench.home / "shelf").glob("*/*"))
    for size in (0, 10, 40, 5000):
        entry.write_bytes(entry.read_bytes()[:size])
        session.fetch.memory.shrink(0)
        ran = bench.run(session, document, targets=["w"])
        assert "cache.corrupt" in ran.told
        assert ran.values == {"w.value": f"{1.0:16.1f}" * 10_000}


def sql(home: Path, command: str, *values: Any) -> None:
    with sqlite3.connect(home / "ledger.sqlite") as database:
        database.execute(command, values)
    database.close()


def damaged(at: int) -> str:
    """A body with one byte changed, in SQL."""
    return f"CAST(substr(body, 1, {at}) || x'ff' || substr(body, {at + 2}) AS BLOB)"


def test_a_damaged_small_value_in_the_ledger_is_found_told_and_rebuilt(bench: Any, use: Any, graph: Any) -> None:
    document = graph(a=use(seed, value=5.0), b=use(next_, x="a.value"))
    session = bench.session(NODES)
    bench.run(session, document)
    bench.close(session)
    sql(bench.home, "UPDATE value SET body = CAST(body || x'00' AS BLOB)")
    session = bench.session(NODES)
    ran = bench.run(session, document)
    assert ran.values == {"b.value": 6.0}
    assert ran.computed == ["a", "b"]
    assert "cache.corrupt" in ran.told
    again = bench.run(bench.restarted(session, NODES), document)
    assert again.computed == []


def test_a_damaged_trace_is_found_told_and_computed_again(bench: Any, use: Any, graph: Any) -> None:
    document = graph(a=use(seed), b=use(next_, x="a.value"))
    session = bench.session(NODES)
    bench.run(session, document)
    bench.close(session)
    sql(bench.home, "DELETE FROM manifest")
    sql(
        bench.home,
        "UPDATE trace SET body = CAST(substr(body, 1, 60) || x'ff' || substr(body, 62) AS BLOB) WHERE id = 2",
    )
    session = bench.session(NODES)
    ran = bench.run(session, document)
    assert ran.told == ["step.cached a", "cache.corrupt", "step.started b", "step.done b"]
    assert ran.values == {"b.value": 2.0}
    sql(bench.home, "DELETE FROM manifest")
    again = bench.run(bench.restarted(session, NODES), document)
    assert again.computed == []


def test_a_damaged_manifest_is_found_told_and_written_anew(bench: Any, use: Any, graph: Any) -> None:
    document = graph(a=use(seed), b=use(next_, x="a.value"))
    session = bench.session(NODES)
    bench.run(session, document)
    bench.close(session)
    sql(bench.home, f"UPDATE manifest SET body = {damaged(20)}")
    session = bench.session(NODES)
    ran = bench.run(session, document)
    assert ran.told == ["cache.corrupt", "step.cached a", "step.cached b"]
    again = bench.run(bench.restarted(session, NODES), document)
    assert again.told == ["step.cached a", "step.cached b"]


def test_a_damaged_list_entry_is_found_told_and_computed_again(bench: Any, use: Any, graph: Any) -> None:
    document = graph(a=use(seed), n=use(listed, x="a.value"), m=use(next_, x="n.value"), t=use(summed, items="m.value"))
    session = bench.session(NODES)
    bench.run(session, document)
    bench.close(session)
    sql(bench.home, f"UPDATE value SET body = {damaged(20)} WHERE length(body) > 60")
    more = {**document, "nodes": {**document["nodes"], "p": use(next_, x="n.value", by=2.0)}}
    ran = bench.run(bench.session(NODES), more, targets=["p", "t"])
    assert ran.values == {"p.value": [3.0, 4.0, 5.0], "t.value": 9.0}
    assert "cache.corrupt" in ran.told


@pytest.mark.parametrize("seed_", range(3))
def test_flipped_bits_in_a_ledger_never_give_a_wrong_value(seed_: int, bench: Any, use: Any, graph: Any) -> None:
    dice = random.Random(seed_)
    document = chain(use, graph)
    document["nodes"] |= {f"n{at}": use(next_, x="a.value", by=float(at)) for at in range(30)}
    session = bench.session(NODES, **DURABLE)
    right = bench.run(session, document).values
    bench.close(session)
    ledger = bench.home / "ledger.sqlite"
    for _ in range(12):
        for path in [ledger, *(bench.home / "shelf").glob("*/*")]:
            for _ in range(3):
                flip(path, dice.randrange(path.stat().st_size))
        session = bench.session(NODES, **DURABLE)
        ran = bench.run(session, document)
        assert (ran.status, ran.values) == ("done", right), ran.messages
        bench.close(session)


@pytest.mark.parametrize("made", ["5", "NULL", "'text'", "2.5"])
def test_rows_of_which_something_else_became_are_dropped(made: str, bench: Any, use: Any, graph: Any) -> None:
    document = graph(a=use(seed), b=use(next_, x="a.value"))
    session = bench.session(NODES)
    bench.run(session, document)
    bench.close(session)
    for table in ("trace", "value", "manifest"):
        with contextlib.suppress(sqlite3.IntegrityError):
            sql(bench.home, f"UPDATE {table} SET body = {made}")
    ran = bench.run(bench.session(NODES), document)
    assert (ran.status, ran.values) == ("done", {"b.value": 2.0})


def test_a_ledger_that_is_no_database_is_set_aside(bench: Any, use: Any, graph: Any) -> None:
    bench.home.mkdir()
    (bench.home / "ledger.sqlite").write_bytes(b"garbage " * 1000)
    ran = bench.run(bench.session(NODES), graph(a=use(seed)))
    assert ran.status == "done"
    assert ran.told[0] == "cache.corrupt"
    assert list(bench.home.glob("ledger.sqlite.corrupt-*"))


# -- killed --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rounds", [12, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.timeout(1200)
def test_a_writer_that_is_killed_leaves_nothing_torn_and_nothing_done_is_computed_again(
    rounds: int, tmp_path: Path
) -> None:
    dice = random.Random(rounds)
    home = tmp_path / "home"
    done: set[str] = set()
    for turn in range(rounds):
        child = subprocess.Popen(
            [sys.executable, str(CHILD), str(home), str(turn // 4)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        if turn % 4 == 0:
            done = set()
        for _ in range(dice.randrange(2, 30)):
            found = child.stdout.readline().split()
            if found[:1] == ["step.done"]:
                assert found[1] not in done, "a step was computed again although it was told as done"
                done.add(found[1])
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read().split("\n")
        done |= {line.split()[1] for line in rest if line.startswith("step.done ") and line.count(" ") == 1}
        child.wait()
        child.stdout.close()
    last = subprocess.run(
        [sys.executable, str(CHILD), str(home), str((rounds - 1) // 4)], capture_output=True, text=True, check=True
    )
    lines = last.stdout.splitlines()
    assert json.loads(lines[-1])["wrong"] == []
    assert not [line for line in lines if line.startswith("cache.corrupt")]


def test_what_a_dead_writer_left_is_swept(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    orphan = bench.home / "shelf" / "ab" / "0123.new-456"
    orphan.parent.mkdir()
    orphan.write_bytes(b"half")
    young = orphan.with_name("0124.new-789")
    young.write_bytes(b"half")
    os.utime(orphan, (time.time() - 7200, time.time() - 7200))
    session.trimmer.trim(1 << 30)
    assert (orphan.exists(), young.exists()) == (False, True)


def test_two_processes_share_one_data_folder_at_once(tmp_path: Path) -> None:
    command = [sys.executable, str(CHILD), str(tmp_path / "home"), "0"]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for child in children:
        told, _ = child.communicate(timeout=120)
        assert child.returncode == 0
        assert json.loads(told.splitlines()[-1])["wrong"] == []
        assert "cache.corrupt" not in told


# -- full ----------------------------------------------------------------------------------------------------------


def test_a_shelf_without_room_fails_the_step_with_a_sentence(
    bench: Any, use: Any, graph: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = bench.session(NODES, **DURABLE)
    whole = DiskShelf.put

    def full(shelf: DiskShelf, digest: bytes, body: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(DiskShelf, "put", full)
    document = chain(use, graph)
    ran = bench.run(session, document)
    assert [(error.code, error.node) for error in ran.result.errors] == [("disk.full", "w")]
    assert "graphflow cache trim" in ran.result.errors[0].hint
    monkeypatch.setattr(DiskShelf, "put", whole)
    again = bench.run(session, document)
    assert again.told[0] == "step.cached a"
    assert again.values == {"s.value": 1.0}


def test_a_ledger_without_room_ends_the_run_and_tells_nothing_as_done(
    bench: Any, use: Any, graph: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = bench.session(NODES)
    whole = Ledger.flush

    def full(ledger: Ledger) -> None:
        if ledger.waiting:
            ledger._rows.clear()
            raise LedgerError("The ledger cannot be written: database or disk is full.")

    monkeypatch.setattr(Ledger, "flush", full)
    ran = bench.run(session, graph(a=use(seed), b=use(next_, x="a.value")))
    assert ran.status == "failed"
    assert ran.result.errors[0].code == "disk.full"
    assert ran.computed == []
    monkeypatch.setattr(Ledger, "flush", whole)
    assert bench.run(session, graph(a=use(seed), b=use(next_, x="a.value"))).values == {"b.value": 2.0}


@pytest.fixture
def little_disk(tmp_path: Path) -> Any:
    place = tmp_path / "little"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], capture_output=True, check=False
    )
    yield place if mounted.returncode == 0 else None
    if mounted.returncode == 0:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_tears_nothing_and_the_run_goes_on_when_there_is_room(
    little_disk: Path | None, bench: Any, use: Any, graph: Any
) -> None:
    if little_disk is None:
        return  # nobody here may mount; the two tests above hold the same with a shelf that says so
    home = little_disk / "home"
    document = graph(
        a=use(seed), n=use(listed, x="a.value", count=40), w=use(large, x="n.value"),
        s=use(small_again, text="w.value"), t=use(summed, items="s.value"),
    )  # fmt: skip
    session = bench.session(NODES, home=home, disk=1 << 30, memory=0, **DURABLE)
    ran = bench.run(session, document)
    assert ran.status == "failed"
    assert {error.code for error in ran.result.errors} == {"disk.full"}
    bench.close(session)
    subprocess.run(["mount", "-o", "remount,size=64m", str(little_disk)], check=True)
    session = bench.session(NODES, home=home, disk=1 << 30, **DURABLE)
    again = bench.run(session, document)
    assert again.values == {"t.value": float(sum(1 + index for index in range(40)))}
    assert "cache.corrupt" not in again.told
    bench.close(session)


def test_a_shelf_that_is_deleted_while_it_is_used_is_made_again(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES, memory=0, **DURABLE)
    document = chain(use, graph)
    bench.run(session, document)
    shutil.rmtree(bench.home / "shelf")
    ran = bench.run(session, document, targets=["w"])
    assert (ran.status, ran.computed) == ("done", ["w"])
    other = graph(a=use(seed, value=2.0), w=use(large, x="a.value"))
    shutil.rmtree(bench.home / "shelf")
    assert bench.run(session, other).status == "done"
    assert bench.run(bench.restarted(session, NODES, **DURABLE), other).computed == []


def test_a_data_folder_that_is_deleted_while_it_is_used_harms_only_what_was_in_it(
    bench: Any, use: Any, graph: Any
) -> None:
    session = bench.session(NODES, **DURABLE)
    document = chain(use, graph)
    right = bench.run(session, document).values
    shutil.rmtree(bench.home)
    for value in (1.0, 2.0):
        ran = bench.run(session, {**document, "nodes": {**document["nodes"], "a": use(seed, value=value)}})
        assert ran.status in ("done", "failed")
        assert ran.status == "failed" or ran.values == {"s.value": value}
    session = bench.restarted(session, NODES, **DURABLE)
    assert bench.run(session, document).values == right
    assert bench.run(bench.restarted(session, NODES, **DURABLE), document).computed == []


def test_processes_may_trim_while_others_read(bench: Any, use: Any, graph: Any) -> None:
    document = chain(use, graph)
    document["nodes"] |= {f"w{at}": use(large, x=f"b{at}.value") for at in range(12)}
    document["nodes"] |= {f"b{at}": use(seed, value=float(at)) for at in range(12)}
    sessions = [bench.session(NODES, memory=0, disk=1 << 30, **DURABLE) for _ in range(2)]
    stop = threading.Event()

    def trim() -> None:
        while not stop.is_set():
            sessions[1].trimmer.trim(0)

    thread = threading.Thread(target=trim)
    thread.start()
    for _ in range(6):
        ran = bench.run(sessions[0], document)
        assert ran.status == "done", ran.messages
        assert len(ran.values) == 13
    stop.set()
    thread.join()
