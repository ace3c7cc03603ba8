"""Fewer colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from graphflow import QUIET, Color, Context, Image, Range, Widget, node
from graphflow_nodes.image._pixels import from_pil, join_alpha, per_picture, rgba, split_alpha, to_pil, with_channels

if TYPE_CHECKING:
    from numpy import ndarray
    from torch import Tensor

Method = Literal["median cut", "octree"]


@node
def quantise(
    image: Image,
    *,
    colors: Annotated[int, Range(1, 256, 1)] = 16,
    method: Method = "median cut",
    palette: Annotated[Sequence[Color], Widget("palette")] = (),
    dither: bool = False,
    ctx: Context = QUIET,
) -> Image:
    """Draw a picture in few colours.

    colors: How many at most. Each picture of a batch gets its own.
    method: How they are chosen, at 8 bits a channel.
    palette: Use these colours instead, at most 256; their alpha is ignored.
    dither: Spread the error to the neighbours (Floyd-Steinberg) instead of taking the nearest colour for each pixel.

    Nearest is by distance in sRGB-encoded red, green and blue. Alpha is kept as it is. A grey picture stays grey if no
    palette is given.
    """
    if len(palette) > 256:
        raise ValueError(f"A palette holds at most 256 colours, got {len(palette)}; leave some out.")

    def reduce(picture: Tensor) -> Tensor:
        colour, alpha = split_alpha(picture)
        rgb = with_channels(colour, 3)
        if palette:
            table = _table([rgba(color)[:3] for color in palette])
        else:
            table, _ = dominant(rgb, colors, method)
        made = _dithered(rgb, table) if dither else _nearest(rgb, table)
        return join_alpha(made[:1] if colour.shape[0] == 1 and not palette else made, alpha)

    return per_picture(image, reduce, ctx)


@node
def palette(
    image: Image, *, colors: Annotated[int, Range(1, 256, 1)] = 6, method: Method = "median cut"
) -> list[Color]:
    """Find a picture's dominant colours, the most frequent first.

    colors: How many at most; a picture with fewer gives fewer.
    method: How they are chosen, at 8 bits a channel.

    The pictures of a batch count together. Pixels that are more clear than opaque are left out.
    """
    import torch

    pixels = with_channels(image.pixels, 4).permute(1, 0, 2, 3).flatten(1)
    seen = pixels[:3, pixels[3] >= 0.5]
    if seen.shape[1] == 0:
        raise ValueError("The picture is clear everywhere, so it has no dominant colours; link one that is not.")
    table, counts = dominant(seen[:, None, :], colors, method)
    order = torch.tensor(counts).argsort(descending=True, stable=True).tolist()
    levels = (table * 255).round().astype(int).tolist()
    return ["#{:02x}{:02x}{:02x}".format(*levels[index]) for index in order]


def dominant(rgb: Tensor, colors: int, method: str) -> tuple[ndarray[Any, Any], list[int]]:
    """The colours [N, 3] in 0..1 that Pillow chooses for a picture [3, H, W], and how many pixels each stands for."""
    from PIL import Image as Pil

    how = Pil.Quantize.MEDIANCUT if method == "median cut" else Pil.Quantize.FASTOCTREE
    indexed = to_pil(rgb).quantize(colors, method=how)
    listed = indexed.getpalette("RGB") or []
    used = [(index, count) for index, count in enumerate(indexed.histogram()) if count]
    table = [tuple(value / 255 for value in listed[3 * index : 3 * index + 3]) for index, _ in used]
    return _table(table), [count for _, count in used]


def _table(colours: Sequence[tuple[float, ...]]) -> ndarray[Any, Any]:
    import numpy as np

    return np.array(colours, dtype=np.float32).reshape(-1, 3)


def _nearest(rgb: Tensor, table: ndarray[Any, Any]) -> Tensor:
    import torch
    from scipy.spatial import KDTree

    _, index = KDTree(table).query(rgb.permute(1, 2, 0).numpy())
    return torch.from_numpy(table[index]).permute(2, 0, 1)


def _dithered(rgb: Tensor, table: ndarray[Any, Any]) -> Tensor:
    from PIL import Image as Pil

    chosen = Pil.new("P", (1, 1))
    chosen.putpalette((table * 255).round().astype("uint8").tobytes())
    made = to_pil(rgb).quantize(palette=chosen, dither=Pil.Dither.FLOYDSTEINBERG)
    return from_pil(made.convert("RGB"))[0]
