"""What a list of numbers is like."""

from __future__ import annotations

import math
import statistics as library
from typing import Literal, NamedTuple

from graphflow import node


class Statistics(NamedTuple):
    """Figures of a list of numbers.

    count: How many they are.
    mean: Their sum over their count.
    median: The one in the middle, or the mean of the two there.
    deviation: The standard deviation.
    least, greatest: The ends.
    sum: All together.
    """

    count: int  # type: ignore[assignment]
    mean: float
    median: float
    deviation: float
    least: float
    greatest: float
    sum: float


@node
def statistics(numbers: list[float], *, of: Literal["population", "sample"] = "population") -> Statistics:
    """Count, mean, median, standard deviation, ends and sum of a list.

    numbers: At least one.
    of: Whether the numbers are all there are, or a sample; a sample's deviation divides by count - 1, that of one
    number is 0.
    """
    if not numbers:
        raise ValueError("The list holds no number, so it has no mean; give at least one.")
    for index, value in enumerate(numbers):
        if not math.isfinite(value):
            raise ValueError(f"The list holds {value} at [{index}]; give finite numbers.")
    spread = library.pstdev if of == "population" or len(numbers) == 1 else library.stdev
    return Statistics(
        count=len(numbers),
        mean=library.fmean(numbers),
        median=float(library.median(numbers)),
        deviation=float(spread(numbers)),
        least=min(numbers),
        greatest=max(numbers),
        sum=math.fsum(numbers),
    )
