"""Masks for models that see a picture as a grid of tokens."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from graphflow import Mask, Range, node
from graphflow_nodes.mask.pixels import hardened


class TokenGrid(NamedTuple):
    """A mask as the tokens that it selects.

    grid: One pixel a token, 0 or 1: [B, 1, H / patch, W / patch].
    mask: The grid at the size of the picture, what an edit of these tokens can change.
    tokens: The indices of the selected tokens, row by row from 0; the second of a batch goes on where the first ended.
    """

    grid: Mask
    mask: Mask
    tokens: list[int]


@node
def to_token_grid(
    mask: Mask, *, patch: Annotated[int, Range(1, 256, 1)] = 16, rule: Literal["any", "half", "all"] = "any"
) -> TokenGrid:
    """Which tokens of a masked model a mask selects.

    patch: The side of a token in pixels; the mask's sides must be multiples of it.
    rule: A token is selected if any of its pixels, at least half of them, or all are inside (0.5 or above).
    """
    if mask.width % patch or mask.height % patch:
        raise ValueError(
            f"The mask is {mask.width} x {mask.height} pixels, no whole number of tokens of {patch} x {patch}; "
            f"resize or pad it to multiples of {patch}."
        )
    inside = hardened(mask).pixels
    # Inside pixels are counted: a mean would meet one half only up to rounding.
    rows, columns = mask.height // patch, mask.width // patch
    counts = inside.reshape(mask.batch, 1, rows, patch, columns, patch).sum(dim=(3, 5))
    needed = {"any": 1, "half": patch * patch / 2, "all": patch * patch}[rule]
    grid = (counts >= needed).float()
    upscaled = grid.repeat_interleave(patch, dim=2).repeat_interleave(patch, dim=3)
    return TokenGrid(Mask(grid), Mask(upscaled), grid.flatten().nonzero().flatten().tolist())
