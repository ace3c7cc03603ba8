"""A run that dies, is cancelled, is interrupted or takes too long: told with node and signal, finished work kept."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

GOOD = {"type": "odd/add", "params": {"x": 1}}


def begun(name: str, *options: str) -> subprocess.Popen[str]:
    """A run in a process of its own that has come as far as its mark."""
    process = subprocess.Popen(
        [sys.executable, "-m", "graphflow", "run", name, "--json", *options], stdout=subprocess.PIPE, text=True
    )
    while not Path("mark").exists():
        assert process.poll() is None
        time.sleep(0.02)
    return process


def ended(process: subprocess.Popen[str]) -> tuple[int, dict[str, Any]]:
    out, _ = process.communicate(timeout=30)
    return process.returncode, json.loads(out.splitlines()[-1])


def waiting(write: Any) -> str:
    """A workflow whose long step begins when the good one is done."""
    good = {"type": "odd/add", "params": {"x": 59}}
    long = {"type": "odd/wait", "inputs": {"seconds": "good.value"}, "params": {"mark": os.path.abspath("mark")}}
    return str(write({"good": good, "long": long}))


def test_a_crash_in_native_code_names_the_node_and_the_signal(cli: Any, write: Any, odd: str) -> None:
    done = cli("run", write({"good": GOOD, "bad": {"type": "odd/crash"}}), "--json")
    assert (done.code, done.json["error"]["code"]) == (1, "node.died")
    assert [(error["node"], error["message"]) for error in done.json["errors"]] == [
        ("bad", "odd/crash at bad died of SIGSEGV.")
    ]
    assert done.json["errors"][0]["hint"]


def test_what_was_finished_before_a_crash_is_found_the_next_time(cli: Any, write: Any, odd: str) -> None:
    name = write({"good": GOOD, "bad": {"type": "odd/crash"}})
    assert cli("run", name).code == 1
    told = cli("run", name, "--target", "good", "--json").json
    assert (told["status"], told["executed"]) == ("done", 0)


def test_only_the_node_that_crashed_is_blamed(cli: Any, write: Any, odd: str) -> None:
    told = cli("run", write({"long": {"type": "odd/wait"}, "bad": {"type": "odd/crash"}}), "--json").json
    assert [error["node"] for error in told["errors"]] == ["bad"]


def test_a_node_that_ends_the_process_is_named(cli: Any, write: Any, odd: str) -> None:
    done = cli("run", write({"bad": {"type": "odd/leave"}}))
    assert done.code == 1
    assert "error: odd/leave at bad left with exit code 3." in done.err


def test_ctrl_c_ends_with_130_and_keeps_what_was_finished(cli: Any, write: Any, odd: str) -> None:
    name = waiting(write)
    process = begun(name)
    process.send_signal(signal.SIGINT)
    code, told = ended(process)
    assert (code, told["status"], told["error"]["code"]) == (130, "cancelled", "run.cancelled")
    assert told["nodes"]["long"]["status"] == "cancelled"
    assert cli("run", name, "--target", "good", "--json").json["executed"] == 0


def test_ctrl_c_ends_a_node_that_lets_nobody_else_run(write: Any, odd: str) -> None:
    process = begun(write({"bad": {"type": "odd/stuck", "params": {"mark": os.path.abspath("mark")}}}))
    process.send_signal(signal.SIGINT)
    assert ended(process)[0] == 130


def test_being_told_to_end_is_75_and_names_the_run_to_resume(cli: Any, write: Any, odd: str) -> None:
    process = begun(waiting(write))
    process.send_signal(signal.SIGTERM)
    code, told = ended(process)
    assert (code, told["error"]["code"]) == (75, "run.interrupted")
    assert told["errors"][0]["hint"].endswith(f"graphflow resume {told['run']}")


def test_a_run_that_takes_too_long_ends_with_124(cli: Any, write: Any, odd: str) -> None:
    done = cli("run", waiting(write), "--timeout", "1.5", "--json")
    assert (done.code, done.json["error"]["code"]) == (124, "run.timeout")


def test_a_killed_parent_leaves_no_engine_behind(write: Any, odd: str, home: Path) -> None:
    process = begun(waiting(write))
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.kill()
    process.communicate()
    assert len(children) == 1
    until = time.monotonic() + 10
    while (
        Path(f"/proc/{children[0]}/status").exists() and "zombie" not in Path(f"/proc/{children[0]}/status").read_text()
    ):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_an_interrupted_run_is_resumed_with_what_was_finished(cli: Any, write: Any, odd: str, home: Path) -> None:
    process = begun(waiting(write))
    process.send_signal(signal.SIGINT)
    _, told = ended(process)
    done = cli("resume", "last", "--timeout", "1.5", "--json")
    assert (done.code, done.json["run"]) == (124, told["run"])
    assert done.json["nodes"]["good"]["status"] == "cached"
