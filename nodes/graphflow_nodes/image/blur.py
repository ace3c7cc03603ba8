"""Blurred pictures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

from graphflow import QUIET, Context, Image, Range, node
from graphflow_nodes.image._pixels import from_array, per_picture, premultiplied, straight, to_array

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

# Up to so many weights a direct sum is quicker than Fourier transforms.
_DIRECT = 81


@node
def blur(
    image: Image,
    *,
    radius: Annotated[float, Range(0, 512, 0.5)] = 2.0,
    shape: Literal["gaussian", "box"] = "gaussian",
    ctx: Context = QUIET,
) -> Image:
    """Blur pictures.

    radius: In pixels. Of "gaussian" it is the standard deviation; "box" takes the mean of a square of 2 radius + 1
    pixels a side, whose outermost pixels count in part when the radius is no whole number. 0 changes nothing.
    shape: "gaussian" is smooth and round, "box" is square.

    Beyond the border the outermost pixels go on. The Gaussian ends at four standard deviations. Colours are weighed by
    alpha.
    """
    if radius == 0:
        return image
    return per_picture(image, lambda picture: blurred(picture, radius, shape), ctx)


def blurred(picture: Tensor, radius: float, shape: str = "gaussian") -> Tensor:
    """One picture [C, H, W], blurred with a radius above 0, colours weighed by alpha."""
    weights = _weights(radius, shape)
    array = to_array(premultiplied(picture))
    return straight(from_array(_convolved(_convolved(array, weights, 0), weights, 1)))


def _weights(radius: float, shape: str) -> np.ndarray[Any, Any]:
    """The weights of one line, of odd length, with the sum 1."""
    import numpy as np

    if shape == "box":
        reach = math.ceil(radius)
        weights = np.ones(2 * reach + 1)
        weights[[0, -1]] = radius - reach + 1
    else:
        reach = int(4 * radius + 0.5)
        weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / radius) ** 2)
    normed: np.ndarray[Any, Any] = weights / weights.sum()
    return normed


def _convolved(array: np.ndarray[Any, Any], weights: np.ndarray[Any, Any], axis: int) -> np.ndarray[Any, Any]:
    """The array [H, W, C] with each line along the axis convolved, its ends repeated."""
    import numpy as np
    from scipy.ndimage import correlate1d
    from scipy.signal import oaconvolve

    if len(weights) <= _DIRECT:
        return np.asarray(correlate1d(array, weights, axis=axis, mode="nearest"))
    room = [(0, 0)] * array.ndim
    room[axis] = (len(weights) // 2, len(weights) // 2)
    line = weights.astype(np.float32).reshape([-1 if dim == axis else 1 for dim in range(array.ndim)])
    return np.asarray(oaconvolve(np.pad(array, room, mode="edge"), line, mode="valid", axes=axis))
