"""The workflow as text of an XML element, for SVG and for XMP packets."""

from __future__ import annotations

import re

_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);")


def escaped(text: str) -> bytes:
    """JSON text as the content of an element, in ASCII, so that it fits whatever the file is encoded in."""
    # XML has no place for these two; inside JSON texts they can be written as escapes.
    text = text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.encode("ascii", "xmlcharrefreplace")


def unescaped(content: bytes) -> str:
    """The text of an element's content. Raises ValueError if it is not UTF-8 or names no character."""
    return _ENTITY.sub(_character, content.decode())


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if not name.startswith("#"):
        return _ENTITIES[name]
    return chr(int(name[2:], 16) if name[1] in "xX" else int(name[1:]))
