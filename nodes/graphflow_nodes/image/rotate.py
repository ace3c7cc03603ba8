"""Turned pictures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

from graphflow import Color, Image, Range, node
from graphflow_nodes.image._geometry import with_background
from graphflow_nodes.image._limits import check_size
from graphflow_nodes.image._pixels import clamped, premultiplied, straight

if TYPE_CHECKING:
    from torch import Tensor


@node
def rotate(
    image: Image,
    *,
    angle: Annotated[float, Range(-360, 360, 1)] = 90.0,
    expand: bool = True,
    filter: Literal["nearest", "bilinear", "bicubic"] = "bicubic",
    background: Color = "#000000",
) -> Image:
    """Turn pictures about their middle.

    angle: In degrees, clockwise. Quarter turns move pixels and change no value.
    expand: Makes the picture large enough for all of the turned one; otherwise the size stays and corners are cut.
    filter: How pixels between the old ones are found.
    background: The colour of the corners that come free; a grey picture becomes RGB for a coloured one, any picture
    gets alpha for a clear one.
    """
    quarters, rest = divmod(angle % 360, 90)
    if rest == 0 and quarters == 0:
        return image
    if rest == 0 and (expand or quarters == 2 or image.width == image.height):
        return clamped(image.pixels.rot90(-int(quarters), (-2, -1)))
    pixels, color = with_background(image.pixels, background)
    if rest == 0:
        return clamped(_on_canvas(pixels.rot90(-int(quarters), (-2, -1)), color, image.width, image.height))
    width, height = _turned_size(image.width, image.height, angle) if expand else (image.width, image.height)
    check_size("The turned picture", width, height, pictures=image.batch)
    return clamped(_sampled(pixels, color, angle, width, height, filter))


def _turned_size(width: int, height: int, angle: float) -> tuple[int, int]:
    """The smallest whole size that holds the turned picture; a thousandth of a pixel may be lost."""
    sine, cosine = abs(math.sin(math.radians(angle))), abs(math.cos(math.radians(angle)))
    return (
        max(1, math.ceil(width * cosine + height * sine - 1e-3)),
        max(1, math.ceil(width * sine + height * cosine - 1e-3)),
    )


def _on_canvas(pixels: Tensor, color: Tensor, width: int, height: int) -> Tensor:
    """Pixels laid on the middle of a canvas of the size; what is over is cut, values stay exact."""
    canvas = color.expand(pixels.shape[0], -1, height, width).clone()
    high, wide = min(height, pixels.shape[-2]), min(width, pixels.shape[-1])
    top, left = (height - high) // 2, (width - wide) // 2
    from_top, from_left = (pixels.shape[-2] - high) // 2, (pixels.shape[-1] - wide) // 2
    canvas[..., top : top + high, left : left + wide] = pixels[
        ..., from_top : from_top + high, from_left : from_left + wide
    ]
    return canvas


def _sampled(pixels: Tensor, color: Tensor, angle: float, width: int, height: int, filter: str) -> Tensor:
    """The turned pictures: colours continue beyond the border, and the share of each pixel inside mixes in the rest."""
    import torch
    from torch.nn.functional import grid_sample

    sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    down, across = torch.meshgrid(
        torch.arange(height, dtype=torch.float64) - (height - 1) / 2,
        torch.arange(width, dtype=torch.float64) - (width - 1) / 2,
        indexing="ij",
    )
    # Where each new pixel was before the turn, in grid_sample's units: -1 and 1 are the outer edges of the picture.
    source_x = (across * cosine + down * sine) * 2 / pixels.shape[-1]
    source_y = (down * cosine - across * sine) * 2 / pixels.shape[-2]
    grid = torch.stack([source_x, source_y], dim=-1).float()[None]
    each = grid.expand(pixels.shape[0], -1, -1, -1)
    turned = grid_sample(premultiplied(pixels), each, mode=filter, padding_mode="border", align_corners=False)
    inside = "nearest" if filter == "nearest" else "bilinear"
    share = grid_sample(torch.ones_like(pixels[:1, :1]), grid, mode=inside, padding_mode="zeros", align_corners=False)
    return straight(turned * share + premultiplied(color) * (1 - share))
