"""A text with named fields."""

from __future__ import annotations

import re
from typing import Annotated

from graphflow import Inputs, Widget, node

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}\Z")


@node
def template(more: Inputs, *, text: Annotated[str, Widget("text", {"lines": 5})] = "a {colour} {thing}") -> str:
    """Fill the named fields of a text.

    more: A text for each field; each `{name}` becomes an input of that name.
    text: The text with fields such as {colour}; {{ and }} stand for single braces.
    """
    wanted = _fields(text)
    missing = [name for name in wanted if more.get(name) is None]
    if missing:
        raise ValueError(f"The template needs {_listed(missing)}; link a text to each of these inputs.")

    def fill(found: re.Match[str]) -> str:
        return found[0][0] if found[1] is None else str(more[found[1].strip()])

    return _PART.sub(fill, text)


@template.inputs
def _template_inputs(text: str) -> dict[str, str]:
    return dict.fromkeys(_fields(text), "text")


def _fields(text: str) -> list[str]:
    """The names of the fields in order, each once. Raises ValueError, with the place, for a brace that stands alone."""
    names: dict[str, None] = {}
    for found in _PART.finditer(text):
        if found[0] in ("{{", "}}"):
            continue
        name = (found[1] or "").strip()
        if not _NAME.match(name):
            raise ValueError(
                f"The template has {found[0][:40]!r} at character {found.start() + 1}, which is no field; "
                "a field is {name} with letters, digits and _, and a brace of the text is written twice."
            )
        names[name] = None
    if "text" in names:
        raise ValueError("The template has a field {text}, but text is the template itself; name the field otherwise.")
    return list(names)


def _listed(names: list[str]) -> str:
    return ("the field " if len(names) == 1 else "the fields ") + ", ".join(f"{{{name}}}" for name in names)
