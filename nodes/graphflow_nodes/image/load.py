"""Pictures from files."""

from __future__ import annotations

from itertools import islice
from typing import Literal

from graphflow import QUIET, Context, File, Image, node
from graphflow_nodes.image._decode import FORMATS, frames
from graphflow_nodes.image._limits import MAX_BYTES, MAX_FRAMES, Refused, without_text
from graphflow_nodes.image._pixels import clamped, with_channels


@node
def load(*, file: File, frame: Literal["first", "all"] = "first", ctx: Context = QUIET) -> Image:
    """Load a picture from a file: PNG, JPEG, WebP, GIF, TIFF, BMP, PPM, AVIF or JPEG 2000.

    The picture is turned upright by its EXIF orientation, converted to sRGB by its colour profile, and keeps what
    16-bit files have beyond 8 bits. Grey stays one channel; transparency of any sort gives four.

    file: The picture.
    frame: Of an animation or a file of several pages: the first one, or all as a batch.

    Files of over 80 million pixels (all frames together), 1000 frames, 32 MB of text or sides 1024 times each other
    are refused before they are decoded.
    """
    import torch

    if file.size > MAX_BYTES:
        raise ValueError(f"The file {file.name} is over {MAX_BYTES >> 30} GB; make it smaller.")
    data = file.read()
    if not data:
        raise ValueError(f"The file {file.name} is empty; choose a picture.")
    loaded: list[torch.Tensor] = []
    try:
        limit = MAX_FRAMES + 1 if frame == "all" else 1
        for pixels in islice(frames(without_text(data, file.name), file.name, limit, ctx.say), limit):
            loaded.append(pixels)
            ctx.progress(len(loaded), len(loaded) + (frame == "all"))
    except (Refused, MemoryError):
        raise
    except Exception as error:  # decoders of broken files raise anything: OSError, SyntaxError, IndexError ...
        raise ValueError(_unreadable(file, error)) from error
    sizes = {(pixels.shape[-1], pixels.shape[-2]) for pixels in loaded}
    if len(sizes) > 1:
        told = " and ".join(f"{width} x {height}" for width, height in sorted(sizes)[:2])
        raise ValueError(f"The frames of {file.name} differ in size ({told}); load only the first one.")
    channels = max(pixels.shape[1] for pixels in loaded)
    return clamped(torch.cat([with_channels(pixels, channels) for pixels in loaded]))


def _unreadable(file: File, error: Exception) -> str:
    from PIL import Image as Pil
    from PIL import UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        known = ", ".join(FORMATS)
        return f"The file {file.name} is no picture that can be read; the formats are {known}."
    if isinstance(error, Pil.DecompressionBombError):
        return f"The picture {file.name} is too large to be decoded; make it smaller."
    return f"The picture {file.name} is broken or cut short ({str(error).rstrip('.')}); get a whole copy of the file."
