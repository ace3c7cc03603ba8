"""Masks turned round and combined: fuzzy logic, so that soft edges stay soft."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from graphflow import Mask, node
from graphflow_nodes.mask.pixels import hardened, same_size

if TYPE_CHECKING:
    from torch import Tensor


@node
def invert(mask: Mask) -> Mask:
    """Turn inside out: 1 - a."""
    return Mask(1 - mask.pixels)


@node
def union(mask: Mask, other: Mask, *, hard: bool = False) -> Mask:
    """What is inside either mask: max(a, b).

    hard: Make both hard at 0.5 first.
    """
    return _combine(mask, other, hard, lambda a, b: a.maximum(b))


@node
def intersection(mask: Mask, other: Mask, *, hard: bool = False) -> Mask:
    """What is inside both masks: min(a, b).

    hard: Make both hard at 0.5 first.
    """
    return _combine(mask, other, hard, lambda a, b: a.minimum(b))


@node
def difference(mask: Mask, other: Mask, *, hard: bool = False) -> Mask:
    """What is inside the first mask and not in the other: min(a, 1 - b).

    hard: Make both hard at 0.5 first.
    """
    return _combine(mask, other, hard, lambda a, b: a.minimum(1 - b))


@node
def xor(mask: Mask, other: Mask, *, hard: bool = False) -> Mask:
    """What is inside one mask alone: max(min(a, 1 - b), min(1 - a, b)).

    hard: Make both hard at 0.5 first.
    """
    return _combine(mask, other, hard, lambda a, b: a.minimum(1 - b).maximum((1 - a).minimum(b)))


def _combine(mask: Mask, other: Mask, hard: bool, rule: Callable[[Tensor, Tensor], Tensor]) -> Mask:
    same_size("The two masks", mask, other)
    if hard:
        mask, other = hardened(mask), hardened(other)
    return Mask(rule(mask.pixels, other.pixels).clamp(0, 1))
