"""Plain colours and checkerboards."""

from __future__ import annotations

from typing import Annotated

from graphflow import Color, Image, Range, node
from graphflow_nodes.image._layers import Side
from graphflow_nodes.image._pixels import clamped, rgba


@node
def solid(*, width: Side = 512, height: Side = 512, color: Color = "#808080") -> Image:
    """Make a picture of one colour: RGB, or RGBA if the colour is not opaque."""
    import torch

    pixel = torch.tensor(_color(color)).view(1, -1, 1, 1)
    return clamped(pixel.expand(1, -1, height, width))


@node
def checker(
    *,
    width: Side = 512,
    height: Side = 512,
    size: Annotated[int, Range(1, 4096, 1)] = 32,
    first: Color = "#ffffff",
    second: Color = "#c0c0c0",
) -> Image:
    """Make a checkerboard: RGB, or RGBA if one of the colours is not opaque.

    size: The side of a square, in pixels.
    first: The colour of the square in the top left corner.
    second: The other colour.
    """
    import torch

    odd = (torch.arange(height)[:, None] // size + torch.arange(width) // size) % 2 == 1
    one, other = _color(first, second), _color(second, first)
    return clamped(torch.tensor(other).view(-1, 1, 1).where(odd, torch.tensor(one).view(-1, 1, 1))[None])


def _color(color: str, *others: str) -> tuple[float, ...]:
    """A colour as three numbers, or four if it or one of the others is not opaque."""
    opaque = all(rgba(each)[3] == 1 for each in (color, *others))
    return rgba(color)[:3] if opaque else rgba(color)
