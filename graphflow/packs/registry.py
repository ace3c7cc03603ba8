"""The registry: node types by name, their code loaded when it is first needed and again when it was edited."""

from __future__ import annotations

import importlib.metadata
import inspect
import os
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from graphflow.nodetype.catalogue import Catalogue
from graphflow.nodetype.code import code_digest
from graphflow.nodetype.declare import Node
from graphflow.nodetype.spec import NodeSpec
from graphflow.packs import catalogue as making
from graphflow.packs.asking import given, ports_of
from graphflow.packs.discover import BUILTIN, BUILTIN_MODULE, Source
from graphflow.packs.live import Edit, changes
from graphflow.packs.loading import PackError, below, import_module, node_in, reason_of, reload_modules
from graphflow.packs.scan import kind_spec, libraries_of
from graphflow.values.kind import KINDS, kind_of

# What the file of a loaded module was like when it was imported: (mtime_ns, bytes); None if that is not known.
_loaded: WeakKeyDictionary[ModuleType, tuple[int, int] | None] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Changes:
    """What a look at the files of the packs found; false if nothing.

    types: Node types that came, went or have other code or another spec. modules: Modules imported anew. problems:
    {pack: why its edited code is not used}.
    """

    types: frozenset[str] = frozenset()
    modules: tuple[str, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict[str, str])

    def __bool__(self) -> bool:
        return bool(self.types or self.modules or self.problems)


