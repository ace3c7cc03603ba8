"""Vector drawings and charts made visible, offline: what they name outside themselves is neither fetched nor read.

The renderer (vl-convert) follows any link in an SVG, reads files, and ends its process when memory runs out. So a
drawing is cleaned here first, and drawn in a short-lived process with limits.
"""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

import msgspec

TEXT_LIMIT = 16 << 20  # bytes of SVG or of a chart's specification
SIDE_LIMIT, PIXEL_LIMIT = 16384, 64_000_000
DEPTH_LIMIT = 200
SECONDS_LIMIT = 60.0
_SVG = "http://www.w3.org/2000/svg"
_SVG_TAG = f"{{{_SVG}}}svg"
_UNITS = {"": 1.0, "px": 1.0, "pt": 96 / 72, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}
_LENGTH = re.compile(r"\s*\+?(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})(px|pt|pc|in|cm|mm|)\s*\Z")
_EMBEDDED = re.compile(r"\s*data:image/(?:png|jpeg|jpg|gif|webp)[;,]")

for _prefix, _uri in {"": _SVG, "xlink": "http://www.w3.org/1999/xlink"}.items():
    ElementTree.register_namespace(_prefix, _uri)


def render_svg(source: str) -> tuple[bytes, bytes]:
    """A drawing at its own size as two PNGs: as it is, and laid on black (whose colours no alpha has blurred).

    Raises ValueError if the source is no SVG, is too large, or cannot be drawn.
    """
    root, width, height = _clean(source)
    plain = _framed(root, width, height, backdrop=False)
    on_black = _framed(root, width, height, backdrop=True)
    first, second = _child("svg", [plain, on_black])
    return first, second


def render_plot(spec: Mapping[str, Any]) -> str:
    """A Vega-Lite specification as SVG. Raises ValueError if it is no chart or its data are not inline."""
    _refuse_outside_data(spec)
    return self_contained(_child("plot", msgspec.json.encode(dict(spec)).decode()))


def self_contained(source: str) -> str:
    """The drawing without its links to anything outside itself; pictures inside it (data: URIs) stay."""
    return ElementTree.tostring(_without_links(_parse(source)), encoding="unicode")


def _clean(source: str) -> tuple[ElementTree.Element, int, int]:
    root = _without_links(_parse(source))
    width, height = _size(root)
    if max(width, height) > SIDE_LIMIT or width * height > PIXEL_LIMIT:
        raise ValueError(
            f"The SVG is {width} x {height} pixels; at most {SIDE_LIMIT} a side and {PIXEL_LIMIT // 1_000_000} million "
            "in all are drawn. Make its width and height smaller."
        )
    return root, width, height


def _parse(source: str) -> ElementTree.Element:
    if len(source) > TEXT_LIMIT:
        raise ValueError(f"The SVG has {len(source)} characters; at most {TEXT_LIMIT >> 20} MiB are read.")
    try:
        _scan(source)
        root = ElementTree.fromstring(source)
    except (ElementTree.ParseError, expat.ExpatError, UnicodeEncodeError) as error:
        raise ValueError(f"The SVG cannot be read: {error}.") from None
    if root.tag not in (_SVG_TAG, "svg"):
        raise ValueError('The text is no SVG: it must begin with <svg xmlns="http://www.w3.org/2000/svg">.')
    return root


