"""The code digest: names the source that a node's result depends on.

It is taken of the node's function and, recursively, of every top-level statement in the same distribution (the same
root package) that binds a name used there, followed through imports. Annotations of functions, docstrings, comments,
the `@node` line and default values of the node's own params (they enter the key as values) do not change it.

Of the satellites, `needs`, `expand`, `inputs` and `outputs` belong to it: they decide what the node is given, what
runs in its place and which of its values are kept. `fingerprint` does not, for what it returns stands in the key;
`cost`, `choices` and `migrate` do not, for they change no result.

What it cannot see: registries, getattr with a computed name, other distributions. `version=` is for the first two, a
pack's LIBRARIES for the last.
"""

from __future__ import annotations

import inspect
import os
import sys
import types
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from graphflow.nodetype.declare import Node
from graphflow.nodetype.name import LOCAL
from graphflow.nodetype.source import Imported, Source, Statement
from graphflow.values.digest import digest

Stamp: TypeAlias = tuple[int, int]
"""When a file was written (mtime_ns) and how many bytes it has."""

_SATELLITES = ("needs", "expand", "inputs", "outputs")
_PLAIN = (type(None), bool, int, float, complex, str, bytes)
_sources: dict[str, tuple[Stamp, Source]] = {}
# Kept with the node, not with the file: the digest belongs to the code that is loaded, whatever was written since.
_digests: WeakKeyDictionary[Node[..., Any], bytes] = WeakKeyDictionary()


def code_digest(node: Node[..., Any]) -> bytes:
    """The digest (32 bytes) of the code that a node's result depends on.

    Computed on first use. A function without source (typed at a prompt, made by exec) is named by its bytecode, which
    differs between versions of Python.
    """
    found = _digests.get(node)
    if found is None:
        found = _digests[node] = digest(code_texts(node))
    return found


def code_texts(node: Node[..., Any]) -> list[str]:
    """The normalised statements that the digest is taken of, in the order in which they were found."""
    walk = _Walk(node)
    walk.function(node.function)
    for role in _SATELLITES:
        if role in node.satellites:
            walk.texts.append(f"@{role}")
            walk.function(node.satellites[role])
    return walk.texts


