"""SVG: a metadata element, the first inside the root."""

from __future__ import annotations

import re

from graphflow.graph.carriers.broken import Broken, need
from graphflow.graph.carriers.markup import escaped, unescaped

_OPEN = b'<metadata id="graphflow">'
_CLOSE = b"</metadata>"
# What may stand before the root, then its tag; possessive, so that no text makes it slow.
_PROLOG = re.compile(rb"\s++|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*+(?:\[.*?\]\s*+)?>", re.DOTALL)
_ROOT = re.compile(rb"""<svg(?=[\s/>])(?:[^>"']|"[^"]*+"|'[^']*+')*+>""")


def put(data: bytes, text: str) -> bytes:
    """The picture with the text in it, in place of any earlier one."""
    end = _root_end(data)
    element = _OPEN + escaped(text) + _CLOSE
    if data[end - 2 : end] == b"/>":
        return b"".join([data[: end - 2], b">", element, b"</svg>", data[end:]])
    rest = data[end:]
    start = rest.find(_OPEN)
    if start >= 0:
        close = rest.find(_CLOSE, start)
        need(close >= 0, "the metadata element is not closed")
        rest = rest[:start] + rest[close + len(_CLOSE) :]
    return b"".join([data[:end], element, rest])


def take(data: bytes) -> str | None:
    """The text in the picture."""
    start = data.find(_OPEN, _root_end(data))
    if start < 0:
        return None
    close = data.find(_CLOSE, start)
    need(close >= 0, "the metadata element is not closed")
    return unescaped(data[start + len(_OPEN) : close])


def _root_end(data: bytes) -> int:
    """Where the root's opening tag ends."""
    at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    while prolog := _PROLOG.match(data, at):
        at = prolog.end()
    root = _ROOT.match(data, at)
    if root is None:
        raise Broken("the SVG has no root element")
    return root.end()
