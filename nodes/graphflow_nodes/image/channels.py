"""Taking a picture apart into channels and putting it together."""

from __future__ import annotations

from typing import NamedTuple

from graphflow import Image, Mask, node
from graphflow_nodes.image._layers import same_batch, same_size
from graphflow_nodes.image._pixels import clamped, luminance, split_alpha, with_channels


class Channels(NamedTuple):
    """The channels of a picture.

    red, green, blue: Each as a grey picture.
    alpha: 1 where the picture is opaque.
    """

    red: Image
    green: Image
    blue: Image
    alpha: Mask


@node
def split_channels(image: Image) -> Channels:
    """Take a picture apart into red, green, blue and alpha.

    A grey picture gives three equal channels; a picture without alpha is opaque everywhere.
    """
    import torch

    colour, alpha = split_alpha(image.pixels)
    red, green, blue = (clamped(channel[:, None]) for channel in with_channels(colour, 3).unbind(1))
    whole = torch.ones_like(image.pixels[:, :1]) if alpha is None else alpha
    return Channels(red, green, blue, Mask(whole.clamp(0, 1).contiguous()))


@node
def join_channels(red: Image, green: Image, blue: Image, alpha: Mask | None = None) -> Image:
    """Put a picture together from red, green, blue and, if given, alpha.

    red, green, blue: Grey pictures of one size; a coloured one counts by its luminance. A batch of one repeats.
    alpha: Makes a picture of four channels, straight alpha.
    """
    import torch

    layers = {"red": luminance(red.pixels), "green": luminance(green.pixels), "blue": luminance(blue.pixels)}
    if alpha is not None:
        layers["alpha"] = alpha.pixels
    same_size("Joining channels", **layers)
    return clamped(torch.cat(same_batch("Joining channels", **layers), dim=1))
