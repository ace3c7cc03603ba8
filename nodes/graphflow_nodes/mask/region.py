"""Work on a part of a picture: cut out what a mask holds, edit it elsewhere, put it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from graphflow import QUIET, Context, Image, Json, Mask, Range, node
from graphflow_nodes.mask.measure import Box, box_of
from graphflow_nodes.mask.pixels import per_mask, repeated, same_size

if TYPE_CHECKING:
    from torch import Tensor

    from graphflow_nodes.mask.pixels import Array


class Crop(NamedTuple):
    """A part of a picture.

    image: The pixels of the box.
    mask: The mask within the box.
    box: Where it was, in pixels: {"x", "y", "width", "height"}.
    """

    image: Image
    mask: Mask
    box: Json


@node
def crop_to_mask(
    image: Image,
    mask: Mask,
    *,
    margin: Annotated[int, Range(0, 4096, 1)] = 32,
    level: Annotated[float, Range(0, 1, 0.01)] = 0.0,
) -> Crop:
    """Cut out the part of a picture that a mask holds; of a batch, by one box that holds every mask.

    margin: Pixels kept around it, as far as the picture goes.
    level: Pixels of the mask above this value are held.
    """
    same_size("The picture and the mask", image, mask)
    held = box_of(mask, level)
    if held is None:
        raise ValueError(
            f"The mask has no pixel above {level:g}, so there is nothing to crop to; paint it or lower the level."
        )
    left, top = max(held.x - margin, 0), max(held.y - margin, 0)
    right = min(held.x + held.width + margin, image.width)
    bottom = min(held.y + held.height + margin, image.height)
    box: Json = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    return Crop(
        Image(image.pixels[:, :, top:bottom, left:right].contiguous()),
        Mask(mask.pixels[:, :, top:bottom, left:right].contiguous()),
        box,
    )


@node
def paste_back(
    image: Image,
    crop: Image,
    mask: Mask,
    box: Json,
    *,
    feather: Annotated[float, Range(0, 256, 0.5)] = 8.0,
    ctx: Context = QUIET,
) -> Image:
    """Put an edited crop back into its picture, where the mask is inside. Everything else stays as it was, bit for bit.

    image: The original picture.
    crop: The edited part. If its size has changed, it is resized to the box.
    mask: Where the edit counts: the mask of the crop, or one of the whole picture.
    box: Where the crop came from, as `mask.crop_to_mask` gives it.
    feather: The standard deviation in pixels of the Gaussian that softens the mask's edge; a margin of three times
    this around the mask keeps the seam out of sight.
    """
    place = _read_box(box, image)
    if (crop.width, crop.height) != (place.width, place.height):
        ctx.say(
            f"The crop of {crop.width} x {crop.height} pixels was resized to its place, {place.width} x {place.height}."
        )
    weight = _softened(_mask_within(mask, place, image), feather)
    part, edited = image.pixels[_window(place)], _resized(crop.pixels, place)
    channels = max(image.channels, crop.channels)
    batch = _one_batch(image.batch, crop.batch, mask.batch)
    before, after = (repeated(with_channels(pixels, channels), batch) for pixels in (part, edited))
    weight = repeated(weight, batch)
    result = repeated(with_channels(image.pixels, channels), batch).clone()
    # lerp leaves a weight of 0 or 1 exact.
    result[_window(place)] = before.lerp(after, weight).clamp(0, 1)
    return Image(result)


def _window(box: Box) -> tuple[slice, ...]:
    return slice(None), slice(None), slice(box.y, box.y + box.height), slice(box.x, box.x + box.width)


def _softened(mask: Mask, feather: float) -> Tensor:
    from scipy.ndimage import gaussian_filter

    def soften(plane: Array) -> Array:
        soft: Array = gaussian_filter(plane, feather, mode="nearest")
        return soft

    return (per_mask(mask, soften) if feather > 0 else mask).pixels


def _resized(pixels: Tensor, box: Box) -> Tensor:
    import torch

    if pixels.shape[2:] == (box.height, box.width):
        return pixels
    size = (box.height, box.width)
    return torch.nn.functional.interpolate(pixels, size, mode="bicubic", antialias=True).clamp(0, 1)


def _mask_within(mask: Mask, box: Box, image: Image) -> Mask:
    if (mask.width, mask.height) == (box.width, box.height):
        return mask
    if (mask.width, mask.height) == (image.width, image.height):
        return Mask(mask.pixels[_window(box)])
    raise ValueError(
        f"The mask is {mask.width} x {mask.height} pixels, neither as large as the box ({box.width} x {box.height}) "
        f"nor as the picture ({image.width} x {image.height}); give the mask that crop_to_mask gave."
    )


def _one_batch(*batches: int) -> int:
    longest = max(batches)
    if any(batch not in (1, longest) for batch in batches):
        told = ", ".join(map(str, batches))
        raise ValueError(f"Picture, crop and mask are batches of {told}; give equal batches, or batches of one.")
    return longest


def _read_box(box: Json, image: Image) -> Box:
    fields = [box.get(name) for name in Box._fields] if isinstance(box, dict) else []
    if not fields or not all(isinstance(field, int) and not isinstance(field, bool) for field in fields):
        raise ValueError('box must be an object of whole numbers, {"x": 0, "y": 0, "width": 64, "height": 64}.')
    found = Box(*fields)  # type: ignore[arg-type]
    fits = found.x + found.width <= image.width and found.y + found.height <= image.height
    if not fits or min(found.x, found.y) < 0 or min(found.width, found.height) < 1:
        raise ValueError(
            f"The box of {found.width} x {found.height} pixels at ({found.x}, {found.y}) lies outside the picture of "
            f"{image.width} x {image.height}; give the picture that the crop was cut from."
        )
    return found


def with_channels(pixels: Tensor, channels: int) -> Tensor:
    """Grey as RGB, and opaque alpha added, until there are so many channels."""
    import torch

    if pixels.shape[1] == 1 and channels > 1:
        pixels = pixels.expand(-1, 3, -1, -1)
    if pixels.shape[1] == 3 and channels == 4:
        pixels = torch.cat([pixels, torch.ones_like(pixels[:, :1])], dim=1)
    return pixels
