"""Text that is typed in, and text that is saved."""

from __future__ import annotations

from typing import Annotated

from graphflow import File, Widget, node


@node
def literal(*, text: Annotated[str, Widget("text", {"lines": 5})] = "") -> str:
    """Text as it is written.

    text: The text; it may have many lines.
    """
    return text


@node(saves=True)
def save(text: str, *, name: str = "text") -> File:
    """Save a text as a file in UTF-8.

    name: The file's name; without an ending it gets .txt.
    """
    called = name if "." in name.replace("\\", "/").split("/")[-1].strip(".") else f"{name}.txt"
    return File.of_bytes(called, text.encode())
