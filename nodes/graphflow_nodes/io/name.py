"""What a file is called."""

from __future__ import annotations

from typing import NamedTuple

from graphflow import File, node


class Name(NamedTuple):
    """name: With its ending. stem: Without it. ending: Its ending in lower case with the dot, such as .png, or empty.
    size: Bytes.
    """

    name: str
    stem: str
    ending: str
    size: int


@node
def name(file: File) -> Name:
    """Tell a file's name, its parts, and how large it is."""
    stem, dot, ending = file.name.rpartition(".")
    if not stem:
        return Name(file.name, file.name, "", file.size)
    return Name(file.name, stem, (dot + ending).lower(), file.size)
