"""`graphflow`: reads the arguments, loads the command's module, turns what went wrong into an exit code."""

from __future__ import annotations

import importlib
import io
import os
import secrets
import sys
import traceback
from collections.abc import Sequence

from graphflow.cli.failure import (
    CANCELLED,
    INTERNAL,
    INVALID,
    OK,
    UsageError,
    envelope,
    envelope_of,
    internal,
    of_os_error,
    print_json,
    tell,
)  # fmt: skip
from graphflow.cli.parser import build
from graphflow.engine.errors import RunError
from graphflow.engine.home import default_home
from graphflow.graph.problem import DocumentError


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code. argv: Without the program's name; by default the process's own."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a text that cannot be shown must not end a command
    as_json = "--json" in arguments or "--events" in arguments
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
        return code
    except SystemExit as leaving:  # argparse, after --help and --version
        return leaving.code if isinstance(leaving.code, int) else OK
    except KeyboardInterrupt:
        return CANCELLED
    except BrokenPipeError:
        # Who read our output has seen enough. What is still in the buffer must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return OK
    except Exception as error:
        return _report(error, as_json)


def _dispatch(arguments: list[str]) -> int:
    options = build().parse_args(arguments)
    if options.command is None:
        raise UsageError("No command was given.", "See `graphflow --help`; for example: graphflow run FILE.")
    module = importlib.import_module(f"graphflow.cli.{options.module}")
    code: int = module.run(options)
    return code


def _report(error: Exception, as_json: bool) -> int:
    if isinstance(error, DocumentError):
        found = [one.as_json() for one in error.problems]
        return _tell(envelope("document.invalid", str(error), found), INVALID, as_json)
    if isinstance(error, RunError):
        if isinstance(error, UsageError) and error.usage and not as_json:
            print(error.usage, file=sys.stderr)
        return _tell(envelope_of(error), error.exit_code, as_json)
    if isinstance(error, OSError):
        told = of_os_error(error, f"use {error.filename}" if error.filename else "read or write a file")
        return _tell(envelope_of(told), told.exit_code, as_json)
    request = secrets.token_hex(8)
    told = internal(error, _log(error, request))
    return _tell(envelope_of(told, request), INTERNAL, as_json)


def _tell(found: dict[str, object], code: int, as_json: bool) -> int:
    if as_json:
        print_json(found)
    else:
        errors = found["errors"]
        assert isinstance(errors, list)
        tell(errors)
    return code


def _log(error: Exception, request: str) -> str:
    """Keep the traceback in the data folder; where it stands, or the traceback itself if it cannot be kept."""
    text = "".join(traceback.format_exception(error))
    place = default_home() / "logs" / f"{request}.log"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError:
        print(text, file=sys.stderr)
        return "Please report it, with the traceback above."
    return (
        f"Please report it, with the log logs/{place.name} of the data folder (`graphflow doctor` tells where it is)."
    )


if __name__ == "__main__":
    sys.exit(main())
