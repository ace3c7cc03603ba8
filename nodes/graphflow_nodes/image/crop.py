"""A part of each picture."""

from __future__ import annotations

from typing import Annotated

from graphflow import QUIET, Context, Image, Range, node
from graphflow_nodes.image._geometry import Anchor, anchor_shares
from graphflow_nodes.image._pixels import clamped


@node
def crop(
    image: Image,
    *,
    width: Annotated[int, Range(0, 16384, 1)] = 0,
    height: Annotated[int, Range(0, 16384, 1)] = 0,
    x: Annotated[int, Range(-16384, 16384, 1)] = 0,
    y: Annotated[int, Range(-16384, 16384, 1)] = 0,
    anchor: Anchor = "top left",
    ctx: Context = QUIET,
) -> Image:
    """Cut a box out of pictures.

    width, height: The box, in pixels; 0 takes the picture's own.
    x, y: How far the box is moved right and down from where the anchor puts it, in pixels.
    anchor: The corner, edge or middle of the picture that the box lies against.

    What the box has outside of the picture is left out; a box that is wholly outside is an error.
    """
    wide, high = width or image.width, height or image.height
    across, down = anchor_shares(anchor)
    left = int((image.width - wide) * across // 1) + x
    top = int((image.height - high) * down // 1) + y
    right, bottom = min(left + wide, image.width), min(top + high, image.height)
    left, top = max(left, 0), max(top, 0)
    if left >= right or top >= bottom:
        raise ValueError(
            f"The box of {wide} x {high} pixels at {x}, {y} from {anchor} lies outside of the picture of "
            f"{image.width} x {image.height}; move it inside."
        )
    if (right - left, bottom - top) != (wide, high):
        ctx.say(f"The box of {wide} x {high} pixels goes over the edge; {right - left} x {bottom - top} were cut out.")
    return clamped(image.pixels[:, :, top:bottom, left:right])
