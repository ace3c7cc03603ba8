"""Masks painted by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from graphflow import QUIET, Context, Image, Json, Mask, Widget, node
from graphflow_nodes.mask.pixels import canvas, mask_of, planes
from graphflow_nodes.mask.shapes import Side, is_place, read_points

if TYPE_CHECKING:
    from graphflow_nodes.mask.pixels import Array


class Stroke(NamedTuple):
    """One stroke of a round brush: its path, its radius in pixels, how hard its edge is, whether it erases."""

    points: list[tuple[float, float]]
    radius: float
    hardness: float
    erase: bool


@node
def strokes(
    image: Image | None = None,
    mask: Mask | None = None,
    *,
    strokes: Annotated[Json, Widget("strokes")] = (),  # type: ignore[assignment]
    width: Side = 512,
    height: Side = 512,
    ctx: Context = QUIET,
) -> Mask:
    """Paint a mask with a round brush, stroke after stroke.

    image: Gives the mask its size.
    mask: What is painted on; without it, nothing. It gives the size too.
    strokes: [{"points": [[x, y], ...], "radius": 16, "hardness": 1, "erase": false}, ...] in pixels of the picture. A
    stroke of one point is a dot. Hardness 1 is full up to an antialiased edge, 0 falls from the path on. What overlaps
    within the painting is not darker than its darkest stroke.
    width, height: The mask's size in pixels, where nothing gives it.
    """
    import numpy as np

    brushed = read_strokes(strokes)
    if image is not None and mask is not None and (image.width, image.height) != (mask.width, mask.height):
        raise ValueError(
            f"The mask to paint on is {mask.width} x {mask.height} pixels, the picture {image.width} x {image.height}; "
            "resize one of them."
        )
    width, height = (mask.width, mask.height) if mask is not None else canvas(image, width, height)
    layers = [plane.copy() for plane in planes(mask)] if mask is not None else [np.zeros((height, width), np.float32)]
    for index, stroke in enumerate(brushed):
        rows, columns, cover = stroke_coverage(stroke, width, height)
        for layer in layers:
            part = layer[rows, columns]
            layer[rows, columns] = np.minimum(part, 1 - cover) if stroke.erase else np.maximum(part, cover)
        ctx.progress(index + 1, len(brushed))
    return mask_of(list(layers))


def stroke_coverage(stroke: Stroke, width: int, height: int) -> tuple[slice, slice, Array]:
    """The coverage of one stroke and the rows and columns of the picture that it fills."""
    import numpy as np

    points, reach = np.array(stroke.points), stroke.radius + 1
    left, top, right, bottom = _window(points, reach, width, height)
    away = np.full((bottom - top, right - left), np.inf, np.float32)
    for start, end in zip(points, points[1:] if len(points) > 1 else points):
        x0, y0, x1, y1 = _window(np.stack([start, end]), reach, width, height)
        if x0 >= x1 or y0 >= y1:
            continue
        near = away[y0 - top : y1 - top, x0 - left : x1 - left]
        np.minimum(near, _distance(start, end, np.arange(x0, x1) + 0.5, np.arange(y0, y1)[:, None] + 0.5), out=near)
    # The edge lies half a pixel on either side of the radius, or is as wide as the brush is soft.
    edge = max(1.0, stroke.radius * (1 - stroke.hardness))
    cover = np.clip((stroke.radius + 0.5 - away) / edge, 0, 1)
    return slice(top, bottom), slice(left, right), cover


def _window(points: Array, reach: float, width: int, height: int) -> tuple[int, int, int, int]:
    import numpy as np

    low, high = np.floor(points.min(axis=0) - reach), np.ceil(points.max(axis=0) + reach)
    left, top = np.clip(low, 0, (width, height)).astype(int)
    right, bottom = np.clip(high, 0, (width, height)).astype(int)
    return int(left), int(top), int(right), int(bottom)


def _distance(start: Array, end: Array, x: Array, y: Array) -> Array:
    """How far the places (x, y) lie from the line between two points."""
    import numpy as np

    along = end - start
    length = float(along @ along)
    share = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / length if length else np.zeros(())
    share = np.clip(share, 0, 1)
    away: Array = np.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1])
    return away


def read_strokes(strokes: Json) -> list[Stroke]:
    """Strokes from what the painter wrote. Raises ValueError naming the first that is none."""
    if not isinstance(strokes, list | tuple):
        raise ValueError('strokes must be a list of strokes; write [{"points": [[10, 20]], "radius": 8}].')
    return [_read_stroke(stroke, f"strokes[{index}]") for index, stroke in enumerate(strokes)]


def _read_stroke(stroke: Json, where: str) -> Stroke:
    if not isinstance(stroke, dict):
        raise ValueError(f'{where} must be an object such as {{"points": [[10, 20]], "radius": 8}}.')
    unknown = sorted(stroke.keys() - {"points", "radius", "hardness", "erase"})
    if unknown:
        raise ValueError(f"{where} has no field {unknown[0]!r}; it has points, radius, hardness and erase.")
    points = read_points(stroke.get("points"), f"{where}.points")
    if not points:
        raise ValueError(f"{where}.points is empty; give at least one point [x, y].")
    radius, hardness, erase = stroke.get("radius", 16), stroke.get("hardness", 1), stroke.get("erase", False)
    if not is_place(radius) or not 0 < radius <= 4096:  # type: ignore[operator]
        raise ValueError(f"{where}.radius must be a number of pixels above 0, at most 4096.")
    if not is_place(hardness) or not 0 <= hardness <= 1:  # type: ignore[operator]
        raise ValueError(f"{where}.hardness must be a number from 0 to 1.")
    if not isinstance(erase, bool):
        raise ValueError(f"{where}.erase must be true or false.")
    return Stroke(points, float(radius), float(hardness), erase)  # type: ignore[arg-type]
