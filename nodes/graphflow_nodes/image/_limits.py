"""What a picture may cost: caps on size, shape, frames and text, all of them this pack's own."""

from __future__ import annotations

import zlib

MAX_BYTES = 1 << 30
# Below Pillow's own warning threshold (89 million), so that no picture is accepted under protest.
MAX_PIXELS = 80_000_000
MAX_RATIO = 1024
MAX_FRAMES = 1000
# Twice the largest workflow document, which a saved picture carries as text.
MAX_TEXT = 32 << 20
MAX_CHUNKS = 100_000

_PNG = b"\x89PNG\r\n\x1a\n"
_TEXT_CHUNKS = (b"tEXt", b"zTXt", b"iTXt")


class Refused(ValueError):
    """A picture that is whole, and past what is allowed."""


def check_size(what: str, width: int, height: int, pictures: int = 1) -> None:
    """Refuse pictures too large, too long or without area; `what` begins the sentence. Raises Refused."""
    size = f"{what} would have {width} x {height} pixels" + (f" in each of {pictures} pictures" if pictures > 1 else "")
    if width < 1 or height < 1:
        raise Refused(f"{size}; both sides must be at least 1.")
    if max(width, height) > MAX_RATIO * min(width, height):
        raise Refused(f"{size}; one side may be at most {MAX_RATIO} times the other.")
    if width * height * pictures > MAX_PIXELS:
        raise Refused(f"{size}; at most {MAX_PIXELS // 1_000_000} million are allowed, make it smaller.")


def without_text(data: bytes, name: str) -> bytes:
    """A PNG file without its text chunks, which are no part of the picture; any other file as it is.

    Text is measured as it would unfold, without keeping it. Raises Refused if it is more than MAX_TEXT, or if the
    file has more than MAX_CHUNKS chunks.
    """
    if not data.startswith(_PNG):
        return data
    kept = [memoryview(data)[:8]]
    at, text = 8, 0
    for _ in range(MAX_CHUNKS):
        if at >= len(data):
            return b"".join(kept)
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] in _TEXT_CHUNKS:
            text += _unfolded(data[at + 4 : at + 8], data[at + 8 : end - 4], MAX_TEXT + 1)
            if text > MAX_TEXT:
                raise Refused(
                    f"The picture {name} carries more than {MAX_TEXT >> 20} MB of text; save it again without metadata."
                )
        else:
            kept.append(memoryview(data)[at:end])
        at = end
    raise Refused(f"The picture {name} has more than {MAX_CHUNKS} chunks; save it again with a picture editor.")


def _unfolded(chunk: bytes, body: bytes, limit: int) -> int:
    """The length of a text chunk's text, counted up to about the limit."""
    rest = body.partition(b"\0")[2]
    if chunk == b"zTXt":
        packed = rest[1:]
    elif chunk == b"iTXt" and rest[:1] == b"\1":
        packed = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    else:
        return len(body)
    try:
        return len(body) + len(zlib.decompressobj().decompress(packed, limit))
    except zlib.error:
        return len(body)  # broken text unfolds to nothing
