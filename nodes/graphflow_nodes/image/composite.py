"""Laying one picture over another at a place."""

from __future__ import annotations

from typing import Annotated

from graphflow import Image, Mask, Range, node
from graphflow_nodes.image._layers import layer_over, same_batch, same_size
from graphflow_nodes.image._pixels import clamped, split_alpha, with_channels


@node
def composite(
    background: Image,
    foreground: Image,
    mask: Mask | None = None,
    *,
    x: int = 0,
    y: int = 0,
    opacity: Annotated[float, Range(0, 1, 0.01)] = 1.0,
) -> Image:
    """Lay a foreground over a background, through a mask.

    background: The picture below; its size is the result's.
    foreground: The picture above. What reaches beyond the background is cut off.
    mask: Where the foreground shows, of the foreground's size; without one it shows wherever its alpha says.
    x, y: Where the foreground's top left corner lies, in pixels from the background's; may be negative.
    opacity: How much of the foreground shows.

    Source-over with the foreground's alpha times mask times opacity. The result has alpha if the background has. A
    batch of one repeats for the pictures of the others.
    """
    import torch

    layers = {"background": background.pixels, "foreground": foreground.pixels}
    if mask is not None:
        same_size("Compositing", foreground=foreground.pixels, mask=mask.pixels)
        layers["mask"] = mask.pixels
    below, above, *masks = same_batch("Compositing", **layers)
    colour, alpha = split_alpha(above)
    shown = torch.full_like(above[:, :1], opacity)
    for cover in (alpha, *masks):
        shown = shown if cover is None else shown * cover
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + above.shape[3], below.shape[3]), min(y + above.shape[2], below.shape[2])
    split, _ = split_alpha(below)
    channels = max(split.shape[1], colour.shape[1]) + (below.shape[1] == 4)
    result = with_channels(below, channels).clone()
    if left < right and top < bottom:
        part = (..., slice(top - y, bottom - y), slice(left - x, right - x))
        place = (..., slice(top, bottom), slice(left, right))
        result[place] = layer_over(result[place], colour[part], shown[part])
    return clamped(result)