class Registry:
    """Node types by name: their specs, code, code digests and salts.

    catalogue: Every spec. A new object whenever something changed, so ask for it anew. May be used by several threads.
    """

    def __init__(self, installed: making.Installed, home: Path | None = None) -> None:
        self.catalogue = installed.catalogue
        self._installed = installed
        self._home = home
        self._lock = threading.RLock()
        self._added: dict[str, Node[..., Any]] = {}
        self._nodes: dict[str, Node[..., Any]] = {}
        self._codes: dict[str, bytes] = installed.codes
        self._salts: dict[str, str] = {}
        self._problems: dict[str, str] = {}

    @staticmethod
    def open(home: Path | None = None) -> Registry:
        """The packs that are installed or lie in `home`/packs. Imports none of them in this process."""
        made = Registry(making.load(home), home)
        made._catch_up(made._installed, made._installed)
        return made

    # -- what is known without code -----------------------------------------------------------------------------------

    def code_digest(self, node_type: str) -> bytes:
        """The digest of the code that a type's result depends on, without importing its pack."""
        return self._codes[self._spec(node_type).type]

    def salt(self, node_type: str) -> str:
        """`torch 2.13, pillow 11.1`: major.minor of the libraries that the type's pack lists in LIBRARIES."""
        spec = self._spec(node_type)
        found = self._salts.get(spec.type)
        if found is None:
            added = self._added.get(spec.type)
            names = _libraries(added) if added else self._installed.libraries.get(spec.pack, [])
            found = self._salts[spec.type] = ", ".join(f"{name} {_version(name)}" for name in names)
        return found

    # -- code ---------------------------------------------------------------------------------------------------------

    def node(self, node_type: str) -> Node[..., Any]:
        """A node by its type, imported if need be. Raises PackError, naming the pack and the reason."""
        found = self._nodes.get(node_type)
        if found is not None:
            return found
        with self._lock:
            spec = self._spec(node_type)
            found = self._added.get(spec.type)
            if found is None:
                self._import(BUILTIN_MODULE if spec.pack == BUILTIN else spec.module, spec.pack)
                found = node_in(spec.module, spec.function)
            if found is None:
                raise PackError(f"The pack {spec.pack} has no node {spec.type} any more; run again to see it as it is.")
            self._nodes[node_type] = found
            return found

    def import_kind(self, name: str) -> None:
        """Import the module that registers a kind, so that its values can be read. Raises PackError, LookupError."""
        if name in KINDS:
            return
        module = self._installed.makers.get(name)
        if module is None:
            raise LookupError(f"No installed pack registers the kind {name!r}.")
        with self._lock:
            self._import(module, module)

    def ports(self, spec: NodeSpec, params: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
        """The dynamic inputs and outputs of a node with these params: {name: type text} each.

        Raises what the satellite raises, ValueError if what it gives are no ports, PackError.
        """
        satellites = self.node(spec.type).satellites
        found = [
            ports_of(spec, role, satellites[role](**given(spec, asked, params))) if asked is not None else {}
            for role, asked in (("inputs", spec.ports_in), ("outputs", spec.ports_out))
        ]
        return found[0], found[1]

    def migrate(self, spec: NodeSpec, version: int, params: dict[str, Any], inputs: dict[str, Any]) -> None:
        """Bring params and inputs of `version` to the next one, in place. Raises PackError, and what it raises."""
        self.node(spec.type).migrations[version](params, inputs)

    def choices(self, spec: NodeSpec, param: str, params: dict[str, Any]) -> list[str]:
        """The menu of a param whose choices come from code or disk. Raises PackError, LookupError, what it raises."""
        chooser = self.node(spec.type).choosers.get(param)
        if chooser is None:
            known = spec.param(param)
            if known is None or known.choices is None:
                raise LookupError(f"{spec.type} has no menu for {param!r}.")
            return list(known.choices)
        return [str(choice) for choice in chooser(**given(spec, list(inspect.signature(chooser).parameters), params))]

    # -- nodes of scripts and tests -----------------------------------------------------------------------------------

    def add(self, nodes: Iterable[Node[..., Any]]) -> None:
        """Take in nodes that no pack brings. One that a pack brings too stands in its place."""
        with self._lock:
            for made in nodes:
                self._added[made.type] = made
                self._nodes.pop(made.type, None)
                self._salts.pop(made.type, None)
                code_digest(made)  # now, while the file is as it was imported
            self._show()

    def _show(self) -> None:
        """The catalogue of the packs with what was added."""
        packs = self._installed.catalogue
        kinds = {name: kind_spec(name) for name in KINDS if name not in packs.kinds} if self._added else {}
        nodes = {made.type: made.spec for made in self._added.values()}
        problems = {**packs.problems, **self._problems}
        self.catalogue = Catalogue({**packs.kinds, **kinds}, {**packs.nodes, **nodes}, packs.packs, problems)
        self._codes = {**self._installed.codes, **{name: code_digest(made) for name, made in self._added.items()}}

    # -- live reload --------------------------------------------------------------------------------------------------

    def refresh(self) -> Changes:
        """Look whether files of packs changed, and take over what did: costs some 2 ms if nothing did.

        Edited packs are imported by a child process first. Loaded modules that changed, and those that import them, are
        imported anew here; where that fails, the old code, specs and digests stay and the problem is told.
        """
        with self._lock:
            before = self._installed
            after = making.load(self._home, before)
            return Changes() if after is before else self._catch_up(before, after)

    def is_stale(self, value: Any) -> bool:
        """Whether a value is of a kind whose class was declared anew or is gone."""
        if isinstance(value, list | tuple):
            return any(self.is_stale(item) for item in value)
        kind = kind_of(value)
        if kind is None:
            return False
        now = KINDS.get(kind.name)
        return now is None or now.cls is not kind.cls

    def _catch_up(self, before: making.Installed, after: making.Installed) -> Changes:
        """Make what is loaded and what is told agree."""
        records = dict(after.records)
        reloaded: list[str] = []
        self._problems = {}
        for name, record in after.records.items():
            edit = changes(record, before.records.get(name), self._stale(record))
            if edit.reload:
                try:
                    reload_modules(edit.reload, after.home)
                except PackError as error:
                    edit = edit.refused(str(error))
            reloaded += sorted(edit.reload)
            records[name] = edit.record
            self._note(record.stamp.source, edit)
        known = dict(self._codes)
        specs = self.catalogue.nodes
        self._installed = making.merge(records, after.found)
        self._nodes.clear()
        self._salts.clear()
        self._show()
        types = {
            name
            for name in {*specs, *self.catalogue.nodes}
            if known.get(name) != self._codes.get(name) or specs.get(name) != self.catalogue.nodes.get(name)
        }
        problems = {
            pack: said for pack, said in self.catalogue.problems.items() if before.catalogue.problems.get(pack) != said
        }
        return Changes(frozenset(types), tuple(reloaded), problems)

    def _stale(self, record: making.Record) -> set[str]:
        """The loaded modules of a source whose files are not what was imported."""
        files = record.stamp.files
        places = record.stamp.source.roots
        found: set[str] = set()
        for name in below(places):
            module = sys.modules[name]
            path = getattr(module, "__file__", None) or ""
            if not path.startswith(places[name.partition(".")[0]].path):
                continue  # of a pack of this name in another data folder
            if module not in _loaded:
                _loaded[module] = files.get(path)
            if _loaded[module] != files.get(path):
                found.add(name)
        return found

    def _note(self, source: Source, edit: Edit) -> None:
        """Remember what was imported just now, and the problem if there was one."""
        for name in edit.reload:
            if name in sys.modules:
                module = sys.modules[name]
                path = getattr(module, "__file__", None) or ""
                when = _stat(path)
                _loaded[module] = when if when == edit.record.stamp.files.get(path) else None
        if edit.problem:
            pack = next((p for p, roots in source.packs.items() if edit.problem.startswith(roots)), None)
            self._problems[pack or next(iter(source.packs))] = f"{edit.problem}. Its earlier code stays in use."

    def _import(self, name: str, pack: str) -> ModuleType:
        """Import a module of a pack as the catalogue knows it. Raises PackError if it fails or was edited since."""
        root = name.partition(".")[0]
        known = set(below([root]))
        try:
            module = import_module(name, self._installed.home)
        except (Exception, SystemExit) as error:
            raise PackError(
                f"The pack {pack} cannot be used: {name} cannot be imported: {reason_of(error)}."
            ) from error
        record = next((r for r in self._installed.records.values() if root in r.stamp.source.roots), None)
        if record is None:
            return module
        edited = ""
        for other in below([root]):
            made = sys.modules[other]
            path = getattr(made, "__file__", None) or ""
            if other in known or made in _loaded or path not in record.stamp.files:
                continue
            _loaded[made] = _stat(path)
            if _loaded[made] != record.stamp.files[path]:
                edited, _loaded[made] = other, None
        if edited:
            raise PackError(f"The pack {pack} was edited while it was used ({edited}); run again.")
        return module

    def _spec(self, node_type: str) -> NodeSpec:
        spec = self.catalogue.find(node_type)
        if spec is not None:
            return spec
        near = self.catalogue.nearest(node_type)
        hint = f"; there is {', '.join(near)}" if near else ""
        pack = node_type.split("/")[0] if "/" in node_type else node_type.split(".")[0]
        problem = self.catalogue.problems.get(pack)
        raise PackError(
            f"No pack gives the node type {node_type!r}{hint}." + (f" {pack}: {problem}" if problem else "")
        )


def _stat(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _libraries(made: Node[..., Any]) -> list[str]:
    name = made.function.__module__
    modules = (sys.modules.get(place) for place in (name, name.partition(".")[0]))
    return list(dict.fromkeys(library for module in modules for library in libraries_of(module)))


@cache
def _version(distribution: str) -> str:
    try:
        return ".".join(importlib.metadata.version(distribution).split(".")[:2])
    except importlib.metadata.PackageNotFoundError:
        return "absent"
