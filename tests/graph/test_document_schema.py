"""The published JSON Schema."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest

from graphflow.graph.schema import main, schema, schema_text

ROOT = Path(__file__).parents[2]
SAMPLE = json.loads((ROOT / "tests" / "graph" / "documents" / "version-1.json").read_text())


def test_the_schema_in_the_docs_is_fresh() -> None:
    stale = "docs/workflow.schema.json is stale; run `python -m graphflow.graph.schema`"
    assert (ROOT / "docs" / "workflow.schema.json").read_text(encoding="utf-8") == schema_text(), stale


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_a_good_document_fits_the_schema() -> None:
    jsonschema.Draft202012Validator(schema()).validate(SAMPLE)


def test_every_example_fits_the_schema() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    for workflow in (ROOT / "workflows").glob("*.json"):
        validator.validate(json.loads(workflow.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "bad",
    [
        {"nodes": {}},
        {"graphflow": 2, "nodes": {}},
        {"graphflow": 1, "nodes": {"a b": {"type": "t"}}},
        {"graphflow": 1, "nodes": {"a": {"type": "t", "inputs": {"i": "nowhere"}}}},
        {"graphflow": 1, "nodes": {}, "extra": 1},
    ],
)
def test_a_bad_document_does_not_fit_the_schema(bad: dict[str, object]) -> None:
    assert not jsonschema.Draft202012Validator(schema()).is_valid(bad)


def test_the_command_writes_the_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "made.json")]) == 0
    assert (tmp_path / "made.json").read_text(encoding="utf-8") == schema_text()
    assert "made.json" in capsys.readouterr().out


def test_the_command_tells_a_stale_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "made.json").write_text("{}")
    assert main(["--check", str(tmp_path / "made.json")]) == 1
    assert "stale" in capsys.readouterr().out
