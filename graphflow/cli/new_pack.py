"""`graphflow new-pack`: a pack to begin with."""

from __future__ import annotations

import argparse
from pathlib import Path

from graphflow.cli.failure import OK, UsageError, of_os_error, print_json
from graphflow.engine.home import default_home
from graphflow.packs.new_pack import new_pack


def run(options: argparse.Namespace) -> int:
    """Write the pack's files into a new folder."""
    parent = default_home() / "packs" if options.folder else Path()
    try:
        folder = new_pack(options.name, parent, loose=options.folder)
    except FileExistsError as error:
        raise UsageError(str(error), "Take another name, or move it away.") from None
    except ValueError as error:
        raise UsageError(str(error), "A name such as my-filters will do.") from None
    except OSError as error:
        raise of_os_error(error, f"write the pack {options.name}") from None
    made = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    example = next(name for name in made if name.endswith(".json"))
    if options.folder:
        todo = [f"graphflow run {folder / example} --out ."]
    else:
        todo = [f"cd {folder}", "pip install -e .[dev]", f"graphflow run {example} --out .", "pytest"]
    if options.json:
        print_json({"folder": str(folder), "files": made})
    else:
        print("\n".join(str(folder / one) for one in made))
        print("\nNow:\n" + "\n".join(f"  {line}" for line in todo))
    return OK
