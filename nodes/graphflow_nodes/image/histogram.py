"""How often each brightness occurs."""

from __future__ import annotations

from typing import Annotated, Any

from graphflow import Image, Plot, Range, node
from graphflow_nodes.image._pixels import luminance, split_alpha

# Names and hues of the curves, in the order in which they are drawn.
_CURVES = {"luminance": "#8a8f98", "red": "#e5484d", "green": "#30a46c", "blue": "#3e63dd"}


@node
def histogram(image: Image, *, bins: Annotated[int, Range(2, 256, 1)] = 64, log: bool = False) -> Plot:
    """Plot how often each value occurs in red, green, blue and luminance; a grey picture has luminance alone.

    bins: How many equal parts 0..1 is cut into; the last holds 1 itself.
    log: A logarithmic scale, which shows rare values.

    Each curve gives the share of all pixels; the pictures of a batch count together, and a pixel counts as much as it
    is opaque.
    """
    return Plot(
        {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "width": 400,
            "height": 200,
            "data": {"values": _counted(image, bins)},
            "mark": {"type": "area", "interpolate": "step", "line": True, "fillOpacity": 0.25},
            "encoding": {
                "x": {"field": "value", "type": "quantitative", "scale": {"domain": [0, 1]}, "title": "Value"},
                "y": {
                    "field": "share",
                    "type": "quantitative",
                    "stack": None,
                    "title": "Share of pixels",
                    "axis": {"format": ".2~%"},
                    "scale": {"type": "symlog", "constant": 1e-4} if log else {"type": "linear"},
                },
                "color": {
                    "field": "channel",
                    "type": "nominal",
                    "title": None,
                    "scale": {"domain": list(_CURVES), "range": list(_CURVES.values())},
                },
            },
        }
    )


def _counted(image: Image, bins: int) -> list[dict[str, Any]]:
    """Rows of channel, value (the middle of a bin) and share."""
    import numpy as np

    colour, alpha = split_alpha(image.pixels)
    channels = {"luminance": luminance(colour)}
    if colour.shape[1] == 3:
        channels |= dict(zip(("red", "green", "blue"), colour.unbind(1), strict=True))
    weights = None if alpha is None else alpha.flatten().double().numpy()
    rows: list[dict[str, Any]] = []
    for name, values in channels.items():
        counts, ends = np.histogram(values.flatten().numpy(), bins=bins, range=(0, 1), weights=weights)
        total = counts.sum() or 1
        middles = (ends[:-1] + ends[1:]) / 2
        rows += [
            {"channel": name, "value": round(float(at), 6), "share": float(count / total)}
            for at, count in zip(middles, counts, strict=True)
        ]
    return rows
