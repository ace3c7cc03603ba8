"""Turned pictures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

from graphflow import QUIET, Color, Context, Image, Range, node
from graphflow_nodes.image._geometry import with_background
from graphflow_nodes.image._limits import check_size
from graphflow_nodes.image._pixels import clamped, per_picture, premultiplied, straight

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
    ctx: Context = QUIET,
) -> Image:
    """Turn pictures about their middle.

    angle: In degrees, clockwise. Quarter turns move pixels and change no value.
    expand: Makes the picture large enough for all of the turned one; otherwise the size stays and corners are cut.
    filter: How values between the old pixels are found; bicubic is a cubic spline through them.
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
    wider = Image(pixels.contiguous())
    return per_picture(wider, lambda picture: _sampled(picture, color, angle, width, height, filter), ctx)


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


def _sampled(picture: Tensor, color: Tensor, angle: float, width: int, height: int, filter: str) -> Tensor:
    """One turned picture: colours go on beyond the border, and the share of each pixel inside mixes in the rest."""
    import numpy as np
    import torch
    from scipy.ndimage import affine_transform

    order = {"nearest": 0, "bilinear": 1, "bicubic": 3}[filter]
    sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    # From a place (row, column) in the new picture to where it was in the old one, about the middles of both.
    back = np.array([[cosine, -sine], [sine, cosine]])
    old, new = np.array(picture.shape[-2:]), np.array([height, width])
    where: dict[str, Any] = {
        "matrix": back,
        "offset": (old - 1) / 2 - back @ ((new - 1) / 2),
        "output_shape": tuple(new),
    }
    channels = premultiplied(picture).detach().cpu().numpy()
    turned = np.stack([affine_transform(channel, order=order, mode="nearest", **where) for channel in channels])
    inside = np.ones(tuple(old), dtype=np.float32)
    share = torch.from_numpy(affine_transform(inside, order=min(order, 1), mode="grid-constant", **where))
    return straight(torch.from_numpy(turned).clamp(0, 1) * share + premultiplied(color) * (1 - share))
