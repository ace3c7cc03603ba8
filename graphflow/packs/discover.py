"""Which packs there are: installed distributions, and files and folders in GRAPHFLOW_HOME/packs."""

from __future__ import annotations

import importlib.machinery
import importlib.metadata
import importlib.util
import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from graphflow.nodetype.name import BUNDLED, GROUP

Stamps = dict[str, tuple[int, int]]
"""{path of a source file: (mtime_ns, bytes)}."""

BUILTIN = "convert"  # the pack of the conversions and kinds that graphflow itself brings
BUILTIN_MODULE = "graphflow.nodetype.builtin"
_BUILTIN_MODULES = (BUILTIN_MODULE, "graphflow.values.convert", "graphflow.values.kinds")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a root package or module is: its folder and whether it is a package, or its one file."""

    path: str
    package: bool

    def file_of(self, module: str) -> str:
        """Where a module below this root would be if it were a plain file."""
        return os.path.join(self.path, *module.split(".")[1:]) + ".py"


@dataclass(frozen=True, slots=True)
class Source:
    """A distribution, or a file or folder of the packs folder: what is imported together, in one child process.

    packs: {pack name: the modules at its root}. roots: {root package: where it is}. home: Whether it lies in the packs
    folder and is imported from there.
    """

    name: str
    version: str
    packs: dict[str, tuple[str, ...]]
    roots: dict[str, Place] = field(default_factory=dict[str, Place])
    home: bool = False

    def stamps(self) -> Stamps:
        """Every Python file below the roots, with when it was written."""
        found: Stamps = {}
        for place in self.roots.values():
            found.update(_stamps(place))
        return found

    def modules(self, pack: str, stamps: Iterable[str]) -> list[str]:
        """The names of a pack's modules, sorted, from the files of its source."""
        if pack == BUILTIN:
            return list(_BUILTIN_MODULES)
        names: set[str] = set()
        for root in self.packs[pack]:
            top = root.partition(".")[0]
            place = self.roots[top]
            if not place.package:
                names.add(root)
                continue
            below = os.path.join(place.path, *root.split(".")[1:])
            names.update(
                _module(top, os.path.relpath(path, place.path))
                for path in stamps
                if path.startswith(below + os.sep) or path == below + ".py"
            )
        return sorted(name for name in names if _is_part(name.split(".")))


def installed() -> tuple[list[Source], dict[str, str]]:
    """The installed distributions that offer packs, graphflow's own first, and {pack: problem}. Costs some 20 ms."""
    packs: dict[str, dict[str, list[str]]] = {}
    versions: dict[str, str] = {"graphflow": ""}
    for entry in importlib.metadata.entry_points(group=GROUP):
        if entry.dist is None:
            continue
        module = entry.value.partition(":")[0]
        bundled = module.startswith(f"{BUNDLED}.")
        owner = "graphflow" if bundled else entry.dist.name
        versions[owner] = entry.dist.version
        rows = packs.setdefault(owner, {}).setdefault(entry.name if bundled else owner, [])
        if module not in rows:
            rows.append(module)
    packs.setdefault("graphflow", {})[BUILTIN] = [BUILTIN_MODULE]
    sources: list[Source] = []
    problems: dict[str, str] = {}
    for owner in sorted(packs, key=lambda name: (name != "graphflow", name)):
        roots: dict[str, Place] = {}
        for pack, modules in packs[owner].items():
            for root in dict.fromkeys(module.partition(".")[0] for module in modules):
                place = None if pack == BUILTIN else _place(root)
                if place is not None:
                    roots[root] = place
                elif pack != BUILTIN:
                    problems[pack] = f"Its package {root} is not there; install {owner} again."
        kept = {p: tuple(ms) for p, ms in sorted(packs[owner].items()) if p not in problems}
        if kept:
            sources.append(Source(owner, versions[owner], kept, roots))
    return sources, problems


def in_folder(folder: Path | None, taken: Iterable[str]) -> tuple[list[Source], dict[str, str]]:
    """The packs that lie in a folder, and {name: problem}.

    taken: Names of packs and of root packages that the folder may not use again.
    """
    sources: list[Source] = []
    problems: dict[str, str] = {}
    names = set(taken)
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name) if folder else []
    except (FileNotFoundError, NotADirectoryError):
        entries = []
    except OSError as error:
        return [], {"packs": f"The folder of packs cannot be read: {error.strerror or error}."}
    for entry in entries:
        name = entry.name.removesuffix(".py")
        package = entry.is_dir()
        if entry.name.startswith((".", "_")) or not (package or entry.name.endswith(".py")):
            continue
        problem = _refused(entry, name, package, names)
        if problem:
            problems[name] = problem
            continue
        names.add(name)
        sources.append(Source(name, "", {name: (name,)}, {name: Place(entry.path, package)}, home=True))
    return sources, problems


def _refused(entry: os.DirEntry[str], name: str, package: bool, taken: set[str]) -> str | None:
    if package and not os.path.isfile(os.path.join(entry.path, "__init__.py")):
        if os.path.isfile(os.path.join(entry.path, "pyproject.toml")):
            return f"The folder {entry.name} is a project, not a package; install it with pip, or put its package here."
        return f"The folder {entry.name} has no __init__.py; add one, it may be empty."
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        return f"{entry.name!r} cannot be imported; name it with letters, digits and _."
    if name in taken:
        return f"Another pack is named {name}; rename {entry.name}."
    other = importlib.machinery.PathFinder.find_spec(name)
    if name in sys.stdlib_module_names or (other is not None and other.loader is not None):
        return f"A Python module named {name} is installed already and would be mistaken for it; rename {entry.name}."
    return None


def _place(root: str) -> Place | None:
    """Where a root package is, without importing it."""
    try:
        spec = importlib.util.find_spec(root)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Place(next(iter(spec.submodule_search_locations)), package=True)
    return Place(spec.origin, package=False) if spec.origin else None


def _stamps(place: Place) -> Stamps:
    found: Stamps = {}
    todo = [place.path]
    if not place.package:
        try:
            status = os.stat(place.path)
        except OSError:
            return {}
        return {place.path: (status.st_mtime_ns, status.st_size)}
    while todo:
        try:
            entries = list(os.scandir(todo.pop()))
        except OSError:
            continue  # gone since it was listed: its files are missing from the stamps, and that is told
        for entry in entries:
            if entry.name.startswith((".", "__pycache__")):
                continue
            try:
                if entry.is_dir():
                    todo.append(entry.path)
                elif entry.name.endswith(".py"):
                    status = entry.stat()
                    found[entry.path] = (status.st_mtime_ns, status.st_size)
            except OSError:
                continue  # a broken link, or deleted just now
    return found


def _is_part(parts: list[str]) -> bool:
    """Not the tests that a package may carry, nor a file that no import can name (`2d.py`, `old-blur.py`)."""
    return "tests" not in parts[1:] and all(part.isidentifier() for part in parts)


def _module(root: str, relative: str) -> str:
    parts = relative.removesuffix(".py").split(os.sep)
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join([root, *parts])
