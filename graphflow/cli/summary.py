"""What a run did, for people: a line a node, the plain outputs, the files with their paths, the run's id."""

from __future__ import annotations

import json
import os
from typing import Any

from graphflow.cli.values import counted, seconds

_LINES = 60  # nodes and outputs that are listed
_WIDE = 100  # letters of an output that is shown


def summary(result: dict[str, Any]) -> None:
    """Print a result on stdout."""
    if "sweep" in result:
        _table(result["sweep"])
    else:
        _nodes(result.get("nodes", {}))
        _outputs(result.get("outputs", {}))
    for file in result.get("files", []):
        print(_short(file["path"]))
    print(_last_line(result))


def _nodes(nodes: dict[str, dict[str, Any]]) -> None:
    wide = max((len(name) for name in nodes), default=0)
    for name, node in list(nodes.items())[:_LINES]:
        took = f"  {seconds(node['seconds'])}" if node["status"] == "done" else ""
        print(f"  {name:{wide}}  {node['status']}{took}")
    if len(nodes) > _LINES:
        print(f"  ... and {counted(len(nodes) - _LINES, 'more node')}")


def _outputs(outputs: dict[str, dict[str, Any]]) -> None:
    plain = {name: output["value"] for name, output in outputs.items() if "value" in output}
    for name, value in list(plain.items())[:_LINES]:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        lines = text.splitlines() or [""]
        more = " ..." if len(lines) > 1 or len(lines[0]) > _WIDE else ""
        print(f"{name} = {lines[0][:_WIDE]}{more}")
    if len(plain) > _LINES:
        print(f"... and {counted(len(plain) - _LINES, 'more output')}")


def _table(rows: list[dict[str, Any]]) -> None:
    """One line a point: what was swept, how it went, the plain outputs."""
    names = list(rows[0]["values"]) if rows else []
    plain = [name for name in (rows[0]["outputs"] if rows else {}) if "value" in rows[0]["outputs"][name]]
    table = [[*names, "status", "seconds", *plain]]
    for row in rows:
        shown = [_cell(row["values"][name]) for name in names]
        outputs = [_cell(row["outputs"].get(name, {}).get("value", "")) for name in plain]
        cached = row["status"] == "done" and row["executed"] == 0
        table.append([*shown, "cached" if cached else row["status"], seconds(row["seconds"]), *outputs])
    widths = [max(len(line[at]) for line in table) for at in range(len(table[0]))]
    for line in table:
        print("  " + "  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= 40 else f"{text[:37]}..."


def _last_line(result: dict[str, Any]) -> str:
    took = f" in {seconds(result['seconds'])}" if "seconds" in result else ""
    account = ""
    if "nodes" in result:
        states = [node["status"] for node in result["nodes"].values()]
        told = [f"{states.count(state)} {state}" for state in dict.fromkeys(states)]
        account = f": {', '.join(told)}" if told else ""
    elif "sweep" in result:
        account = f": {counted(len(result['sweep']), 'run')}, {counted(result['executed'], 'step')} computed"
    return f"{result['status']}{took}{account}. Run {result['run']}."


def _short(path: str) -> str:
    """A path relative to the folder that the user is in, if it lies below it."""
    here = os.getcwd()
    return os.path.relpath(path, here) if path.startswith(here + os.sep) else path
