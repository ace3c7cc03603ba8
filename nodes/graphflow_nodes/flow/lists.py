"""Lists: made, put together, brought to one length."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple, TypeVar

from graphflow import Range, node

T = TypeVar("T")
U = TypeVar("U")


@node
def collect(items: list[T]) -> list[T]:
    """Gather values from several links into one list; lists among them are put in, in order."""
    return list(items)


@node
def repeat(value: T, *, count: Annotated[int, Range(0, 10_000)] = 2) -> list[T]:
    """Make a list that holds one value several times.

    count: How many times.
    """
    return [value] * count


class Pairs(NamedTuple):
    """Two lists of equal length."""

    first: list[T]  # type: ignore[valid-type]
    second: list[U]  # type: ignore[valid-type]


@node
def zip_(first: list[T], second: list[U], *, mode: Literal["shortest", "repeat last", "product"] = "shortest") -> Pairs:
    """Bring two lists to one length, so that they drive a node side by side.

    mode: shortest cuts the longer list; repeat last goes on with the last element of the shorter one; product pairs
    every element of the first with every one of the second.
    """
    if mode == "product":
        return Pairs([a for a in first for _ in second], [b for _ in first for b in second])
    if mode == "shortest":
        count = min(len(first), len(second))
        return Pairs(first[:count], second[:count])
    if not first or not second:
        raise ValueError("flow.zip cannot repeat the last element of an empty list")
    count = max(len(first), len(second))
    return Pairs(first + [first[-1]] * (count - len(first)), second + [second[-1]] * (count - len(second)))
