"""What a parameter's annotation may carry beside its type: its range, its widget, its menu."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# The widgets that the canvas knows.
WIDGETS = ("text", "code", "strokes", "points", "box", "curve", "gradient", "palette", "table", "date")


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the greatest value of a number, and the step of its slider, above 0. Both ends are allowed.

    None leaves an end open.
    """

    low: float | None = None
    high: float | None = None
    step: float | None = None


@dataclass(frozen=True, slots=True)
class Widget:
    """The canvas widget that edits a param, by name, with its options.

    Names: text (options: lines), code (language), strokes, points, box, curve, gradient, palette, table, date.
    """

    name: str
    options: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Gpu:
    """A wish for a GPU with so many GB of its memory free; without one the node runs on the CPU."""

    gb: float = 0.0


@dataclass(frozen=True, slots=True)
class Isolate:
    """Limits of a node that runs in a process of its own: address space in GB and wall-clock seconds."""

    gb: float = 8.0
    seconds: float = 600.0
