"""GIF: a comment extension that begins with `graphflow`, before the trailer."""

from __future__ import annotations

from collections.abc import Iterator

from graphflow.graph.carriers.broken import need

SIGNATURE = b"GIF8"
_MARK = b"graphflow\x00"
_COMMENT = b"\x21\xfe"
_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B


def put(data: bytes, text: str) -> bytes:
    """The picture with the text in it, in place of any earlier one."""
    raw = _MARK + text.encode()
    blocks = b"".join(bytes([len(part)]) + part for part in (raw[i : i + 255] for i in range(0, len(raw), 255)))
    kept: list[bytes] = []
    at = _first_block(data)
    # Comments came with the version of 1989.
    head = b"GIF89a" + data[6:at]
    for start, end in _blocks(data):
        at = end
        if not _is_ours(data, start):
            kept.append(data[start:end])
    return b"".join([head, *kept, _COMMENT, blocks, b"\x00", data[at:]])


def take(data: bytes) -> str | None:
    """The text in the picture."""
    for start, _ in _blocks(data):
        if _is_ours(data, start):
            parts: list[bytes] = []
            at = start + 2
            while data[at]:
                parts.append(data[at + 1 : at + 1 + data[at]])
                at += 1 + data[at]
            return b"".join(parts)[len(_MARK) :].decode()
    return None


def _is_ours(data: bytes, start: int) -> bool:
    return data.startswith(_COMMENT, start) and data.startswith(_MARK, start + 3)


def _first_block(data: bytes) -> int:
    need(len(data) >= 13, "the GIF breaks off")
    return 13 + _table(data[10])


def _table(flags: int) -> int:
    """The size of a colour table."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks(data: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of each block before the trailer."""
    at = _first_block(data)
    while True:
        need(at < len(data), "the GIF breaks off")
        if data[at] == _TRAILER:
            return
        if data[at] == _EXTENSION:
            inner = at + 2
        else:
            need(data[at] == _IMAGE and at + 10 <= len(data), "the GIF has a block that is none")
            inner = at + 10 + _table(data[at + 9]) + 1
        end = _after_parts(data, inner)
        yield at, end
        at = end


def _after_parts(data: bytes, at: int) -> int:
    while True:
        need(at < len(data), "the GIF breaks off")
        if not data[at]:
            return at + 1
        at += 1 + data[at]
