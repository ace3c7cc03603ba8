"""Two texts compared."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from graphflow import QUIET, Context, Range, node

LENGTH_LIMIT = 200_000


class Comparison(NamedTuple):
    """How two texts differ.

    diff: The lines that differ, in the unified form of `diff -u`; empty if the texts are equal.
    ratio: 1 for equal texts, 0 for texts that share no character.
    equal: Whether they are the same, character by character.
    """

    diff: str
    ratio: float
    equal: bool


@node
def compare(a: str, b: str, *, context: Annotated[int, Range(0, 100)] = 3, ctx: Context = QUIET) -> Comparison:
    """Compare two texts.

    context: How many equal lines the diff shows around each change.

    The ratio is 2 L / (characters of both), L being the length of their longest common subsequence.
    """
    if a == b:
        return Comparison("", 1.0, True)
    for name, text in (("a", a), ("b", b)):
        if len(text) > LENGTH_LIMIT:
            raise ValueError(f"The text {name} has {len(text)} characters; at most {LENGTH_LIMIT} are compared.")
    import difflib

    changes = difflib.unified_diff(a.splitlines(), b.splitlines(), "a", "b", n=context, lineterm="")
    ratio = 2 * _common(a, b, ctx) / (len(a) + len(b))
    return Comparison("\n".join(changes), ratio, False)


def _common(a: str, b: str, ctx: Context) -> int:
    """The length of the longest common subsequence: Hyyro's bit-parallel rows, one big integer each.

    Heikki Hyyro, Bit-parallel LCS-length computation revisited, 2004. It is exact, and
    quick where difflib's ratio is neither.
    """
    where: dict[str, int] = {}
    for index, character in enumerate(a):
        where[character] = where.get(character, 0) | 1 << index
    full = (1 << len(a)) - 1
    row = full
    for index, character in enumerate(b):
        if index % 1000 == 0:
            ctx.check()
        matched = row & where.get(character, 0)
        row = (row + matched) | (row - matched)
        row &= full
    return len(a) - row.bit_count()
