"""Brightness, contrast, gamma, saturation and hue."""

from __future__ import annotations

from typing import Annotated

from graphflow import Image, Range, node
from graphflow_nodes.image._pixels import clamped, from_array, join_alpha, luminance, split_alpha, to_array


@node
def adjust(
    image: Image,
    *,
    brightness: Annotated[float, Range(0, 4, 0.01)] = 1.0,
    contrast: Annotated[float, Range(0, 4, 0.01)] = 1.0,
    gamma: Annotated[float, Range(0.1, 10, 0.01)] = 1.0,
    saturation: Annotated[float, Range(0, 4, 0.01)] = 1.0,
    hue: Annotated[float, Range(-180, 180, 1)] = 0.0,
) -> Image:
    """Adjust brightness, contrast, gamma, saturation and hue, in this order. Alpha is left alone.

    The defaults change nothing. Grey pictures have no saturation or hue to change.

    brightness: A factor; 0 is black.
    contrast: A factor for the distance from middle grey; 0 is all grey.
    gamma: Above 1 lightens the middle tones, below 1 darkens them; black and white stay.
    saturation: A factor for the distance from the pixel's own grey; 0 is a grey picture, in three channels still.
    hue: Degrees round the colour wheel; 120 turns red to green.

    x * brightness; (x - 0.5) * contrast + 0.5; x ** (1 / gamma); luma + (x - luma) * saturation, with the weights of
    Rec. 709; then the hue of HSV is turned. Values are cut to 0..1 before gamma and before hue.
    """
    import torch
    from skimage.color import hsv2rgb, rgb2hsv

    colour, alpha = split_alpha(image.pixels)
    if brightness != 1:
        colour = colour * brightness
    if contrast != 1:
        colour = (colour - 0.5) * contrast + 0.5
    if gamma != 1:
        colour = colour.clamp(0, 1) ** (1 / gamma)
    if saturation != 1:
        grey = luminance(colour)
        colour = grey + (colour - grey) * saturation
    if hue != 0 and colour.shape[1] == 3:
        turned: list[torch.Tensor] = []
        for picture in colour.clamp(0, 1):
            hsv = rgb2hsv(to_array(picture))
            hsv[..., 0] = (hsv[..., 0] + hue / 360) % 1
            turned.append(from_array(hsv2rgb(hsv)))
        colour = torch.stack(turned)
    return clamped(join_alpha(colour, alpha))
