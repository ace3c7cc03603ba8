"""Packs written to a data folder."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graphflow.nodetype.declare import declared
from graphflow.nodetype.name import folder_packs
from graphflow.values.kind import KINDS

Write = Callable[..., Path]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An empty data folder; what a test imports from its packs is forgotten afterwards."""
    loaded, kinds = set(sys.modules), dict(KINDS)
    (tmp_path / "packs").mkdir()
    yield tmp_path
    for name in set(sys.modules) - loaded:
        if name.partition(".")[0] in folder_packs:
            del sys.modules[name]
            declared.pop(name, None)
    KINDS.clear()
    KINDS.update(kinds)
    folder_packs.clear()


@pytest.fixture
def write(home: Path) -> Write:
    """Write a file below the packs folder: `write("acme/sharpen.py", text)`."""

    def one(name: str, text: str) -> Path:
        path = home / "packs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return one
