"""Importing the modules of packs, and importing them anew when their files were edited."""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.util
import os
import re
import sys
import traceback
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from graphflow.nodetype.declare import Node, declared
from graphflow.nodetype.models import LOADERS, PATCHERS
from graphflow.nodetype.name import folder_packs
from graphflow.packs.discover import Place
from graphflow.values.kind import KINDS


class PackError(RuntimeError):
    """A pack cannot give what was asked of it; the sentence names the pack and the reason."""


def import_module(name: str, home: Mapping[str, Place]) -> ModuleType:
    """Import a module, also one of a pack that lies in the packs folder and so is on no path."""
    root = name.partition(".")[0]
    place = home.get(root)
    if place is not None:
        folder_packs[root] = root
        if not _is_from(sys.modules.get(root), place):
            for other in below([root]):
                sys.modules.pop(other, None)  # of a packs folder that was used before
                declared.pop(other, None)
            _load_root(root, place)
    return importlib.import_module(name)


def below(roots: Iterable[str]) -> list[str]:
    """The loaded modules of some root packages."""
    wanted = set(roots)
    return [name for name in list(sys.modules) if name.partition(".")[0] in wanted]


def _load_root(root: str, place: Place) -> None:
    file = os.path.join(place.path, "__init__.py") if place.package else place.path
    inside = [place.path] if place.package else None
    spec = importlib.util.spec_from_file_location(root, file, submodule_search_locations=inside)
    if spec is None or spec.loader is None:
        raise ImportError(f"{os.path.basename(file)} is no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[root] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(root, None)
        raise


def _is_from(module: ModuleType | None, place: Place) -> bool:
    file = getattr(module, "__file__", None) or ""
    return file == place.path or (place.package and os.path.dirname(file) == place.path)


def reload_modules(names: set[str], home: Mapping[str, Place]) -> None:
    """Import loaded modules anew, all or none; those whose file is gone are dropped.

    The old module objects stay whole, so that a step that runs goes on with the code that it began with. Raises
    PackError, with everything as it was, if one does not import.
    """
    before = {name: sys.modules[name] for name in names if name in sys.modules}
    nodes = {name: declared.pop(name) for name in names if name in declared}
    tables: list[dict[str, Any]] = [KINDS, LOADERS, PATCHERS]
    kept = [dict(table) for table in tables]
    for name in before:
        del sys.modules[name]
    for name, kind in list(KINDS.items()):
        if kind.cls.__module__ in names:
            del KINDS[name]
    for table in (LOADERS, PATCHERS):
        for name in [name for name, function in table.items() if function.__module__ in names]:
            del table[name]
    importlib.invalidate_caches()
    name = ""
    try:
        for name in sorted(before):
            if os.path.isfile(getattr(before[name], "__file__", None) or ""):
                _import_again(name, home)
    except BaseException as error:
        for other in names:
            sys.modules.pop(other, None)
            declared.pop(other, None)
        for table, old in zip(tables, kept, strict=True):
            table.clear()
            table.update(old)
        declared.update(nodes)
        for other, module in before.items():
            sys.modules[other] = module
            _hang(other, module)
        if isinstance(error, Exception | SystemExit):
            raise PackError(f"{name} cannot be imported: {reason_of(error)}") from error
        raise


def _import_again(name: str, home: Mapping[str, Place]) -> None:
    if name in home:
        _load_root(name, home[name])
    made = importlib.import_module(name)
    # A fresh package finds the modules below it that were kept.
    for child in below([name.partition(".")[0]]):
        if child.rpartition(".")[0] == name:
            setattr(made, child.rpartition(".")[2], sys.modules[child])


def _hang(name: str, module: ModuleType) -> None:
    parent, _, last = name.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], last, module)


def importers(changed: set[str], files: Mapping[str, str]) -> set[str]:
    """The changed modules and all that import one of them, directly or through others.

    files: {module: its file} of all modules that may.
    """
    if not changed:
        return set()
    imports = {name: _imports(name, path) for name, path in files.items()}
    found, todo = set(changed), list(changed)
    while todo:
        wanted = todo.pop()
        for name, taken in imports.items():
            if wanted in taken and name not in found:
                found.add(name)
                todo.append(name)
    return found


def _imports(module: str, path: str) -> set[str]:
    """The names of modules that a file may import, absolute; a file that cannot be read imports nothing."""
    try:
        with open(path, "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return set()
    package = module.split(".") if path.endswith("__init__.py") else module.split(".")[:-1]
    found: set[str] = set()
    for part in ast.walk(tree):
        if isinstance(part, ast.Import):
            found.update(alias.name for alias in part.names)
        elif isinstance(part, ast.ImportFrom):
            base = package[: len(package) - part.level + 1] if part.level else []
            origin = ".".join([*base, part.module] if part.module else base)
            found.add(origin)
            found.update(f"{origin}.{alias.name}" for alias in part.names)
    return found


def forget_bytecode(paths: Iterable[str]) -> None:
    """Delete what was compiled from edited files: Python takes it for fresh if size and second are the same."""
    for path in paths:
        with contextlib.suppress(OSError, NotImplementedError):  # it is only there to save time
            os.unlink(importlib.util.cache_from_source(path))


def node_in(module: str, function: str) -> Node[..., Any] | None:
    """The node that a module declared under a function's name."""
    return next((made for made in declared.get(module, ()) if made.function.__name__ == function), None)


def reason_of(error: BaseException) -> str:
    """What was raised, and where in the pack."""
    if isinstance(error, SyntaxError) and error.filename:
        place = f"{error.filename}, line {error.lineno}"
        said = f"SyntaxError: {error.msg}"
    else:
        frames = traceback.extract_tb(error.__traceback__)
        theirs = [frame for frame in frames if not frame.filename.startswith(_NOT_THEIRS)]
        place = f"{theirs[-1].filename}, line {theirs[-1].lineno}" if theirs else ""
        said = f"{type(error).__name__}: {error}".strip().rstrip(":")
    return printable(without_paths(f"{said[:500]} ({place})" if place else said[:500]))


def printable(text: str) -> str:
    """A text that UTF-8 can carry: lone surrogates are written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def without_paths(text: str) -> str:
    """A text with absolute paths cut to their last two parts: a message tells no place of this machine."""
    return re.sub(r"(?<![\w.])(?:/[^\s/:'\"()]+)+/([^\s/:'\"()]+/[^\s/:'\"()]+)", r"\1", text)


_NOT_THEIRS = (
    "<frozen",
    os.path.dirname(importlib.__file__) + os.sep,
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep,
)
