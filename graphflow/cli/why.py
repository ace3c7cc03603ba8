"""`graphflow why`: says of a step whether it is cached, since when and what it cost, or why it would run."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from graphflow.cli.failure import OK, print_json
from graphflow.cli.places import check_shelf
from graphflow.cli.run import read_workflow
from graphflow.cli.trust import resolve_typed
from graphflow.cli.values import human, pairs, seconds
from graphflow.engine.home import default_home
from graphflow.engine.session import Session
from graphflow.engine.why import Explained, explain_step
from graphflow.graph.document import read_document

_SHOWN = 20  # steps that are explained one by one


def run(options: argparse.Namespace) -> int:
    """Explain a step, or the steps that a path stands for."""
    check_shelf(options.shelf)
    document = read_document(read_workflow(options.file))
    place = None if options.file == "-" else Path(options.file).absolute()
    request = {
        "cwd": os.getcwd(), "file": str(place) if place else None, "sweep": {},
        "inputs": pairs("--input", options.inputs), "params": pairs("--set", options.params),
    }  # fmt: skip
    with Session(default_home(), shelf=options.shelf, roots=options.root) as session:
        typed = resolve_typed(session.types.catalogue, document, request)
        found = explain_step(
            session, document, options.path, typed.inputs, typed.params, trusted=typed.trusted, place=place
        )
    if options.json:
        print_json({"path": options.path, "steps": [one.as_json() for one in found]})
        return OK
    if len(found) > 1:
        states = [one.state for one in found]
        told = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
        print(f"{options.path} stands for {len(found)} steps: {told}")
        found = [one for one in found if one.state != "cached"] or found
    for one in found[:_SHOWN]:
        _print(one)
    if len(found) > _SHOWN:
        print(f"... and {len(found) - _SHOWN:,} more.")
    return OK


def _print(one: Explained) -> None:
    if one.state == "cached":
        print(f"{one.path} is cached{_since(one)}.")
        if one.reasons:
            print("  It ran then because:")
    else:
        print(f"{one.path} would run." if one.state == "to do" else f"{one.path} would perhaps run.")
    for reason in one.reasons:
        print(f"  {reason.code}: {reason.text}")
    if one.state == "cached" and not one.kept:
        print("  Its value is known by name only: cheaper to compute again than to keep, or trimmed (EVICTED).")
    if one.after:
        print(f"  First to run: {', '.join(one.after[:10])}{' ...' if len(one.after) > 10 else ''}")


def _since(one: Explained) -> str:
    if one.computed is None:
        return " on the shared shelf"
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(one.computed))
    return f" since {when}; it took {seconds(one.seconds)} and gave {human(one.bytes)}"
