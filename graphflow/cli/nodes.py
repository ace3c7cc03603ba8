"""`graphflow nodes`: the catalogue, or one node type in full. No pack is imported."""

from __future__ import annotations

import argparse
import json
import re
import sys
import textwrap

import msgspec

from graphflow.cli.failure import OK, UsageError, print_json
from graphflow.engine.home import default_home
from graphflow.nodetype.catalogue import Catalogue
from graphflow.nodetype.spec import NodeSpec, ParamSpec
from graphflow.packs.registry import Registry

_OF_PARAMETERS = re.compile(r"\w+(, \w+)*: ")


def run(options: argparse.Namespace) -> int:
    """List the types, those that begin with a text, or describe one."""
    catalogue = Registry.open(default_home()).catalogue
    wanted = options.type
    found = _chosen(catalogue, wanted)
    if options.json:
        kinds = msgspec.to_builtins(catalogue.kinds)
        print_json({"kinds": kinds, "nodes": {spec.type: msgspec.to_builtins(spec) for spec in found}})
    elif wanted and len(found) == 1:
        _describe(found[0])
    else:
        _list(found)
    if not wanted:
        for pack, reason in sorted(catalogue.problems.items()):
            print(f"\nThe pack {pack} cannot be used: {reason}", file=sys.stderr if options.json else sys.stdout)
    return OK


def _chosen(catalogue: Catalogue, wanted: str | None) -> list[NodeSpec]:
    specs = sorted(catalogue.nodes.values(), key=lambda spec: spec.type)
    if not wanted:
        return specs
    exact = catalogue.find(wanted)
    if exact is not None:
        return [exact]
    found = [spec for spec in specs if spec.type.startswith(wanted)]
    if not found:
        near = catalogue.nearest(wanted)
        hint = f"Did you mean {', '.join(near)}?" if near else "`graphflow nodes` lists all."
        raise UsageError(f"There is no node type {wanted!r}.", hint)
    return found


def _list(specs: list[NodeSpec]) -> None:
    wide = max((len(spec.type) for spec in specs), default=0)
    pack = ""
    for spec in specs:
        if spec.pack != pack:
            print(f"{'' if not pack else chr(10)}{spec.pack}")
            pack = spec.pack
        about = spec.about.split("\n")[0]
        print(f"  {spec.type:{wide}}  {about}")


def _describe(spec: NodeSpec) -> None:
    print(f"{spec.type}  (version {spec.version})\n\n{spec.about}")
    for paragraph in spec.doc.split("\n\n")[1:]:
        if not _OF_PARAMETERS.match(paragraph):  # those stand below, each beside its parameter
            print(f"\n{paragraph}")
    inputs = [
        (i.name, f"{i.type}{', optional' if i.optional else ''}{', lazy' if i.lazy else ''}", i.about)
        for i in spec.inputs
    ]
    _section("inputs (links)", inputs)
    _section("params", [(p.name, _param(p), p.about) for p in spec.params])
    _section("outputs", [(o.name, o.type, o.about) for o in spec.outputs])
    if spec.grants:
        print(f"\nAsks for the grants {', '.join(spec.grants)}.")
    if not spec.pure:
        print("\nRuns once in each run; its result is not shared with other runs.")


def _section(title: str, rows: list[tuple[str, str, str]]) -> None:
    if rows:
        print(f"\n{title}")
        wide = max(len(name) for name, _, _ in rows)
        for name, kind, about in rows:
            print(f"  {name:{wide}}  {kind}")
            for line in textwrap.wrap(about, max(110 - wide, 40)):
                print(f"  {'':{wide}}  {line}")


def _param(param: ParamSpec) -> str:
    words = param.type
    if param.low is not None or param.high is not None:
        low = "..." if param.low is None else f"{param.low:g}"
        high = "..." if param.high is None else f"{param.high:g}"
        words += f", {low} to {high}"
    if param.choices:
        words += f", one of {', '.join(param.choices)}"
    elif param.menu:
        words += ", from a menu"
    return words + (", must be given" if param.required else f" = {json.dumps(param.default, ensure_ascii=False)}")
