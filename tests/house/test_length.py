"""Files under 300 lines and functions under 40 are the aim; 500 and 80 are the end."""

from __future__ import annotations

import ast
from pathlib import Path

FILE_AIM, FILE_END = 300, 500
FUNCTION_AIM, FUNCTION_END = 40, 80


def _tell(capsys, title: str, rows: list[tuple[int, str]]) -> None:
    """Print what is longer than the aim, also when the test passes."""
    if rows:
        with capsys.disabled():
            print(f"\n{title}: " + ", ".join(f"{name} ({size})" for size, name in sorted(rows, reverse=True)))


def test_no_file_is_longer_than_500_lines(root: Path, files: tuple[Path, ...], capsys) -> None:
    sizes = [
        (len(path.read_text(encoding="utf-8").splitlines()), str(path.relative_to(root)))
        for path in files
        if path.suffix == ".py"
    ]
    _tell(capsys, f"Files over {FILE_AIM} lines", [row for row in sizes if row[0] > FILE_AIM])
    assert [row for row in sizes if row[0] > FILE_END] == []


def test_no_function_is_longer_than_80_lines(trees: dict[Path, ast.Module], capsys) -> None:
    sizes = [
        (_length(item), f"{path}:{item.name}")
        for path, tree in trees.items()
        for item in ast.walk(tree)
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    _tell(capsys, f"Functions over {FUNCTION_AIM} lines", [row for row in sizes if row[0] > FUNCTION_AIM])
    assert [row for row in sizes if row[0] > FUNCTION_END] == []


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring, which may be as long as it must."""
    first = function.body[0]
    told = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if told else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring
