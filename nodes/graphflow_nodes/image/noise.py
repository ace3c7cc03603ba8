"""Noise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

from graphflow import QUIET, Context, Image, Range, Seed, node
from graphflow_nodes.image._layers import Side
from graphflow_nodes.image._pixels import clamped

if TYPE_CHECKING:
    from torch import Generator, Tensor

# Perlin noise of unit gradients in two dimensions stays within plus and minus sqrt(1/2).
_REACH = math.sqrt(0.5)


@node
def noise(
    *,
    width: Side = 512,
    height: Side = 512,
    shape: Literal["uniform", "gaussian", "perlin"] = "uniform",
    seed: Seed = 0,
    color: bool = False,
    deviation: Annotated[float, Range(0, 1, 0.01)] = 0.15,
    scale: Annotated[float, Range(2, 4096, 1)] = 64.0,
    octaves: Annotated[int, Range(1, 12, 1)] = 4,
    persistence: Annotated[float, Range(0, 1, 0.01)] = 0.5,
    ctx: Context = QUIET,
) -> Image:
    """Make a picture of noise; the same seed and size give the same picture.

    shape: Each pixel by itself, evenly in 0..1 or normal around 0.5, or smooth clouds.
    color: Three channels of noise instead of one grey one.
    deviation: The standard deviation of gaussian noise; what leaves 0..1 is cut.
    scale: The width of the largest clouds of perlin noise, in pixels.
    octaves: How many layers perlin noise has, each half as wide as the one before.
    persistence: How strong a layer is compared with the one before.

    Perlin noise after K. Perlin, "Improving Noise" (2002), with random unit gradients; its layers are summed, divided
    by the sum of their strengths and brought from their reach, plus and minus sqrt(1/2), to 0..1.
    """
    import torch

    generator = ctx.generator(seed)
    size = (3 if color else 1, height, width)
    if shape == "uniform":
        pixels = torch.rand(size, generator=generator)
    elif shape == "gaussian":
        pixels = 0.5 + deviation * torch.randn(size, generator=generator)
    else:
        # Clouds narrower than two pixels would be white noise, and their lattice larger than the picture.
        layers = min(octaves, 1 + int(math.log2(scale / 2)))
        if layers < octaves:
            ctx.say(f"Of {octaves} octaves {layers} were drawn; the others are finer than two pixels.")
        channels = [_fractal(generator, height, width, scale, layers, persistence) for _ in range(size[0])]
        pixels = 0.5 + 0.5 * torch.stack(channels) / _REACH
    return clamped(pixels[None])


def _fractal(generator: Generator, height: int, width: int, scale: float, octaves: int, persistence: float) -> Tensor:
    """Perlin noise [H, W] of several octaves, within plus and minus sqrt(1/2)."""
    strengths = [persistence**octave for octave in range(octaves)]
    layers = [strength * _perlin(generator, height, width, scale / 2**o) for o, strength in enumerate(strengths)]
    total: Tensor = sum(layers[1:], layers[0])
    return total / sum(strengths)


def _perlin(generator: Generator, height: int, width: int, cell: float) -> Tensor:
    """Perlin noise [H, W], its lattice `cell` pixels wide, with a lattice point on the centre of the first pixel."""
    import torch

    rows, columns = torch.arange(height) / cell, torch.arange(width) / cell
    row, column = rows.long(), columns.long()
    angles = torch.rand((int(row[-1]) + 2, int(column[-1]) + 2), generator=generator) * math.tau
    down, across = (rows - row)[:, None], (columns - column)[None, :]

    def corner(below: int, right: int) -> Tensor:
        angle = angles[row + below][:, column + right]
        return angle.cos() * (across - right) + angle.sin() * (down - below)

    def fade(t: Tensor) -> Tensor:
        return t * t * t * (t * (t * 6 - 15) + 10)

    top = torch.lerp(corner(0, 0), corner(0, 1), fade(across).expand(height, width))
    bottom = torch.lerp(corner(1, 0), corner(1, 1), fade(across).expand(height, width))
    return torch.lerp(top, bottom, fade(down).expand(height, width))
