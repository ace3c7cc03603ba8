"""How one kind becomes another where a link asks for it. Each is a step with its own key; none needs a choice.

What would need one stays a node of its own: an image to a mask (which channel?), a number to a whole one (which
rounding?), frames to a clip (how many a second?).
"""

from __future__ import annotations

import io
import json
import math
from decimal import Decimal
from typing import Any, cast

from graphflow.values.drawing import TEXT_LIMIT, render_plot, render_svg
from graphflow.values.kind import kind_of
from graphflow.values.kinds import Clip, File, Image, Json, Mask, Plot, Svg, Table


def mask_to_image(mask: Mask) -> Image:
    """A mask as a grey picture: 1 is white. [B, 1, H, W], the same numbers."""
    return Image(mask.pixels)


def clip_to_image(clip: Clip) -> Image:
    """The frames of a clip as a batch of pictures: [F, C, H, W], the same numbers."""
    return Image(clip.frames)


def number_to_text(number: float) -> str:
    """A number in its shortest form that reads back the same, written as JavaScript and JSON write it.

    3.0 gives 3, 0.1 gives 0.1, 1e21 gives 1e+21; numbers from 1e-6 up to 1e21 have no exponent. Minus zero gives 0.
    """
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    shortest = repr(float(number)) if number else "0"
    if number and not 1e-6 <= abs(number) < 1e21:
        mantissa, _, exponent = shortest.partition("e")
        return f"{mantissa.removesuffix('.0')}e{int(exponent):+d}"
    plain = format(Decimal(shortest), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def whole_to_number(whole: int) -> float:
    """A whole number as a number; exact up to 2^53. Raises ValueError if it is too large for 64 bits."""
    try:
        return float(whole)
    except OverflowError:
        raise ValueError("The whole number is too large to be a number of 64 bits.") from None


def whole_to_text(whole: int) -> str:
    """A whole number in decimal digits."""
    if whole.bit_length() > 10_000:
        raise ValueError("The whole number has thousands of digits; that many are not written as text.")
    return str(whole)


def boolean_to_text(boolean: bool) -> str:
    """`true` or `false`."""
    return "true" if boolean else "false"


def json_to_text(value: Json) -> str:
    """JSON as compact text with the keys of objects in alphabetical order; a JSON text is given as it is."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    except ValueError:
        raise ValueError("JSON has no NaN and no infinity; the value holds one and cannot become text.") from None


def table_to_json(table: Table) -> Json:
    """A table as a list with an object for each row. Raises ValueError if a cell is a picture or the like."""
    for name, cells in table.columns.items():
        for row, cell in enumerate(cells):
            kind = kind_of(cell)
            if kind is not None:
                raise ValueError(f"Row {row + 1} of the column {name!r} holds a value of kind {kind.name}, not JSON.")
    return cast(Json, list(table.rows))


def json_to_table(value: Json) -> Table:
    """A list of objects (rows) or an object of lists (columns) as a table.

    Columns stand in alphabetical order, because the keys of JSON objects have none; a missing cell is null.
    Raises ValueError for JSON of another form.
    """
    if isinstance(value, list) and all(isinstance(row, dict) for row in value):
        rows = cast("list[dict[str, Any]]", value)
        names = sorted({name for row in rows for name in row})
        return Table({name: tuple(row.get(name) for row in rows) for name in names})
    if isinstance(value, dict) and all(isinstance(cells, list) for cells in value.values()):
        columns = cast("dict[str, list[Any]]", value)
        return Table({name: tuple(columns[name]) for name in sorted(columns)})
    raise ValueError("JSON becomes a table if it is a list of objects or an object of lists; this is neither.")


def file_to_text(file: File) -> str:
    """A file's bytes read as UTF-8, without a byte order mark. Raises ValueError if they are not UTF-8."""
    if file.size > TEXT_LIMIT:
        raise ValueError(f"The file {file.name} has {file.size} bytes; at most {TEXT_LIMIT >> 20} MiB become text.")
    try:
        return file.text()
    except UnicodeDecodeError as error:
        raise ValueError(f"The file {file.name} is no UTF-8 text: byte {error.start} fits no character.") from None


def svg_to_text(svg: Svg) -> str:
    """The source of a drawing."""
    return svg.source


def svg_to_image(svg: Svg) -> Image:
    """A drawing at its own size (96 pixels an inch) as one picture with alpha, [1, 4, H, W].

    Nothing outside the drawing is fetched or read: links to other pictures are left out. Raises ValueError if it is
    no SVG, declares entities, or is larger than 16384 a side or 64 million pixels.
    """
    import numpy as np
    import torch
    from PIL import Image as Pil

    plain, on_black = (np.asarray(Pil.open(io.BytesIO(data)).convert("RGBA")) for data in render_svg(svg.source))
    alpha = plain[..., 3:].astype(np.float32)
    # The renderer clips the colours of half-clear pixels to their alpha; on black each is colour times alpha.
    colour = np.clip(on_black[..., :3] / np.maximum(alpha, 1.0), 0.0, 1.0)
    pixels = np.concatenate([colour, alpha / 255.0], axis=-1).astype(np.float32)
    return Image(torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None])


def plot_to_svg(plot: Plot) -> Svg:
    """A chart drawn as SVG, offline. Raises ValueError if it is no chart or takes its data from a url."""
    return Svg(render_plot(plot.spec))


def plot_to_image(plot: Plot) -> Image:
    """A chart drawn as one picture on white, [1, 3, H, W], offline."""
    pixels = svg_to_image(plot_to_svg(plot)).pixels
    alpha = pixels[:, 3:]
    return Image((pixels[:, :3] * alpha + (1 - alpha)).clamp(0, 1))
