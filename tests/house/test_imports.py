"""Imports that would hide a wrong floor, or make start-up slow."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

OURS = ("graphflow", "graphflow_nodes")
# Start-up: a command's module is loaded when it is called, an attribute of the front door when it is used.
ALLOWED = {Path("graphflow/cli/main.py"), Path("graphflow/__init__.py")}
HEAVY = ("torch", "numpy", "PIL", "skimage", "scipy", "vl_convert", "networkx", "pandas", "safetensors", "fsspec")


def _names(statement: ast.AST) -> list[str]:
    if isinstance(statement, ast.ImportFrom):
        return [statement.module or ""]
    return [alias.name for alias in statement.names] if isinstance(statement, ast.Import) else []


def _imports_in_functions(tree: ast.Module) -> list[tuple[int, str]]:
    return [
        (inner.lineno, name)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for inner in ast.walk(outer)
        if isinstance(inner, ast.Import | ast.ImportFrom)
        for name in _names(inner)
    ]


def test_no_function_imports_the_projects_own_modules(trees: dict[Path, ast.Module]) -> None:
    found = {
        f"{path}:{line} imports {name} inside a function"
        for path, tree in trees.items()
        if path not in ALLOWED
        for line, name in _imports_in_functions(tree)
        if name.split(".")[0] in OURS
    }
    assert found == set()


def test_no_import_is_relative(trees: dict[Path, ast.Module]) -> None:
    found = {
        f"{path}:{item.lineno}"
        for path, tree in trees.items()
        for item in ast.walk(tree)
        if isinstance(item, ast.ImportFrom) and item.level
    }
    assert found == set()


def test_the_front_door_loads_no_heavy_library() -> None:
    loaded = _loaded_by("import graphflow; graphflow.node, graphflow.Image, graphflow.Range")
    assert loaded & set(HEAVY) == set()


def test_importing_every_node_loads_no_heavy_library() -> None:
    walk = (
        "import importlib, pkgutil, graphflow_nodes\n"
        "for m in pkgutil.walk_packages(graphflow_nodes.__path__, 'graphflow_nodes.'): importlib.import_module(m.name)"
    )
    assert _loaded_by(walk) & set(HEAVY) == set()


def test_every_attribute_of_the_front_door_can_be_loaded() -> None:
    import graphflow

    for name in graphflow.__all__:
        assert getattr(graphflow, name) is not None


def _loaded_by(statement: str) -> set[str]:
    """The top-level modules that are loaded after a statement in a fresh interpreter."""
    code = f"{statement}\nimport sys; print('\\n'.join(sorted({{m.split('.')[0] for m in sys.modules}})))"
    run = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())
