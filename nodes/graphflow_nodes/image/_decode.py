"""Pictures out of files: what Pillow decodes, turned upright, in sRGB, with all the bits that the file has."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from graphflow_nodes.image._limits import MAX_FRAMES, MAX_PIXELS, Refused, check_size
from graphflow_nodes.image._pixels import from_array, from_pil, join_alpha

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image as PilImage
    from torch import Tensor

# Formats whose decoders run no program and open no further file.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF", "JPEG2000")

# Pillow keeps the high byte of 16-bit colours. Read with the other byte order, the same data gives the low byte.
_LOW = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}

Say = Callable[[str], None]


def frames(data: bytes, name: str, limit: int, say: Say) -> Iterator[Tensor]:
    """The frames or pages of a picture file, each [1, C, H, W] in 0..1, at most `limit` of them.

    say: Told what could not be honoured. Raises Refused for a file past the limits, and whatever a decoder raises
    for a file that is no picture, or a broken one.
    """
    from PIL import Image as Pil

    high, low = (Pil.open(io.BytesIO(data), formats=FORMATS) for _ in range(2))
    pixels = 0
    for index in range(limit):
        if index >= MAX_FRAMES:
            raise Refused(f"The picture {name} has more than {MAX_FRAMES} frames; load only the first one.")
        try:
            high.seek(index)
        except EOFError:
            return
        check_size(f"The picture {name}", *high.size)
        pixels += high.width * high.height
        if pixels > MAX_PIXELS:
            most = f"{MAX_PIXELS // 1_000_000} million pixels"
            raise Refused(f"The frames of {name} have more than {most} together; load only the first one.")
        deep = _deep(high, low, index)
        high.load()
        yield _upright(_decoded(high, deep, name, say), high, name, say)


def _deep(high: PilImage, low: PilImage, index: int) -> np.ndarray[Any, Any] | None:
    """All 16 bits of a colour picture that Pillow would cut to 8, as uint16 [H, W, C]; None for any other picture."""
    import numpy as np

    tiles: list[Any] = list(getattr(high, "tile", ()))
    if not tiles or (high.format == "PNG" and getattr(high, "is_animated", False)):
        return None
    raw = tiles[0].args if isinstance(tiles[0].args, str) else next(iter(tiles[0].args or ()), "")
    mode, _, depth = str(raw).partition(";16")
    if depth not in _LOW or mode not in ("RGB", "RGBA", "LA"):
        return None
    low.seek(index)
    # 16 bits of grey and alpha take as much room as 8 bits of RGBA, and are read as that.
    other = "RGBA" if mode == "LA" else f"{mode};16{_LOW[depth]}"
    low.tile = [  # type: ignore[attr-defined]
        tile._replace(args=other if isinstance(tile.args, str) else (other, *tile.args[1:]))
        for tile in low.tile  # type: ignore[attr-defined]
    ]
    low.load()
    fine = np.asarray(low).astype(np.uint16)
    if mode == "LA":
        return (fine[..., 0::2] << 8) | fine[..., 1::2]
    high.load()
    return (np.asarray(high).astype(np.uint16) << 8) | fine


def _decoded(picture: PilImage, deep: np.ndarray[Any, Any] | None, name: str, say: Say) -> Tensor:
    """One decoded frame as [1, C, H, W] in sRGB."""
    import numpy as np

    converted = _in_srgb(picture, name, say)
    if converted is not None:
        if deep is not None or picture.mode.startswith("I;16"):
            say(f"The colour profile of {name} was applied with 8 bits a channel; the file has 16.")
        return converted
    if picture.mode == "F":
        return _floats(np.asarray(picture), name, say)
    if picture.mode == "I":
        if picture.format != "PPM":
            raise Refused(f"The picture {name} holds 32-bit whole numbers, of unknown white; save it with 16 bits.")
        return from_array(np.asarray(picture).clip(0, 65535).astype(np.uint16))[None]
    if deep is None and not picture.mode.startswith("I;16"):
        return from_pil(picture)
    values = np.asarray(picture).astype(np.uint16)[..., None] if deep is None else deep
    pixels = from_array(values)[None]
    if values.shape[-1] == 2:
        return join_alpha(pixels[:, :1], pixels[:, 1:])
    clear = picture.info.get("transparency")
    if clear is not None and values.shape[-1] in (1, 3):
        shown = (values != np.asarray(clear, dtype=np.uint16)).any(-1).astype(np.float32)
        return join_alpha(pixels, from_array(shown)[None])
    return pixels


def _floats(values: np.ndarray[Any, Any], name: str, say: Say) -> Tensor:
    import numpy as np

    if not np.isfinite(values).all():
        raise Refused(f"The picture {name} holds pixels that are no numbers (NaN or infinite); save it without them.")
    if values.min() < 0 or values.max() > 1:
        say(f"The picture {name} reaches from {values.min():.3g} to {values.max():.3g}; it was cut to 0..1.")
    return from_array(values.clip(0, 1))[None]


def _in_srgb(picture: PilImage, name: str, say: Say) -> Tensor | None:
    """The picture converted by its ICC profile, or None if it has none, or one that changes nothing."""
    from PIL import Image as Pil
    from PIL import ImageCms

    srgb = ImageCms.createProfile("sRGB")
    if picture.mode == "LAB":
        return from_pil(ImageCms.profileToProfile(picture, ImageCms.createProfile("LAB"), srgb, outputMode="RGB"))  # type: ignore[arg-type]
    profile = picture.info.get("icc_profile")
    if not profile:
        return None
    grey = picture.mode in ("1", "L", "LA") or picture.mode.startswith("I")
    space = "GRAY" if grey else "CMYK" if picture.mode == "CMYK" else "RGB"
    mode = {"GRAY": "L", "CMYK": "CMYK", "RGB": "RGB"}[space]
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != space:
            raise ImageCms.PyCMSError(f"it is for {source.profile.xcolor_space.strip()}, the picture is {space}")
        transform = ImageCms.buildTransform(source, srgb, mode, "RGB")
    except (ImageCms.PyCMSError, OSError) as error:
        say(f"The colour profile of {name} cannot be used ({error}); its colours are taken as sRGB.")
        return None
    if space != "CMYK" and _changes_nothing(transform, mode):
        return None
    alpha = None
    if picture.has_transparency_data:
        alpha = from_pil(picture.convert("RGBA").getchannel("A"))
    if picture.mode.startswith("I"):
        flat = Pil.fromarray((from_pil(picture)[0, 0] * 255).round().byte().numpy())
    else:
        flat = picture.convert("RGBA").convert(mode) if picture.mode in ("P", "PA") else picture.convert(mode)
    colour = from_pil(ImageCms.applyTransform(flat, transform))  # type: ignore[arg-type]
    return join_alpha(colour[:, :1] if grey else colour, alpha)


def _changes_nothing(transform: Any, mode: str) -> bool:
    """Whether a profile is sRGB in all but name: no 8-bit step of a grid of colours moves by more than one."""
    import numpy as np
    from PIL import Image as Pil
    from PIL import ImageCms

    steps = np.arange(0, 256, 15, dtype=np.uint8)
    if mode == "L":
        sample = np.arange(256, dtype=np.uint8)[None]
        wanted = np.stack([sample] * 3, axis=-1)
    else:
        sample = wanted = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    made = np.asarray(ImageCms.applyTransform(Pil.fromarray(sample), transform))  # type: ignore[arg-type]
    return int(np.abs(made.astype(int) - wanted).max()) <= 1


def _upright(pixels: Tensor, picture: PilImage, name: str, say: Say) -> Tensor:
    """The pixels turned and mirrored as the EXIF orientation (1 to 8) asks."""
    from PIL import ExifTags

    try:
        # Pillow turns TIFF by itself, and takes the tag away.
        orientation = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception as error:  # whatever broken EXIF data makes a parser raise
        say(f"The EXIF data of {name} cannot be read ({error}); the picture is shown as it is stored.")
        return pixels
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(-1, -2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels.flip(-1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels.flip(-2)
    return pixels.contiguous()
