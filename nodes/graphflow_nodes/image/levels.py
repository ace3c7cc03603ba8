"""Levels: black, middle and white."""

from __future__ import annotations

from typing import Annotated

from graphflow import Image, Range, node
from graphflow_nodes.image._pixels import clamped, join_alpha, split_alpha


@node
def levels(
    image: Image,
    *,
    in_black: Annotated[float, Range(0, 1, 0.01)] = 0.0,
    in_white: Annotated[float, Range(0, 1, 0.01)] = 1.0,
    gamma: Annotated[float, Range(0.1, 10, 0.01)] = 1.0,
    out_black: Annotated[float, Range(0, 1, 0.01)] = 0.0,
    out_white: Annotated[float, Range(0, 1, 0.01)] = 1.0,
) -> Image:
    """Spread tones between a new black and a new white. Alpha is left alone.

    in_black, in_white: What becomes the darkest and the lightest; what is beyond them is lost.
    gamma: Above 1 lightens the middle tones, below 1 darkens them.
    out_black, out_white: The darkest and the lightest of the result; swapped, they give a negative.

    t = ((x - in_black) / (in_white - in_black), cut to 0..1) ** (1 / gamma); out_black + t * (out_white - out_black).
    """
    if in_white <= in_black:
        raise ValueError(f"The white point in_white ({in_white:g}) must lie above in_black ({in_black:g}); raise it.")
    colour, alpha = split_alpha(image.pixels)
    tones = ((colour - in_black) / (in_white - in_black)).clamp(0, 1)
    if gamma != 1:
        tones = tones ** (1 / gamma)
    return clamped(join_alpha(out_black + tones * (out_white - out_black), alpha))
