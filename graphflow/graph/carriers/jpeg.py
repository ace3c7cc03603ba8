"""JPEG: comment segments that begin with `graphflow`, a part's number and their count, after the APP segments."""

from __future__ import annotations

from collections.abc import Iterator

from graphflow.graph.carriers.broken import need

SIGNATURE = b"\xff\xd8\xff"
_MARK = b"graphflow\x00"
_PART = 65_000  # a segment's length is told in 16 bits
_COMMENT = 0xFE
_SCAN = 0xDA


def put(data: bytes, text: str) -> bytes:
    """The picture with the text in it, in place of any earlier one."""
    raw = text.encode()
    parts = [raw[i : i + _PART] for i in range(0, len(raw), _PART)] or [b""]
    segments: list[bytes] = []
    for index, part in enumerate(parts):
        body = _MARK + index.to_bytes(2, "big") + len(parts).to_bytes(2, "big") + part
        segments.append(b"\xff\xfe" + (len(body) + 2).to_bytes(2, "big") + body)
    apps: list[bytes] = []
    others: list[bytes] = []
    at = 2
    for marker, start, end in _segments(data):
        at = end
        if _is_ours(data, marker, start):
            continue
        # JFIF and Exif must stand first.
        (apps if 0xE0 <= marker <= 0xEF and not others else others).append(data[start:end])
    return b"".join([data[:2], *apps, *segments, *others, data[at:]])


def take(data: bytes) -> str | None:
    """The text in the picture."""
    parts: dict[int, bytes] = {}
    count = 0
    for marker, start, end in _segments(data):
        if _is_ours(data, marker, start):
            head = start + 4 + len(_MARK)
            need(head + 4 <= end, "a comment is too short")
            count = int.from_bytes(data[head + 2 : head + 4], "big")
            parts[int.from_bytes(data[head : head + 2], "big")] = data[head + 4 : end]
    if not parts:
        return None
    need(set(parts) == set(range(count)), "a part of the workflow is missing")
    return b"".join(parts[index] for index in range(count)).decode()


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment before the picture's own data."""
    at = 2
    while True:
        need(at + 4 <= len(data) and data[at] == 0xFF, "the JPEG breaks off")
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _SCAN:
            return
        need(0xC0 <= marker <= 0xFE and not 0xD0 <= marker <= 0xD9, "the JPEG has a marker where none may stand")
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        need(at + 4 <= end <= len(data), "a segment is longer than the JPEG")
        yield marker, at, end
        at = end


def _is_ours(data: bytes, marker: int, start: int) -> bool:
    return marker == _COMMENT and data.startswith(_MARK, start + 4)
