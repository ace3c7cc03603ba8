"""`graphflow validate`: reads and checks a workflow, and tells everything that is wrong with it."""

from __future__ import annotations

import argparse

from graphflow.cli.failure import INVALID, OK, envelope, print_json, tell
from graphflow.cli.run import read_workflow
from graphflow.cli.values import counted
from graphflow.engine.home import default_home
from graphflow.graph.check import check
from graphflow.graph.document import read_document
from graphflow.graph.model import Document
from graphflow.packs.registry import Registry


def run(options: argparse.Namespace) -> int:
    """Check a file. Raises DocumentError if it cannot even be read."""
    # Read before the packs are looked at: what is no document is told at once.
    document = read_document(read_workflow(options.file))
    registry = Registry.open(default_home())
    checked = check(document, registry.catalogue, registry)
    problems = [one.as_json() for one in checked.problems]
    if problems:
        told = envelope("document.invalid", _count(len(problems)), problems)
        if options.json:
            print_json(told)
        else:
            tell(problems)
        return INVALID
    if options.json:
        print_json({"ok": True, "nodes": len(document.nodes), "grants": checked.grants, "errors": []})
    else:
        print(_praise(document, checked.grants))
    return OK


def _count(problems: int) -> str:
    return "The workflow has one problem." if problems == 1 else f"The workflow has {problems:,} problems."


def _praise(document: Document, grants: dict[str, list[str]]) -> str:
    words = f"The workflow is sound: {counted(len(document.nodes), 'node')}"
    if document.subgraphs:
        words += f", {counted(len(document.subgraphs), 'subgraph')}"
    if grants:
        words += f". It asks for the grants {', '.join(grants)}: run it with --allow {','.join(grants)}"
    return f"{words}."
