"""`graphflow run`: a thin parent, without torch and without packs, of the process that holds the engine."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from pathlib import Path
from typing import Any

from graphflow.cli.child import Child, signals
from graphflow.cli.display import display
from graphflow.cli.failure import MISSING, CommandError, UsageError, envelope, of_os_error, print_json, tell
from graphflow.cli.places import check_out, check_shelf
from graphflow.cli.records import Records
from graphflow.cli.summary import summary
from graphflow.cli.values import axes, grants, pairs, size
from graphflow.engine.home import default_home


def run(options: argparse.Namespace) -> int:
    """Run the workflow that the arguments name."""
    _check(options)
    sweep = axes(options.sweep)
    params = pairs("--set", options.params)
    if both := sorted(set(sweep) & set(params)):
        raise UsageError(f"{both[0]} is given by --set and by --sweep.", "Take one of them away.")
    request = {
        "id": secrets.token_hex(6),
        "file": None if options.file == "-" else os.path.abspath(options.file),
        "cwd": os.getcwd(),
        "inputs": pairs("--input", options.inputs),
        "params": params,
        "targets": options.target,
        "sweep": sweep,
        "allow": grants(options.allow),
        "out": os.path.abspath(options.out) if options.out else None,
        "plain": options.plain,
        "roots": [os.path.abspath(root) for root in options.root],
        **session_options(options),
    }
    return perform(request, read_workflow(options.file), options)


def session_options(options: argparse.Namespace) -> dict[str, Any]:
    """What of the arguments concerns the session, not the workflow."""
    return {"memory": size("--memory", options.memory), "shelf": options.shelf}


def _check(options: argparse.Namespace) -> None:
    if options.timeout is not None and not options.timeout > 0:
        raise UsageError(f"--timeout wants seconds above 0, got {options.timeout:g}.")
    if options.out == "":
        raise UsageError("--out names no folder.", "For example: --out pictures")
    for root in options.root:
        if not os.path.isdir(root):
            raise CommandError(
                "file.missing", MISSING, f"--root names {root!r}, which is no folder.", "Check the path."
            )


def read_workflow(name: str) -> bytes:
    """The bytes of a workflow file, or of stdin for `-`. Raises CommandError naming the file."""
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        message = f"The workflow {name} cannot be read: {error.strerror}."
        hint = "Check the path." + _near(Path(name))
        raise CommandError("file.missing", MISSING, message, hint, field="file") from None


def _near(path: Path) -> str:
    import difflib

    folder = path.parent
    if not folder.is_dir():
        return ""
    names = sorted(one.name for one in folder.glob("*.json"))[:1000]
    close = difflib.get_close_matches(path.name, names, 3, 0.5)
    return f" Near it: {', '.join(close)}." if close else ""


def perform(request: dict[str, Any], document: bytes, options: argparse.Namespace) -> int:
    """Run a request in a child, show how it goes, keep its record, print what came of it; its exit code."""
    check_shelf(request["shelf"])
    check_out(request["out"])
    home = default_home()
    records = Records(home)
    request = {**request, "home": str(home), "events": options.events, "log": str(records.log(request["id"]))}
    try:
        records.begin(request, document)
    except OSError as error:
        raise of_os_error(error, f"write in the data folder {home}") from None
    with display(quiet=options.json or options.events) as shown:
        child = Child(request, document, shown)
        with signals(child.stop):
            result = child.wait(options.timeout)
    code = int(result.pop("exit"))
    began = result.pop("began", True)
    try:
        if began:
            records.end(request["id"], str(result.get("status", "failed")), result)
        else:
            records.forget(request["id"])
    except OSError as error:
        print(f"warning: the run's record could not be kept: {error.strerror}.", file=sys.stderr)
    _print(result, code, options, records)
    return code


def _print(result: dict[str, Any], code: int, options: argparse.Namespace, records: Records) -> None:
    if options.json or options.events:
        print_json(as_json(result))
        return
    if "status" in result:
        summary(result)
    tell(result["errors"])
    if code and "run" in result and records.log(result["run"]).exists():
        print(f"  traceback: {records.log(result['run'])}", file=sys.stderr)


def as_json(result: dict[str, Any]) -> dict[str, Any]:
    """What --json prints: the result, and for a run that failed the envelope's `error` beside it."""
    if not result.get("errors") or "error" in result:
        return result
    first = result["errors"][0]
    return {**envelope(first["code"], first["message"], [], result.get("run", "")), **result}
