"""Pictures of another size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from graphflow import QUIET, Context, Image, Range, node
from graphflow_nodes.image._geometry import Anchor, anchor_shares
from graphflow_nodes.image._limits import check_size
from graphflow_nodes.image._pixels import per_picture, premultiplied, straight

if TYPE_CHECKING:
    from torch import Tensor

Box = tuple[float, float, float, float]


@node
def resize(
    image: Image,
    *,
    mode: Literal["fit", "fill", "stretch", "scale"] = "fit",
    width: Annotated[int, Range(1, 16384, 1)] = 1024,
    height: Annotated[int, Range(1, 16384, 1)] = 1024,
    scale: Annotated[float, Range(0.01, 16, 0.01)] = 1.0,
    filter: Literal["nearest", "box", "bilinear", "bicubic", "lanczos"] = "lanczos",
    anchor: Anchor = "centre",
    ctx: Context = QUIET,
) -> Image:
    """Resize pictures, to a size or by a factor.

    mode: "fit" keeps the shape and stays within width and height; "fill" keeps the shape, covers them and cuts what is
    over; "stretch" takes width and height as they are; "scale" multiplies both sides by scale.
    width, height: The wanted size in pixels; "scale" does not use them.
    scale: The factor of "scale".
    filter: How pixels are mixed, from coarse to fine; nearest keeps exact values, for pixel art and labels.
    anchor: Which part "fill" keeps.

    The filters are Pillow's, which widen when they shrink (no aliasing), computed in 32-bit floats. Bicubic and lanczos
    may overshoot at edges; the result is cut to 0..1. Colours are weighed by alpha.
    """
    size, box = _target(image.width, image.height, mode, width, height, scale, anchor)
    check_size("The resized picture", *size, pictures=image.batch)
    if size == (image.width, image.height) and mode != "fill":
        return image

    def change(picture: Tensor) -> Tensor:
        if filter == "nearest":
            return _resample(picture, size, box, filter)
        return straight(_resample(premultiplied(picture), size, box, filter))

    return per_picture(image, change, ctx)


def _target(
    width: int, height: int, mode: str, to_width: int, to_height: int, scale: float, anchor: str
) -> tuple[tuple[int, int], Box]:
    """The new width and height, and the part (left, top, right, bottom) of the picture that fills them."""
    whole = (0.0, 0.0, float(width), float(height))
    if mode == "stretch":
        return (to_width, to_height), whole
    if mode == "scale":
        return (max(1, round(width * scale)), max(1, round(height * scale))), whole
    # Compared as whole numbers, so that a side that fits exactly is exact.
    bound_by_width = to_width * height <= to_height * width
    if mode == "fit":
        if bound_by_width:
            return (to_width, max(1, round(height * to_width / width))), whole
        return (max(1, round(width * to_height / height)), to_height), whole
    across, down = anchor_shares(anchor)
    if bound_by_width:
        kept = height * to_width / to_height
        left = (width - kept) * across
        return (to_width, to_height), (left, 0.0, left + kept, float(height))
    kept = width * to_height / to_width
    top = (height - kept) * down
    return (to_width, to_height), (0.0, top, float(width), top + kept)


def _resample(picture: Tensor, size: tuple[int, int], box: Box, filter: str) -> Tensor:
    """One picture [C, H, W] with each channel resampled from the box to the size."""
    import numpy as np
    import torch
    from PIL import Image as Pil

    resampling = {
        "nearest": Pil.Resampling.NEAREST,
        "box": Pil.Resampling.BOX,
        "bilinear": Pil.Resampling.BILINEAR,
        "bicubic": Pil.Resampling.BICUBIC,
        "lanczos": Pil.Resampling.LANCZOS,
    }[filter]
    channels = [Pil.fromarray(channel.detach().cpu().numpy()).resize(size, resampling, box) for channel in picture]
    return torch.from_numpy(np.stack([np.asarray(channel) for channel in channels]))
