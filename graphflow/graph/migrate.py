"""Brings a document of an earlier version of the format to the present one.

To change the format: raise VERSION in `model.py`, add the function that turns the JSON of the version before into the
new one, and put a document of the version before into tests/graph/documents/, so that it opens for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphflow.graph.model import VERSION

Tree = dict[str, Any]
# Version -> what makes the JSON of the next version of it, in place. Version 1 is the first.
MIGRATIONS: Mapping[int, Callable[[Tree], None]] = {}


def migrate(tree: Tree, migrations: Mapping[int, Callable[[Tree], None]] = MIGRATIONS, to: int = VERSION) -> None:
    """Bring the JSON of a document to version `to`, step by step, in place. Its version must be a whole number."""
    for version in range(tree["graphflow"], to):
        migrations[version](tree)
        tree["graphflow"] = version + 1
