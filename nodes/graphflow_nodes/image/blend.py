"""Blending one picture with another."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

from graphflow import Image, Range, node
from graphflow_nodes.image._layers import layer_over, same_batch, same_size
from graphflow_nodes.image._pixels import clamped, split_alpha, with_channels

if TYPE_CHECKING:
    from torch import Tensor

Mode = Literal[
    "normal", "multiply", "screen", "overlay", "darken", "lighten", "color dodge", "color burn", "hard light",
    "soft light", "difference", "exclusion",
]  # fmt: skip


def _hard_light(base: Tensor, layer: Tensor) -> Tensor:
    twice = 2 * layer
    return (base * twice).where(layer <= 0.5, base + (twice - 1) - base * (twice - 1))


def _dodge(base: Tensor, layer: Tensor) -> Tensor:
    lit = (base / (1 - layer).clamp(min=1e-12)).clamp(max=1)
    return lit.where(base > 0, base)


def _burn(base: Tensor, layer: Tensor) -> Tensor:
    burnt = 1 - ((1 - base) / layer.clamp(min=1e-12)).clamp(max=1)
    return burnt.where(base < 1, base)


def _soft_light(base: Tensor, layer: Tensor) -> Tensor:
    curve = (((16 * base - 12) * base + 4) * base).where(base <= 0.25, base.clamp(min=0).sqrt())
    darker = base - (1 - 2 * layer) * base * (1 - base)
    return darker.where(layer <= 0.5, base + (2 * layer - 1) * (curve - base))


MODES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "normal": lambda base, layer: layer,
    "multiply": lambda base, layer: base * layer,
    "screen": lambda base, layer: base + layer - base * layer,
    "overlay": lambda base, layer: _hard_light(layer, base),
    "darken": lambda base, layer: base.minimum(layer),
    "lighten": lambda base, layer: base.maximum(layer),
    "color dodge": _dodge,
    "color burn": _burn,
    "hard light": _hard_light,
    "soft light": _soft_light,
    "difference": lambda base, layer: (base - layer).abs(),
    "exclusion": lambda base, layer: base + layer - 2 * base * layer,
}


@node
def blend(
    base: Image, layer: Image, *, mode: Mode = "normal", opacity: Annotated[float, Range(0, 1, 0.01)] = 1.0
) -> Image:
    """Blend a layer with the picture below it.

    base: The picture below.
    layer: The picture above, of the same width and height. A batch of one repeats for each picture of the other.
    mode: How the colours are mixed, on sRGB-encoded values.
    opacity: How much of the layer shows; 0 leaves the base as it is.

    The formulas are those of the W3C's Compositing and Blending Level 1: B(Cb, Cs) for the mode, then source-over with
    the layer's alpha times the opacity. The result has alpha if the base has; it is grey only if both are.
    """
    same_size("Blending", base=base.pixels, layer=layer.pixels)
    below, above = same_batch("Blending", base=base.pixels, layer=layer.pixels)
    layer_colour, layer_alpha = split_alpha(above)
    base_colour, base_alpha = split_alpha(below)
    channels = max(base_colour.shape[1], layer_colour.shape[1])
    base_colour, layer_colour = with_channels(base_colour, channels), with_channels(layer_colour, channels)
    mixed = MODES[mode](base_colour, layer_colour)
    if base_alpha is not None:
        mixed = (1 - base_alpha) * layer_colour + base_alpha * mixed
    alpha = above.new_ones(1) if layer_alpha is None else layer_alpha
    return clamped(layer_over(below, mixed, (alpha * opacity).expand_as(below[:, :1])))
