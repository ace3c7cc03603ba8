"""Lists of numbers: in steps, or by chance."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from graphflow import QUIET, Context, Range, Seed, node

MOST = 1_000_000
Count = Annotated[int, Range(0, MOST, 1)]


@node
def range_(
    *,
    start: float = 0.0,
    stop: float = 1.0,
    by: Literal["count", "step"] = "count",
    count: Count = 5,
    step: float = 0.25,
    include_stop: bool = True,
) -> list[float]:
    """Numbers at equal distances from start to stop.

    start: The first number.
    stop: Where they end; it may lie below the start.
    by: "count" spreads so many numbers evenly, "step" walks in steps of one size as far as they reach.
    count: How many numbers; one alone is the start.
    step: The distance between two; it must lead from start towards stop.
    include_stop: Whether the stop itself belongs to them, where it is met.

    Each number is start + i * step, so that errors of rounding do not add up.
    """
    if not (math.isfinite(start) and math.isfinite(stop) and math.isfinite(step)):
        raise ValueError("A range needs numbers that are finite for start, stop and step.")
    if by == "count":
        gaps = count - 1 if include_stop else count
        made = [start + (stop - start) * i / gaps if gaps else start for i in range(count)]
        return [*made[:-1], float(stop)] if include_stop and count > 1 else made
    if step == 0 or (stop - start) * step < 0:
        raise ValueError(f"Steps of {step:g} never lead from {start:g} to {stop:g}; turn the sign of the step.")
    # A stop that is met up to rounding, as 0.3 is in steps of 0.1, counts as met.
    steps = (stop - start) / step
    if steps >= MOST:
        raise ValueError(f"Steps of {step:g} from {start:g} to {stop:g} make over {MOST} numbers; take larger ones.")
    met = math.isclose(steps, round(steps), rel_tol=1e-9, abs_tol=1e-9)
    last = round(steps) if met else math.floor(steps)
    if met and not include_stop:
        last -= 1
    return [start + i * step for i in range(last + 1)]


@node
def random_(
    *,
    distribution: Literal["uniform", "normal", "whole"] = "uniform",
    count: Count = 1,
    low: float = 0.0,
    high: float = 1.0,
    mean: float = 0.0,
    deviation: Annotated[float, Range(0, None)] = 1.0,
    seed: Seed = 0,
    ctx: Context = QUIET,
) -> list[float]:
    """Numbers by chance.

    distribution: "uniform" draws any number from low up to high, "whole" any whole number from low to high, both of
    them too; "normal" draws around the mean.
    count: How many.
    low, high: The ends, for uniform and whole.
    mean, deviation: The mean and the standard deviation, for normal.
    seed: The same seed gives the same numbers; a higher count begins with those of a lower one.
    """
    import torch

    generator = ctx.generator(seed)
    if distribution == "normal":
        # torch.randn draws many by another rule than few; the inverse of the distribution does not.
        even = torch.rand(count, generator=generator, dtype=torch.float64).clamp(min=2.0**-54)
        return [mean + deviation * value for value in torch.special.ndtri(even).tolist()]
    if low > high:
        raise ValueError(f"Numbers are drawn from low to high, got {low:g} to {high:g}; swap them.")
    if distribution == "uniform":
        shares = torch.rand(count, generator=generator, dtype=torch.float64).tolist()
        return [min(low + (high - low) * share, high) for share in shares]
    first, last = math.ceil(low), math.floor(high)
    if last < first or last - first >= 1 << 53:
        raise ValueError(f"There are none or too many whole numbers from {low:g} to {high:g} to draw from.")
    return [float(value) for value in torch.randint(first, last + 1, (count,), generator=generator).tolist()]


@node
def seeds(*, count: Annotated[int, Range(1, MOST, 1)] = 4, seed: Seed = 0, ctx: Context = QUIET) -> list[Seed]:
    """Seeds by chance, such as one for each variation of a picture.

    count: How many.
    seed: The same seed gives the same list; a higher count begins with the seeds of a lower one.
    """
    import torch

    return [int(value) for value in torch.randint(0, 1 << 53, (count,), generator=ctx.generator(seed)).tolist()]
