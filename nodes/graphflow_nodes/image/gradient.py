"""Gradients between colours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from graphflow import Image, Json, Range, Widget, node
from graphflow_nodes.image._layers import Side
from graphflow_nodes.image._pixels import clamped, rgba
from graphflow_nodes.image.colors import from_linear, to_linear

if TYPE_CHECKING:
    from numpy import ndarray

Share = Annotated[float, Range(-10, 10, 0.01)]
# A tuple, so that nobody who is given the default can change it.
_STOPS = cast(Json, ({"at": 0, "color": "#000000"}, {"at": 1, "color": "#ffffff"}))


@node
def gradient(
    *,
    width: Side = 512,
    height: Side = 512,
    shape: Literal["linear", "radial", "conic"] = "linear",
    stops: Annotated[Json, Widget("gradient")] = _STOPS,
    angle: Annotated[float, Range(-360, 360, 1)] = 0.0,
    x: Share = 0.5,
    y: Share = 0.5,
    radius: Annotated[float, Range(0.001, 10, 0.01)] = 1.0,
    spread: Literal["pad", "repeat", "reflect"] = "pad",
    mix: Literal["srgb", "linear"] = "srgb",
) -> Image:
    """Make a gradient: RGB, or RGBA if a stop is not opaque.

    shape: Along a line, outwards from a centre, or clockwise around it.
    stops: A list of {"at": 0..1, "color": "#rrggbb"}; in between, colours are mixed. Two at one place make an edge.
    angle: Clockwise, in degrees. A linear gradient of 0 runs to the right and one of 90 down; a conic one begins there.
    x, y: The centre of a radial or conic gradient, as a share of width and height.
    radius: Where a radial gradient ends, as a share of the distance from its centre to the farthest corner.
    spread: What lies beyond the ends: their colours, the gradient again, or the gradient back and forth.
    mix: Whether colours are mixed as they are encoded (as CSS does) or in linear light.

    Each pixel takes the colour at its centre. As in CSS, the line of a linear gradient is so long that its ends meet
    the corners, and colours are mixed premultiplied by alpha.
    """
    import numpy as np
    import torch

    across, down = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
    turn = math.radians(angle)
    if shape == "linear":
        length = abs(width * math.cos(turn)) + abs(height * math.sin(turn))
        along = (across - width / 2) * math.cos(turn) + (down - height / 2) * math.sin(turn)
        place = along / length + 0.5
    else:
        right, below = across - x * width, down - y * height
        farthest = math.hypot(max(x, 1 - x) * width, max(y, 1 - y) * height)
        around = ((np.arctan2(below, right) - turn) / math.tau) % 1
        place = np.hypot(right, below) / (farthest * radius) if shape == "radial" else around
    pixels = _colors_at(_spread(place, spread), _read_stops(stops), mix)
    return clamped(torch.from_numpy(pixels.transpose(2, 0, 1).astype(np.float32))[None])


def _spread(place: ndarray[Any, Any], spread: str) -> ndarray[Any, Any]:
    import numpy as np

    if spread == "repeat":
        return place % 1
    return 1 - np.abs(place % 2 - 1) if spread == "reflect" else place.clip(0, 1)


def _read_stops(stops: Json) -> list[tuple[float, tuple[float, float, float, float]]]:
    """The stops in order of their places. Raises ValueError with the first that cannot be read."""
    if not isinstance(stops, list | tuple) or not stops:
        raise ValueError('A gradient needs a list of stops such as [{"at": 0, "color": "#000000"}]; give at least one.')
    read: list[tuple[float, tuple[float, float, float, float]]] = []
    for index, stop in enumerate(stops):
        at = stop.get("at") if isinstance(stop, Mapping) else None
        color = stop.get("color") if isinstance(stop, Mapping) else None
        if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at <= 1 or not isinstance(color, str):
            raise ValueError(
                f'Stop {index} of the gradient is {stop!r}; write it as {{"at": 0..1, "color": "#rrggbb"}}.'
            )
        read.append((float(at), rgba(color)))
    return sorted(read, key=lambda stop: stop[0])


def _colors_at(
    place: ndarray[Any, Any], stops: list[tuple[float, tuple[float, float, float, float]]], mix: str
) -> ndarray[Any, Any]:
    """The colours [H, W, 3 or 4] at places [H, W] in 0..1."""
    import numpy as np

    places = [at for at, _ in stops]
    colours = np.array([color for _, color in stops])
    alpha = np.interp(place, places, colours[:, 3])
    light = to_linear(colours[:, :3]) if mix == "linear" else colours[:, :3]
    weighed = light * colours[:, 3:]
    mixed = np.stack([np.interp(place, places, weighed[:, c]) for c in range(3)], axis=-1)
    straight = mixed / np.where(alpha > 0, alpha, 1)[..., None]
    encoded = from_linear(straight) if mix == "linear" else straight
    return encoded if (colours[:, 3] == 1).all() else np.concatenate([encoded, alpha[..., None]], axis=-1)
