"""Fonts, and text set into lines with them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from graphflow import Context

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

BUILT_IN = "Aileron"
"""The font that Pillow brings along: there on every machine."""

LARGEST = 4096
"""The largest size of letters, in pixels."""


def _folders() -> list[Path]:
    """Where this system keeps fonts; the user's own last, so that they win."""
    home = Path.home()
    if sys.platform == "win32":
        user = Path(os.environ.get("LOCALAPPDATA", str(home / "AppData/Local")))
        return [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts", user / "Microsoft/Windows/Fonts"]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share")
    return [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".fonts", data / "fonts"]


def system_fonts() -> dict[str, Path]:
    """The fonts in the system's usual folders, by file name without its ending, sorted."""
    found: dict[str, Path] = {}
    for folder in _folders():
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in (".ttf", ".otf", ".ttc"):
                found[path.stem] = path
    return dict(sorted(found.items()))


def load_font(name: str, size: float) -> FreeTypeFont:
    """A font by name, its letters `size` pixels high. Raises ValueError if it is gone or cannot be read."""
    from PIL import ImageFont

    if not 1 <= size <= LARGEST:
        raise ValueError(f"Letters of {size:g} pixels cannot be drawn; choose a size from 1 to {LARGEST}.")
    if name == BUILT_IN:
        font = ImageFont.load_default(size)
        if not isinstance(font, ImageFont.FreeTypeFont):
            raise ValueError("Text cannot be drawn: this Pillow was built without FreeType; install its usual wheel.")
        return font
    path = system_fonts().get(name)
    if path is None:
        raise ValueError(f"The font {name!r} is not on this machine; install it or choose another, such as {BUILT_IN}.")
    try:
        return ImageFont.truetype(path, size)
    except OSError as error:
        raise ValueError(f"The font {name!r} cannot be read ({error}); install it again or choose another.") from error


def missing(font: FreeTypeFont, text: str) -> str:
    """The characters of a text that a font cannot draw, each once, in order."""

    def drawn(character: str) -> tuple[tuple[int, int], bytes]:
        mask = font.getmask(character, mode="1")
        return mask.size, bytes(mask)

    # No font has a sign for a character that Unicode will never assign; it gives the sign for "no such letter".
    nothing = drawn("\U0010ffff")
    return "".join(c for c in dict.fromkeys(text) if not c.isspace() and drawn(c) == nothing)


def say_missing(font: FreeTypeFont, name: str, text: str, ctx: Context) -> None:
    """Tell which characters of a text the font cannot draw."""
    if lost := missing(font, text):
        ctx.say(f"The font {name} has no {' '.join(lost[:20])}; an empty box stands there, or choose another font.")


def wrapped(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """The text in lines at most `width` wide; 0 breaks none.

    Lines are broken at spaces, after one of `,;/_-`, and within what is still wider.
    """
    lines: list[str] = []
    for paragraph in text.expandtabs(4).splitlines() or [""]:
        lines += _broken(paragraph, width, measure) if width > 0 else [paragraph]
    return lines


def _broken(paragraph: str, width: float, measure: Callable[[str], float]) -> list[str]:
    lines: list[str] = []
    line = ""
    for piece in re.findall(r"\s*[^\s,;/_-]+[,;/_-]*|\s*[,;/_-]+|\s+$", paragraph):
        if measure(line + piece) <= width:
            line += piece
            continue
        if line:
            lines.append(line)
        *full, line = _cut(piece.lstrip(), width, measure)
        lines += full
    return [*lines, line]


def _cut(word: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """A word in pieces that fit the width, each of at least one letter."""
    pieces: list[str] = []
    start = 0
    for end in range(1, len(word)):
        if measure(word[start : end + 1]) > width:
            pieces.append(word[start:end])
            start = end
    return [*pieces, word[start:]]
