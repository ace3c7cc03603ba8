"""Texts put together and taken apart."""

from __future__ import annotations

from typing import Annotated, Literal

from graphflow import Range, node


@node
def join(texts: list[str], *, separator: str = ", ", skip_empty: bool = True) -> str:
    """Join texts into one.

    separator: What stands between two texts.
    skip_empty: Leave out texts that are empty or blank.
    """
    return separator.join(text for text in texts if text.strip() or not skip_empty)


@node
def split(
    text: str,
    *,
    separator: str = ",",
    strip: bool = True,
    skip_empty: bool = True,
    limit: Annotated[int, Range(0, 1_000_000)] = 0,
) -> list[str]:
    """Split a text into a list of texts.

    separator: What stands between two parts; empty splits at any white space.
    strip: Take white space off both ends of each part.
    skip_empty: Leave out parts that are empty.
    limit: At most so many parts, the last one holding the rest; 0 is as many as there are.
    """
    parts = text.split(separator or None, limit - 1 if limit else -1)
    if strip:
        parts = [part.strip() for part in parts]
    return [part for part in parts if part or not skip_empty]


@node
def lines(
    text: str,
    *,
    strip: bool = True,
    skip_empty: bool = True,
    number: Literal["no", "1", "1.", "1)", "01"] = "no",
    start: Annotated[int, Range(0, 1_000_000_000)] = 1,
) -> list[str]:
    """Split a text into its lines.

    strip: Take white space off both ends of each line.
    skip_empty: Leave out blank lines.
    number: Write the number of each line before it; 01 pads with zeros to equal width.
    start: The number of the first line.
    """
    kept = [line.strip() if strip else line for line in text.splitlines()]
    kept = [line for line in kept if line.strip() or not skip_empty]
    if number == "no":
        return kept
    width = len(str(start + len(kept) - 1)) if number == "01" else 0
    ending = number.removeprefix("01").removeprefix("1")
    return [f"{start + index:0{width}d}{ending} {line}" for index, line in enumerate(kept)]
