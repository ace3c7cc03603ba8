"""Tone curves."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

from graphflow import Image, Json, Widget, node
from graphflow_nodes.image._pixels import clamped, join_alpha, split_alpha, with_channels

if TYPE_CHECKING:
    from torch import Tensor

Points = list[tuple[float, float]]
_STRAIGHT = ((0, 0), (1, 1))


@node
def curves(
    image: Image,
    *,
    master: Annotated[Json, Widget("curve")] = _STRAIGHT,  # type: ignore[assignment]
    red: Annotated[Json, Widget("curve")] = _STRAIGHT,  # type: ignore[assignment]
    green: Annotated[Json, Widget("curve")] = _STRAIGHT,  # type: ignore[assignment]
    blue: Annotated[Json, Widget("curve")] = _STRAIGHT,  # type: ignore[assignment]
) -> Image:
    """Change tones by curves through points. Alpha is left alone.

    A curve is a list of points [in, out], both in 0..1: dark at 0, light at 1. It goes smoothly through its points and
    turns only at them; before the first and after the last one it stays level. Each channel goes through its own curve
    first, then through the master curve. A grey picture becomes RGB if a colour has a curve.

    master: The curve of all channels.
    red, green, blue: The curve of one channel.

    The curves are monotone cubic (Fritsch and Carlson; scipy's PchipInterpolator).
    """
    import torch

    own = [_points(name, points) for name, points in (("red", red), ("green", green), ("blue", blue))]
    common = _points("master", master)
    colour, alpha = split_alpha(image.pixels)
    if any(points is not None for points in own):
        colour = with_channels(colour, 3)
        colour = torch.cat([_through(colour[:, c : c + 1], points) for c, points in enumerate(own)], dim=1)
    return clamped(join_alpha(_through(colour, common), alpha))


def _points(name: str, given: Any) -> Points | None:
    """The points in order of their input; None for a curve that changes nothing. Raises ValueError for any other."""
    if not isinstance(given, list | tuple) or len(given) < 2:
        raise ValueError(f"The {name} curve needs at least two points, as [[0, 0], [1, 1]].")
    points: Points = []
    for index, point in enumerate(given):
        pair = list(point) if isinstance(point, list | tuple) else []
        numbers = [float(n) for n in pair if isinstance(n, int | float) and not isinstance(n, bool) and 0 <= n <= 1]
        if len(pair) != 2 or len(numbers) != 2:
            raise ValueError(f"The {name} curve's point {index} is no pair of numbers in 0..1; write it as [0.5, 0.6].")
        # A millionth is finer than any 16-bit step; the slopes of still smaller numbers would overflow.
        points.append((round(numbers[0], 6), round(numbers[1], 6)))
    points.sort()
    for (before, _), (after, _) in pairwise(points):
        if after == before:
            raise ValueError(f"The {name} curve has two points at {after:g}; a curve has one value there, move one.")
    return None if points == [(0.0, 0.0), (1.0, 1.0)] else points


def _through(pixels: Tensor, points: Points | None) -> Tensor:
    """The pixels changed by the curve."""
    import numpy as np
    import torch
    from scipy.interpolate import PchipInterpolator

    if points is None:
        return pixels
    places, values = zip(*points, strict=True)
    array = pixels.detach().cpu().numpy().clip(places[0], places[-1])
    return torch.from_numpy(PchipInterpolator(places, values)(array).astype(np.float32))
