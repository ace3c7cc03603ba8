"""Five small pictures for what works on a folder."""

from __future__ import annotations

import numpy as np
from scenes.brushes import axes, line, mix, noise, ramp, rgb, save, smooth, trees


def dunes() -> None:
    """Sand in low sun, wide."""
    width, height = 1440, 960
    y = axes(width, height)[1]
    picture = ramp(y, [(0, "#7ba7cf"), (0.30, "#cfdde0"), (0.45, "#f3dcb8")])
    for base, swing, color, dark, seed in (
        (0.42, 0.05, "#e3b884", "#b98a63", 101), (0.54, 0.08, "#e0a566", "#9a6644", 102),
        (0.70, 0.12, "#d98f4c", "#7d4a30", 103), (0.94, 0.15, "#cf7f3d", "#5b3325", 104),
    ):  # fmt: skip
        ridge = base - swing * line(width, 900, 3, seed)
        slope = np.gradient(ridge, 1 / height)
        light = smooth(-0.35, 0.30, slope[None, :] + 0.25 * (noise(width, height, (500, 180), 2, seed) - 0.5))
        ripples = 0.5 + 0.5 * np.sin((y - ridge[None, :]) * 260 + 5 * noise(width, height, (240, 60), 3, seed + 9))
        sand = mix(rgb(dark), rgb(color), light)
        sand = sand * (0.95 + 0.07 * ripples * smooth(0.0, 0.1, y - ridge[None, :]))[..., None]
        picture = mix(picture, sand, smooth(-0.001, 0.001, y - ridge[None, :]))
    save("folder/1 dunes.jpg", picture, 86)


def sea() -> None:
    """Evening at sea, wide."""
    width, height = 1440, 960
    x, y = axes(width, height)
    picture = ramp(y, [(0, "#2b3f73"), (0.25, "#8a6a9a"), (0.42, "#f08a6c"), (0.5, "#ffd08a")])
    clouds = noise(width, height, (700, 70), 6, 111)
    picture = mix(picture, rgb("#5a4373"), smooth(0.52, 0.75, clouds) * smooth(0.5, 0.2, y))
    away = np.hypot(x - 0.62, y - 0.47)
    picture = mix(picture, rgb("#fff3cf"), smooth(0.062, 0.058, away) + 0.5 * np.exp(-away / 0.12))
    shore = 0.52
    depth = np.clip(y - shore, 0, None)
    waves = noise(width, height, (150, 9), 4, 112) - 0.5
    rows = np.clip(((2 * shore - y + waves * (0.03 + depth * 0.6)) * height).astype(int), 0, int(shore * height) - 1)
    water = mix(
        picture[rows, np.broadcast_to(np.arange(width), rows.shape)],
        rgb("#1c2c55"),
        0.25 + depth,
    )
    glint = np.exp(-(((x - 0.62) / (0.05 + depth * 0.35)) ** 2)) * smooth(0.08, 0.25, waves)
    water = mix(water, rgb("#ffdf9e"), glint * 0.85)
    save("folder/2 sea.jpg", mix(picture, water, smooth(-0.001, 0.001, y - shore)), 86)


def forest() -> None:
    """Firs in fog, upright."""
    width, height = 960, 1280
    y = axes(width, height)[1]
    picture = ramp(y, [(0, "#cfd9d6"), (1, "#e9ece4")])
    for step in range(7):
        near = step / 6
        ground = 0.36 + 0.11 * step
        tall = 0.10 + 0.30 * near
        ridge = ground - 0.05 * line(width, 500, 4, 121 + step)
        top = ridge - trees(width, tall * height * 0.24, tall * height, 131 + step) / height
        color = mix(rgb("#c3cfcb"), rgb("#15241f"), near**1.2)
        below = smooth(-0.001, 0.001, y - top[None, :])
        fog = smooth(0.0, 0.22, y - ridge[None, :] + 0.06) * (1 - near * 0.8)
        picture = mix(
            picture,
            mix(color, rgb("#e3e8e1"), fog),
            below,
        )
    save("folder/3 forest.jpg", picture, 86)


