"""Contact sheets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from graphflow import QUIET, Color, Context, Image, Range, node
from graphflow_nodes.image._fonts import BUILT_IN, load_font, say_missing, wrapped
from graphflow_nodes.image._layers import inked, layer_over
from graphflow_nodes.image._pixels import clamped, premultiplied, rgba, split_alpha, straight, with_channels
from graphflow_nodes.image.text import Block

if TYPE_CHECKING:
    from torch import Tensor

Cell = Annotated[int, Range(0, 8192, 1)]


@node
def grid(
    images: list[Image],
    *,
    columns: Annotated[int, Range(0, 256, 1)] = 0,
    cell_width: Cell = 0,
    cell_height: Cell = 0,
    gap: Annotated[int, Range(0, 512, 1)] = 8,
    background: Color = "#ffffff",
    labels: Sequence[str] = (),
    label_size: Annotated[float, Range(6, 256, 1)] = 16.0,
    ctx: Context = QUIET,
) -> Image:
    """Lay pictures out as a contact sheet.

    images: The pictures, in rows from the top left; each picture of a batch has a cell of its own.
    columns: How many cells a row has; 0 makes the sheet about as wide in cells as high.
    cell_width, cell_height: The size of a cell in pixels; 0 takes the largest picture's.
    gap: Between cells and around them, in pixels.
    background: Between and behind the pictures; with alpha below 1 the sheet has alpha.
    labels: A text under each picture, in order; none, or as many as there are pictures. Long ones are broken.
    label_size: The height of the labels' letters, in pixels; they are black or white, whichever stands out.

    A picture is scaled to fit its cell, its proportions kept, and centred; one that fits exactly is not changed.
    """
    import torch

    pictures = [picture for image in images for picture in with_channels(image.pixels, 4)]
    if not pictures:
        raise ValueError("A contact sheet needs at least one picture; link some.")
    wide = cell_width or max(picture.shape[2] for picture in pictures)
    high = cell_height or max(picture.shape[1] for picture in pictures)
    across = min(columns, len(pictures)) or math.ceil(math.sqrt(len(pictures)))
    blocks = _labels(labels, len(pictures), wide, label_size, ctx)
    # A row is as high as its longest label needs.
    below = [
        max((math.ceil(block.height) + gap // 2 for block in blocks[first : first + across]), default=0)
        for first in range(0, len(pictures), across)
    ]
    tops = [gap + sum(below[:row]) + row * (high + gap) for row in range(len(below))]
    red, green, blue, alpha = rgba(background)
    size = (tops[-1] + high + below[-1] + gap, across * (wide + gap) + gap)
    sheet = torch.tensor((red, green, blue, alpha)).view(4, 1, 1).repeat(1, *size)
    ink = "#ffffff" if alpha > 0.5 and _dark(red, green, blue) else "#000000"
    for index, picture in enumerate(pictures):
        row, top, left = index // across, tops[index // across], gap + index % across * (wide + gap)
        _place(sheet, picture, (left, top, wide, high))
        if blocks:
            strip = sheet[:, top + high : top + high + below[row], left : left + wide]
            indent = (wide - blocks[index].width) / 2
            strip[:] = inked(strip, blocks[index].coverage(indent, gap // 2, wide, below[row]), ink)
    return clamped((sheet if alpha < 1 else sheet[:3])[None])


def _dark(red: float, green: float, blue: float) -> bool:
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.5


def _labels(labels: Sequence[str], pictures: int, width: int, size: float, ctx: Context) -> list[Block]:
    if labels and len(labels) != pictures:
        raise ValueError(f"There are {len(labels)} labels for {pictures} pictures; give one for each, or none.")
    font = load_font(BUILT_IN, size)
    say_missing(font, BUILT_IN, "".join(labels), ctx)
    return [Block(tuple(wrapped(label, width, font.getlength)), font, "centre") for label in labels]


def _place(sheet: Tensor, picture: Tensor, cell: tuple[int, int, int, int]) -> None:
    """Lay a picture [4, H, W] into the sheet's cell (left, top, width, height)."""
    left, top, wide, high = cell
    scale = min(wide / picture.shape[2], high / picture.shape[1])
    height, width = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[2] * scale))
    row, column = top + (high - height) // 2, left + (wide - width) // 2
    region = sheet[:, row : row + height, column : column + width]
    colour, alpha = split_alpha(_scaled(picture, height, width))
    if alpha is not None:
        region[:] = layer_over(region, colour, alpha)


def _scaled(picture: Tensor, height: int, width: int) -> Tensor:
    import torch

    if picture.shape[1:] == (height, width):
        return picture
    mixed = torch.nn.functional.interpolate(
        premultiplied(picture)[None], (height, width), mode="bicubic", align_corners=False, antialias=True
    )
    return straight(mixed[0].clamp(0, 1)).clamp(0, 1)
