"""`graphflow resume`: runs a recorded run again under its own id, so that steps of that run alone are found too."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from graphflow.cli.failure import USAGE, CommandError
from graphflow.cli.records import Records
from graphflow.cli.run import perform, session_options
from graphflow.engine.home import default_home


def run(options: argparse.Namespace) -> int:
    """Go on with a run: the document, values and options are those that it was started with."""
    record = Records(default_home()).find(options.id)
    request: dict[str, Any] = {**record["request"]}
    told = {name: value for name, value in session_options(options).items() if value is not None}
    if options.timeout is not None and not options.timeout > 0:
        raise CommandError("usage", USAGE, f"--timeout wants seconds above 0, got {options.timeout:g}.")
    if not (options.json or options.events):
        place = request["file"] or "a workflow from stdin"
        print(f"Resuming {record['run']} ({record['status']}): {place}", file=sys.stderr)
    return perform({**request, **told}, record["document"].encode(errors="surrogateescape"), options)
