"""The files of a folder."""

from __future__ import annotations

import fnmatch
import re
from typing import Annotated, Literal

from graphflow import File, Folder, Range, node

_DIGITS = re.compile(r"(\d+)")


# The node is `io.folder`; the underscore keeps the parameter's name free.
@node(title="Folder")
def folder_(
    *,
    folder: Folder,
    pattern: str = "*",
    recursive: bool = False,
    sort: Literal["name", "natural", "size"] = "natural",
    limit: Annotated[int, Range(0, 1_000_000)] = 0,
) -> list[File]:
    """The files of a folder, as a list.

    folder: Its path, relative to the workflow's folder, then to the inputs and outputs.
    pattern: Which files, such as *.png; several with commas between them; capitals do not matter.
    recursive: Also the files in the folders below.
    sort: By name, by name with numbers in their order (2 before 10), or by size.
    limit: At most so many files; 0 is all.
    """
    globs = [one.strip().lower() for one in pattern.split(",") if one.strip()]
    found = [
        file
        for file in folder.files
        if (recursive or "/" not in file.name) and any(_matches(file.name.lower(), glob) for glob in globs)
    ]
    found.sort(key=lambda file: file.name)
    if sort == "natural":
        found.sort(key=lambda file: _natural(file.name))
    elif sort == "size":
        found.sort(key=lambda file: file.size)
    return found[:limit] if limit else found


def _matches(name: str, glob: str) -> bool:
    # A pattern with a slash is for the whole path below the folder, one without for the last part of it.
    return fnmatch.fnmatchcase(name if "/" in glob else name.rsplit("/", 1)[-1], glob)


def _natural(name: str) -> list[tuple[int, int, str]]:
    parts = _DIGITS.split(name.lower())
    # Digits sort before letters, numbers by value; int() refuses thousands of digits, so those sort as text.
    return [
        (0, int(part), "") if index % 2 and part.isascii() and len(part) < 300 else (1, 0, part)
        for index, part in enumerate(parts)
        if part
    ]
