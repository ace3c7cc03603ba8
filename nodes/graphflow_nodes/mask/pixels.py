"""What the mask nodes share: masks between torch and numpy, sizes and batches that fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from graphflow import QUIET, Context, Image, Mask

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    Array: TypeAlias = np.ndarray[Any, Any]

HALF = 0.5
"""From this value a pixel counts as inside where a node must decide."""

MOST_PIXELS = 1 << 28
"""The largest mask that a node makes from a width and a height: 268 million pixels, one GiB."""


def planes(mask: Mask) -> list[Array]:
    """Each mask of the batch as a float32 array [H, W] that shares memory with it: never write into one."""
    return [plane.detach().cpu().numpy() for plane in mask.pixels[:, 0]]


def mask_of(arrays: list[Array]) -> Mask:
    """Arrays [H, W] of one size, of numbers or booleans, as a batch held in 0..1."""
    import numpy as np
    import torch

    if not arrays:
        raise ValueError("The batch holds no mask; give at least one.")
    return Mask(torch.from_numpy(np.stack(arrays).astype(np.float32).clip(0, 1)[:, None]))


def per_mask(mask: Mask, change: Callable[[Array], Array], ctx: Context = QUIET) -> Mask:
    """The batch with each mask [H, W] changed by itself."""
    made: list[Array] = []
    for index, plane in enumerate(planes(mask)):
        made.append(change(plane))
        ctx.progress(index + 1, mask.batch)
    return mask_of(made)


def hardened(mask: Mask) -> Mask:
    """1 from 0.5 on, else 0."""
    return Mask((mask.pixels >= HALF).float())


def same_size(what: str, first: Image | Mask, other: Image | Mask) -> None:
    """Refuse two of different sizes or batches that cannot stand beside each other."""
    if (first.width, first.height) != (other.width, other.height):
        raise ValueError(
            f"{what} are of different sizes, {first.width} x {first.height} and {other.width} x {other.height} pixels; "
            "resize or crop one of them."
        )
    if first.batch != other.batch and 1 not in (first.batch, other.batch):
        raise ValueError(
            f"{what} are batches of {first.batch} and {other.batch}; give equal batches, or a batch of one."
        )


def repeated(pixels: Tensor, batch: int) -> Tensor:
    """A batch of one as `batch` views of itself; any other as it is."""
    return pixels.expand(batch, -1, -1, -1) if pixels.shape[0] == 1 else pixels


def canvas(image: Image | None, width: int, height: int) -> tuple[int, int]:
    """The (width, height) of a mask to be made: the picture's, else what was typed."""
    if image is not None:
        return image.width, image.height
    if width * height > MOST_PIXELS:
        raise ValueError(f"A mask of {width} x {height} pixels is too large; make it {MOST_PIXELS} pixels at most.")
    return width, height
