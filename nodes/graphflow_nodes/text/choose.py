"""One of several texts, by seed."""

from __future__ import annotations

import math

from graphflow import Seed, node, seed_from


@node
def choose(*, options: list[str], seed: Seed = 0, weights: list[float] | None = None) -> str:
    """Choose one text of a list by seed.

    options: The texts to choose from.
    seed: Another seed chooses anew; the same one chooses the same text on every machine.
    weights: How likely each text is, against the others; without them all are alike.
    """
    if not options:
        raise ValueError("There is nothing to choose from: options is empty; give at least one text.")
    if weights is None:
        weights = [1.0] * len(options)
    if len(weights) != len(options):
        raise ValueError(f"There are {len(options)} options but {len(weights)} weights; give one for each option.")
    if not all(math.isfinite(weight) and weight >= 0 for weight in weights) or not sum(weights) > 0:
        raise ValueError("Weights are numbers from 0 up, and at least one is above 0.")
    total = math.fsum(weights)
    left = seed_from(seed, "choose") / 2**53 * total
    for option, weight in zip(options, weights, strict=True):
        left -= weight
        if left < 0:
            return option
    # Rounding can leave a crumb after the last weight: it belongs to the last option that can be chosen.
    return next(o for o, w in zip(reversed(options), reversed(weights), strict=True) if w > 0)
