"""Mirrored pictures."""

from __future__ import annotations

from typing import Literal

from graphflow import Image, node
from graphflow_nodes.image._pixels import clamped


@node
def flip(image: Image, *, direction: Literal["horizontal", "vertical", "both"] = "horizontal") -> Image:
    """Mirror pictures.

    direction: "horizontal" swaps left and right, "vertical" top and bottom, "both" does both, as half a turn does.
    """
    dims = {"horizontal": (-1,), "vertical": (-2,), "both": (-2, -1)}[direction]
    return clamped(image.pixels.flip(dims))
