"""Writes docs/nodes/: the catalogue of node types, from their declarations. `--check` only says whether it is fresh.

A page a pack, a section a node: what it does, inputs, params with ranges and defaults, outputs, how it stands in a
document, and the example workflows that use it. docs/nodes/examples/TYPE.json, if there is one, is shown whole.
"""

from __future__ import annotations

import difflib
import importlib
import json
import pkgutil
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

import graphflow.nodetype.builtin
import graphflow_nodes
from graphflow.nodetype.declare import declared
from graphflow.nodetype.signature import parameter_docs
from graphflow.nodetype.spec import InputSpec, NodeSpec, ParamSpec

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "nodes"
EXAMPLES = PAGES / "examples"
WORKFLOWS = ROOT / "workflows"
NOTE = "<!-- Written by `make docs` from the declarations of the nodes: change those, not this page. -->"
UNSET: Any = msgspec.UNSET

# What the signature cannot show, in words. None of these stands where a spec has its default.
_TRAITS = (
    ("conversion", "A conversion: links between these kinds use it by themselves."),
    ("saves", "Saves: its files are put into the run's folder."),
    ("impure", "Runs once in each run; its result is never shared with another run."),
    ("grants", "Asks for the user's consent: {}."),
    ("process", "Runs in a process of its own, with at most {} of memory."),
    ("more", "Its inputs follow from its params."),
    ("ports_out", "Its outputs follow from its params."),
    ("was", "Earlier called {}."),
)


def load_specs() -> dict[str, NodeSpec]:
    """The spec of every node of the bundled packs and of the conversions that come with the kinds, by type."""
    for found in pkgutil.walk_packages(graphflow_nodes.__path__, "graphflow_nodes."):
        importlib.import_module(found.name)
    roots = ("graphflow_nodes.", "graphflow.values.", graphflow.nodetype.builtin.__name__)
    nodes = [made for module, rows in sorted(declared.items()) if module.startswith(roots) for made in rows]
    return {made.type: made.spec for made in sorted(nodes, key=lambda made: made.type)}


def used_types(document: Mapping[str, Any]) -> set[str]:
    """The node types that a document names, in its subgraphs too."""
    graphs = [document, *document.get("subgraphs", {}).values()]
    return {node["type"] for graph in graphs for node in graph.get("nodes", {}).values()}


def page(pack: str, specs: list[NodeSpec], about: str, shown: Mapping[str, list[str]]) -> str:
    """One pack's page as Markdown."""
    families: dict[str, list[NodeSpec]] = {}
    for spec in specs:
        families.setdefault(spec.category, []).append(spec)
    lines = [f"# {pack}", "", NOTE, "", about, ""]
    for family, members in sorted(families.items()):
        links = ", ".join(f"[{_short(spec)}](#{_anchor(spec.type)})" for spec in members)
        lines.append(f"- **{family}**: {links}")
    for spec in specs:
        lines += ["", *section(spec, shown.get(spec.type, []))]
    return "\n".join(lines) + "\n"


def section(spec: NodeSpec, workflows: list[str]) -> list[str]:
    """One node's part of its pack's page."""
    lines = [f"## {spec.type}", "", *_prose(spec)]
    for sentence in _traits(spec):
        lines += ["", sentence]
    parts = (
        ("Inputs", [_input(one) for one in spec.inputs]),
        ("Params", [_param(one) for one in spec.params]),
        ("Outputs", [_bullet(one.name, [f"`{one.type}`"], one.about) for one in spec.outputs]),
    )
    for title, bullets in parts:
        if bullets:
            lines += ["", f"**{title}**", "", *bullets]
    lines += ["", "In a document:", "", "```json", _snippet(spec), "```"]
    example = EXAMPLES / f"{spec.type.replace('/', '.')}.json"
    if example.exists():
        lines += ["", "A whole workflow with it:", "", "```json", example.read_text().strip(), "```"]
    if workflows:
        links = ", ".join(f"[{name}](../../workflows/{name}.json)" for name in workflows)
        lines += ["", f"Used in {links}."]
    return lines


def _short(spec: NodeSpec) -> str:
    return spec.type.rsplit(".", 1)[-1]


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _prose(spec: NodeSpec) -> list[str]:
    """The docstring without its `name: text` lines, which stand beside the ports."""
    told = parameter_docs(spec.doc)
    kept: list[str] = []
    skipping = False
    for line in spec.doc.split("\n"):
        head = re.match(r"^([a-z_][a-z0-9_]*(?:, [a-z_][a-z0-9_]*)*): ", line)
        if kept and head and head[1].split(", ")[0] in told:
            skipping = True
        elif not line.strip():
            skipping = False
        if not skipping and (line.strip() or (kept and kept[-1])):
            kept.append(line.rstrip())
    return kept[:-1] if kept and not kept[-1] else kept


