"""A source file as its top-level statements: the names that each binds and those that it uses."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Chains: TypeAlias = dict[str, set[tuple[str, ...]]]
"""{name: what is reached through it}: `z.f.g` and `z` give {"z": {("f", "g"), ()}}."""

_DECLARES = {"node", "conversion", "kind"}
_ROLES = {"needs", "inputs", "outputs", "choices", "fingerprint", "cost", "expand", "migrate"}
_BODIES = ("body", "orelse", "finalbody")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import binds: a name of a module, or the module itself if `name` is None. `module` is absolute."""

    module: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as its code digest sees it: normalised text, names used from outside it, imports inside it."""

    text: str
    names: tuple[str, ...]
    chains: Chains
    imports: tuple[tuple[str, Imported], ...]


class Source:
    """One parsed file. Annotations, docstrings and `@node` lines are taken out as statements are asked for.

    Fields of classes keep their annotations: they decide what a dataclass or a pydantic model does.
    """

    def __init__(self, path: str, module: str, text: bytes) -> None:
        self.path = path
        self.module = module
        self.package = module if path.endswith("__init__.py") else module.rpartition(".")[0]
        self.tree = ast.parse(text)
        self._lines: dict[ast.AST, int] = {}  # of definitions that lost decorators
        self._plain: set[int] = set()
        self._statements: dict[int, Statement] = {}

    @cached_property
    def bindings(self) -> dict[str, list[int | Imported]]:
        """{name: the statements (by index) and imports that bind it at the top level}, in the file's order."""
        found: dict[str, list[int | Imported]] = {}
        for index, statement in enumerate(self.tree.body):
            if not isinstance(statement, ast.Import | ast.ImportFrom):
                for name in _bound(statement):
                    found.setdefault(name, []).append(index)
            for part in _outer(statement):
                for name, imported in self.imported(part):
                    found.setdefault(name, []).append(imported)
        return found

    @cached_property
    def stars(self) -> list[str]:
        """The modules of which everything is imported."""
        return [
            self._origin(part)
            for statement in self.tree.body
            for part in _outer(statement)
            if isinstance(part, ast.ImportFrom) and part.names[0].name == "*"
        ]

    def statement(self, index: int) -> Statement:
        """A top-level statement."""
        if index not in self._statements:
            self._statements[index] = self._read(self._stripped(index))
        return self._statements[index]

    def definition(self, qualname: str, line: int) -> Statement | None:
        """The function or class of a qualified name, without default values and satellite decorators.

        line: Where it begins, to tell functions of one name apart.
        """
        names = [name for name in qualname.split(".") if name != "<locals>"]
        for index, statement in enumerate(self.tree.body):
            found = _find([statement], names)
            at = next((made for made in found if self._lines.get(made, _line(made)) == line), None)
            if at is not None or (found and not self._elsewhere(index, names)):
                self._stripped(index)
                return self._read(_entry(at or found[-1]))
        return None

    def imported(self, part: ast.stmt) -> list[tuple[str, Imported]]:
        """(name bound, what it is) of an import statement; nothing for others."""
        if isinstance(part, ast.Import):
            return [
                (a.asname, Imported(a.name, None)) if a.asname else (head, Imported(head, None))
                for a in part.names
                for head in [a.name.partition(".")[0]]
            ]
        if isinstance(part, ast.ImportFrom):
            origin = self._origin(part)
            return [(a.asname or a.name, Imported(origin, a.name)) for a in part.names if a.name != "*"]
        return []

    def _origin(self, part: ast.ImportFrom) -> str:
        if not part.level:
            return part.module or ""
        base = self.package.split(".")
        base = base[: len(base) - part.level + 1]
        return ".".join([*base, part.module] if part.module else base)

    def _elsewhere(self, index: int, names: list[str]) -> bool:
        return any(_find([statement], names) for statement in self.tree.body[index + 1 :])

    def _stripped(self, index: int) -> ast.stmt:
        if index not in self._plain:
            self._plain.add(index)
            _Strip(self._declares, self._lines).visit(self.tree.body[index])
        return self.tree.body[index]

    def _declares(self, decorator: ast.expr) -> bool:
        """Whether a decorator is `@node`, `@conversion` or `@kind`."""
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            module = next(iter(self.bindings.get(called.value.id, ())), None)
            return called.attr in _DECLARES and module == Imported("graphflow", None)
        if not isinstance(called, ast.Name):
            return False
        bound = next(iter(self.bindings.get(called.id, ())), None)
        if isinstance(bound, Imported):
            return bound.module.partition(".")[0] == "graphflow" and bound.name in _DECLARES
        return bound is None and called.id in _DECLARES  # imported inside a function

    def _read(self, statement: ast.stmt) -> Statement:
        text = ast.unparse(statement)
        chains, imports = _mentions(statement)
        inner = tuple(found for part in imports for found in self.imported(part))
        return Statement(text, _free(text), chains, inner)


