"""Drawing text."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from graphflow import QUIET, Color, Context, Image, Range, Widget, node
from graphflow_nodes.image._fonts import BUILT_IN, load_font, say_missing, system_fonts, wrapped
from graphflow_nodes.image._layers import inked
from graphflow_nodes.image._pixels import clamped, from_pil

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont
    from torch import Tensor

Anchor = Literal[
    "top left", "top", "top right", "left", "centre", "right", "bottom left", "bottom", "bottom right",
]  # fmt: skip
Align = Literal["left", "centre", "right"]
LONGEST = 20_000  # characters: more than fills a picture, and few enough to be set at once


@node
def draw_text(
    image: Image,
    *,
    text: Annotated[str, Widget("text", {"lines": 3})] = "Text",
    font: str = BUILT_IN,
    size: Annotated[float, Range(0.001, 4096, 1)] = 48.0,
    color: Color = "#ffffff",
    x: float = 16.0,
    y: float = 16.0,
    anchor: Anchor = "top left",
    align: Align = "left",
    wrap: Annotated[float, Range(0, 16384, 1)] = 0.0,
    spacing: Annotated[float, Range(0.1, 10, 0.05)] = 1.0,
    stroke: Annotated[int, Range(0, 256, 1)] = 0,
    stroke_color: Color = "#000000",
    units: Literal["pixels", "share"] = "pixels",
    ctx: Context = QUIET,
) -> Image:
    """Draw text on a picture; on each picture of a batch.

    text: One or more lines.
    font: A font of this machine. Aileron is there on each, but has only ASCII; for other letters choose another.
    size: The height of the letters.
    color: Its alpha counts.
    x, y: Where the anchor lies, from the top left corner.
    anchor: Which point of the block of text lies there.
    align: How lines of one block stand to each other.
    wrap: Break lines that are wider than this, between words where that will do; 0 breaks none.
    spacing: The distance between lines, in heights of the font.
    stroke: The width of an outline around the letters, in pixels.
    stroke_color: The outline's colour.
    units: Whether size, x, y and wrap are pixels, or a share of the picture (x and wrap of its width, y and size of
    its height).

    A block is as wide as its longest line and as high as the font's ascent, descent and lines say; an outline lies
    outside it. On a grey picture the letters are grey unless a colour is not; alpha of the picture grows where text
    is drawn.
    """
    if len(text) > LONGEST:
        raise ValueError(f"The text has {len(text)} characters, more than the {LONGEST} that can be drawn; shorten it.")
    share = units == "share"
    across, down = (image.width, image.height) if share else (1, 1)
    face = load_font(font, size * down)
    say_missing(face, font, text, ctx)
    lines = wrapped(text, wrap * across, face.getlength)
    block = Block(tuple(lines), face, align, spacing)
    left, top = block.corner(x * across, y * down, anchor)
    if left < 0 or top < 0 or left + block.width > image.width or top + block.height > image.height:
        ctx.say("The text reaches beyond the picture and is cut off there; make it smaller, wrap it or move it.")
    pixels = image.pixels
    if stroke:
        pixels = inked(pixels, block.coverage(left, top, image.width, image.height, stroke), stroke_color)
    return clamped(inked(pixels, block.coverage(left, top, image.width, image.height), color))


@draw_text.choices("font")
def _fonts() -> list[str]:
    return [BUILT_IN, *system_fonts()]


@draw_text.fingerprint
def _font_file(font: str) -> str:
    """The font file's digest: a font that is installed anew gives other letters."""
    if font == BUILT_IN:
        return "built in"
    path = system_fonts().get(font)
    return "gone" if path is None else hashlib.sha256(path.read_bytes()).hexdigest()


@dataclass(frozen=True)
class Block:
    """Lines of text in a font."""

    lines: Sequence[str]
    font: FreeTypeFont
    align: str = "left"
    spacing: float = 1.0

    @property
    def width(self) -> float:
        return max(self.font.getlength(line) for line in self.lines)

    @property
    def step(self) -> float:
        """From one baseline to the next."""
        return sum(self.font.getmetrics()) * self.spacing

    @property
    def height(self) -> float:
        return sum(self.font.getmetrics()) + (len(self.lines) - 1) * self.step

    def corner(self, x: float, y: float, anchor: str) -> tuple[int, int]:
        """The block's top left corner, in whole pixels, if its anchor lies at x, y."""
        left = x - self.width * (0 if "left" in anchor else 1 if "right" in anchor else 0.5)
        top = y - self.height * (0 if "top" in anchor else 1 if "bottom" in anchor else 0.5)
        return round(left), round(top)

    def coverage(self, left: float, top: float, width: int, height: int, stroke: int = 0) -> Tensor:
        """How far the letters cover each pixel of a picture: [1, H, W] in 0..1."""
        from PIL import Image as Pil
        from PIL import ImageDraw

        mask = Pil.new("L", (width, height))
        draw = ImageDraw.Draw(mask)
        ascent, _ = self.font.getmetrics()
        whole = self.width
        for index, line in enumerate(self.lines):
            spare = whole - self.font.getlength(line)
            indent = {"left": 0.0, "centre": spare / 2, "right": spare}[self.align]
            place = (left + indent, top + ascent + round(index * self.step))
            try:
                draw.text(place, line, fill=255, font=self.font, anchor="ls", stroke_width=stroke)
            except Pil.DecompressionBombError as error:
                raise ValueError(
                    f"A line of {len(line)} letters of {self.font.size:g} pixels is too large to be drawn; "
                    "wrap the text or make it smaller."
                ) from error
        return from_pil(mask)[0]
