"""Shapes as coverage: how much of each pixel lies inside, so that edges come out antialiased.

A shape is cut into horizontal lines, LINES to a pixel row; along a line coverage is exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphflow_nodes.mask.pixels import Array

LINES = 16
MOST_CROSSINGS = 1 << 24


def lines_of(height: int) -> Array:
    """The y of each line of a picture of so many pixel rows."""
    import numpy as np

    return (np.arange(height * LINES) + 0.5) / LINES


def spans_coverage(line: Array, left: Array, right: Array, width: int, height: int) -> Array:
    """The coverage [height, width] of the spans left..right, in pixels, on lines given by their index."""
    import numpy as np

    steps = np.zeros((height, width + 2))
    row = line // LINES
    for end, sign in ((left, 1.0), (right, -1.0)):
        # From its end on a span adds 1 to all pixels to the right; the pixel of the end itself gets its part.
        end = np.clip(end, 0, width)
        pixel = np.floor(end).astype(np.int64)
        part = end - pixel
        np.add.at(steps, (row, pixel), sign * (1 - part) / LINES)
        np.add.at(steps, (row, pixel + 1), sign * part / LINES)
    return steps.cumsum(axis=1)[:, :width].clip(0, 1)


def polygon_coverage(points: Array, width: int, height: int) -> Array:
    """A closed polygon [N, 2] of (x, y), filled by the even-odd rule.

    Raises ValueError where its edges are so many and so long that filling it would take minutes.
    """
    import numpy as np

    across = np.abs(np.diff(points[:, 1].clip(0, height), append=points[:1, 1].clip(0, height))).sum() * LINES
    if across > MOST_CROSSINGS:
        raise ValueError(f"The polygon crosses rows of pixels {across / LINES:.0f} times; give it fewer points.")
    lines = lines_of(height)
    found_line: list[Array] = []
    found_x: list[Array] = []
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0), strict=True):
        low, high = sorted((y0, y1))
        first, last = np.searchsorted(lines, (low, high))
        if first == last:
            continue
        at = np.arange(first, last)
        found_line.append(at)
        found_x.append(x0 + (lines[at] - y0) / (y1 - y0) * (x1 - x0))
    if not found_line:
        return np.zeros((height, width))
    line, x = np.concatenate(found_line), np.concatenate(found_x)
    order = np.lexsort((x, line))
    # A closed outline crosses each line an even number of times: every other crossing begins a span.
    line, x = line[order], x[order]
    return spans_coverage(line[::2], x[::2], x[1::2], width, height)


def ellipse_coverage(
    center: tuple[float, float], radii: tuple[float, float], degrees: float, width: int, height: int
) -> Array:
    """An ellipse around (x, y) with radii along its own axes, turned clockwise by degrees."""
    import numpy as np

    (center_x, center_y), (radius_x, radius_y) = center, radii
    if radius_x == 0 or radius_y == 0:
        return np.zeros((height, width))
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    # a dx^2 + 2 b dx dy + c dy^2 = 1, solved for dx on each line.
    a = (cos / radius_x) ** 2 + (sin / radius_y) ** 2
    b = sin * cos * (radius_x**-2 - radius_y**-2)
    dy = lines_of(height) - center_y
    inner = a - (dy / (radius_x * radius_y)) ** 2
    line = np.nonzero(inner > 0)[0]
    half, middle = np.sqrt(inner[line]) / a, center_x - b * dy[line] / a
    return spans_coverage(line, middle - half, middle + half, width, height)


def box_coverage(x: float, y: float, box_width: float, box_height: float, width: int, height: int) -> Array:
    """An upright box, exact along both axes."""
    import numpy as np

    across = np.clip(x + box_width - np.arange(width), 0, 1) - np.clip(x - np.arange(width), 0, 1)
    down = np.clip(y + box_height - np.arange(height), 0, 1) - np.clip(y - np.arange(height), 0, 1)
    return np.outer(down, across)