def _traits(spec: NodeSpec) -> list[str]:
    memory = f"{spec.memory_gb:g} GB" if spec.memory_gb else ""
    values = {
        "conversion": spec.conversion,
        "saves": spec.saves,
        "impure": not spec.pure,
        "grants": ", ".join(spec.grants),
        "process": memory,
        "more": spec.more and spec.ports_in is not None,
        "ports_out": spec.ports_out is not None,
        "was": ", ".join(f"`{was}`" for was in spec.was),
    }
    return [sentence.format(values[name]) for name, sentence in _TRAITS if values[name]]


def _bullet(name: str, facts: list[str], about: str) -> str:
    return f"- `{name}` ({', '.join(facts)})" + (f": {about}" if about else "")


def _input(spec: InputSpec) -> str:
    facts = [f"`{spec.type}`"]
    facts += ["may be left out"] if spec.optional else []
    facts += ["computed only if needed"] if spec.lazy else []
    return _bullet(spec.name, facts, spec.about)


def _param(spec: ParamSpec) -> str:
    facts = [f"`{spec.type}`"]
    if spec.choices:
        facts = ["one of " + ", ".join(f"`{choice}`" for choice in spec.choices)]
    if spec.type != "seed" and (spec.low is not None or spec.high is not None):
        facts.append(_range(spec))
    facts.append("must be given" if spec.required else f"default `{json.dumps(spec.default, ensure_ascii=False)}`")
    return _bullet(spec.name, facts, spec.about)


def _range(spec: ParamSpec) -> str:
    if spec.low is None:
        reach = f"at most {spec.high:.15g}"
    elif spec.high is None:
        reach = f"at least {spec.low:.15g}"
    else:
        reach = f"{spec.low:.15g} to {spec.high:.15g}"
    return reach + (f" in steps of {spec.step:.15g}" if spec.step else "")


def _snippet(spec: NodeSpec) -> str:
    """The node as it stands in a document: a link for each input that must be there, its first params."""
    node: dict[str, Any] = {"type": spec.type}
    if spec.version != 1:
        node["version"] = spec.version
    links = {one.name: f"other.{one.type.split('[')[-1].rstrip(']')}" for one in spec.inputs if not one.optional}
    params = {one.name: _value(one) for one in spec.params if one.required or one.default is not None}
    if links:
        node["inputs"] = links
    if params:
        node["params"] = params
    return f'"{_short(spec)}": {json.dumps(node, indent=2, ensure_ascii=False)}'


def _value(spec: ParamSpec) -> Any:
    if not spec.required:
        return spec.default
    stand_ins: dict[str, Any] = {
        "text": "...", "number": 1.0, "whole": 1, "boolean": True, "seed": 1, "color": "#808080",
        "file": "picture.png", "folder": "pictures", "subgraph": "#inner", "secret": "name",
    }  # fmt: skip
    kind = spec.type.split(" ")[0]
    return spec.choices[0] if spec.choices else [] if kind.startswith("list") else stand_ins.get(kind, {})


def pages() -> dict[str, str]:
    """File name -> content of all that stands in docs/nodes/."""
    specs = load_specs()
    shown: dict[str, list[str]] = {}
    for path in sorted(WORKFLOWS.glob("*.json")):
        for node_type in used_types(json.loads(path.read_text(encoding="utf-8"))):
            shown.setdefault(node_type, []).append(path.stem)
    packs: dict[str, list[NodeSpec]] = {}
    for spec in specs.values():
        packs.setdefault(spec.pack, []).append(spec)
    written: dict[str, str] = {}
    rows: list[str] = []
    for pack, members in sorted(packs.items()):
        about = _about(members[0])
        written[f"{pack}.md"] = page(pack, members, about, shown)
        rows.append(f"- [{pack}]({pack}.md) ({len(members)}): {about.splitlines()[0]}")
    head = ["# Node types", "", NOTE, "", "`graphflow nodes` prints the same on the command line.", ""]
    written["README.md"] = "\n".join([*head, *rows]) + "\n"
    return written


def _about(spec: NodeSpec) -> str:
    """What the pack's own docstring says."""
    root = spec.module.split(".")
    package = importlib.import_module(".".join(root[:2] if root[0] == "graphflow_nodes" else root))
    return (package.__doc__ or "").strip()


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check say which of them are stale."""
    wanted = pages()
    if "--check" not in arguments:
        PAGES.mkdir(parents=True, exist_ok=True)
        for old in set(PAGES.glob("*.md")) - {PAGES / name for name in wanted}:
            old.unlink()
        for name, text in wanted.items():
            (PAGES / name).write_text(text, encoding="utf-8")
        return 0
    there = {path.name: path.read_text(encoding="utf-8") for path in PAGES.glob("*.md")}
    stale = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
    for name in stale:
        before, after = there.get(name, "").splitlines(), wanted.get(name, "").splitlines()
        changes = difflib.unified_diff(before, after, f"docs/nodes/{name}", "the declarations", lineterm="", n=0)
        print("\n".join(list(changes)[:12]))
    if stale:
        print(f"docs/nodes is stale ({', '.join(stale)}); run `make docs` and commit what it writes.")
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
