"""Numbers drawn as a chart."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from graphflow import Plot, Range, node

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
MARKS: dict[str, dict[str, Any]] = {
    "line": {"type": "line", "point": False},
    "bar": {"type": "bar"},
    "points": {"type": "point", "filled": True},
    "histogram": {"type": "bar"},
}


@node
def plot(
    numbers: list[float],
    x: list[float] | None = None,
    *,
    mark: Literal["line", "bar", "points", "histogram"] = "line",
    title: str = "",
    x_label: str = "",
    y_label: str = "",
    bins: Annotated[int, Range(1, 500, 1)] = 20,
    width: Annotated[int, Range(50, 4000, 10)] = 480,
    height: Annotated[int, Range(50, 4000, 10)] = 300,
) -> Plot:
    """Draw a list of numbers as a line, bars, points or a histogram.

    numbers: What is drawn upwards; for a histogram, what is counted.
    x: The place of each number along the axis; without it they stand at 0, 1, 2 ... A histogram takes none.
    mark: How they are drawn.
    title: Stands above the chart.
    x_label, y_label: Stand at the axes.
    bins: The number of bars of a histogram, at most.
    width, height: Of the drawing between the axes, in pixels.
    """
    places = [float(i) for i in range(len(numbers))] if x is None else list(x)
    if len(places) != len(numbers):
        raise ValueError(f"There are {len(numbers)} numbers and {len(places)} places along x; give one for each.")
    for index, value in enumerate([*numbers, *places]):
        if not math.isfinite(value):
            raise ValueError(f"{value} at [{index % len(numbers)}] cannot be drawn; give finite numbers.")
    across: dict[str, Any] = {"field": "x", "type": "quantitative", "title": x_label or None}
    upwards: dict[str, Any] = {"field": "y", "type": "quantitative", "title": y_label or None}
    if mark == "histogram":
        across |= {"field": "y", "bin": {"maxbins": bins}}
        upwards = {"aggregate": "count", "type": "quantitative", "title": y_label or None}
    elif mark == "bar":
        across |= {"type": "ordinal", "axis": {"labelAngle": 0, "labelOverlap": True, "labelSeparation": 4}}
    elif mark == "line":
        # In the order of the list: a path, even where x goes back.
        across["sort"] = None
    spec: dict[str, Any] = {
        "$schema": SCHEMA,
        "width": width,
        "height": height,
        "data": {"values": [{"x": place, "y": value} for place, value in zip(places, numbers, strict=True)]},
        "mark": MARKS[mark],
        "encoding": {"x": across, "y": upwards},
    }
    return Plot({**spec, "title": title} if title else spec)