class _Walk:
    """Follows names from a node's function through the modules of its distribution."""

    def __init__(self, node: Node[..., Any]) -> None:
        self.texts: list[str] = []
        self._seen: set[tuple[Any, ...]] = set()
        self._module = _module_name(node.function.__module__)
        self._root = self._module.partition(".")[0]
        # A script has no distribution: the files beside it are what it may change with.
        alone = node.type.startswith(f"{LOCAL}/") and "." not in self._module
        self._folder = _folder(node.function.__module__) if alone else None

    # -- functions as they live in memory -----------------------------------------------------------------------------

    def function(self, function: Callable[..., Any] | type) -> None:
        """Take a function or class in, from its source if it has one."""
        bare = inspect.unwrap(function)
        if not self._first("object", bare):
            return
        code = getattr(bare, "__code__", None)
        source = self._of_object(bare, code)
        qualname = getattr(bare, "__qualname__", "")
        found = source.definition(qualname, code.co_firstlineno if code else 0) if source else None
        closed = self._closed(bare)
        if source is not None and found is not None:
            self.texts.append(found.text)
            for name, value in closed.items():
                self._value(name, value)
            self._uses(source, found, closed)
        elif code is not None:
            self._bytecode(bare, code, closed)
        else:
            self.texts.append(f"{bare.__module__}.{qualname}")

    def _of_object(self, bare: Any, code: types.CodeType | None) -> Source | None:
        name = getattr(bare, "__module__", "")
        path = getattr(sys.modules.get(name), "__file__", None)
        if not path or (code and os.path.basename(code.co_filename) != os.path.basename(path)):
            return None
        return _source(path, _module_name(name))

    def _closed(self, bare: Any) -> dict[str, Any]:
        """What a function made inside another has of it."""
        code, cells = getattr(bare, "__code__", None), getattr(bare, "__closure__", None)
        found: dict[str, Any] = {}
        for name, cell in zip(code.co_freevars if code else (), cells or (), strict=False):
            try:
                found[name] = cell.cell_contents
            except ValueError:  # not assigned yet, or the function itself
                found[name] = None
        return found

    def _value(self, name: str, value: Any) -> None:
        """Take in what a name stands for: plain values as they are, functions as code, others by their type alone."""
        if isinstance(value, Node):
            value = value.function
        if isinstance(value, _PLAIN) or (isinstance(value, tuple) and all(isinstance(v, _PLAIN) for v in value)):
            self.texts.append(f"{name} = {value!r}")
        elif isinstance(value, types.FunctionType | type) and value.__module__.partition(".")[0] == self._root:
            self.function(value)
        elif isinstance(value, types.ModuleType):
            self.texts.append(f"{name} = module {value.__name__}")
        else:
            named = value if isinstance(value, type | types.FunctionType) else type(value)
            self.texts.append(f"{name} = {named.__module__}.{named.__qualname__}")

    def _bytecode(self, bare: Any, code: types.CodeType, closed: dict[str, Any]) -> None:
        names: set[str] = set()
        self.texts.append(_code_text(code, names, getattr(bare, "__doc__", None)))
        known = getattr(bare, "__globals__", {})
        for name in sorted(names & known.keys()):
            self._value(name, known[name])
        for name, value in closed.items():
            self._value(name, value)

    # -- statements as they stand in files ----------------------------------------------------------------------------

    def _uses(self, source: Source, statement: Statement, closed: Iterable[str] = ()) -> None:
        for name in statement.names:
            if name not in closed:
                self._name(source, name, statement.chains.get(name, {()}))
        for name, imported in statement.imports:
            self._import(imported, statement.chains.get(name, set()))

    def _name(self, source: Source, name: str, chains: set[tuple[str, ...]]) -> None:
        for bound in source.bindings.get(name, ()):
            if isinstance(bound, Imported):
                self._import(bound, chains)
            else:
                self._statement(source, bound)
        if name not in source.bindings and self._first("star", source.path, name):
            for star in source.stars:
                target = self._source(star)
                if target is not None:
                    self._name(target, name, chains)

    def _statement(self, source: Source, index: int) -> None:
        if self._first(source.path, index):
            statement = source.statement(index)
            self.texts.append(statement.text)
            self._uses(source, statement)

    def _import(self, imported: Imported, chains: set[tuple[str, ...]]) -> None:
        target = self._source(imported.module)
        if target is None:
            if self._first("import", imported):
                self.texts.append(f"import {imported.module}" + (f".{imported.name}" if imported.name else ""))
        elif imported.name is None:
            self._through(target, chains)
        else:
            self._through(target, {(imported.name, *chain) for chain in chains or {()}})

    def _through(self, target: Source, chains: set[tuple[str, ...]]) -> None:
        """What is reached through a module; all of it, if it is handed on whole."""
        for chain in sorted(chains):
            if not self._first("through", target.path, chain):
                continue
            if not chain:
                for index in range(len(target.tree.body)):
                    self._statement(target, index)
                continue
            head, rest = chain[0], chain[1:]
            inner = None if head in target.bindings else self._source(f"{target.module}.{head}")
            if inner is not None:
                self._through(inner, {rest})
            else:
                self._name(target, head, {rest})
                self._name(target, "__getattr__", {()})

    def _source(self, module: str) -> Source | None:
        """A module of the same distribution; None for any other."""
        root, *rest = module.split(".")
        if root == self._root:
            loaded = sys.modules.get(root)
            places = getattr(loaded, "__path__", None)
            if places is None and not rest:
                file = getattr(loaded, "__file__", None)
                return _source(file, module) if file else None
            folders = [Path(place) for place in places or ()]
        elif self._folder is not None:
            folders, rest = [self._folder], [root, *rest]
        else:
            return None
        for folder in folders:
            base = folder.joinpath(*rest)
            for path in (base / "__init__.py", base.with_suffix(".py") if rest else base / "__init__.py"):
                found = _source(str(path), module)
                if found is not None:
                    return found
        return None

    def _first(self, *key: Any) -> bool:
        if key in self._seen:
            return False
        self._seen.add(key)
        return True


def _source(path: str, module: str) -> Source | None:
    """A parsed file, remembered until it changes; None if it is not there or is no Python source."""
    try:
        status = os.stat(path)
        stamp = (status.st_mtime_ns, status.st_size)
        known = _sources.get(path)
        if known is None or known[0] != stamp or known[1].module != module:
            known = _sources[path] = (stamp, Source(path, module, Path(path).read_bytes()))
        return known[1]
    except (OSError, SyntaxError, ValueError):
        return None  # an extension module, a zip, or a file edited into nonsense: the bytecode is taken instead


def _module_name(name: str) -> str:
    """The name of a module, also of one that is run with `python -m`."""
    spec = getattr(sys.modules.get(name), "__spec__", None)
    return spec.name if name == "__main__" and spec is not None else name


def _folder(module: str) -> Path | None:
    file = getattr(sys.modules.get(module), "__file__", None)
    return Path(file).resolve().parent if file else None


def _code_text(code: types.CodeType, names: set[str], doc: str | None) -> str:
    names.update(code.co_names)
    constants = [
        _code_text(value, names, None) if isinstance(value, types.CodeType)
        else repr(sorted(map(repr, value))) if isinstance(value, frozenset) else repr(value)
        for index, value in enumerate(code.co_consts)
        if not (index == 0 and doc is not None and value == doc)
    ]  # fmt: skip
    return f"{code.co_code.hex()} {code.co_names} {code.co_varnames} {constants}"
