"""FLAC: the Vorbis comment `GRAPHFLOW`."""

from __future__ import annotations

from collections.abc import Iterator

from graphflow.graph.carriers.broken import need

SIGNATURE = b"fLaC"
_COMMENTS, _STREAM_INFO = 4, 0
_MARK = b"GRAPHFLOW="
_LAST = 0x80


def put(data: bytes, text: str) -> bytes:
    """The sound with the text in it, in place of any earlier one."""
    blocks = list(_blocks(data))
    need(blocks[0][0] == _STREAM_INFO, "the FLAC has no stream information")
    sound = data[blocks[-1][2] :]
    made = [(kind, data[start:end]) for kind, start, end in blocks]
    comments = next((body for kind, body in made if kind == _COMMENTS), b"")
    made = [block for block in made if block[0] != _COMMENTS]
    made.insert(1, (_COMMENTS, _with_workflow(comments, _MARK + text.encode())))
    parts = [SIGNATURE]
    for index, (kind, body) in enumerate(made):
        need(len(body) < 1 << 24, "a FLAC block holds at most 16 MiB")
        parts += [bytes([kind | _LAST * (index == len(made) - 1)]), len(body).to_bytes(3, "big"), body]
    return b"".join([*parts, sound])


def take(data: bytes) -> str | None:
    """The text in the sound."""
    for kind, start, end in _blocks(data):
        if kind == _COMMENTS:
            _, comments = _read(data[start:end])
            ours = (comment[len(_MARK) :] for comment in comments if comment.startswith(_MARK))
            return next((comment.decode() for comment in ours), None)
    return None


def _with_workflow(block: bytes, ours: bytes) -> bytes:
    maker, comments = _read(block) if block else (b"graphflow", [])
    comments = [comment for comment in comments if not comment.startswith(_MARK)] + [ours]
    parts = [_prefixed(maker), len(comments).to_bytes(4, "little"), *map(_prefixed, comments)]
    return b"".join(parts)


def _prefixed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "little") + body


def _read(block: bytes) -> tuple[bytes, list[bytes]]:
    """The maker and the comments of a block of them."""
    at = 0
    texts: list[bytes] = []
    left = 1
    while left:
        need(at + 4 <= len(block), "the comments break off")
        end = at + 4 + int.from_bytes(block[at : at + 4], "little")
        need(end <= len(block), "a comment is longer than its block")
        texts.append(block[at + 4 : end])
        at, left = end, left - 1
        if len(texts) == 1:
            need(at + 4 <= len(block), "the comments break off")
            left = int.from_bytes(block[at : at + 4], "little")
            at += 4
    return texts[0], texts[1:]


def _blocks(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, and start and end of the body, of each block before the sound."""
    at, last = len(SIGNATURE), False
    while not last:
        need(at + 4 <= len(data), "the FLAC breaks off")
        last = bool(data[at] & _LAST)
        end = at + 4 + int.from_bytes(data[at + 1 : at + 4], "big")
        need(end <= len(data), "a block is longer than the FLAC")
        yield data[at] & 0x7F, at + 4, end
        at = end
