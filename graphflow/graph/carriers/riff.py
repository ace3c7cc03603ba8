"""WebP: an XMP packet. WAV: a chunk of our own, which players skip. Both are RIFF files."""

from __future__ import annotations

from collections.abc import Iterator

from graphflow.graph.carriers.broken import need
from graphflow.graph.carriers.markup import escaped, unescaped

SIGNATURE = b"RIFF"
_CHUNK = b"gflw"
_XMP_FLAG, _ALPHA_FLAG = 0x04, 0x10
_OPEN = b'<rdf:Description rdf:about="" xmlns:graphflow="urn:graphflow:1"><graphflow:workflow>'
_CLOSE = b"</graphflow:workflow></rdf:Description>"
_PACKET = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
_RDF_END = b"</rdf:RDF>"
Chunks = list[tuple[bytes, bytes]]


def put_wav(data: bytes, text: str) -> bytes:
    """The sound with the text in it, in place of any earlier one."""
    chunks = [(kind, body) for kind, body in _chunks(data, b"WAVE") if kind != _CHUNK]
    return _file(b"WAVE", [*chunks, (_CHUNK, text.encode())])


def take_wav(data: bytes) -> str | None:
    """The text in the sound."""
    return next((body.decode() for kind, body in _chunks(data, b"WAVE") if kind == _CHUNK), None)


def put_webp(data: bytes, text: str) -> bytes:
    """The picture with the text in it, in place of any earlier one."""
    chunks = list(_chunks(data, b"WEBP"))
    need(bool(chunks), "the WebP is empty")
    packet = next((body for kind, body in chunks if kind == b"XMP "), _PACKET)
    if chunks[0][0] != b"VP8X":
        chunks.insert(0, (b"VP8X", _extended(*chunks[0])))
    flags = chunks[0][1]
    chunks[0] = (b"VP8X", bytes([flags[0] | _XMP_FLAG]) + flags[1:])
    chunks = [chunk for chunk in chunks if chunk[0] != b"XMP "]
    return _file(b"WEBP", [*chunks, (b"XMP ", _with_workflow(packet, text))])


def take_webp(data: bytes) -> str | None:
    """The text in the picture."""
    for kind, packet in _chunks(data, b"WEBP"):
        start = packet.find(_OPEN) if kind == b"XMP " else -1
        if start >= 0:
            end = packet.find(_CLOSE, start)
            need(end >= 0, "the XMP packet breaks off")
            return unescaped(packet[start + len(_OPEN) : end])
    return None


def _with_workflow(packet: bytes, text: str) -> bytes:
    start = packet.find(_OPEN)
    if start >= 0:
        end = packet.find(_CLOSE, start)
        need(end >= 0, "the XMP packet breaks off")
        packet = packet[:start] + packet[end + len(_CLOSE) :]
    if _RDF_END not in packet:
        packet = _PACKET
    before, _, after = packet.rpartition(_RDF_END)
    return b"".join([before, _OPEN, escaped(text), _CLOSE, _RDF_END, after])


def _extended(kind: bytes, body: bytes) -> bytes:
    """The VP8X header of a picture that has none: flags and the size less one."""
    need(len(body) >= 10, "the WebP breaks off")
    if kind == b"VP8L":
        need(body[0] == 0x2F, "the WebP has no picture")
        bits = int.from_bytes(body[1:5], "little")
        width, height, alpha = bits & 0x3FFF, bits >> 14 & 0x3FFF, bits >> 28 & 1
    else:
        need(kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a", "the WebP has no picture")
        width = (int.from_bytes(body[6:8], "little") & 0x3FFF) - 1
        height = (int.from_bytes(body[8:10], "little") & 0x3FFF) - 1
        need(width >= 0 and height >= 0, "the WebP has no size")
        alpha = 0
    return bytes([_ALPHA_FLAG * alpha, 0, 0, 0]) + width.to_bytes(3, "little") + height.to_bytes(3, "little")


def _chunks(data: bytes, form: bytes) -> Iterator[tuple[bytes, bytes]]:
    need(len(data) >= 12 and data[8:12] == form, "the RIFF file is of another form")
    at, end = 12, 8 + int.from_bytes(data[4:8], "little")
    need(end <= len(data), "the RIFF file breaks off")
    while at + 8 <= end:
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        need(at + 8 + size <= end, "a chunk is longer than the RIFF file")
        need(data[at : at + 4] != b"VP8X" or size >= 10, "the WebP breaks off")
        yield data[at : at + 4], data[at + 8 : at + 8 + size]
        at += 8 + size + (size & 1)


def _file(form: bytes, chunks: Chunks) -> bytes:
    parts = [form]
    for kind, body in chunks:
        parts += [kind, len(body).to_bytes(4, "little"), body, b"\x00" * (len(body) & 1)]
    size = sum(map(len, parts))
    need(size < 1 << 32, "a RIFF file holds at most 4 GiB")
    return b"".join([SIGNATURE, size.to_bytes(4, "little"), *parts])
