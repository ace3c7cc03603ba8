"""The JSON Schema of workflow documents, made from the models: `python -m graphflow.graph.schema [FILE]`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from graphflow.graph.model import Document

DEFAULT_PLACE = Path("docs/workflow.schema.json")


def schema() -> dict[str, Any]:
    """The schema (draft 2020-12). What it cannot say stands in the description of the document."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A graphflow workflow",
        **msgspec.json.schema(Document),
    }


def schema_text() -> str:
    """The schema as it stands in the docs."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Write the schema to a file, by default the one in docs/; with --check only say whether that is fresh."""
    named = [Path(argument) for argument in arguments if argument != "--check"]
    place = named[0] if named else DEFAULT_PLACE
    if "--check" not in arguments:
        place.write_text(schema_text(), encoding="utf-8")
        print(f"Wrote {place}.")
        return 0
    fresh = place.exists() and place.read_text(encoding="utf-8") == schema_text()
    if not fresh:
        print(f"{place} is stale; run `make docs` and commit what it writes.")
    return 0 if fresh else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
