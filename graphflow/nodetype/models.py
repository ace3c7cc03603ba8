"""How recipes become live models: loaders and patchers that packs register by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

LOADERS: dict[str, Callable[..., Any]] = {}
PATCHERS: dict[str, Callable[..., Any]] = {}


def loader(name: str) -> Callable[[F], F]:
    """Register what makes a recipe live: a function of (model: Model, ctx: Context) that returns the live model."""
    return _register(LOADERS, "loader", name)


def patcher(name: str) -> Callable[[F], F]:
    """Register what changes a live model: a function of (live, **settings) that returns the changed model."""
    return _register(PATCHERS, "patcher", name)


def _register(table: dict[str, Callable[..., Any]], what: str, name: str) -> Callable[[F], F]:
    def register(function: F) -> F:
        known = table.get(name)
        if known is not None and (known.__module__, known.__qualname__) != (function.__module__, function.__qualname__):
            raise ValueError(f"The {what} {name!r} is already registered by {known.__module__}; choose another name.")
        table[name] = function
        return function

    return register
