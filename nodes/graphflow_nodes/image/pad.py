"""Room around pictures."""

from __future__ import annotations

from typing import Annotated, Literal

from graphflow import Color, Image, Range, node
from graphflow_nodes.image._geometry import with_background
from graphflow_nodes.image._limits import check_size
from graphflow_nodes.image._pixels import clamped


@node
def pad(
    image: Image,
    *,
    left: Annotated[int, Range(0, 8192, 1)] = 0,
    right: Annotated[int, Range(0, 8192, 1)] = 0,
    top: Annotated[int, Range(0, 8192, 1)] = 0,
    bottom: Annotated[int, Range(0, 8192, 1)] = 0,
    mode: Literal["constant", "edge", "reflect"] = "constant",
    color: Color = "#000000",
) -> Image:
    """Add room around pictures.

    left, right, top, bottom: Pixels to add at each side.
    mode: "constant" fills with the colour; "edge" repeats the outermost pixels; "reflect" mirrors the picture at its
    outermost pixels, over and over where the room is wider than the picture.
    color: The colour of "constant"; a grey picture becomes RGB for a coloured one, any picture gets alpha for a clear
    one.
    """
    import numpy as np
    import torch

    width, height = image.width + left + right, image.height + top + bottom
    check_size("The padded picture", width, height, pictures=image.batch)
    if mode == "constant":
        pixels, background = with_background(image.pixels, color)
        made = background.expand(image.batch, -1, height, width).clone()
        made[:, :, top : top + image.height, left : left + image.width] = pixels
        return clamped(made)
    # numpy says which pixel each place repeats; its rule for reflections has no limit of width, torch's has.
    columns = torch.from_numpy(np.pad(np.arange(image.width), (left, right), mode=mode))
    rows = torch.from_numpy(np.pad(np.arange(image.height), (top, bottom), mode=mode))
    return clamped(image.pixels[:, :, rows][:, :, :, columns])
