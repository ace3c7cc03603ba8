"""Draws the pictures and writes the table that the example workflows read: workflows/inputs/.

Everything is drawn with numpy and Pillow from fixed seeds, so that the same libraries give the same pictures again.
Each scene is drawn at twice its size and shrunk, which smooths its edges. `python docs/draw_inputs.py [NAME ...]`
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable

import numpy as np
from scenes.brushes import INPUTS
from scenes.figures import balloon, portrait
from scenes.folder import dunes, forest, moon, poppies, sea
from scenes.still_life import still_life
from scenes.views import landscape, night_sky


def weather() -> None:
    """A year of weather at one station: a row a day."""
    random = np.random.default_rng(171)
    rows, drift = ["day,temperature,rain"], 0.0
    for day in range(1, 366):
        drift = 0.82 * drift + random.normal(0, 1.5)
        warm = 9.5 - 10.5 * math.cos((day - 18) / 365 * 2 * math.pi) + drift
        wet = random.gamma(0.9, 5.2) if random.random() < 0.42 else 0.0
        rows.append(f"{day},{warm:.1f},{wet:.1f}")
    (INPUTS / "weather.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


SCENES: dict[str, Callable[[], None]] = {
    scene.__name__: scene
    for scene in (landscape, night_sky, still_life, portrait, balloon, dunes, sea, forest, moon, poppies, weather)
}


def main(names: list[str]) -> int:
    """Draw the named scenes, or all."""
    for name in names or SCENES:
        SCENES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
