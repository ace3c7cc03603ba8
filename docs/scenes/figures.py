"""A head in profile, and a balloon."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw
from scenes.brushes import Array, axes, mix, noise, ramp, rgb, save, smooth

PROFILE = [  # a face looking right, from the crown down to the collar and round the back of the head; y goes down
    (0.500, 0.104), (0.580, 0.118), (0.645, 0.156), (0.684, 0.212), (0.697, 0.268), (0.700, 0.312), (0.692, 0.340),
    (0.702, 0.366), (0.726, 0.404), (0.752, 0.444), (0.758, 0.464), (0.744, 0.480), (0.714, 0.486), (0.712, 0.500),
    (0.726, 0.520), (0.732, 0.536), (0.716, 0.548), (0.712, 0.554), (0.722, 0.566), (0.722, 0.584), (0.704, 0.600),
    (0.700, 0.614), (0.706, 0.636), (0.698, 0.662), (0.668, 0.682), (0.620, 0.692), (0.578, 0.706), (0.558, 0.736),
    (0.556, 0.786), (0.574, 0.832), (0.640, 0.872), (0.740, 0.906), (0.820, 0.960), (0.850, 1.060),
    (0.050, 1.060), (0.070, 0.960), (0.160, 0.890), (0.262, 0.846), (0.306, 0.796), (0.308, 0.730), (0.288, 0.660),
    (0.236, 0.590), (0.184, 0.500), (0.158, 0.410), (0.168, 0.310), (0.216, 0.212), (0.300, 0.142), (0.400, 0.108),
]  # fmt: skip


def portrait() -> None:
    """A head in profile before a bright wall, nearly a silhouette: what a double exposure needs."""
    width, height = 1600, 2000
    x, y = axes(width, height)
    backdrop = ramp(np.hypot(x - 0.50, y - 0.42), [(0, "#fbf8f2"), (0.45, "#efe9df"), (0.9, "#cfc7bb")])
    layer = Image.new("L", (width, height), 0)
    ImageDraw.Draw(layer).polygon([(px * width * 0.98, py * height) for px, py in _spline(PROFILE)], fill=255)
    cover = np.asarray(layer) / 255
    blurred = np.asarray(
        layer.resize((100, 125), Image.Resampling.BOX).resize((width, height), Image.Resampling.BICUBIC)
    )
    rim = np.clip(1 - blurred / 255, 0, 1) * cover
    skin = mix(rgb("#15161b"), rgb("#7c5f52"), rim * 0.9)
    skin = skin * (0.92 + 0.16 * noise(width, height, (90, 140), 4, 91)[..., None])
    grain = np.random.default_rng(92).normal(0, 0.010, (height, width, 1))
    save("portrait.jpg", mix(backdrop, skin, cover) + grain, 86)


def _spline(points: list[tuple[float, float]], steps: int = 16) -> list[tuple[float, float]]:
    """A closed curve through the points (Catmull and Rom)."""
    p = np.array(points)
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    found: list[tuple[float, float]] = []
    for at in range(len(p)):
        a, b, c, d = (p[(at + k) % len(p)] for k in (-1, 0, 1, 2))
        curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        found += [(float(px), float(py)) for px, py in curve]
    return found


def balloon() -> None:
    """A striped hot-air balloon before a clear sky: easy to cut out by the sky's colour."""
    width, height = 1200, 1500
    x, y = axes(width, height)
    picture = ramp(y, [(0, "#4f93d2"), (0.6, "#7cb4e2"), (1, "#a9d0ec")])
    middle, top, bottom = 0.40, 0.10, 0.70
    share = np.clip((y - top) / (bottom - top), 0, 1)
    half = 0.285 * np.sin(np.pi * share**0.62 * 0.955 + 0.02) ** 0.72
    across = np.clip((x - middle) / np.maximum(half, 1e-6), -1, 1)
    turn = np.arcsin(across)
    stripe = np.floor((turn / np.pi + 0.5) * 9).astype(int) % 3
    cloth = np.array([rgb("#d8342c"), rgb("#f4e9d4"), rgb("#f0a424")])[stripe]
    band = (share > 0.40) & (share < 0.52)
    zigzag = ((turn / np.pi + 0.5) * 18 % 2 - 1.0) * np.where((turn / np.pi + 0.5) * 18 % 2 > 1, 1, -1)
    cloth = np.where((band & (np.abs(share - 0.46) * 16 < 0.5 + zigzag * 0.5))[..., None], rgb("#7d1f2a"), cloth)
    light = 0.62 + 0.46 * np.cos(turn + 0.62) - 0.16 * share
    seams = 1 - 0.14 * (np.abs((turn / np.pi + 0.5) * 18 % 1 - 0.5) > 0.46)
    cloth = (
        cloth * (light * seams)[..., None]
        + 0.16 * np.exp(-(((turn + 0.6) / 0.18) ** 2) - ((share - 0.30) / 0.16) ** 2)[..., None]
    )
    edge = 1.2 / height
    cover = smooth(-edge, edge, half - np.abs(x - middle)) * ((y > top) & (y < bottom))
    picture = mix(picture, cloth, cover)
    return _basket(picture, x, y, middle, bottom)


def _basket(picture: Array, x: Array, y: Array, middle: float, bottom: float) -> None:
    """The ropes and the basket below the balloon; then the picture is written."""
    edge = 1.2 / picture.shape[0]
    low, floor = bottom + 0.085, bottom + 0.155
    for side in (-1.0, -0.4, 0.4, 1.0):
        rope = middle + side * (0.050 - 0.10 * (y - bottom))
        picture = mix(
            picture, rgb("#3c2f28"),
            smooth(-edge, edge, 0.0022 - np.abs(x - rope)) * ((y > bottom - 0.004) & (y < low)),
        )  # fmt: skip
    half = 0.047 - 0.12 * (y - low)
    weave = 0.75 + 0.18 * np.sin((x - middle) * 520) * np.sin(y * 620)
    wicker = rgb("#8a5a31") * (weave * (1.05 - 4.5 * (x - middle)))[..., None]
    wicker = np.where((y < low + 0.012)[..., None], rgb("#4a2c1a") * 1.0, wicker)
    picture = mix(picture, wicker, smooth(-edge, edge, half - np.abs(x - middle)) * ((y > low) & (y < floor)))
    save("balloon.jpg", picture + np.random.default_rng(95).normal(0, 0.006, (*picture.shape[:2], 1)), 88)
