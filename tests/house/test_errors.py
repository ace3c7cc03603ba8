"""An error is told or handled, never swallowed."""

from __future__ import annotations

import ast
from pathlib import Path


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Whether a handler does nothing: only `pass`, `...` or a docstring."""
    return all(
        isinstance(statement, ast.Pass)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in handler.body
    )


def test_no_handler_does_nothing(trees: dict[Path, ast.Module]) -> None:
    found = {
        f"{path}:{item.lineno}"
        for path, tree in trees.items()
        for item in ast.walk(tree)
        if isinstance(item, ast.ExceptHandler) and _swallows(item)
    }
    assert found == set(), "use contextlib.suppress with a comment that says why nothing is lost"


def test_no_handler_is_bare(trees: dict[Path, ast.Module]) -> None:
    found = {
        f"{path}:{item.lineno}"
        for path, tree in trees.items()
        for item in ast.walk(tree)
        if isinstance(item, ast.ExceptHandler) and item.type is None
    }
    assert found == set()


def test_exception_is_never_suppressed_as_a_whole(trees: dict[Path, ast.Module]) -> None:
    found = {
        f"{path}:{item.lineno}"
        for path, tree in trees.items()
        for item in ast.walk(tree)
        if isinstance(item, ast.Call) and ast.unparse(item.func) in ("suppress", "contextlib.suppress")
        if {ast.unparse(argument) for argument in item.args} & {"Exception", "BaseException"}
    }
    assert found == set()