def _scan(source: str) -> None:
    """Refuse what could grow without bound before a tree of it is made."""
    depth = 0

    def entity(*_: object) -> None:
        raise ValueError("The SVG declares entities, which can grow without bound; save it as plain SVG.")

    def start(_name: str, _attributes: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_LIMIT:
            raise ValueError(f"The SVG nests its groups more than {DEPTH_LIMIT} deep; ungroup some.")

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.EntityDeclHandler, parser.StartElementHandler, parser.EndElementHandler = entity, start, end
    parser.Parse(source, True)


def _without_links(root: ElementTree.Element) -> ElementTree.Element:
    for element in root.iter():
        for name in [n for n in element.attrib if n.rpartition("}")[2].lower() == "href"]:
            value = element.attrib[name]
            if not value.lstrip().startswith("#") and not _EMBEDDED.match(value):
                del element.attrib[name]
    return root


def _size(root: ElementTree.Element) -> tuple[int, int]:
    """Width and height in pixels: as told, else as the viewBox says, else 300 x 150 as in browsers."""
    numbers = [float(n) for n in re.findall(r"[-+]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})", root.get("viewBox", ""))[:4]]
    box = (numbers[2], numbers[3]) if len(numbers) == 4 and min(numbers[2:]) > 0 else None
    wide, high = _length(root.get("width")), _length(root.get("height"))
    if box and wide is None and high is None:
        wide, high = box
    elif box and wide is None and high is not None:
        wide = high * box[0] / box[1]
    elif box and high is None and wide is not None:
        high = wide * box[1] / box[0]
    wide, high = 300.0 if wide is None else wide, 150.0 if high is None else high
    if wide <= 0 or high <= 0:
        raise ValueError("The SVG has no size: its width and height must be above 0.")
    return max(1, math.ceil(wide - 1e-6)), max(1, math.ceil(high - 1e-6))


def _length(text: str | None) -> float | None:
    found = _LENGTH.match(text or "")
    return float(found[1]) * _UNITS[found[2]] if found else None


def _framed(root: ElementTree.Element, width: int, height: int, *, backdrop: bool) -> str:
    """The drawing inside an outer one of exactly this many pixels, so that no other size is ever drawn."""
    frame = ElementTree.Element(_SVG_TAG, {"width": str(width), "height": str(height)})
    if backdrop:
        style = "fill:#000 !important;opacity:1 !important;stroke:none !important;display:inline !important"
        ElementTree.SubElement(frame, f"{{{_SVG}}}rect", {"width": str(width), "height": str(height), "style": style})
    inner = ElementTree.Element(root.tag if "}" in root.tag else _SVG_TAG, dict(root.attrib))
    inner.extend(list(root))
    if inner.get("viewBox") is None:
        inner.set("viewBox", f"0 0 {_length(root.get('width')) or width} {_length(root.get('height')) or height}")
    inner.set("width", str(width))
    inner.set("height", str(height))
    frame.append(inner)
    return ElementTree.tostring(frame, encoding="unicode")


def _refuse_outside_data(spec: Any) -> None:
    waiting = [spec]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            data = part.get("data")
            if isinstance(data, Mapping) and "url" in data:
                raise ValueError("The plot takes its data from a url; a plot holds its data inline, as data.values.")
            waiting.extend(part.values())
        elif isinstance(part, list | tuple):
            waiting.extend(part)


def _child(task: str, content: Any) -> Any:
    """What `drawing_child` makes of the content. Raises ValueError with its reason, also if it crashes or hangs."""
    asked = msgspec.msgpack.encode([task, content])
    if len(asked) > 4 * TEXT_LIMIT:
        raise ValueError(f"What is to be drawn has {len(asked)} bytes; that is too much to draw.")
    # The renderer runs what others wrote: it gets no secret of ours.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GRAPHFLOW_")}
    noun = "SVG" if task == "svg" else "plot"
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "graphflow.values.drawing_child"],
            input=asked, capture_output=True, timeout=SECONDS_LIMIT, env=environment, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ValueError(f"The {noun} was not drawn within {SECONDS_LIMIT:g} seconds; make it simpler.") from None
    if done.returncode or not done.stdout:
        raise ValueError(f"The {noun} could not be drawn: it took too much memory or crashed the renderer.")
    problem, made = msgspec.msgpack.decode(done.stdout)
    if problem:
        raise ValueError(f"The {noun} could not be drawn: {problem}.")
    return made
