"""What the nodes that move pixels share: anchors, and a background that new room is filled with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from graphflow_nodes.image._pixels import color_pixels, rgba, with_channels

if TYPE_CHECKING:
    from torch import Tensor

Anchor: TypeAlias = Literal[
    "centre", "top left", "top", "top right", "left", "right", "bottom left", "bottom", "bottom right"
]


def anchor_shares(anchor: str) -> tuple[float, float]:
    """Where an anchor lies across and down: 0 at the left or top, 0.5 in the middle, 1 at the right or bottom."""
    across = 0.0 if "left" in anchor else 1.0 if "right" in anchor else 0.5
    down = 0.0 if "top" in anchor else 1.0 if "bottom" in anchor else 0.5
    return across, down


def with_background(pixels: Tensor, color: str) -> tuple[Tensor, Tensor]:
    """Pixels [B, C, H, W] with the channels that a background needs, and the background as one pixel [C, 1, 1].

    A grey picture becomes RGB for a background that is not grey, and any picture gets alpha for one that is not opaque.
    """
    red, green, blue, alpha = rgba(color)
    if alpha < 1:
        pixels = with_channels(pixels, 4)
    elif pixels.shape[-3] == 1 and not red == green == blue:
        pixels = with_channels(pixels, 3)
    return pixels, color_pixels(color, pixels)
