"""Pictures to files."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from graphflow import QUIET, Color, Context, File, Image, Range, node
from graphflow_nodes.image._pixels import over, to_pil

if TYPE_CHECKING:
    from torch import Tensor

_SUFFIX = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}
_MEDIA = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
# The longest side that the format can write down.
_LONGEST = {"png": 2**31 - 1, "jpeg": 65_500, "webp": 16_383}
# What any common file system refuses, or reads as a place.
_UNSAFE = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@node(saves=True)
def save(
    image: Image,
    *,
    name: str = "picture",
    format: Literal["png", "jpeg", "webp"] = "png",
    quality: Annotated[int, Range(1, 100, 1)] = 90,
    lossless: bool = False,
    background: Color = "#ffffff",
    ctx: Context = QUIET,
) -> list[File]:
    """Save pictures as PNG, JPEG or WebP, one file for each picture of the batch.

    All files of a batch have the same name here and are numbered where they are put. The same picture always gives the
    same bytes: no time stands in them.

    name: The file's name, without a folder; the ending follows the format.
    format: PNG keeps every 8-bit value and alpha; JPEG is small and has no alpha; WebP is smaller and has it.
    quality: Of JPEG and WebP. From 90 on, JPEG keeps colour at full resolution.
    lossless: Makes WebP keep every 8-bit value; quality then is only the effort.
    background: What clear parts are laid on in a JPEG.
    """
    checked = _file_name(name, format)
    longest = max(image.width, image.height)
    if longest > _LONGEST[format]:
        raise ValueError(
            f"A picture {longest} pixels long does not fit into {format.upper()}, which ends at {_LONGEST[format]}; "
            "make it smaller or save it as PNG."
        )
    files: list[File] = []
    for index in range(image.batch):
        data = _encoded(image.pixels[index], format, quality, lossless, background)
        files.append(File.of_bytes(checked, data, _MEDIA[format]))
        ctx.progress(index + 1, image.batch)
    return files


def _file_name(name: str, format: str) -> str:
    """The name with its ending. Raises ValueError for one that is empty, too long or unsafe on some system."""
    base = name.strip()
    for suffix in (_SUFFIX[format], ".jpeg" if format == "jpeg" else _SUFFIX[format]):
        if base.lower().endswith(suffix):
            base = base[: -len(suffix)]
    if _UNSAFE.search(base):
        raise ValueError(f'The file name {name!r} holds one of / \\ : * ? " < > | or a control sign; leave it out.')
    if not base.strip(". ") or base.startswith(".") or base.endswith((".", " ")) or _RESERVED.fullmatch(base):
        raise ValueError(f"The file name {name!r} is not allowed on every system; use letters, digits, - and _.")
    if len(base.encode()) > 200:
        raise ValueError(f"The file name {name[:20]!r}... is longer than 200 bytes; shorten it.")
    return base + _SUFFIX[format]


def _encoded(picture: Tensor, format: str, quality: int, lossless: bool, background: str) -> bytes:
    """One picture [C, H, W] as the bytes of a file."""
    options: dict[str, dict[str, Any]] = {
        "png": {"compress_level": 6},
        "jpeg": {"quality": quality, "optimize": True, "subsampling": 0 if quality >= 90 else 2},
        # exact: the colours of clear pixels stay, as lossless promises.
        "webp": {"quality": quality, "lossless": lossless, "exact": lossless, "method": 4},
    }
    flat = over(picture, background) if format == "jpeg" else picture
    out = io.BytesIO()
    to_pil(flat).save(out, format.upper(), **options[format])
    return out.getvalue()
