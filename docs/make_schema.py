"""Writes docs/workflow.schema.json, the JSON Schema of a workflow document. `--check` only says whether it is fresh."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from graphflow.graph.model import Document

PAGE = Path(__file__).resolve().parent / "workflow.schema.json"


def schema() -> dict[str, Any]:
    """The schema, made from the model that reads documents."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A graphflow workflow",
        **msgspec.json.schema(Document),
    }


def main(arguments: list[str]) -> int:
    """Write the schema, or with --check say whether the one that is there is stale."""
    text = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    if "--check" not in arguments:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    fresh = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
    if not fresh:
        print("docs/workflow.schema.json is stale; run `make docs` and commit what it writes.")
    return 0 if fresh else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
