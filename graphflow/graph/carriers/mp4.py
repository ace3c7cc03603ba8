"""MP4: a uuid box at the end, so that no offset inside the file moves."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from graphflow.graph.carriers.broken import need

_MARK = uuid.uuid5(uuid.NAMESPACE_URL, "urn:graphflow:workflow").bytes
_HEAD = 8 + len(_MARK)


def put(data: bytes, text: str) -> bytes:
    """The film with the text in it, in place of any earlier one."""
    made = bytearray(data)
    end = len(data)
    for kind, start, after, open_ended in _boxes(data):
        if open_ended:
            # The last box runs to the end of the file, whatever that is: it must be told its length.
            need(after - start < 1 << 32, "the last box of the MP4 is too long")
            made[start : start + 4] = (after - start).to_bytes(4, "big")
        elif _is_ours(data, kind, start) and after == len(data):
            end = start
        elif _is_ours(data, kind, start):
            made[start + 4 : start + 8] = b"free"
    raw = text.encode()
    box = (_HEAD + len(raw)).to_bytes(4, "big") + b"uuid" + _MARK + raw
    return bytes(made[:end]) + box


def take(data: bytes) -> str | None:
    """The text in the film."""
    found = [data[start + _HEAD : after] for kind, start, after, _ in _boxes(data) if _is_ours(data, kind, start)]
    return found[-1].decode() if found else None


def _is_ours(data: bytes, kind: bytes, start: int) -> bool:
    return kind == b"uuid" and data.startswith(_MARK, start + 8)


def _boxes(data: bytes) -> Iterator[tuple[bytes, int, int, bool]]:
    """Kind, start and end of each box of the file, and whether it has no length of its own."""
    at = 0
    while at < len(data):
        need(at + 8 <= len(data), "the MP4 breaks off")
        size, least = int.from_bytes(data[at : at + 4], "big"), 8
        if size == 1:
            need(at + 16 <= len(data), "the MP4 breaks off")
            size, least = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        end = at + size if size else len(data)
        need(size == 0 or size >= least, "a box of the MP4 has no length")
        need(end <= len(data), "a box is longer than the MP4")
        yield data[at + 4 : at + 8], at, end, size == 0
        at = end
