"""What the image nodes share: pixels between torch, numpy and Pillow, alpha, luminance, colours.

Shapes: a batch is [B, C, H, W], one picture [C, H, W]; both float32 in 0..1 with C of 1, 3 or 4. No function here
writes into what it is given; a result may share memory with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphflow import QUIET, Context, Image

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image as PilImage
    from torch import Tensor

# Rec. 709 weights, here on sRGB-encoded values: luma, what people call the brightness of a pixel.
LUMINANCE = (0.2126, 0.7152, 0.0722)


def to_array(picture: Tensor) -> np.ndarray[Any, Any]:
    """One picture [C, H, W] as a contiguous float32 array [H, W, C]; grey as [H, W, 1]."""
    import numpy as np

    return np.ascontiguousarray(picture.detach().cpu().permute(1, 2, 0).numpy())


def from_array(array: np.ndarray[Any, Any]) -> Tensor:
    """An array [H, W] or [H, W, C] as one picture [C, H, W]: uint8 and uint16 by their range, floats as they are."""
    import numpy as np
    import torch

    if array.dtype == np.uint8:
        array = array.astype(np.float32) / np.float32(255)
    elif array.dtype == np.uint16:
        array = array.astype(np.float32) / np.float32(65535)
    if array.ndim == 2:
        array = array[..., None]
    return torch.from_numpy(np.ascontiguousarray(array.astype(np.float32).transpose(2, 0, 1)))


def to_bytes_array(picture: Tensor) -> np.ndarray[Any, Any]:
    """One picture [C, H, W] as uint8 [H, W, C], each value rounded to the nearest of 0..255."""
    import numpy as np

    return (to_array(picture.clamp(0, 1)) * 255).round().astype(np.uint8)


def to_pil(picture: Tensor) -> PilImage:
    """One picture [C, H, W] as a Pillow image of mode L, RGB or RGBA, 8 bits a channel."""
    from PIL import Image as Pil

    array = to_bytes_array(picture)
    return Pil.fromarray(array[..., 0] if array.shape[-1] == 1 else array)


def from_pil(picture: PilImage) -> Tensor:
    """A Pillow image as a batch of one [1, C, H, W].

    Modes 1, L and I;16 become grey, RGB and RGBA stay, any other mode becomes RGBA if it has transparency, else RGB.
    """
    import numpy as np

    if picture.mode == "1":
        picture = picture.convert("L")
    elif picture.mode not in ("L", "RGB", "RGBA") and not picture.mode.startswith("I;16"):
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    array = np.asarray(picture)
    return from_array(array.astype(np.uint16) if array.dtype.kind == "u" and array.itemsize == 2 else array)[None]


def per_picture(image: Image, change: Callable[[Tensor], Tensor], ctx: Context = QUIET) -> Image:
    """The batch with each picture [C, H, W] changed by itself, clamped to 0..1; all results must have one size."""
    import torch

    made: list[Tensor] = []
    for index in range(image.batch):
        made.append(change(image.pixels[index]))
        ctx.progress(index + 1, image.batch)
    if not made:
        raise ValueError("The batch holds no picture; give at least one.")
    return clamped(torch.stack(made))


def clamped(pixels: Tensor) -> Image:
    """An Image of these pixels [B, C, H, W], float32 and held in 0..1."""
    return Image(pixels.float().clamp(0, 1).contiguous())


def split_alpha(pixels: Tensor) -> tuple[Tensor, Tensor | None]:
    """Colour (1 or 3 channels) and alpha (1 channel, None if there is none) of [B, C, H, W] or [C, H, W]."""
    if pixels.shape[-3] != 4:
        return pixels, None
    return pixels[..., :3, :, :], pixels[..., 3:, :, :]


def join_alpha(colour: Tensor, alpha: Tensor | None) -> Tensor:
    """The inverse of split_alpha; a grey colour becomes RGB where there is alpha."""
    import torch

    if alpha is None:
        return colour
    if colour.shape[-3] == 1:
        colour = torch.cat([colour] * 3, dim=-3)
    return torch.cat([colour, alpha], dim=-3)


def premultiplied(pixels: Tensor) -> Tensor:
    """Colours weighed by alpha, for filters that mix neighbours; without alpha the pixels themselves."""
    colour, alpha = split_alpha(pixels)
    return pixels if alpha is None else join_alpha(colour * alpha, alpha)


def straight(pixels: Tensor) -> Tensor:
    """The inverse of premultiplied; where alpha is 0 the colour is black."""
    colour, alpha = split_alpha(pixels)
    if alpha is None:
        return pixels
    whole = alpha.clamp(0, 1)
    # Below a tenth of an 8-bit step the division would only blow up rounding errors.
    colour = (colour / whole.clamp(min=1e-4)).where(whole >= 1e-4, colour.new_zeros(()))
    return join_alpha(colour, whole)


def luminance(pixels: Tensor) -> Tensor:
    """The Rec. 709 luma [..., 1, H, W] of grey, RGB or RGBA pixels; alpha is ignored."""
    import torch

    colour, _ = split_alpha(pixels)
    if colour.shape[-3] == 1:
        return colour
    weights = torch.tensor(LUMINANCE, dtype=colour.dtype, device=colour.device).view(3, 1, 1)
    return (colour * weights).sum(-3, keepdim=True)


def with_channels(pixels: Tensor, channels: int) -> Tensor:
    """The pixels with 1 (luma), 3 or 4 channels; alpha added is 1, alpha dropped is forgotten."""
    import torch

    if pixels.shape[-3] == channels:
        return pixels
    if channels == 1:
        return luminance(pixels)
    colour, _ = split_alpha(pixels)
    if colour.shape[-3] == 1:
        colour = torch.cat([colour] * 3, dim=-3)
    return colour if channels == 3 else join_alpha(colour, torch.ones_like(colour[..., :1, :, :]))


def rgba(color: str) -> tuple[float, float, float, float]:
    """Red, green, blue and alpha in 0..1 of #rgb, #rrggbb or #rrggbbaa. Raises ValueError for other text."""
    digits = color.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    if not color.startswith("#") or len(digits) not in (6, 8):
        raise ValueError(f"The colour {color!r} cannot be read; write it as #rrggbb or #rrggbbaa.")
    try:
        values = [value / 255 for value in bytes.fromhex(digits)]
    except ValueError:
        raise ValueError(f"The colour {color!r} cannot be read; write it as #rrggbb or #rrggbbaa.") from None
    red, green, blue, alpha = (*values, 1.0)[:4]
    return red, green, blue, alpha


def color_pixels(color: str, like: Tensor) -> Tensor:
    """A colour as one pixel [C, 1, 1] with the channels of `like` [..., C, H, W]; grey takes its luma."""
    import torch

    pixel = torch.tensor(rgba(color), dtype=like.dtype, device=like.device).view(4, 1, 1)
    return with_channels(pixel, like.shape[-3])


def over(pixels: Tensor, color: str) -> Tensor:
    """Pictures with alpha laid on a plain colour (its alpha ignored): RGB; without alpha the pixels themselves."""
    colour, alpha = split_alpha(pixels)
    return pixels if alpha is None else colour * alpha + color_pixels(color, colour) * (1 - alpha)
