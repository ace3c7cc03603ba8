"""What the nodes share that put several pictures together: equal batches, equal sizes, one layer over another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from graphflow import Range
from graphflow_nodes.image._pixels import color_pixels, join_alpha, rgba, split_alpha, with_channels

if TYPE_CHECKING:
    from torch import Tensor

Side = Annotated[int, Range(1, 16384, 1)]
"""The width or height of a picture to be made, in pixels."""


def size_of(pixels: Tensor) -> str:
    """Width and height of [..., H, W] as people write them, such as 640x480."""
    return f"{pixels.shape[-1]}x{pixels.shape[-2]}"


def same_size(what: str, **batches: Tensor) -> None:
    """Raise ValueError, naming the sizes, unless all batches have one width and height."""
    if len({pixels.shape[-2:] for pixels in batches.values()}) > 1:
        told = ", ".join(f"{name} is {size_of(pixels)}" for name, pixels in batches.items())
        raise ValueError(f"{what} needs pictures of one size, but {told}; resize or crop one of them first.")


def same_batch(what: str, **batches: Tensor) -> list[Tensor]:
    """The batches, each as long as the longest; a batch of one repeats. Raises ValueError naming the lengths."""
    lengths = {pixels.shape[0] for pixels in batches.values()}
    longest = max(lengths, key=lambda length: (length != 1, length))
    if lengths - {1, longest}:
        told = ", ".join(f"{name} has {pixels.shape[0]}" for name, pixels in batches.items())
        raise ValueError(f"{what} needs batches of one length, or of one picture that repeats, but {told}.")
    return [pixels.expand(longest, *pixels.shape[1:]) for pixels in batches.values()]


def layer_over(base: Tensor, colour: Tensor, alpha: Tensor) -> Tensor:
    """A layer over a base [..., C, H, W], straight alpha: source-over of the W3C's Compositing and Blending Level 1.

    co = as Cs + (1 - as) ab Cb, ao = as + ab (1 - as), and the straight colour is co / ao. `colour` has one or three
    channels and `alpha` one. The result has the base's channels, but three where only the layer is coloured.
    """
    base_colour, base_alpha = split_alpha(base)
    channels = max(base_colour.shape[-3], colour.shape[-3])
    base_colour, colour = with_channels(base_colour, channels), with_channels(colour, channels)
    if base_alpha is None:
        return colour * alpha + base_colour * (1 - alpha)
    covered = alpha + base_alpha * (1 - alpha)
    mixed = colour * alpha + base_colour * base_alpha * (1 - alpha)
    return join_alpha((mixed / covered.clamp(min=1e-12)).where(covered > 0, mixed.new_zeros(())), covered)


def inked(pixels: Tensor, coverage: Tensor, color: str, left: int = 0, top: int = 0) -> Tensor:
    """Pictures [..., C, H, W] with a colour laid over them as far as it covers a part of them: [1, h, w] at left, top.

    A grey picture becomes RGB if the colour is not grey.
    """
    red, green, blue, alpha = rgba(color)
    if pixels.shape[-3] == 1 and not red == green == blue:
        pixels = with_channels(pixels, 3)
    part = (..., slice(top, top + coverage.shape[-2]), slice(left, left + coverage.shape[-1]))
    ink = color_pixels(color, split_alpha(pixels)[0])
    result = pixels.clone()
    result[part] = layer_over(pixels[part], ink, coverage * alpha)
    return result
