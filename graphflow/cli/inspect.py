"""`graphflow inspect`: the workflow that a saved file carries."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from graphflow.cache.shelf import write_whole
from graphflow.cli.failure import INVALID, MISSING, OK, CommandError, of_os_error, print_json
from graphflow.graph.document import read_document, write_document
from graphflow.graph.embed import extract


def run(options: argparse.Namespace) -> int:
    """Print the workflow of a picture, clip, drawing or sound, or write it to --out."""
    name = options.picture
    try:
        data = Path(name).read_bytes()
    except OSError as error:
        hint = "Check the path."
        raise CommandError(
            "file.missing", MISSING, f"The file {name} cannot be read: {error.strerror}.", hint, field="picture"
        ) from None
    text = extract(data)
    if text is None:
        hint = "Files carry it unless they were saved with --plain, or changed by another program since."
        raise CommandError("workflow.absent", INVALID, f"The file {name} carries no workflow.", hint)
    document = read_document(text)  # a file from elsewhere may carry anything
    written = write_document(document)
    if options.out:
        try:
            write_whole(Path(options.out), written)
        except OSError as error:
            raise of_os_error(error, f"write {options.out}") from None
    if options.json:
        print_json({"workflow": msgspec.json.decode(written), "out": options.out})
    elif options.out:
        print(options.out)
    else:
        print(written.decode().rstrip("\n"))
    return OK
