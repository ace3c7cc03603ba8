"""R5, R2: a full disk ends a run with 74 and a killed run with nothing torn; the next run finds what was finished."""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

PACK = '''"""Nodes that make much of little, without a heavy library."""

from __future__ import annotations

import hashlib
import time

from graphflow import File, node


@node
def much(*, seed: int = 0) -> str:
    """Some 400 KB of text that took a while."""
    time.sleep(0.1)
    return "".join(hashlib.sha256(b"%d %d" % (seed, at)).hexdigest() for at in range(6_000))


@node
def turned(text: str) -> str:
    """The text backwards."""
    time.sleep(0.1)
    return text[::-1]


@node(saves=True)
def save(text: str) -> File:
    """A file of the text."""
    return File.of_bytes("soft.txt", text.encode())
'''
NODES: dict[str, Any] = {
    "much": {"type": "bulky/much"},
    "soft": {"type": "bulky/turned", "inputs": {"text": "much.value"}},
    "save": {"type": "bulky/save", "inputs": {"text": "soft.value"}},
    "said": {"type": "text.literal", "params": {"text": "hello"}},
}


def run(flow: str, home: Path, out: Path, limit: int | None = None) -> tuple[int, Any]:
    """A run in a process of its own, whose files may be at most so large."""

    def cap() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [sys.executable, "-m", "graphflow", "run", flow, "--json", "--out", str(out)],
        env={**os.environ, "GRAPHFLOW_HOME": str(home)}, capture_output=True, text=True, check=False, preexec_fn=cap,
        timeout=120,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def wanted(home: Path, write: Any) -> bytes:
    """The file that a run without trouble saves."""
    (home / "packs").mkdir()
    (home / "packs" / "bulky.py").write_text(PACK)
    code, _ = run(write(NODES), home, home / "wanted")
    assert code == 0
    return (home / "wanted" / "soft.txt").read_bytes()


def begin(home: Path, fresh: Path) -> None:
    """A data folder in which nothing has been computed."""
    for name in ("catalogue", "packs"):
        shutil.copytree(home / name, fresh / name)


def nothing_is_torn(home: Path, out: Path, wanted: bytes) -> None:
    """No half-written file is left, and what was saved is whole."""
    assert [path for folder in (home, out) for path in folder.rglob("*.new-*")] == []
    assert [path.name for path in out.glob("*") if path.read_bytes() != wanted] == []


def goes_on(home: Path, out: Path, wanted: bytes) -> Any:
    """With room again the run ends well."""
    code, told = run("flow.json", home, out)
    assert (code, told["errors"]) == (0, [])
    assert (out / "soft.txt").read_bytes() == wanted
    return told


# A file limit needs no rights and so works everywhere; where a file system can be mounted, the disk is really full.
@pytest.mark.parametrize("room", [0, 150_000, 300_000])
def test_a_disk_that_takes_no_more_ends_the_run_with_74(room: int, wanted: bytes, home: Path, tmp_path: Path) -> None:
    fresh, out = tmp_path / "fresh", tmp_path / "out"
    begin(home, fresh)
    code, told = run("flow.json", fresh, out, limit=room)
    assert (code, told["error"]["code"] in ("disk.full", "io.failed")) == (74, True)
    assert told["errors"][0]["message"]
    assert told["errors"][0]["hint"]
    nothing_is_torn(fresh, out, wanted)
    goes_on(fresh, out, wanted)


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Iterator[bool]:
    """A file system of its own at a folder; whether that could be had. Without it the folder is an ordinary one."""
    folder.mkdir()
    made = shutil.which("mount") is not None and (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, check=False
        ).returncode
        == 0
    )
    try:
        yield made
    finally:
        if made:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_fills_up_at_any_moment_damages_nothing(wanted: bytes, home: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 16_000_000) as real:
        base = tmp_path / "disk"
        for room in (3_000, 60_000, 250_000, 500_000):
            fresh, out, ballast = base / f"home{room}", base / f"out{room}", base / "ballast"
            begin(home, fresh)
            if real:
                free = os.statvfs(base)
                ballast.write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - room)))
                code, told = run("flow.json", fresh, out)
                ballast.unlink()
            else:
                code, told = run("flow.json", fresh, out, limit=min(room, 300_000))
            assert code == 74, (room, told)
            assert told["errors"][0]["hint"]
            assert told["errors"][0]["message"].endswith(".")
            assert "Errno" not in told["errors"][0]["message"]
            nothing_is_torn(fresh, out, wanted)
            goes_on(fresh, out, wanted)
            shutil.rmtree(fresh)


def test_room_enough_is_enough(wanted: bytes, home: Path, tmp_path: Path) -> None:
    begin(home, tmp_path / "fresh")
    code, told = run("flow.json", tmp_path / "fresh", tmp_path / "out", limit=20_000_000)
    assert (code, told["executed"]) == (0, 4)
    assert (tmp_path / "out" / "soft.txt").read_bytes() == wanted


def test_a_run_killed_at_any_moment_leaves_nothing_torn_and_is_gone_on_with(
    wanted: bytes, home: Path, tmp_path: Path
) -> None:
    chance = random.Random(3)
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    begin(home, fresh)
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-m", "graphflow", "run", "flow.json", "--out", str(out)],
            env={**os.environ, "GRAPHFLOW_HOME": str(fresh)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(chance.uniform(0.2, 2.5))
        with contextlib.suppress(psutil.NoSuchProcess):
            for one in [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]:
                one.kill()
        process.wait()
        assert all(path.read_bytes() == wanted for path in out.glob("soft*.txt"))
    told = goes_on(fresh, out, wanted)
    assert told["status"] == "done"
    assert run("flow.json", fresh, out)[1]["executed"] == 0
