"""Drawing shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, cast

from graphflow import Image, Json, Widget, node
from graphflow_nodes.image._layers import inked
from graphflow_nodes.image._outlines import Part, Point, box, coverage, oval, star, stroke
from graphflow_nodes.image._pixels import clamped, rgba

FARTHEST = 1e6  # pixels: what lies beyond cannot be meant, and would overflow the canvas

# A tuple, so that nobody who is given the default can change it.
_SHAPES = cast(Json, ({"shape": "star", "x": 256, "y": 256, "outer": 200, "inner": 90, "fill": "#ffcc00"},))


@node
def draw_shapes(image: Image, *, shapes: Annotated[Json, Widget("code", {"language": "json"})] = _SHAPES) -> Image:
    """Draw shapes on a picture, antialiased; on each picture of a batch.

    shapes: A list of shapes, drawn in order. Places and lengths are in pixels from the top left corner, colours may
    have alpha: {"shape": "rectangle", "x", "y", "width", "height", "radius"} with rounded corners;
    {"shape": "ellipse", "x", "y", "width", "height"} in that box; {"shape": "polygon", "points": [[x, y], ...]};
    {"shape": "line", "points": [[x, y], ...]}; {"shape": "star", "x", "y", "outer", "inner", "spikes", "angle"} by its
    centre and radii, its first spike up. Each may have "fill" and "stroke" (colours) and "stroke_width" (2 if not
    told); a line has no fill.

    A stroke lies half outside and half inside of the border; joints and ends of lines, polygons and stars are round.
    Where a polygon crosses itself, it is filled by the even-odd rule. A pixel is sampled at 8x8 points. A grey picture
    becomes RGB if a colour is not grey; alpha of the picture grows where something is drawn.
    """
    if not isinstance(shapes, list | tuple):
        raise ValueError('Shapes are a list such as [{"shape": "ellipse", ...}]; write one.')
    pixels = image.pixels
    for index, shape in enumerate(shapes):
        for parts, color in _read(index, shape):
            left, top, cover = coverage(parts, image.width, image.height)
            pixels = inked(pixels, cover, color, left, top)
    return clamped(pixels)


@dataclass(frozen=True, slots=True)
class Fields:
    """What is written of one shape; reading what is missing or wrong raises ValueError, naming shape and field."""

    called: str
    given: Mapping[str, Any]

    def number(self, name: str, default: float | None = None, low: float = -FARTHEST) -> float:
        value = self.given.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= FARTHEST:
            raise ValueError(f"{self.called} needs {name!r}, a number from {low:g} to {FARTHEST:g}, got {value!r}.")
        return float(value)

    def points(self, least: int) -> list[Point]:
        rows = self.given.get("points")
        if not isinstance(rows, list | tuple) or len(rows) < least:
            raise ValueError(f"{self.called} needs 'points', a list of at least {least} [x, y], got {rows!r}.")
        points: list[Point] = []
        for row in rows:
            if not isinstance(row, list | tuple) or len(row) != 2:
                raise ValueError(f"{self.called} has the point {row!r}; write it as [x, y].")
            pair = Fields(f"A point of {self.called}", {"x": row[0], "y": row[1]})
            points.append((pair.number("x"), pair.number("y")))
        return points

    def color(self, name: str) -> str | None:
        value = self.given.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise ValueError(f'{self.called} has the {name} {value!r}; write a colour such as "#ff8800".')
        rgba(value)
        return value


Outline = tuple[list[Part], Callable[[float], list[Part]]]


def _rectangle(fields: Fields) -> Outline:
    x, y = fields.number("x"), fields.number("y")
    width, height = fields.number("width", low=0), fields.number("height", low=0)
    radius = min(fields.number("radius", 0, low=0), width / 2, height / 2)

    def outline(line: float) -> list[Part]:
        half = line / 2
        outer = box(x - half, y - half, width + line, height + line, radius + half if radius else 0)
        inner = box(x + half, y + half, width - line, height - line, radius - half)
        return [Part(outer), *([Part(inner, cut=True)] if min(width, height) > line else [])]

    return [Part(box(x, y, width, height, radius))], outline


def _ellipse(fields: Fields) -> Outline:
    across, down = fields.number("width", low=0) / 2, fields.number("height", low=0) / 2
    x, y = fields.number("x") + across, fields.number("y") + down

    def outline(line: float) -> list[Part]:
        half = line / 2
        inner = [Part(oval(x, y, across - half, down - half), cut=True)] if min(across, down) > half else []
        return [Part(oval(x, y, across + half, down + half)), *inner]

    return [Part(oval(x, y, across, down))], outline


def _polygon(fields: Fields) -> Outline:
    points = fields.points(3)
    return [Part(points)], lambda line: stroke(points, line, closed=True)


def _line(fields: Fields) -> Outline:
    points = fields.points(2)
    return [], lambda line: stroke(points, line, closed=False)


def _star(fields: Fields) -> Outline:
    spikes = fields.number("spikes", 5, low=2)
    if not spikes.is_integer() or spikes > 1000:
        raise ValueError(f"{fields.called} has {spikes:g} spikes; a star has a whole number of them, 2 to 1000.")
    radii = fields.number("outer", low=0), fields.number("inner", low=0)
    points = star(fields.number("x"), fields.number("y"), *radii, int(spikes), fields.number("angle", 0))
    return [Part(points)], lambda line: stroke(points, line, closed=True)


_COMMON = {"shape", "fill", "stroke", "stroke_width"}
# Each shape: how it is read, and the fields that it has beside the common ones.
_READERS: dict[str, tuple[Callable[[Fields], Outline], set[str]]] = {
    "rectangle": (_rectangle, {"x", "y", "width", "height", "radius"}),
    "ellipse": (_ellipse, {"x", "y", "width", "height"}),
    "polygon": (_polygon, {"points"}),
    "line": (_line, {"points"}),
    "star": (_star, {"x", "y", "outer", "inner", "spikes", "angle"}),
}


def _read(index: int, shape: Json) -> list[tuple[Sequence[Part], str]]:
    """What one shape draws: polygons and their colour, the fill before the stroke."""
    name = shape.get("shape") if isinstance(shape, Mapping) else None
    if not isinstance(shape, Mapping) or not isinstance(name, str) or name not in _READERS:
        raise ValueError(f'Shape {index} is {name!r}; write {{"shape": ...}} with one of {", ".join(_READERS)}.')
    reader, own = _READERS[name]
    fields = Fields(f"Shape {index} ({name})", shape)
    if unknown := sorted(set(shape) - own - _COMMON):
        raise ValueError(f"{fields.called} has no {unknown[0]!r}; it has {', '.join(sorted(own | _COMMON))}.")
    inside, outline = reader(fields)
    fill, line = fields.color("fill"), fields.color("stroke")
    if line is None and (fill is None or not inside):
        raise ValueError(f'{fields.called} would not be seen; give it "stroke"' + (' or "fill".' if inside else "."))
    width = fields.number("stroke_width", 2, low=0)
    drawn: list[tuple[Sequence[Part], str]] = [(inside, fill)] if fill and inside else []
    return [*drawn, (outline(width), line)] if line and width > 0 else drawn
