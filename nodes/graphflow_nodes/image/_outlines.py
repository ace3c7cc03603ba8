"""Shapes as polygons, and how far they cover each pixel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy import ndarray
    from torch import Tensor

Point = tuple[float, float]
SAMPLES = 8  # a pixel is sampled at 8x8 points
STRIP = 32  # rows of pixels that are drawn at once, which bounds the memory


@dataclass(frozen=True, slots=True)
class Part:
    """A polygon (filled by the even-odd rule) that is added to what is covered, or cut out of it."""

    points: Sequence[Point]
    cut: bool = False


def _arc(x: float, y: float, across: float, down: float, start: float, end: float) -> list[Point]:
    """Points from one angle to another, both in turns, clockwise from the right."""
    steps = max(8, min(180, int(max(across, down)))) * max(1, round(4 * (end - start)))
    turns = [math.tau * (start + (end - start) * step / steps) for step in range(steps + 1)]
    return [(x + across * math.cos(turn), y + down * math.sin(turn)) for turn in turns]


def oval(x: float, y: float, across: float, down: float) -> list[Point]:
    """An ellipse by its centre and radii."""
    return _arc(x, y, across, down, 0, 1)


def box(x: float, y: float, width: float, height: float, radius: float) -> list[Point]:
    """A rectangle by its top left corner and size, its corners rounded."""
    radius = max(0.0, min(radius, width / 2, height / 2))
    if radius == 0:
        return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    left, right, top, bottom = x + radius, x + width - radius, y + radius, y + height - radius
    middles = [(right, bottom), (left, bottom), (left, top), (right, top)]
    arcs = [_arc(cx, cy, radius, radius, turn / 4, (turn + 1) / 4) for turn, (cx, cy) in enumerate(middles)]
    return [point for arc in arcs for point in arc]


def star(x: float, y: float, outer: float, inner: float, spikes: int, angle: float) -> list[Point]:
    """A star by its centre and radii; the first spike points up, turned clockwise by the angle in degrees."""
    turns = [math.radians(angle - 90) + math.pi * index / spikes for index in range(2 * spikes)]
    reach = (outer, inner) * spikes
    return [(x + r * math.cos(turn), y + r * math.sin(turn)) for r, turn in zip(reach, turns, strict=True)]


def stroke(points: Sequence[Point], width: float, closed: bool) -> list[Part]:
    """The outline of a polygon or of a line, its joints and ends round."""
    half = width / 2
    parts = [Part(oval(x, y, half, half)) for x, y in points]
    follow = [*points[1:], points[0]] if closed else points[1:]
    for (ax, ay), (bx, by) in zip(points, follow, strict=False):
        length = math.hypot(bx - ax, by - ay)
        if length > 0:
            across, down = (ay - by) / length * half, (bx - ax) / length * half
            corners = [(ax, ay, 1), (bx, by, 1), (bx, by, -1), (ax, ay, -1)]
            parts.append(Part([(x + side * across, y + side * down) for x, y, side in corners]))
    return parts


def coverage(parts: Sequence[Part], width: int, height: int) -> tuple[int, int, Tensor]:
    """How far the parts, drawn in order, cover the pixels of a picture: left, top and [1, h, w] in 0..1.

    Only the rectangle around them is given; it is empty where they lie outside the picture.
    """
    import numpy as np
    import torch

    xs, ys = zip(*(point for part in parts for point in part.points), strict=True)
    left, right = max(0, math.floor(min(xs))), min(width, math.ceil(max(xs)))
    top, bottom = max(0, math.floor(min(ys))), min(height, math.ceil(max(ys)))
    if left >= right or top >= bottom:
        return 0, 0, torch.zeros(1, 0, 0)
    rows = [(first, min(first + STRIP, bottom)) for first in range(top, bottom, STRIP)]
    strips = [_strip(parts, left, first, right - left, last - first) for first, last in rows]
    return left, top, torch.from_numpy(np.concatenate(strips))[None]


def _strip(parts: Sequence[Part], left: int, top: int, width: int, height: int) -> ndarray[Any, Any]:
    # Pillow fills a polygon's border pixels as well. So corners are put on even places of a canvas twice as fine and
    # only odd places are looked at: no sample lies on an upright or level border, and areas come out exact.
    import numpy as np
    from PIL import Image as Pil
    from PIL import ImageDraw

    canvas = Pil.new("L", (2 * SAMPLES * width, 2 * SAMPLES * height))
    draw = ImageDraw.Draw(canvas)
    for part in parts:
        corners = [(2 * round((x - left) * SAMPLES), 2 * round((y - top) * SAMPLES)) for x, y in part.points]
        draw.polygon(corners, fill=0 if part.cut else 1)
    samples = np.asarray(canvas)[1::2, 1::2].reshape(height, SAMPLES, width, SAMPLES)
    return np.asarray(samples.sum((1, 3), dtype=np.float32) / np.float32(SAMPLES**2))
