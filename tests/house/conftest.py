"""What the rules of the house look at: the project's own files, as git would take them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@cache
def _files() -> tuple[Path, ...]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    return tuple(ROOT / name for name in sorted(filter(None, listed.split("\0"))) if (ROOT / name).is_file())


@cache
def _trees() -> dict[Path, ast.Module]:
    code = [path for path in _files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] != "tests"]
    return {path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8")) for path in code}


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def files() -> tuple[Path, ...]:
    """Every file of the repository, and those that would be added to it."""
    return _files()


@pytest.fixture(scope="session")
def trees() -> dict[Path, ast.Module]:
    """The syntax tree of each Python file outside tests/, by its path from the root."""
    return _trees()