def moon() -> None:
    """A full moon behind peaks with snow, square."""
    width = height = 1080
    x, y = axes(width, height)
    picture = ramp(y, [(0, "#0b1430"), (0.6, "#27437a"), (1, "#6d86ab")])
    away = np.hypot(x - 0.66, y - 0.29)
    seas = noise(width, height, (90, 90), 5, 141)
    face = mix(
        rgb("#fdf6e0"),
        rgb("#c2bda9"),
        smooth(0.5, 0.72, seas),
    )
    picture = mix(picture, rgb("#dfe6f2"), 0.45 * np.exp(-away / 0.12))
    picture = mix(picture, face, smooth(0.132, 0.129, away))
    for base, swing, dark, seed in (
        (0.62, 0.30, "#3d5480", 151),
        (0.76, 0.24, "#243757", 152),
        (0.92, 0.16, "#0d1727", 153),
    ):
        ridge = base - swing * np.abs(line(width, 420, 6, seed))
        below = y - ridge[None, :]
        rock = rgb(dark)
        slope = noise(width, height, (60, 160), 5, seed + 9)
        snow = smooth(0.13, 0.02, below + (slope - 0.5) * 0.22) * (0.9 if seed < 153 else 0.25)
        lit = smooth(0.45, 0.6, noise(width, height, (110, 260), 4, seed + 19))
        white = mix(rgb("#7d92bb"), rgb("#eef2f8"), lit)
        picture = mix(picture, mix(rock, white, snow), smooth(-0.001, 0.001, below))
    save("folder/10 moon.jpg", picture, 86)


def poppies() -> None:
    """Poppies in a meadow out of focus, upright."""
    width, height = 960, 1280
    x, y = axes(width, height)
    picture = ramp(y, [(0, "#bcd6cf"), (0.4, "#9fbf7a"), (1, "#3d6436")])
    picture = picture * (0.82 + 0.36 * noise(width, height, (40, 260), 4, 161)[..., None])
    random = np.random.default_rng(162)
    for _ in range(26):
        at, size = (random.uniform(0, 0.75), random.uniform(0.35, 0.95)), random.uniform(0.02, 0.05)
        blur = smooth(1.5, 0.5, np.hypot(x - at[0], (y - at[1]) * 1.2) / size)
        picture = mix(
            picture,
            rgb(["#d8483a", "#e8b64c", "#e9e4d8"][random.integers(3)]),
            blur * 0.5,
        )
    for cx, cy, size, lean in ((0.26, 0.56, 0.135, 0.03), (0.50, 0.36, 0.185, -0.05)):
        stem = cx + lean * np.sin((y - cy) * 3)
        shown = smooth(0.006, 0.004, np.abs(x - stem)) * (y > cy)
        picture = mix(picture, rgb("#33502a"), shown)
        angle, away = np.arctan2(y - cy, x - cx), np.hypot(x - cx, (y - cy) * 1.12)
        for petal in range(4):
            turn = np.cos(angle - petal * np.pi / 2 - 0.5)
            reach = size * (0.62 + 0.42 * np.clip(turn, 0, 1) ** 0.5) + 0.006 * np.sin(angle * 17 + petal)
            crease = 0.5 + 0.5 * np.sin(angle * 38 + 6 * noise(width, height, (90, 90), 3, 163 + petal))
            shade = (0.55 + 0.5 * away / size) * (0.90 + 0.12 * crease) * (0.86 + 0.07 * petal)
            petal_cover = smooth(-0.002, 0.002, reach - away) * smooth(-0.05, 0.12, turn)
            picture = mix(picture, rgb("#d92a1c") * shade[..., None], petal_cover)
        picture = mix(picture, rgb("#1c1418"), smooth(0.30, 0.22, away / size))
        dots = (np.sin(angle * 22) > 0.2) & (away / size > 0.26) & (away / size < 0.36)
        picture = mix(picture, rgb("#241a22"), dots * 0.85)
    save("folder/20 poppies.jpg", picture, 86)
