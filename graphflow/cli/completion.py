"""`graphflow completion`: a script that lets a shell complete commands, options and files."""

from __future__ import annotations

import argparse

import shtab

from graphflow.cli.failure import OK, print_json
from graphflow.cli.parser import build

_FILES = {"file", "picture"}
_FOLDERS = {"root"}


def run(options: argparse.Namespace) -> int:
    """Print the completion of a shell."""
    parser = build()
    _mark(parser)
    script = shtab.complete(parser, shell=options.shell)
    if options.json:
        print_json({"shell": options.shell, "script": script})
    else:
        print(script)
    return OK


def _mark(parser: argparse.ArgumentParser) -> None:
    """Say which arguments are files and folders."""
    for action in parser._actions:  # pyright: ignore[reportPrivateUsage]
        if isinstance(action, argparse._SubParsersAction):  # pyright: ignore[reportPrivateUsage]
            for sub in action.choices.values():
                _mark(sub)
        elif action.dest in _FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.dest in _FOLDERS or (action.dest == "out" and action.metavar == "DIR"):
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
