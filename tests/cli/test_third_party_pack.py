"""A pack that lies outside the repository and is installed by pip: it shows up, runs, fails, crashes, and goes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

NODES = '''"""Nodes for trials."""

from __future__ import annotations

import ctypes

from graphflow import node


@node
def double(*, x: int = 1) -> int:
    """Twice the number."""
    return 2 * x


@node
def add(a: int, *, b: int = 1) -> int:
    """The sum."""
    return a + b


@node
def refuse(a: int) -> int:
    """Takes nothing."""
    raise ValueError("seven is too many; take fewer")


@node
def crash(a: int) -> int:
    """Reads at address 0."""
    ctypes.string_at(0)
    return a
'''
PACK = "my-trials"


def flow(*names: str) -> dict[str, Any]:
    """A workflow of `double`, then `add`, then what is named, all of the pack."""
    nodes: dict[str, Any] = {
        "two": {"type": f"{PACK}/trials.double", "params": {"x": 1}},
        "three": {"type": f"{PACK}/trials.add", "inputs": {"a": "two.value"}},
    }
    for name in names:
        nodes[name] = {"type": f"{PACK}/trials.{name}", "inputs": {"a": "three.value"}}
    return {"graphflow": 1, "nodes": nodes}


@dataclass
class Shop:
    """A virtual environment of its own with the pack installed, and a data folder. python: Its interpreter."""

    root: Path
    home: Path

    @property
    def python(self) -> str:
        return str(self.root / "venv" / "bin" / "python")

    @property
    def source(self) -> Path:
        return next((self.root / PACK).glob("*/trials.py"))

    def graphflow(self, *arguments: str) -> tuple[int, Any]:
        """The exit code of a command and the JSON that it prints."""
        done = subprocess.run(
            [self.python, "-m", "graphflow", *arguments, "--json"],
            cwd=self.home.parent, env=bare(GRAPHFLOW_HOME=str(self.home)), capture_output=True, text=True, check=False,
            timeout=120,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        return done.returncode, json.loads(done.stdout.splitlines()[-1])

    def run(self, document: dict[str, Any], *options: str) -> tuple[int, Any]:
        path = self.home.parent / "flow.json"
        path.write_text(json.dumps(document))
        return self.graphflow("run", str(path), *options)

    def pip(self, *arguments: str) -> None:
        quiet = ["-q", "--disable-pip-version-check", "--no-input"]
        subprocess.run(
            [sys.executable, "-m", "pip", "--python", str(self.root / "venv"), *arguments, *quiet],
            cwd=self.root, env=bare(), check=True, timeout=120,
        )  # fmt: skip

    def install(self) -> None:
        self.pip("install", "--no-build-isolation", "--no-deps", "--no-index", "-e", PACK)


def bare(**more: str) -> dict[str, str]:
    """The environment without what a test run adds to it."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))} | more


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    root = tmp_path_factory.mktemp("shop")
    shop = Shop(root, root / "made" / "home")
    shop.home.mkdir(parents=True)
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", "venv"], cwd=root, check=True
    )
    # It sees what this interpreter sees, also where that is itself a virtual environment.
    ours = sysconfig.get_path("purelib")
    (next((root / "venv").glob("lib/python*/site-packages")) / "ours.pth").write_text(
        f"import site; site.addsitedir({ours!r})\n"
    )
    subprocess.run([sys.executable, "-m", "graphflow", "new-pack", PACK], cwd=root, env=bare(), check=True)
    package = next(path.parent for path in (root / PACK).glob("*/__init__.py") if path.parent.name != "tests")
    (package / "trials.py").write_text(NODES)
    shop.install()
    shop.graphflow("nodes")
    return shop


@pytest.fixture
def shop(made: Shop, tmp_path: Path) -> Iterator[Shop]:
    """The pack as it was written, and a fresh data folder in which only the catalogue is known."""
    shutil.copytree(made.home, tmp_path / "home")
    made.source.write_text(NODES)
    yield Shop(made.root, tmp_path / "home")
    made.source.write_text(NODES)


def test_it_shows_up_beside_the_bundled_packs(shop: Shop) -> None:
    code, told = shop.graphflow("nodes")
    assert code == 0
    mine = {name for name in told["nodes"] if name.startswith(f"{PACK}/trials.")}
    assert mine == {f"{PACK}/trials.{name}" for name in ("double", "add", "refuse", "crash")}
    assert "image.blur" in told["nodes"]


