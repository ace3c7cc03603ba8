"""Colour spaces."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from graphflow import Image, node
from graphflow_nodes.image._pixels import LUMINANCE, clamped, join_alpha, split_alpha, with_channels

if TYPE_CHECKING:
    from torch import Tensor

Array: TypeAlias = Any  # a numpy array [..., 3]; numpy stays out of this module's import
Space = Literal["rgb", "linear", "hsv", "hsl", "lab", "ycbcr", "grey"]

# Data in 0..1 is (value + shift) / scale, channel by channel.
LAB_SHIFT, LAB_SCALE = (0.0, 128.0, 128.0), (100.0, 255.0, 255.0)
YCBCR_SHIFT = (0.0, 0.5, 0.5)


def to_linear(encoded: Array) -> Array:
    """sRGB-encoded values in 0..1 as linear light (IEC 61966-2-1)."""
    import numpy as np

    return np.where(encoded <= 0.04045, encoded / 12.92, ((np.maximum(encoded, 0) + 0.055) / 1.055) ** 2.4)


def from_linear(light: Array) -> Array:
    """The inverse of to_linear."""
    import numpy as np

    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055)


def _to_hsl(rgb: Array) -> Array:
    import numpy as np
    from skimage.color import rgb2hsv

    hsv = rgb2hsv(rgb)
    value, lightness = hsv[..., 2], hsv[..., 2] * (1 - hsv[..., 1] / 2)
    reach = np.minimum(lightness, 1 - lightness)
    saturation = np.where(reach > 0, (value - lightness) / np.where(reach > 0, reach, 1), 0)
    return np.stack([hsv[..., 0], saturation, lightness], axis=-1)


def _from_hsl(hsl: Array) -> Array:
    import numpy as np
    from skimage.color import hsv2rgb

    lightness = hsl[..., 2]
    value = lightness + hsl[..., 1] * np.minimum(lightness, 1 - lightness)
    saturation = np.where(value > 0, 2 * (1 - lightness / np.where(value > 0, value, 1)), 0)
    return hsv2rgb(np.stack([hsl[..., 0], saturation, value], axis=-1))


def _to_lab(rgb: Array) -> Array:
    from skimage.color import rgb2lab

    return (rgb2lab(rgb) + LAB_SHIFT) / LAB_SCALE


def _from_lab(data: Array) -> Array:
    import numpy as np
    from skimage.color import lab2rgb

    lab = data * LAB_SCALE - LAB_SHIFT
    # A larger b* would mean less than no blue light: scikit-image takes none, but warns of each such picture.
    most = 200 * (lab[..., 0] + 16) / 116 - 1e-9
    return lab2rgb(np.stack([lab[..., 0], lab[..., 1], np.minimum(lab[..., 2], most)], axis=-1))


def _to_hsv(rgb: Array) -> Array:
    from skimage.color import rgb2hsv

    return rgb2hsv(rgb)


def _from_hsv(hsv: Array) -> Array:
    from skimage.color import hsv2rgb

    return hsv2rgb(hsv)


def _to_ycbcr(rgb: Array) -> Array:
    from skimage.color import rgb2ypbpr

    return rgb2ypbpr(rgb) + YCBCR_SHIFT


def _from_ycbcr(data: Array) -> Array:
    from skimage.color import ypbpr2rgb

    return ypbpr2rgb(data - YCBCR_SHIFT)


def _to_grey(rgb: Array) -> Array:
    return (rgb @ LUMINANCE)[..., None].repeat(3, axis=-1)


def _same(data: Array) -> Array:
    return data


Change = Callable[[Array], Array]
# Each space: from RGB in 0..1 to its data in 0..1, and back.
SPACES: dict[str, tuple[Change, Change]] = {
    "rgb": (_same, _same),
    "linear": (to_linear, from_linear),
    "hsv": (_to_hsv, _from_hsv),
    "hsl": (_to_hsl, _from_hsl),
    "lab": (_to_lab, _from_lab),
    "ycbcr": (_to_ycbcr, _from_ycbcr),
    "grey": (_to_grey, _to_grey),
}


@node
def convert_colors(image: Image, *, source: Space = "rgb", target: Space = "hsv") -> Image:
    """Write a picture's colours in another colour space, or read them back.

    The three channels then hold the space's data, and every other node still treats them as red, green and blue.

    source: The space that the picture's channels are in; a picture is in rgb until a node says otherwise.
    target: The space that they shall be in.

    Data in 0..1, with r, g, b in 0..1 and sRGB-encoded:
    rgb is r, g, b; linear is linear light (IEC 61966-2-1);
    hsv is hue / 360 degrees, saturation, value; hsl is hue / 360 degrees, saturation, lightness;
    lab is L / 100, (a + 128) / 255, (b + 128) / 255 of CIE L*a*b* under D65;
    ycbcr is Y, Pb + 0.5, Pr + 0.5 of ITU-R BT.601 at full range;
    grey is the luma 0.2126 r + 0.7152 g + 0.0722 b, one channel, or three equal ones if there is alpha.

    Colours outside the target are cut to 0..1. Alpha is kept as it is. A grey picture counts as three equal channels.
    """
    colour, alpha = split_alpha(image.pixels)
    if source == target and not (source == "grey" and colour.shape[1] == 3):
        return image
    if image.channels == 1 and source not in ("rgb", "linear", "grey"):
        raise ValueError(f"A picture of one channel cannot be in {source}, which has three; link a picture of three.")
    made = _converted(with_channels(colour, 3), source, target)
    return clamped(join_alpha(made, alpha) if target != "grey" or alpha is not None else made[:, :1])


def _converted(colour: Tensor, source: str, target: str) -> Tensor:
    import numpy as np
    import torch

    data = colour.permute(0, 2, 3, 1).double().numpy()
    rgb = SPACES[source][1](data).clip(0, 1)
    made = np.asarray(SPACES[target][0](rgb), dtype=np.float32)
    return torch.from_numpy(np.ascontiguousarray(made.transpose(0, 3, 1, 2)))
