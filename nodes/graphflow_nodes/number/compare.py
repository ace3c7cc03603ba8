"""Numbers compared, bounded, rounded and mapped to another range."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from graphflow import Range, node


@node
def compare(
    a: float,
    *,
    operator: Literal["=", "not =", "<", "<=", ">", ">="] = "=",
    b: float = 0.0,
    tolerance: Annotated[float, Range(0, None)] = 0.0,
) -> bool:
    """Compare two numbers.

    a: The number to the left of the operator.
    operator: How they are compared.
    b: The number to its right.
    tolerance: Numbers no farther apart than this count as equal: then <= and >= hold, < and > do not.
    """
    equal = a == b or abs(a - b) <= tolerance
    results = {
        "=": equal, "not =": not equal, "<": a < b and not equal, "<=": a < b or equal, ">": a > b and not equal,
        ">=": a > b or equal,
    }  # fmt: skip
    return results[operator]


@node
def clamp(number: float, *, least: float = 0.0, greatest: float = 1.0) -> float:
    """Hold a number between two ends.

    number: Any number.
    least, greatest: The ends; a number beyond one becomes it.
    """
    if least > greatest:
        raise ValueError(f"The least, {least:g}, is above the greatest, {greatest:g}; swap them.")
    return min(max(number, least), greatest)


@node
def round_(number: float, *, to: Literal["nearest", "down", "up", "zero"] = "nearest") -> int:
    """Make a number whole.

    number: Any number.
    to: "nearest" (a half goes away from zero), "down", "up", or towards "zero".
    """
    if not math.isfinite(number):
        raise ValueError(f"{number} has no whole number near it; give a finite one.")
    if to == "nearest":
        # floor(x + 0.5) would round 0.49999999999999994 up: the sum itself is rounded.
        below = math.floor(abs(number))
        return int(math.copysign(below + (abs(number) - below >= 0.5), number))
    if to == "down":
        return math.floor(number)
    return math.ceil(number) if to == "up" else math.trunc(number)


@node
def remap(
    number: float,
    *,
    from_low: float = 0.0,
    from_high: float = 1.0,
    to_low: float = 0.0,
    to_high: float = 100.0,
    bounded: bool = False,
) -> float:
    """Map a number from one range to another, in a straight line.

    number: Any number.
    from_low, from_high: The range that it comes from.
    to_low, to_high: Where that range's ends go; they may be turned round.
    bounded: Hold the result within the range that it goes to.
    """
    if from_low == from_high:
        raise ValueError(f"The range from {from_low:g} to {from_high:g} has no width; move one of its ends.")
    share = (number - from_low) / (from_high - from_low)
    if bounded:
        share = min(max(share, 0.0), 1.0)
    # This form meets both ends exactly.
    return to_low * (1 - share) + to_high * share
