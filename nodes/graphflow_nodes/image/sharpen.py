"""Sharpened pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from graphflow import QUIET, Context, Image, Range, node
from graphflow_nodes.image._pixels import join_alpha, per_picture, split_alpha
from graphflow_nodes.image.blur import blurred

if TYPE_CHECKING:
    from torch import Tensor


@node
def sharpen(
    image: Image,
    *,
    amount: Annotated[float, Range(0, 10, 0.1)] = 1.0,
    radius: Annotated[float, Range(0, 64, 0.5)] = 2.0,
    threshold: Annotated[float, Range(0, 1, 0.01)] = 0.0,
    ctx: Context = QUIET,
) -> Image:
    """Sharpen pictures with an unsharp mask. Alpha is left alone.

    amount: How much of the detail is added; 1 doubles it, 0 changes nothing.
    radius: How coarse the detail is: the standard deviation in pixels of the blur that is taken off. 0 changes nothing.
    threshold: Detail weaker than this is left alone, so that noise is not sharpened; 0.02 is five 8-bit steps.

    result = picture + amount * (picture - blurred), where the difference reaches the threshold.
    """
    if amount == 0 or radius == 0:
        return image

    def change(picture: Tensor) -> Tensor:
        colour, alpha = split_alpha(picture)
        detail = colour - split_alpha(blurred(picture, radius))[0]
        return join_alpha(colour + amount * detail.where(detail.abs() >= threshold, detail.new_zeros(())), alpha)

    return per_picture(image, change, ctx)
