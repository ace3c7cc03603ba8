"""Every node has a docstring that says something, a test, and a place where people see it used."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from pathlib import Path
from typing import Any

import pytest

import graphflow_nodes
from graphflow.nodetype.declare import Node, declared


@pytest.fixture(scope="module")
def nodes() -> list[Node[..., Any]]:
    """Every node of the bundled packs."""
    for found in pkgutil.walk_packages(graphflow_nodes.__path__, "graphflow_nodes."):
        importlib.import_module(found.name)
    return [made for module, rows in declared.items() if module.startswith("graphflow_nodes.") for made in rows]


def test_every_node_says_in_a_sentence_what_it_does(nodes: list[Node[..., Any]]) -> None:
    assert [made.type for made in nodes if not re.match(r"[A-Z].{8,}[.?!)]$", made.spec.about)] == []


def test_every_params_words_name_a_parameter_that_is_there(nodes: list[Node[..., Any]]) -> None:
    found: list[str] = []
    for made in nodes:
        spec = made.spec
        ports = {port.name for port in (*spec.inputs, *spec.params, *spec.outputs)} | {spec.more}
        told = re.findall(r"^([a-z_][a-z0-9_]*(?:, [a-z_][a-z0-9_]*)*): ", spec.doc, re.MULTILINE)
        found += [f"{spec.type}: {name}" for names in told for name in names.split(", ") if name not in ports]
    assert found == []


def test_every_node_has_a_test(nodes: list[Node[..., Any]], root: Path) -> None:
    words: dict[str, set[str]] = {}
    for pack in {made.spec.pack for made in nodes}:
        tests = (root / "tests" / "nodes" / pack).rglob("test_*.py")
        words[pack] = set(re.findall(r"\w+", " ".join(path.read_text(encoding="utf-8") for path in tests)))
    assert [made.type for made in nodes if made.function.__name__ not in words[made.spec.pack]] == []


def test_every_node_is_seen_in_a_workflow_or_in_an_example_of_its_page(nodes: list[Node[..., Any]], root: Path) -> None:
    seen: set[str] = set()
    for path in [*(root / "workflows").glob("*.json"), *(root / "docs" / "nodes" / "examples").glob("*.*.json")]:
        seen |= _types(json.loads(path.read_text(encoding="utf-8")))
    # Conversions stand on links, not in documents.
    missing = sorted(made.type for made in nodes if not made.spec.conversion and made.type not in seen)
    assert missing == [], "add each to a workflow, or to a small one at docs/nodes/examples/TYPE.json"


def test_every_pack_is_registered_and_says_which_libraries_its_results_depend_on(root: Path) -> None:
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    registered = project["entry-points"]["graphflow.packs"]
    there = {found.name for found in pkgutil.iter_modules(graphflow_nodes.__path__) if found.ispkg}
    assert set(registered) == there
    for pack in sorted(there):
        package = importlib.import_module(f"graphflow_nodes.{pack}")
        assert package.__doc__, f"the pack {pack} has no docstring"
        assert isinstance(package.LIBRARIES, tuple), f"the pack {pack} has no LIBRARIES"


def _types(document: dict[str, Any]) -> set[str]:
    graphs = [document, *document.get("subgraphs", {}).values()]
    return {node["type"] for graph in graphs for node in graph.get("nodes", {}).values()}
