"""PNG: an iTXt chunk with the keyword `graphflow`, after the header."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from graphflow.graph.carriers.broken import need
from graphflow.graph.model import MAX_BYTES

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"graphflow\x00"
_HEADER_END = 33  # the signature and the IHDR chunk


def put(data: bytes, text: str) -> bytes:
    """The picture with the text in it, in place of any earlier one."""
    body = b"iTXt" + _KEYWORD + b"\x00\x00\x00\x00" + text.encode()
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    chunks = list(_chunks(data))
    need(bool(chunks) and chunks[0] == (b"IHDR", 8, _HEADER_END), "the PNG has no header")
    kept = [data[start:end] for kind, start, end in chunks[1:] if not _is_ours(data, kind, start, end)]
    return b"".join([data[:_HEADER_END], chunk, *kept, data[chunks[-1][2] :]])


def take(data: bytes) -> str | None:
    """The text in the picture."""
    for kind, start, end in _chunks(data):
        if _is_ours(data, kind, start, end):
            body = data[start + 8 + len(_KEYWORD) : end - 4]
            need(len(body) >= 4, "the text chunk is too short")
            packed, method = body[0], body[1]
            _, _, content = body[2:].partition(b"\x00")[2].partition(b"\x00")  # after language and translated keyword
            return _unpacked(content).decode() if packed == 1 and method == 0 else content.decode()
    return None


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of each chunk, the end included."""
    at = len(SIGNATURE)
    while True:
        need(at + 12 <= len(data), "the PNG breaks off")
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        need(end <= len(data), "a chunk is longer than the PNG")
        kind = data[at + 4 : at + 8]
        yield kind, at, end
        if kind == b"IEND":
            return
        at = end


def _is_ours(data: bytes, kind: bytes, start: int, end: int) -> bool:
    return kind == b"iTXt" and data.startswith(_KEYWORD, start + 8, end - 4)


def _unpacked(content: bytes) -> bytes:
    # Other programs may pack the chunk when they rewrite a picture; a few bytes can unpack to gigabytes.
    try:
        unpacked = zlib.decompressobj().decompress(content, MAX_BYTES + 1)
    except zlib.error:
        unpacked = b""
    need(0 < len(unpacked) <= MAX_BYTES, "the packed text cannot be unpacked")
    return unpacked