def test_the_workflow_that_it_came_with_runs(shop: Shop) -> None:
    example = next((shop.root / PACK / "workflows").glob("*.json"))
    code, told = shop.graphflow("run", str(example), "--out", "made")
    assert (code, told["status"], told["errors"]) == (0, "done", [])
    assert told["files"]
    assert all(Path(file["path"]).stat().st_size for file in told["files"])


def test_it_runs_and_then_computes_nothing(shop: Shop) -> None:
    code, told = shop.run(flow())
    assert (code, told["executed"], told["outputs"]["three.value"]["value"]) == (0, 2, 3)
    assert shop.run(flow())[1]["executed"] == 0


def test_a_node_that_raises_fails_with_its_sentence(shop: Shop) -> None:
    code, told = shop.run(flow("refuse"))
    assert code == 1
    [error] = told["errors"]
    assert (error["code"], error["node"]) == ("node.failed", "refuse")
    assert error["message"] == f"{PACK}/trials.refuse at refuse failed: seven is too many; take fewer."
    assert {name: one["status"] for name, one in told["nodes"].items()} == {
        "two": "done", "three": "done", "refuse": "failed",
    }  # fmt: skip


def test_a_node_that_crashes_is_named_with_its_signal_and_what_was_finished_is_found(shop: Shop) -> None:
    code, told = shop.run(flow("crash"))
    assert (code, told["status"], told["error"]["code"]) == (1, "failed", "node.died")
    [error] = told["errors"]
    assert error["node"] == "crash"
    assert error["message"] == f"{PACK}/trials.crash at crash died of SIGSEGV."
    assert error["hint"]
    code, told = shop.run(flow("crash"), "--target", "three")
    assert (code, told["executed"]) == (0, 0)


def test_an_edit_of_its_source_takes_effect_in_the_next_run_and_only_that_node_runs_again(shop: Shop) -> None:
    assert shop.run(flow())[1]["outputs"]["three.value"]["value"] == 3
    shop.source.write_text(NODES.replace("a + b", "a + b + 100"))
    told = shop.run(flow())[1]
    assert {name: one["status"] for name, one in told["nodes"].items()} == {"two": "cached", "three": "done"}
    assert told["outputs"]["three.value"]["value"] == 103
    assert shop.run(flow())[1]["executed"] == 0


def test_an_edit_that_changes_no_value_stops_at_its_node(shop: Shop) -> None:
    shop.run(flow())
    shop.source.write_text(NODES.replace("2 * x", "x + x"))
    told = shop.run(flow())[1]
    assert {name: one["status"] for name, one in told["nodes"].items()} == {"two": "done", "three": "cached"}


def test_an_edit_that_cannot_be_imported_is_told_with_the_reason_and_harms_no_other_pack(shop: Shop) -> None:
    shop.source.write_text(NODES + "\nraise RuntimeError('half done')\n")
    code, told = shop.run(flow())
    assert code == 65
    assert any("half done" in f"{error['message']} {error['hint']}" for error in told["errors"])
    assert shop.run({"graphflow": 1, "nodes": {"a": {"type": "text.literal"}}})[0] == 0


def test_without_it_its_documents_stay_readable_and_keep_every_value(shop: Shop) -> None:
    document = {**flow("refuse"), "view": {"nodes": {"two": {"x": 3, "mine": [1.5, None]}}}}
    document["nodes"]["two"]["params"]["more"] = {"deep": [True, "é"]}
    shop.pip("uninstall", "-y", PACK)
    try:
        code, told = shop.run(document)
        assert code == 65
        assert {error["node"] for error in told["errors"] if error["code"] == "type.unknown"} == {
            "two",
            "three",
            "refuse",
        }
        assert all(error["hint"] for error in told["errors"])
        script = (
            "import sys; from graphflow.graph.document import *; "
            "sys.stdout.buffer.write(write_document(read_document(sys.stdin.buffer.read())))"
        )
        kept = subprocess.run(
            [shop.python, "-c", script], input=json.dumps(document).encode(), capture_output=True, check=True
        )
        assert json.loads(kept.stdout) == document
    finally:
        shop.install()
    assert shop.run(flow())[0] == 0
