"""Balls on a table, by rays."""

from __future__ import annotations

import numpy as np
from scenes.brushes import Array, axes, mix, rgb, save, smooth

SPHERES = [  # centre x, height of the centre = radius, z (towards the viewer), colour, shine
    ((-1.25, 0.95, 0.35), 0.95, "#c8452f", 90.0),
    ((0.72, 0.66, -0.65), 0.66, "#e3a72f", 34.0),
    ((1.72, 1.06, 0.72), 1.06, "#2f6f86", 140.0),
    ((0.05, 0.36, -1.55), 0.36, "#eee7dc", 20.0),
    ((-0.30, 0.26, -2.05), 0.26, "#6d8b3c", 60.0),
]


def still_life() -> None:
    """Five balls on a table before a wall, lit by a window: rays, soft shadows, a mirrored table in the balls."""
    width, height = 1800, 1350
    x, y = axes(width, height)
    eye = np.array([0.2, 2.0, -7.4])
    ray = np.stack([(x - width / height / 2) * 0.86, -(y - 0.5) * 0.86 - 0.155, np.full_like(x, 1.0)], axis=-1)
    ray /= np.linalg.norm(ray, axis=-1, keepdims=True)
    table_at = np.where(ray[..., 1] < -1e-4, -eye[1] / np.minimum(ray[..., 1], -1e-4), 1e9)
    wall_at = (4.2 - eye[2]) / ray[..., 2]
    floor = table_at < wall_at
    place = eye + ray * np.minimum(table_at, wall_at)[..., None]
    picture = np.where(floor[..., None], _table(place), _wall(place))
    nearest = np.where(floor, table_at, wall_at)
    for number, (centre, radius, color, shine) in enumerate(SPHERES):
        offset = eye - np.array(centre)
        b = (ray * offset).sum(-1)
        inside = b * b - (offset @ offset - radius * radius)
        far = -b - np.sqrt(np.maximum(inside, 0))
        hit = (inside > 0) & (far < nearest)
        picture = np.where(hit[..., None], _ball(eye + ray * far[..., None], ray, number, color, shine), picture)
        nearest = np.where(hit, far, nearest)
    vignette = 1 - 0.30 * smooth(0.45, 1.0, np.hypot(x - width / height / 2, (y - 0.5) * 1.1))
    picture = np.clip(picture * vignette[..., None], 0, None) ** (1 / 2.2)
    save("still-life.jpg", picture + np.random.default_rng(81).normal(0, 0.008, (height, width, 1)), 88)


LAMP = np.array([-4.6, 5.6, -4.2])


def _shadow(place: Array, but: int = -1) -> Array:
    """How much of the window's light reaches each place, 0..1: soft where a ball only grazes the ray to the lamp."""
    way = LAMP - place
    reach = np.linalg.norm(way, axis=-1)
    way = way / reach[..., None]
    lit = np.ones(place.shape[:-1])
    for number, (centre, radius, _, _) in enumerate(SPHERES):
        if number != but:
            to = np.array(centre) - place
            along = (to * way).sum(-1)
            off = np.sqrt(np.maximum((to * to).sum(-1) - along * along, 0))
            blur = 0.04 + 0.13 * np.clip(along, 0, None)
            lit = np.minimum(lit, np.where(along > 0, smooth(-1, 1, (off - radius) / blur), 1.0))
    return lit


def _near(place: Array, but: int = -1) -> Array:
    """How open each place is to the light of the room, 0..1: dark where a ball is close."""
    open_ = np.ones(place.shape[:-1])
    for number, (centre, radius, _, _) in enumerate(SPHERES):
        if number != but:
            away = np.linalg.norm(place - np.array(centre), axis=-1)
            open_ *= 1 - 0.75 * np.clip(radius / np.maximum(away, radius), 0, 1) ** 4
    return open_


def _table(place: Array) -> Array:
    """A wooden table: long grain, boards, light from the window."""
    grain = 0.5 + 0.5 * np.sin(
        place[..., 2] * 21 + 2.2 * np.sin(place[..., 0] * 0.9) + 1.3 * np.sin(place[..., 0] * 2.3)
    )
    wood = mix(rgb("#7a4d2b"), rgb("#a97444"), grain * 0.55)
    board = np.abs((place[..., 2] * 0.55 + 0.2) % 1 - 0.5)
    wood = (wood * (1 - 0.55 * smooth(0.488, 0.498, board))[..., None]) ** 2.2
    way = LAMP - place
    light = 26 * way[..., 1] / np.linalg.norm(way, axis=-1) ** 3
    return wood * (light * _shadow(place) * 2.3 + 0.34 * _near(place))[..., None] * np.array([1.06, 1.0, 0.9])


def _wall(place: Array) -> Array:
    """A plain wall, brighter where the window shines."""
    glow = 0.16 + 0.72 * np.exp(-(((place[..., 0] + 1.6) / 4.2) ** 2) - ((place[..., 1] - 2.6) / 3.0) ** 2)
    return rgb("#8f9a94") ** 2.2 * glow[..., None] * 1.5


def _ball(place: Array, ray: Array, number: int, color: str, shine: float) -> Array:
    centre, radius = np.array(SPHERES[number][0]), SPHERES[number][1]
    normal = (place - centre) / radius
    way = LAMP - place
    way = way / np.linalg.norm(way, axis=-1, keepdims=True)
    facing = np.clip((normal * way).sum(-1), 0, 1) * _shadow(place, number)
    mirror = ray - 2 * (ray * normal).sum(-1, keepdims=True) * normal
    spot = np.clip((mirror * way).sum(-1), 0, 1) ** shine * (facing > 0)
    rim = (1 - np.clip(-(ray * normal).sum(-1), 0, 1)) ** 4
    ambient = (0.20 + 0.16 * normal[..., 1]) * _near(place, number)
    bounce = np.clip(-normal[..., 1], 0, 1) * 0.22
    base = rgb(color) ** 2.2
    lit = base * (facing * 1.25 + ambient)[..., None] + base * bounce[..., None] * np.array([1.3, 0.9, 0.6])
    return lit + (spot * 0.85)[..., None] + (rim * 0.10)[..., None] * np.array([0.9, 1.0, 1.1])
