"""The child process that imports packs to see what they declare: `python -m graphflow.packs.scan REQUEST`.

The request is a JSON file; the result is written beside it, by rename, by this process alone: a pack may fork while it
is imported, print, change the working folder or end the process.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from graphflow.nodetype.catalogue import KindSpec
from graphflow.nodetype.code import code_digest
from graphflow.nodetype.declare import Node, declared
from graphflow.nodetype.signature import DeclarationError
from graphflow.nodetype.spec import NodeSpec
from graphflow.packs.discover import Place
from graphflow.packs.loading import import_module, printable, reason_of
from graphflow.values.kind import FAMILIES, KINDS

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

MEMORY = 16 << 30  # bytes of address space that the imports may take


class Request(msgspec.Struct):
    """What to import. packs: {pack: its modules}. home: {root module: where it lies}. result: Where to write."""

    packs: dict[str, list[str]]
    home: dict[str, Place]
    result: str


class Scanned(msgspec.Struct, omit_defaults=True):
    """What one pack declares.

    codes: {type: code digest}. libraries: Of LIBRARIES. makers: {kind: the module that registers it}. problems:
    {module: why it could not be imported, or which of its nodes was left out}.
    """

    nodes: list[NodeSpec] = []
    codes: dict[str, bytes] = {}
    libraries: list[str] = []
    kinds: list[KindSpec] = []
    makers: dict[str, str] = {}
    version: str = ""
    problems: dict[str, str] = {}


def main() -> None:
    """Import, tell, leave without waiting for threads that a pack may have started."""
    _limit_memory()
    process, leave, replace = os.getpid(), os._exit, os.replace
    with open(sys.argv[1], "rb") as file:
        request = msgspec.json.decode(file.read(), type=Request)
    found = {pack: scan(modules, request.home, process, leave) for pack, modules in request.packs.items()}
    with open(request.result + ".part", "wb") as file:
        file.write(msgspec.json.encode(found))
    replace(request.result + ".part", request.result)
    leave(0)


def _limit_memory() -> None:
    """Limit the address space of this process; only POSIX can, and not every system of it does."""
    if resource is None:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def scan(modules: Iterable[str], home: dict[str, Place], process: int, leave: Callable[[int], object]) -> Scanned:
    """Import the modules of a pack and gather what they declare."""
    found = Scanned()
    good: list[str] = []
    for name in modules:
        try:
            import_module(name, home)
            good.append(name)
        except BaseException as error:  # also SystemExit: a pack that leaves is a pack that cannot be imported
            found.problems[name] = reason_of(error)
        if os.getpid() != process:
            leave(0)  # a copy of this process that the pack made by forking
    types: set[str] = set()
    for name in good:
        module = sys.modules.get(name)
        found.libraries += [lib for lib in libraries_of(module) if lib not in found.libraries]
        found.version = found.version or _version(module)
        for made in declared.get(name, []):
            _take(made, types, found)
    for kind in KINDS.values():
        if kind.cls.__module__ in good:
            found.kinds.append(kind_spec(kind.name))
            found.makers[kind.name] = kind.cls.__module__
    return found


def _take(made: Node[..., Any], types: set[str], found: Scanned) -> None:
    module = made.function.__module__
    try:
        spec, code = made.spec, code_digest(made)
        msgspec.json.encode(spec)  # what cannot be told must not take the other nodes with it
    except Exception as error:
        _tell(found, module, str(error) if isinstance(error, DeclarationError) else reason_of(error))
        return
    if spec.type in types:
        _tell(found, module, f"The node type {spec.type} is declared by another module too; rename one of the two.")
        return
    types.add(spec.type)
    found.nodes.append(spec)
    found.codes[spec.type] = code


def _tell(found: Scanned, module: str, problem: str) -> None:
    found.problems[module] = " ".join(filter(None, [found.problems.get(module), printable(problem)]))


def kind_spec(name: str) -> KindSpec:
    """The catalogue's record of a registered kind."""
    kind = KINDS[name]
    dark, light = FAMILIES[kind.family]
    return KindSpec(name, kind.about, kind.family, dark, light, kind.tensors)


def libraries_of(module: Any) -> list[str]:
    """The distributions that a module's LIBRARIES names."""
    told = getattr(module, "LIBRARIES", ())
    return [printable(str(name)) for name in (told if isinstance(told, tuple | list) else [told])]


def _version(module: Any) -> str:
    told = getattr(module, "__version__", "")
    return printable(told) if isinstance(told, str) else ""


if __name__ == "__main__":
    main()
