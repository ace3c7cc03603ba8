"""R3 and R8: a damaged cache is found and rebuilt; a node that ends the process is named with its signal."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

MARK = "mark"


# -- R3: a flipped bit is found ---------------------------------------------------------------------------------------

SLOW = """from graphflow import node
import time


@node
def slow(*, size: int = 200_000) -> str:
    '''Dear enough to be kept on the shelf.'''
    time.sleep(0.1)
    return "x" * size


@node
def count(text: str) -> int:
    '''Its length.'''
    return len(text)


@node
def crash(*, how: int = 6) -> int:
    '''Sends its own process a signal.'''
    import signal

    time.sleep(0.3)
    signal.raise_signal(how)
    return how
"""


@pytest.fixture
def slow(home: Path) -> None:
    (home / "packs").mkdir()
    (home / "packs" / "slow.py").write_text(SLOW)


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("at", [0, 31, 40, -1])
def test_a_flipped_bit_on_the_shelf_is_found_told_and_rebuilt(
    cli: Any, write: Any, home: Path, slow: None, at: int
) -> None:
    name = write({"a": {"type": "slow/slow"}, "b": {"type": "slow/count", "inputs": {"text": "a.value"}}})
    assert cli("run", name, "--json").code == 0
    [entry] = [path for path in (home / "shelf").rglob("*") if path.is_file()]
    flip(entry, at)
    write({"a": {"type": "slow/slow"}, "b": {"type": "text.length", "inputs": {"text": "a.value"}}})
    done = cli("run", name, "--events")
    assert done.code == 0
    assert "cache.corrupt" in done.out
    assert done.json["nodes"]["a"]["status"] == "done"
    assert done.json["outputs"]["b.characters"]["value"] == 200_000


def test_flipped_bits_in_the_ledger_never_give_a_wrong_value(cli: Any, write: Any, home: Path, slow: None) -> None:
    length = {"type": "text.length", "inputs": {"text": "a.value"}}
    name = write({"a": {"type": "slow/slow", "params": {"size": 10}}, "b": length})
    right = cli("run", name, "--json").json["outputs"]
    with sqlite3.connect(home / "ledger.sqlite") as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for table in ("trace", "value", "manifest"):
            for row, body in db.execute(f"SELECT rowid, body FROM {table}").fetchall():
                damaged = bytearray(body)
                damaged[len(body) // 2] ^= 4
                db.execute(f"UPDATE {table} SET body = ? WHERE rowid = ?", (bytes(damaged), row))
    done = cli("run", name, "--events")
    assert (done.code, done.json["outputs"]) == (0, right)
    assert "cache.corrupt" in done.out
    assert done.json["executed"] == 2
    assert cli("run", name, "--json").json["executed"] == 0


@pytest.mark.parametrize("at", [0, 100, 5000])
def test_a_ledger_file_that_is_damaged_costs_at_most_what_was_in_it(
    cli: Any, write: Any, home: Path, slow: None, at: int
) -> None:
    name = write({"a": {"type": "slow/slow", "params": {"size": 10}}})
    right = cli("run", name, "--json").json["outputs"]
    for _ in range(2):
        data = (home / "ledger.sqlite").read_bytes()
        (home / "ledger.sqlite").write_bytes(data[:at] + bytes(64) + data[at + 64 :])
        done = cli("run", name, "--json")
        assert (done.code, done.json["outputs"]) == (0, right)


# -- R8: a crashing node is only a failed node ------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGKILL, signal.SIGTERM])
def test_any_signal_that_ends_the_engine_is_told_with_its_node(
    cli: Any, write: Any, slow: None, number: signal.Signals
) -> None:
    nodes = {"good": {"type": "slow/count", "inputs": {"text": "said.value"}}, "said": {"type": "text.literal"}}
    name = write({**nodes, "bad": {"type": "slow/crash", "params": {"how": int(number)}}})
    done = cli("run", name, "--json")
    assert (done.code, done.json["error"]["code"]) == (1, "node.died")
    assert [(error["node"], number.name in error["message"]) for error in done.json["errors"]] == [("bad", True)]
    assert done.json["errors"][0]["hint"]
    assert cli("run", name, "--target", "good").code == 0


def test_ctrl_c_to_the_whole_process_group_cancels_too(write: Any, odd: str, cli: Any) -> None:
    good = {"type": "odd/add", "params": {"x": 59}}
    mark = {"mark": os.path.abspath(MARK)}
    name = write({"good": good, "long": {"type": "odd/wait", "inputs": {"seconds": "good.value"}, "params": mark}})
    process = subprocess.Popen(
        [sys.executable, "-m", "graphflow", "run", name, "--json"], stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    while not Path(MARK).exists():
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    told = json.loads(out.splitlines()[-1])
    assert (process.returncode, told["status"]) == (130, "cancelled")
    assert cli("run", name, "--target", "good", "--json").json["executed"] == 0