class _Strip(ast.NodeTransformer):
    """Takes out what does not change a result, in place."""

    def __init__(self, declares: Callable[[ast.expr], bool], lines: dict[ast.AST, int]) -> None:
        self._declares = declares
        self._lines = lines
        self._fields: set[ast.AST] = set()

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, Definition):
            if node.decorator_list:
                self._lines[node] = _line(node)
                node.decorator_list = [d for d in node.decorator_list if not self._declares(d)]
            if isinstance(node, ast.ClassDef):
                self._fields.update(part for part in node.body if isinstance(part, ast.AnnAssign))
            else:
                node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.AnnAssign) and node not in self._fields:
            if node.value is None:
                return ast.copy_location(ast.Pass(), node)
            node = ast.copy_location(ast.Assign([node.target], node.value), node)
        self.generic_visit(node)
        for field in _BODIES:
            body = getattr(node, field, None)
            if isinstance(body, list) and body:
                setattr(node, field, [part for part in body if not _idle(part)] or [ast.Pass()])
        return node


def _idle(statement: object) -> bool:
    """A docstring, another text that stands alone, or `pass`."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return isinstance(statement.value.value, str)
    return isinstance(statement, ast.Pass)


def _entry(made: Definition) -> Definition:
    """A node's own function: its defaults enter the key as params, satellite decorators change no result."""
    if isinstance(made, ast.ClassDef):
        return made
    given = made.args
    plain = ast.arguments(
        given.posonlyargs, given.args, given.vararg, given.kwonlyargs, [None] * len(given.kwonlyargs), given.kwarg, []
    )
    decorators = [d for d in made.decorator_list if not _is_satellite(d)]
    parts: dict[str, Any] = {**dict(ast.iter_fields(made)), "args": plain, "decorator_list": decorators}
    return ast.copy_location(type(made)(**parts), made)


def _is_satellite(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.attr in _ROLES


def _find(body: list[ast.stmt], names: list[str]) -> list[Definition]:
    """Every function or class of a path of names, whatever `if` or `with` it stands under."""
    found: list[Definition] = []
    for statement in body:
        for part in _outer(statement):
            if isinstance(part, Definition) and part.name == names[0]:
                found += _find(part.body, names[1:]) if names[1:] else [part]
    return found


def _outer(statement: ast.stmt) -> list[ast.stmt]:
    """A statement and those inside its `if`, `try`, `with`, `for` and `match`, but not inside functions and classes."""
    found: list[ast.stmt] = []
    todo: list[ast.AST] = [statement]
    while todo:
        part = todo.pop()
        if isinstance(part, ast.stmt):
            found.append(part)
            if isinstance(part, Definition):
                continue
        inside = [child for child in ast.iter_child_nodes(part) if isinstance(child, _HOLDERS)]
        todo += reversed(inside)
    return found


_HOLDERS = (ast.stmt, ast.ExceptHandler, ast.match_case)


def _bound(statement: ast.stmt) -> set[str]:
    """The names that a statement binds, or whose object it changes (`TABLE["x"] = 1`, `TABLE.update(...)`)."""
    names: set[str] = set()
    for part in _outer(statement):
        if isinstance(part, Definition):
            names.add(part.name)
            continue
        if isinstance(part, ast.Expr) and isinstance(part.value, ast.Call):
            names |= _base(part.value.func) if isinstance(part.value.func, ast.Attribute) else set()
        for child in ast.iter_child_nodes(part):
            if isinstance(child, ast.stmt):
                continue
            for leaf in ast.walk(child):
                if isinstance(leaf, ast.Name | ast.Attribute | ast.Subscript) and not isinstance(leaf.ctx, ast.Load):
                    names |= _base(leaf)
    return names


def _base(node: ast.AST) -> set[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _free(text: str) -> tuple[str, ...]:
    """The names that a statement takes from outside itself, sorted."""
    names: set[str] = set()
    todo = [symtable.symtable(text, "<statement>", "exec")]
    while todo:
        table = todo.pop()
        kind = table.get_type()
        todo += table.get_children()
        for symbol in table.get_symbols():
            # What a module's own scope defines counts as global there: only what is used matters.
            outside = symbol.is_global() and kind != "module"
            if outside or (kind != "function" and symbol.is_referenced()):
                names.add(symbol.get_name())
    return tuple(sorted(names))


def _mentions(statement: ast.stmt) -> tuple[Chains, list[ast.stmt]]:
    """What is reached through each name, and the imports inside."""
    found: Chains = {}
    imports: list[ast.stmt] = []
    todo: list[ast.AST] = [statement]
    while todo:
        part = todo.pop()
        attributes: list[str] = []
        while isinstance(part, ast.Attribute):
            attributes.append(part.attr)
            part = part.value
        if isinstance(part, ast.Name):
            found.setdefault(part.id, set()).add(tuple(reversed(attributes)))
        elif isinstance(part, ast.Import | ast.ImportFrom):
            imports.append(part)
        elif not isinstance(part, ast.Constant):
            todo += ast.iter_child_nodes(part)
    return found, imports


def _line(made: Definition) -> int:
    """Where a definition begins, its decorators included."""
    return min(part.lineno for part in (made, *made.decorator_list))
