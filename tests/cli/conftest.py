"""A data folder and a working folder for each test; commands are called as people call them, in this process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from graphflow.cli.main import main

NODES = '''"""Nodes that a command line must live with."""

from __future__ import annotations

import ctypes
import os
import time

from graphflow import QUIET, Context, node


@node
def add(*, x: int = 0, y: int = 1) -> int:
    """The sum."""
    print(f"adding {x}")
    return x + y


@node
def twice(*, x: float = 0.0) -> float:
    """Twice the number."""
    return 2 * x


@node
def boom(*, x: int = 0) -> int:
    """Fails."""
    raise ValueError("x is wrong; take another")


@node(pure=False)
def crash(*, x: int = 0) -> int:
    """Reads at address 0."""
    time.sleep(0.2)
    ctypes.string_at(0)
    return x


@node(pure=False)
def leave(*, x: int = 0) -> int:
    """Ends the process."""
    os._exit(3)


@node
def wait(*, mark: str = "", seconds: float = 60.0, ctx: Context = QUIET) -> float:
    """Waits, and leaves a mark that it has begun."""
    if mark:
        open(mark, "w").close()
    for at in range(int(seconds * 100)):
        time.sleep(0.01)
        ctx.progress(at + 1, int(seconds * 100))
    return seconds


@node
def stuck(*, mark: str = "") -> float:
    """Stands still in native code and lets nobody else run."""
    open(mark, "w").close()
    ctypes.PyDLL(None).usleep(60_000_000)
    return 0.0
'''


@dataclass
class Done:
    """What a command said. json: The last line of stdout."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out.strip().splitlines()[-1])


@pytest.fixture(scope="session")
def known_packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which the catalogue has been made."""
    home = tmp_path_factory.mktemp("home")
    # By a process of its own: this one may hold what other tests made of the packs.
    environment = {**os.environ, "GRAPHFLOW_HOME": str(home)}
    subprocess.run(
        [sys.executable, "-m", "graphflow", "nodes", "--json"], env=environment, check=True, capture_output=True
    )
    return home


@pytest.fixture
def home(tmp_path: Path, known_packs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of one test; the working folder is another one."""
    shutil.copytree(known_packs, tmp_path / "home")
    (tmp_path / "work").mkdir()
    monkeypatch.setenv("GRAPHFLOW_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "home"


@pytest.fixture
def odd(home: Path) -> str:
    """The pack `odd`, in the data folder."""
    (home / "packs").mkdir()
    (home / "packs" / "odd.py").write_text(NODES)
    return "odd"


@pytest.fixture
def cli(home: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Calls a command."""

    def call(*arguments: str) -> Done:
        capfd.readouterr()
        code = main(arguments)
        said = capfd.readouterr()
        return Done(code, said.out, said.err)

    return call


@pytest.fixture
def write(home: Path) -> Callable[..., str]:
    """Writes a workflow into the working folder, and gives its name."""

    def made(nodes: dict[str, Any], name: str = "flow.json", **more: Any) -> str:
        Path(name).write_text(json.dumps({"graphflow": 1, "nodes": nodes, **more}))
        return name

    return made
