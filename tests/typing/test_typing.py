"""The node API as pyright and mypy see it: what must check does, what must not does not, line by line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture(scope="module")
def told() -> dict[str, set[tuple[int, str]]]:
    """The lines and rules that pyright complains of, strictly, by file."""
    run = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(HERE)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1, "pyright found nothing to refuse: " + run.stdout + run.stderr
    found: dict[str, set[tuple[int, str]]] = {path.name: set() for path in HERE.glob("must*.py")}
    for one in json.loads(run.stdout)["generalDiagnostics"]:
        name = Path(one["file"]).name
        if name in found:
            found[name].add((one["range"]["start"]["line"] + 1, one.get("rule", one["message"])))
    return found


def test_what_must_check_checks(told: dict[str, set[tuple[int, str]]]) -> None:
    assert told["must_check.py"] == set()


def test_what_must_not_check_is_refused_on_its_line(told: dict[str, set[tuple[int, str]]]) -> None:
    lines = (HERE / "must_not_check.py").read_text(encoding="utf-8").splitlines()
    wanted = {(i + 1, found[1]) for i, line in enumerate(lines) if (found := re.search(r"# error: (\w+)$", line))}
    assert told["must_not_check.py"] == wanted


def test_mypy_takes_what_must_check() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(HERE / "must_check.py")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode in (0, 1), run.stdout + run.stderr
    ours = [line for line in run.stdout.splitlines() if "must_check.py" in line]
    assert ours == []
