"""Masks made larger, smaller, softer and whole."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

from graphflow import QUIET, Context, Mask, Range, node
from graphflow_nodes.mask.pixels import HALF, mask_of, per_mask, planes

if TYPE_CHECKING:
    from graphflow_nodes.mask.pixels import Array

Brush = Literal["round", "square"]
Radius = Annotated[int, Range(0, 256, 1)]


@node
def grow(mask: Mask, *, radius: Radius = 8, shape: Brush = "round", ctx: Context = QUIET) -> Mask:
    """Make a mask larger: each pixel becomes the greatest value within the radius (dilation).

    radius: Pixels by which edges move.
    shape: "round" reaches as far in every direction, "square" goes to the corners too.
    """
    return per_mask(mask, lambda plane: dilate(plane, radius, shape), ctx)


@node
def shrink(mask: Mask, *, radius: Radius = 8, shape: Brush = "round", ctx: Context = QUIET) -> Mask:
    """Make a mask smaller: each pixel becomes the least value within the radius (erosion).

    radius: Pixels by which edges move. What touches the picture's border is not eaten from there.
    shape: "round" reaches as far in every direction, "square" goes to the corners too.
    """
    return per_mask(mask, lambda plane: erode(plane, radius, shape), ctx)


@node
def outline(
    mask: Mask,
    *,
    width: Annotated[int, Range(1, 256, 1)] = 4,
    side: Literal["inside", "outside", "centre"] = "centre",
    shape: Brush = "round",
    ctx: Context = QUIET,
) -> Mask:
    """Keep the edge of a mask, as a line.

    width: Of the line, in pixels.
    side: Where the line lies; an odd width in the centre has its odd pixel inside.
    shape: "round" rounds the line's outer corners, "square" keeps them.
    """
    out = {"inside": 0, "outside": width, "centre": width // 2}[side]
    return per_mask(mask, lambda plane: dilate(plane, out, shape) - erode(plane, width - out, shape), ctx)


@node
def feather(mask: Mask, *, radius: Annotated[float, Range(0, 256, 0.5)] = 8.0, ctx: Context = QUIET) -> Mask:
    """Make edges soft, by a Gaussian.

    radius: Its standard deviation in pixels. Beyond the picture's border its outermost pixels go on.
    """
    from scipy.ndimage import gaussian_filter

    return per_mask(mask, lambda plane: gaussian_filter(plane, radius, mode="nearest"), ctx)


@node
def fill_holes(mask: Mask, *, ctx: Context = QUIET) -> Mask:
    """Fill what is enclosed. A soft mask is filled up to the value of the lowest point of the rim around it.

    A hole that reaches the picture's border, or that a gap joins by a pixel's side to the outside, is none.
    """
    import numpy as np
    from scipy.ndimage import generate_binary_structure
    from skimage.morphology import reconstruction

    def fill(plane: Array) -> Array:
        seed = np.full_like(plane, plane.max(initial=0))
        for border in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
            seed[border] = plane[border]
        sides = generate_binary_structure(2, 1)
        filled: Array = reconstruction(seed, plane, "erosion", sides)  # type: ignore[no-untyped-call]
        return filled

    return per_mask(mask, fill, ctx)


@node
def largest_part(mask: Mask, *, ctx: Context = QUIET) -> Mask:
    """Keep the largest part that hangs together, with its soft edge; of two equal ones, the upper.

    Parts are what stands at 0.5 and above, joined by sides or corners; a pixel below 0.5 belongs to the part nearest
    to it.
    """
    import numpy as np
    from scipy.ndimage import distance_transform_edt, label

    def keep(plane: Array) -> Array:
        inside = plane >= HALF
        parts, count = label(inside, np.ones((3, 3)))
        if count == 0:
            return np.zeros_like(plane)
        largest = np.bincount(parts.ravel())[1:].argmax() + 1
        rows, columns = distance_transform_edt(~inside, return_distances=False, return_indices=True)
        return np.where(parts[rows, columns] == largest, plane, np.float32(0))

    return mask_of([keep(plane) for plane in planes(mask)])


def dilate(plane: Array, radius: int, shape: str, outside: float = 0.0) -> Array:
    """The greatest value within a disc (x^2 + y^2 <= radius^2) or a square of whole pixels.

    outside: The value beyond the picture's border.
    """
    import numpy as np
    from scipy.ndimage import maximum_filter, maximum_filter1d

    if radius == 0:
        return plane
    if shape == "square":
        square: Array = maximum_filter(plane, 2 * radius + 1, mode="constant", cval=outside)
        return square
    # A disc is a stack of rows: one running maximum for each width costs far less than a footprint.
    height = plane.shape[0]
    largest = np.full_like(plane, outside)
    for down in range(min(radius, height - 1) + 1):
        half = math.isqrt(radius**2 - down**2)
        row = maximum_filter1d(plane, 2 * half + 1, axis=1, mode="constant", cval=outside)
        np.maximum(largest[down:], row[: height - down], out=largest[down:])
        np.maximum(largest[: height - down], row[down:], out=largest[: height - down])
    return largest


def erode(plane: Array, radius: int, shape: str) -> Array:
    """The least value within a disc or a square; outside the picture is 1."""
    return -dilate(-plane, radius, shape, outside=-1.0)
