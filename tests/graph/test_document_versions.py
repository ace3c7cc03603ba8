"""Documents of every version open; the format's changes are told one version at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphflow.graph.document import read_document
from graphflow.graph.migrate import MIGRATIONS, migrate
from graphflow.graph.model import VERSION

FOLDER = Path(__file__).parent / "documents"


def test_every_version_has_a_fixture_and_each_but_the_last_a_migration() -> None:
    for version in range(1, VERSION + 1):
        assert (FOLDER / f"version-{version}.json").exists()
    assert sorted(MIGRATIONS) == list(range(1, VERSION))


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_a_document_of_each_version_opens(version: int) -> None:
    assert read_document((FOLDER / f"version-{version}.json").read_bytes()).graphflow == VERSION


def test_migrations_run_one_after_the_other() -> None:
    def first(tree: dict[str, Any]) -> None:
        tree["nodes"] = tree.pop("steps")

    def second(tree: dict[str, Any]) -> None:
        tree["nodes"]["added"] = {"type": "t"}

    tree: dict[str, Any] = {"graphflow": 1, "steps": {}}
    migrate(tree, {1: first, 2: second}, to=3)
    assert tree == {"graphflow": 3, "nodes": {"added": {"type": "t"}}}


def test_a_document_of_the_present_version_is_left_alone() -> None:
    tree: dict[str, Any] = {"graphflow": VERSION, "nodes": {}}
    migrate(tree)
    assert tree == {"graphflow": VERSION, "nodes": {}}
