"""An evening at a lake, and the Milky Way."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw
from scenes.brushes import TWICE, Array, axes, line, mix, noise, ramp, rgb, save, smooth, trees


def sunset_sky(width: int, height: int, sun: tuple[float, float]) -> Array:
    """A warm evening sky with a sun and streaks of cloud lit from below; y counts in heights of the picture."""
    x, y = axes(width, height)
    sky = ramp(y, [(0, "#35558f"), (0.22, "#7f9cc4"), (0.40, "#e8c6a4"), (0.52, "#fbd9a0"), (0.62, "#f5b27a")])
    away = np.hypot(x - sun[0], (y - sun[1]) * 1.15)
    sky = mix(sky, rgb("#ffe2a6"), 0.75 * np.exp(-((away / 0.22) ** 1.3)))
    streaks = noise(width, height, (height * 0.55, height * 0.075), 6, 11)
    cover = smooth(0.50, 0.78, streaks) * smooth(0.56, 0.30, y) * 0.85
    lit = ramp(y + (streaks - 0.6) * 0.22, [(0.05, "#f2ecec"), (0.25, "#ffe3c9"), (0.42, "#ef9f86"), (0.5, "#c9808a")])
    sky = mix(sky, lit, cover)
    return mix(sky, rgb("#fffbe8"), smooth(0.044, 0.038, away))


def hills(picture: Array, shore: float, sun_x: float) -> Array:
    """Five chains of hills, the far ones lost in haze, the near ones with firs, down to the shore."""
    height, width = picture.shape[:2]
    x, y = axes(width, height)
    chains = [  # base, swing, width of a hill, haze, firs, seed
        (0.445, 0.050, 0.60, 0.80, 0.000, 21),
        (0.480, 0.046, 0.45, 0.60, 0.000, 22),
        (0.520, 0.040, 0.40, 0.40, 0.006, 23),
        (0.556, 0.032, 0.42, 0.20, 0.014, 24),
        (0.590, 0.024, 0.38, 0.04, 0.030, 25),
    ]
    for base, swing, wide, haze, tall, seed in chains:
        ridge = base - swing * line(width, wide * height, 6, seed)
        if tall:
            ridge = ridge - trees(width, tall * height * 0.30, tall * height, seed) / height
        below = y - ridge[None, :]
        warm = np.exp(-(((x - sun_x) / 0.35) ** 2))
        mist = mix(rgb("#b7b2bd"), rgb("#f3bf8f"), warm)
        ground = mix(rgb("#1d2f33"), mist, haze)
        texture = noise(width, height, (height * 0.05, height * 0.02), 4, seed + 40)
        ground = ground * (0.90 + 0.2 * texture[..., None])
        ground = mix(ground, mist, smooth(0.0, 0.09, below) * (0.2 + 0.45 * haze))
        edge = 0.75 / height
        picture = mix(picture, ground, smooth(-edge, edge, below) * (y < shore + 0.01))
    return picture


def lake(picture: Array, shore: float, sun_x: float) -> Array:
    """Water below the shore that mirrors what stands above it, in ripples that grow towards the viewer."""
    height, width = picture.shape[:2]
    x, y = axes(width, height)
    depth = np.clip(y - shore, 0, None)
    waves = noise(width, height, (height * 0.16, height * 0.010), 4, 31) - 0.5
    fine = noise(width, height, (height * 0.05, height * 0.004), 3, 32) - 0.5
    bend = (waves + fine * 0.6) * (0.008 + depth * 0.36)
    rows = np.clip(((2 * shore - y + bend) * height).astype(int), 0, int(shore * height) - 1)
    columns = np.clip((x * height + fine * depth * 60).astype(int), 0, width - 1)
    water = picture[rows, columns]
    water = mix(water, rgb("#28485e"), 0.22 + 0.50 * smooth(0.0, 0.42, depth))
    path = np.exp(-(((x - sun_x) / (0.035 + depth * 0.22)) ** 2)) * smooth(0.16, 0.34, waves + fine * 0.5)
    water = mix(water, rgb("#ffe9bd"), path * 0.75)
    glow = np.exp(-((depth / 0.012) ** 2)) * 0.35
    water = mix(water, rgb("#f6d3b0"), glow)
    return mix(picture, water, smooth(-0.0008, 0.0008, y - shore))


def reeds(picture: Array, seed: int) -> Array:
    """Dark blades of grass at the lower edge."""
    height, width = picture.shape[:2]
    random = np.random.default_rng(seed)
    layer = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(layer)
    for _ in range(330):
        side = random.random() < 0.62
        foot = (random.beta(1.0, 3.2) if side else 1 - random.beta(1.0, 4.0)) * width
        tall = height * random.uniform(0.05, 0.20) * (1.25 - abs(foot / width - (0.0 if side else 1.0)))
        lean = random.normal(0.16 if side else -0.1, 0.25) * tall
        steps = np.linspace(0, 1, 14)
        spine = np.stack([foot + lean * steps**2, height - tall * steps + 4], axis=-1)
        thick = height * 0.0024 * (1 - steps * 0.85)
        left = spine - np.stack([thick, 0 * thick], axis=-1)
        right = spine + np.stack([thick, 0 * thick], axis=-1)
        pen.polygon([tuple(point) for point in (*left, *right[::-1])], fill=255)
        if random.random() < 0.10:
            tip = spine[-4]
            pen.ellipse([tip[0] - 5, tip[1] - 26, tip[0] + 5, tip[1] + 22], fill=255)
    cover = np.asarray(layer) / 255
    x, y = axes(width, height)
    bank = 0.972 + 0.012 * line(width, height * 0.3, 4, seed) + 0.03 * np.sin(x[0] * 3.6)
    cover = np.maximum(cover, smooth(-0.006, 0.004, y - bank[None, :]))
    return mix(picture, rgb("#101a1c"), cover * 0.96)


def developed(picture: Array, seed: int, grain: float) -> Array:
    """The scene as a tired film shows it: tilted, dull, cool in the shadows, grainy. A seventh is cut off all round."""
    height, width = picture.shape[:2]
    eight = Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))
    turned = np.asarray(eight.rotate(-2.4, Image.Resampling.BICUBIC)) / 255.0
    margin_x, margin_y = round(width * 0.055), round(height * 0.055)
    cut = turned[margin_y : height - margin_y, margin_x : width - margin_x]
    grey = cut.mean(axis=-1, keepdims=True)
    dull = grey + (cut - grey) * 0.58
    dull = 0.135 + dull * 0.60
    dull = dull * np.array([0.945, 1.0, 1.045])
    random = np.random.default_rng(seed)
    rows, columns = dull.shape[0] // TWICE, dull.shape[1] // TWICE
    grains = random.normal(0, grain, (rows, columns, 1)) + random.normal(0, grain * 0.35, (rows, columns, 3))
    return dull[: rows * TWICE, : columns * TWICE] + np.repeat(np.repeat(grains, TWICE, 0), TWICE, 1)


def landscape() -> None:
    """An evening at a lake, portrait format, as a photograph that wants touching up."""
    width, height = 1620, 2024
    shore, sun = 0.625, (0.53, 0.405)
    picture = sunset_sky(width, height, sun)
    picture = lake(hills(picture, shore, sun[0]), shore, sun[0])
    save("landscape.jpg", developed(reeds(picture, 61), 62, 0.022), 84)


def night_sky() -> None:
    """The Milky Way over a ridge with firs."""
    width, height = 1800, 1350
    x, y = axes(width, height)
    sky = ramp(y, [(0, "#070b1e"), (0.5, "#101c3c"), (0.78, "#27406a"), (0.95, "#5a6f86")])
    across = (x - 0.72) * 0.80 + (y - 0.42) * 0.60
    along = noise(width, height, (260, 260), 6, 71)
    dust = noise(width, height, (150, 150), 6, 72)
    band = np.exp(-(((across + (along - 0.5) * 0.14) / 0.17) ** 2)) * (0.35 + 0.9 * along)
    core = np.exp(-(((across + (along - 0.5) * 0.06) / 0.065) ** 2))
    sky = mix(sky, rgb("#8ba0d4"), np.clip(band * 0.42, 0, 1))
    sky = mix(sky, rgb("#f0c8b4"), np.clip(core * along * 0.62, 0, 1))
    sky = mix(sky, rgb("#0a0c1c"), core * smooth(0.52, 0.80, dust) * 0.8)
    sky = sky + _stars(width, height, band)
    sky = mix(sky, rgb("#6fd0a0"), 0.20 * np.exp(-(((y - 0.80) / 0.09) ** 2)))
    for base, swing, tall, color, seed in (
        (0.80, 0.060, 0.0, "#1b2b46", 75), (0.87, 0.045, 0.030, "#0d1628", 76), (0.95, 0.040, 0.115, "#04070d", 77),
    ):  # fmt: skip
        ridge = base - swing * line(width, 620, 5, seed)
        if tall:
            ridge = ridge - trees(width, tall * height * 0.26, tall * height, seed) / height
        sky = mix(sky, rgb(color), smooth(-0.0008, 0.0008, y - ridge[None, :]))
    save("night-sky.jpg", sky, 86)


def _stars(width: int, height: int, band: Array) -> Array:
    """Points of light, denser in the band, a few of them large with a halo; [H, W, 3]."""
    random = np.random.default_rng(73)
    light = np.zeros((height, width, 3))
    tints = np.array([rgb("#ffffff"), rgb("#cfe0ff"), rgb("#ffe6c8")])
    rows, columns = random.integers(0, height, 26_000), random.integers(0, width, 26_000)
    chosen = random.random(26_000) < 0.16 + 0.85 * band[rows, columns]
    for row, column in zip(rows[chosen], columns[chosen], strict=True):
        tint = tints[random.integers(3)] * random.power(0.45) * 1.5
        light[row : row + 2, column : column + 2] += tint
    for _ in range(70):
        row, column, size = random.integers(30, height - 30), random.integers(30, width - 30), random.uniform(1.6, 4.2)
        down, right = np.mgrid[-24:25, -24:25]
        away = np.hypot(down, right)
        halo = np.exp(-((away / size) ** 2)) * 1.3 + 0.14 * np.exp(-away / (size * 2.2))
        light[row - 24 : row + 25, column - 24 : column + 25] += halo[..., None] * tints[random.integers(3)]
    return light
