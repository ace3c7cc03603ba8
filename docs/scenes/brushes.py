"""What the scenes are drawn with: colours, ramps, noise, forests, and the writing of a finished picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

INPUTS = Path(__file__).resolve().parents[2] / "workflows" / "inputs"
Array = np.ndarray[Any, np.dtype[np.float64]]
TWICE = 2


def rgb(code: str) -> Array:
    """A colour such as "#ff8800" as three numbers in 0..1."""
    return np.array([int(code[at : at + 2], 16) for at in (1, 3, 5)]) / 255


def axes(width: int, height: int) -> tuple[Array, Array]:
    """The place of each pixel: x in 0..width / height, y in 0..1, both [H, W]."""
    y, x = np.mgrid[0:height, 0:width]
    return (x + 0.5) / height, (y + 0.5) / height


def ramp(at: Array, stops: list[tuple[float, str]]) -> Array:
    """Colours along a gradient, [..., 3]."""
    places = [place for place, _ in stops]
    colors = np.array([rgb(code) for _, code in stops])
    return np.stack([np.interp(at, places, colors[:, channel]) for channel in range(3)], axis=-1)


def noise(width: int, height: int, cells: tuple[float, float], octaves: int, seed: int) -> Array:
    """Smooth noise in about 0..1, [H, W]; `cells` are the widths of its largest clouds in pixels, across and down."""
    random = np.random.default_rng(seed)
    total, weight = np.zeros((height, width)), 0.0
    for octave in range(octaves):
        across = max(2, round(width / cells[0] * 2**octave) + 2)
        down = max(2, round(height / cells[1] * 2**octave) + 2)
        grid = Image.fromarray(random.random((down, across)).astype(np.float32))
        total += np.asarray(grid.resize((width, height), Image.Resampling.BICUBIC)) * 0.5**octave
        weight += 0.5**octave
    return (total / weight - 0.5) * 1.5 + 0.5


def line(width: int, cell: float, octaves: int, seed: int) -> Array:
    """A rolling line in about -1..1, one value a column."""
    return noise(width, 3, (cell, 1e9), octaves, seed)[1] * 2 - 1


def smooth(low: float, high: float, value: Array) -> Array:
    """0 below low, 1 above high, a soft step between; turned round if low lies above high."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(below: Array, above: Array, share: Array | float) -> Array:
    """The colours `above` laid over `below` with an opacity [H, W] or one number."""
    cover = np.asarray(share)[..., None] if np.ndim(share) else np.asarray(share)
    return below + (above - below) * cover


def trees(width: int, spacing: float, tall: float, seed: int) -> Array:
    """How high a forest of firs stands over its ground in each column, in 0..tall."""
    random = np.random.default_rng(seed)
    column, found = np.arange(width), np.zeros(width)
    for middle in np.arange(0, width + spacing, spacing):
        middle += random.normal(0, spacing * 0.4)
        height = tall * random.uniform(0.45, 1)
        rise = np.clip(1 - np.abs(column - middle) / (height * 0.20), 0, 1)
        found = np.maximum(found, height * (rise**1.3 + 0.07 * (rise * 8 % 1) * (rise < 0.95)))
    return found


def save(name: str, picture: Array, quality: int = 88) -> None:
    """Shrink a scene to half its size and write it as JPEG (or PNG by its ending)."""
    pixels = Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))
    pixels = pixels.resize((pixels.width // TWICE, pixels.height // TWICE), Image.Resampling.BOX)
    path = INPUTS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels.save(path, quality=quality, optimize=True)
