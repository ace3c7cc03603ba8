"""`graphflow new-pack`: a pack to begin with."""

from __future__ import annotations

import argparse
import importlib.util
import re
import sys
from pathlib import Path
from string import Template

from graphflow.cli.failure import OK, UsageError, of_os_error, print_json
from graphflow.cli.new_pack_files import FOLDER_FILES, PROJECT_FILES
from graphflow.engine.home import default_home

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def run(options: argparse.Namespace) -> int:
    """Write the pack's files into a new folder."""
    name = options.name
    if not _NAME.fullmatch(name) or len(name) > 50:
        hint = "Use lower-case letters, digits and single -, a letter first: graphflow new-pack my-filters"
        raise UsageError(f"{name!r} is no name for a pack.", hint)
    plain = name.replace("-", "_")
    if options.folder:
        _refuse_module(plain)
        folder = default_home() / "packs" / plain
        made = _write(folder, FOLDER_FILES, name=plain, root=plain)
        todo = [f"graphflow run {folder / 'solarise.json'} --out ."]
    else:
        _refuse_module(f"{plain}_nodes")
        folder = Path(name)
        made = _write(folder, PROJECT_FILES, name=name, root=f"{plain}_nodes")
        todo = [f"cd {name}", "pip install -e .", "graphflow run workflows/solarise.json --out .", "pytest"]
    if options.json:
        print_json({"folder": str(folder), "files": made})
    else:
        print("\n".join(str(folder / one) for one in made))
        print("\nNow:\n" + "\n".join(f"  {line}" for line in todo))
    return OK


def _refuse_module(root: str) -> None:
    """A package whose name another one has could never be imported."""
    if root in sys.stdlib_module_names or importlib.util.find_spec(root) is not None:
        raise UsageError(f"A Python package named {root} is installed already.", "Take another name for the pack.")


def _write(folder: Path, files: dict[str, str], *, name: str, root: str) -> list[str]:
    words = {"name": name, "root": root, "type": f"{name}/solarise.solarise"}
    if folder.exists():
        raise UsageError(f"{folder} is there already.", "Take another name, or move it away.")
    made: list[str] = []
    try:
        for path, text in files.items():
            place = Template(path).substitute(words)
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_text(Template(text).substitute(words), encoding="utf-8")
            made.append(place)
    except OSError as error:
        raise of_os_error(error, f"write the pack into {folder}") from None
    return made
