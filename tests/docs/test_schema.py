"""The published JSON Schema takes what the reader takes, and refuses the plain mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "workflow.schema.json").read_text(encoding="utf-8"))
FILES = [*sorted((ROOT / "workflows").glob("*.json")), *sorted((ROOT / "docs/nodes/examples").glob("*.json"))]
# Beside the examples lie tables that they read.
DOCUMENTS = [path for path in FILES if isinstance(json.loads(path.read_text(encoding="utf-8")), dict)]


def _valid(document: Any) -> bool:
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(document)


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_it_takes_every_workflow_of_the_project(path: Path) -> None:
    errors = jsonschema.Draft202012Validator(SCHEMA).iter_errors(json.loads(path.read_text(encoding="utf-8")))
    assert [error.message for error in errors] == []


def test_it_takes_the_least_document() -> None:
    assert _valid({"graphflow": 1, "nodes": {}})


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"nodes": {}},
        {"graphflow": 1},
        {"graphflow": "1", "nodes": {}},
        {"graphflow": 1, "nodes": {}, "extra": 1},
        {"graphflow": 1, "nodes": {"a b": {"type": "image.blur"}}},
        {"graphflow": 1, "nodes": {"a": {}}},
        {"graphflow": 1, "nodes": {"a": {"type": "image.blur", "inputs": {"image": "photo"}}}},
        {"graphflow": 1, "nodes": {"a": {"type": "image.blur", "mode": "off"}}},
        {"graphflow": 1, "nodes": {}, "interface": {"inputs": {"x": {"to": []}}}},
    ],
    ids=json.dumps,
)
def test_it_refuses(document: Any) -> None:
    assert not _valid(document)
