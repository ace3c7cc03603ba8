"""The benchmarks work; how fast anything is decides no test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What all benchmarks but the one of whole processes give on tiny sizes."""
    file = tmp_path_factory.mktemp("benchmarks") / "found.json"
    names = [part for name in ("engine", "branches", "tensors", "session") for part in ("--only", name)]
    command = [sys.executable, str(HERE), "--small", "--json", str(file), *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=file.parent)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == json.loads(file.read_text(encoding="utf-8"))
    made: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return made


def _report(found: dict[str, Any], name: str) -> dict[str, Any]:
    made: dict[str, Any] = next(report for report in found["benchmarks"] if report["name"] == name)
    return made


def test_every_benchmark_gives_tables_and_says_what_was_asked_for(found: dict[str, Any]) -> None:
    assert [report["name"] for report in found["benchmarks"]] == [
        "The engine", "Branches side by side", "Tensors on links", "An editing session",
    ]  # fmt: skip
    for report in found["benchmarks"]:
        assert report["targets"]
        for table in report["tables"]:
            assert all(len(row) == len(table["header"]) for row in table["rows"])


def test_a_tensor_passes_between_nodes_without_a_copy(found: dict[str, Any]) -> None:
    assert _report(found, "Tensors on links")["targets"][0]["met"]


def test_the_page_names_the_machine_in_words_alone(found: dict[str, Any]) -> None:
    import platform

    assert platform.node() not in found["machine"]
    assert "/" not in found["machine"]
