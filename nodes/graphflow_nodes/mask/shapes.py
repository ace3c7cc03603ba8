"""Masks of plain shapes, with antialiased edges."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from graphflow import Image, Json, Mask, Range, Widget, node
from graphflow_nodes.mask.pixels import canvas, mask_of
from graphflow_nodes.mask.raster import box_coverage, ellipse_coverage, polygon_coverage

Side = Annotated[int, Range(1, 16384, 1)]
Place = Annotated[float, Range(-65536, 65536)]
Length = Annotated[float, Range(0, 65536)]
Unit = Literal["pixels", "share"]
MOST_POINTS = 20_000


@node
def box(
    image: Image | None = None,
    *,
    x: Place = 128.0,
    y: Place = 128.0,
    box_width: Length = 256.0,
    box_height: Length = 256.0,
    unit: Unit = "pixels",
    width: Side = 512,
    height: Side = 512,
) -> Mask:
    """A box. What lies outside the picture is cut off.

    image: Gives the mask its size.
    x, y: The upper left corner.
    box_width, box_height: The sides.
    unit: "pixels", or "share" of the picture's width and height, 0 to 1.
    width, height: The mask's size in pixels, where no picture gives it.
    """
    width, height = canvas(image, width, height)
    across, down = (width, height) if unit == "share" else (1, 1)
    return mask_of([box_coverage(x * across, y * down, box_width * across, box_height * down, width, height)])


@node
def ellipse(
    image: Image | None = None,
    *,
    center_x: Place = 256.0,
    center_y: Place = 256.0,
    radius_x: Length = 128.0,
    radius_y: Length = 128.0,
    angle: Annotated[float, Range(-360, 360, 1)] = 0.0,
    unit: Unit = "pixels",
    width: Side = 512,
    height: Side = 512,
) -> Mask:
    """An ellipse or a circle. What lies outside the picture is cut off.

    image: Gives the mask its size.
    center_x, center_y: The centre.
    radius_x, radius_y: The radii along the ellipse's own axes.
    angle: Degrees by which it is turned clockwise.
    unit: "pixels", or "share" of the picture's width (for x) and height (for y), 0 to 1.
    width, height: The mask's size in pixels, where no picture gives it.
    """
    width, height = canvas(image, width, height)
    across, down = (width, height) if unit == "share" else (1, 1)
    center, radii = (center_x * across, center_y * down), (radius_x * across, radius_y * down)
    return mask_of([ellipse_coverage(center, radii, angle, width, height)])


@node
def polygon(
    image: Image | None = None,
    *,
    points: Annotated[Json, Widget("points")] = (),  # type: ignore[assignment]
    unit: Unit = "pixels",
    width: Side = 512,
    height: Side = 512,
) -> Mask:
    """A polygon, closed by itself; where it overlaps itself, every second layer is outside (the even-odd rule).

    image: Gives the mask its size.
    points: The corners in order, [[x, y], ...]; fewer than three make an empty mask.
    unit: "pixels", or "share" of the picture's width and height, 0 to 1.
    width, height: The mask's size in pixels, where no picture gives it.
    """
    import numpy as np

    width, height = canvas(image, width, height)
    corners = np.array(read_points(points, "points"), np.float64).reshape(-1, 2)
    if unit == "share":
        corners = corners * (width, height)
    return mask_of([polygon_coverage(corners, width, height)])


def read_points(points: Json, where: str) -> list[tuple[float, float]]:
    """Points from JSON, [[x, y], ...]. Raises ValueError naming the first that is none."""
    if not isinstance(points, list | tuple):
        raise ValueError(f"{where} must be a list of points [x, y]; write [[10, 20], [30, 40]].")
    if len(points) > MOST_POINTS:
        raise ValueError(f"{where} holds {len(points)} points; give {MOST_POINTS} at most.")
    read: list[tuple[float, float]] = []
    for index, point in enumerate(points):
        if not (isinstance(point, list | tuple) and len(point) == 2 and all(map(is_place, point))):
            raise ValueError(f"{where}[{index}] must be a point [x, y] of two numbers within 65536 of the corner.")
        read.append((float(point[0]), float(point[1])))  # type: ignore[arg-type]
    return read


def is_place(value: object) -> bool:
    """Whether a value is a number of pixels that a place can have."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and abs(value) <= 65536
