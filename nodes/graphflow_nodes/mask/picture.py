"""Masks from what a picture shows: a channel, a threshold, a range of colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from graphflow import QUIET, Color, Context, Image, Mask, Range, node
from graphflow_nodes.mask.pixels import mask_of, per_mask

if TYPE_CHECKING:
    from graphflow_nodes.mask.pixels import Array

# Rec. 709 weights on sRGB-encoded values.
LUMINANCE = (0.2126, 0.7152, 0.0722)


@node
def from_channel(image: Image, *, channel: Literal["red", "green", "blue", "alpha", "luminance"] = "luminance") -> Mask:
    """Take one channel of a picture as a mask.

    channel: A grey picture's red, green and blue are its grey; a picture without alpha is opaque, 1 everywhere.

    Luminance is Rec. 709 luma, 0.2126 R + 0.7152 G + 0.0722 B of the sRGB-encoded values.
    """
    import torch

    pixels = image.pixels
    if channel == "luminance":
        return luminance(image)
    if channel == "alpha":
        return Mask(pixels[:, 3:].clamp(0, 1) if image.channels == 4 else torch.ones_like(pixels[:, :1]))
    index = 0 if image.channels == 1 else ("red", "green", "blue").index(channel)
    return Mask(pixels[:, index : index + 1].clamp(0, 1))


@node
def threshold(
    picture: Image | Mask,
    *,
    level: Annotated[float, Range(0, 1, 0.01)] = 0.5,
    softness: Annotated[float, Range(0, 1, 0.01)] = 0.0,
    method: Literal["level", "otsu"] = "level",
    ctx: Context = QUIET,
) -> Mask:
    """Keep what is bright: the luminance of a picture, or the values of a mask, from a level on.

    picture: A picture or a mask.
    level: Values from here on are inside.
    softness: 0 gives a hard edge; above, the mask rises in a straight line from level - softness / 2 to level +
    softness / 2.
    method: "level" uses the level as it is typed; "otsu" finds for each picture the level that parts its dark from its
    bright best (Otsu 1979), and leaves the typed one unused.
    """
    import numpy as np
    from skimage.filters import threshold_otsu

    def keep(values: Array) -> Array:
        # The level as float32, as the values are: 0.7 typed and 0.7 in a picture must be one number.
        best = threshold_otsu(values) if method == "otsu" else level  # type: ignore[no-untyped-call]
        edge = np.float32(best)
        if softness == 0:
            # Otsu's level is the last value of the dark class.
            return values > edge if method == "otsu" else values >= edge
        return (values - edge) / np.float32(softness) + np.float32(0.5)

    return per_mask(luminance(picture) if isinstance(picture, Image) else picture, keep, ctx)


@node
def color_range(
    image: Image,
    *,
    color: Color = "#ffffff",
    tolerance: Annotated[float, Range(0, 200, 1)] = 20.0,
    softness: Annotated[float, Range(0, 200, 1)] = 5.0,
    ctx: Context = QUIET,
) -> Mask:
    """Keep what is near a colour.

    color: The colour to look for; its alpha is ignored.
    tolerance: Colours up to this distance are inside. 2 is a difference that one just sees, 100 that of black and
    white.
    softness: Beyond the tolerance the mask falls in a straight line to 0 over this distance.

    The distance is that of CIELAB (D65): the square root of the summed squares of the differences in L, a and b
    (CIE76).
    """
    import numpy as np
    from PIL import ImageColor
    from skimage.color import deltaE_cie76, rgb2lab

    wanted = rgb2lab(np.array(ImageColor.getrgb(color)[:3], np.float64) / 255)
    made: list[Array] = []
    for index in range(image.batch):
        colours = image.pixels[index, :3].expand(3, -1, -1).permute(1, 2, 0).cpu().numpy()
        lab = rgb2lab(colours.astype(np.float64))
        distance = deltaE_cie76(lab, wanted)  # type: ignore[no-untyped-call]
        over = distance - tolerance
        made.append(1 - over / softness if softness > 0 else over <= 0)
        ctx.progress(index + 1, image.batch)
    return mask_of(made)


def luminance(image: Image) -> Mask:
    """The Rec. 709 luma of a picture, alpha ignored."""
    pixels = image.pixels
    if image.channels == 1:
        return Mask(pixels.clamp(0, 1))
    red, green, blue = (pixels[:, i : i + 1] * weight for i, weight in enumerate(LUMINANCE))
    return Mask((red + green + blue).clamp(0, 1))
