"""Searching and replacing."""

from __future__ import annotations

from typing import Annotated

from graphflow import Range, node


@node
def replace(
    text: str,
    *,
    find: str = "",
    by: str = "",
    pattern: bool = False,
    ignore_case: bool = False,
    limit: Annotated[int, Range(0, 1_000_000)] = 0,
) -> str:
    """Replace what is found in a text.

    find: What to look for; empty changes nothing.
    by: What to write instead; with a pattern, \\1 stands for its first group, \\g<0> for all that was found.
    pattern: Read `find` as a regular expression (RE2: no look-around, no back-references).
    ignore_case: Take capital and small letters alike.
    limit: Replace at most so many times; 0 is everywhere.
    """
    if not find:
        return text
    if not pattern and not ignore_case:
        return text.replace(find, by, limit or -1)
    import re2

    options = re2.Options()
    options.case_sensitive = not ignore_case
    options.literal = not pattern
    options.log_errors = False
    try:
        found = re2.compile(find, options)
    except re2.error as error:
        raise ValueError(f"The pattern {find[:80]!r} cannot be read: {_words(error)}.") from None
    if not pattern:
        return str(found.sub(lambda _: by, text, limit))
    try:
        return str(found.sub(by, text, limit))
    except (re2.error, IndexError) as error:
        raise ValueError(f"The replacement {by[:80]!r} does not suit the pattern: {_words(error)}.") from None


def _words(error: Exception) -> str:
    """The library's message as text; it comes as bytes or text by version."""
    said = error.args[0] if error.args else "it is not understood"
    return (said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)).rstrip(".")
