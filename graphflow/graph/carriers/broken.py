"""The error of a file whose structure does not hold."""

from __future__ import annotations


class Broken(ValueError):
    """The file is cut short, its lengths lead outside it, or it is of another format."""


def need(holds: bool, what: str) -> None:
    """Raise Broken, with what is wrong, unless it holds."""
    if not holds:
        raise Broken(what)
