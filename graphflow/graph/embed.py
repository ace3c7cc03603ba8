"""Puts a workflow into a saved file and takes it out again, byte for byte around what is shown or played."""

from __future__ import annotations

from collections.abc import Callable

from graphflow.graph.carriers import flac, gif, jpeg, mp4, png, riff, svg
from graphflow.graph.carriers.broken import Broken
from graphflow.graph.model import MAX_BYTES

# How a file is known, how a workflow is put into it and taken from it.
_PNG = (lambda data: data.startswith(png.SIGNATURE), png.put, png.take)
_JPEG = (lambda data: data.startswith(jpeg.SIGNATURE), jpeg.put, jpeg.take)
_GIF = (lambda data: data.startswith(gif.SIGNATURE), gif.put, gif.take)
_WEBP = (lambda data: data.startswith(riff.SIGNATURE) and data[8:12] == b"WEBP", riff.put_webp, riff.take_webp)
_WAV = (lambda data: data.startswith(riff.SIGNATURE) and data[8:12] == b"WAVE", riff.put_wav, riff.take_wav)
_FLAC = (lambda data: data.startswith(flac.SIGNATURE), flac.put, flac.take)
_MP4 = (lambda data: data[4:8] == b"ftyp", mp4.put, mp4.take)
_SVG = (lambda data: data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"), svg.put, svg.take)

Carrier = tuple[Callable[[bytes], bool], Callable[[bytes, str], bytes], Callable[[bytes], str | None]]
_CARRIERS: dict[str, Carrier] = {
    "image/png": _PNG,
    "image/apng": _PNG,
    "image/jpeg": _JPEG,
    "image/gif": _GIF,
    "image/webp": _WEBP,
    "image/svg+xml": _SVG,
    "audio/wav": _WAV,
    "audio/x-wav": _WAV,
    "audio/wave": _WAV,
    "audio/vnd.wave": _WAV,
    "audio/flac": _FLAC,
    "audio/x-flac": _FLAC,
    "video/mp4": _MP4,
    "audio/mp4": _MP4,
}


def embed(data: bytes, media_type: str, document_json: str) -> bytes:
    """The file with the workflow in it, in place of any earlier one; pixels and sound keep their bytes.

    Files of other media types, and files whose structure does not hold, come back as they are.
    """
    carrier = _CARRIERS.get(media_type.partition(";")[0].strip().lower())
    if carrier is None or not carrier[0](data):
        return data
    try:
        return carrier[1](data, document_json)
    except Broken:
        return data


def extract(data: bytes) -> str | None:
    """The workflow in a file, as text; None if there is none or the file is damaged. It is not checked in any way."""
    for knows, _, take in _CARRIERS.values():
        if knows(data):
            try:
                text = take(data)
            except ValueError:  # Broken, or text that is not UTF-8
                return None
            return text if text is not None and len(text) <= MAX_BYTES else None
    return None
