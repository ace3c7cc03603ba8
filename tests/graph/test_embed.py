"""Workflows inside saved files: what is shown or played keeps its bytes, and damaged files do no harm."""

from __future__ import annotations

import io
import random
import struct
import wave
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image as Pillow

from graphflow.graph.embed import embed, extract

SHORT = '{"graphflow": 1, "nodes": {}, "about": "é 😀 <b>&amp;]]></b> \\u0007\x7f"}\n'
LONG = '{"about": "' + "0123456789 é" * 20_000 + '"}'


def picture(form: str, **options: object) -> bytes:
    pixels = np.random.default_rng(1).integers(0, 256, (40, 30, 3), np.uint8)
    made = io.BytesIO()
    Pillow.fromarray(pixels).save(made, form, **options)
    return made.getvalue()


def animated() -> bytes:
    frames = [Pillow.new("P", (8, 8), index) for index in range(3)]
    made = io.BytesIO()
    frames[0].save(made, "GIF", save_all=True, append_images=frames[1:], loop=0, comment=b"a comment of its own")
    return made.getvalue()


def sound() -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((1, 1, 8000, 101, "NONE", ""))  # an odd number of bytes: the chunk is padded
        file.writeframes(bytes(range(101)))
    return made.getvalue()


def with_alpha() -> bytes:
    made = io.BytesIO()
    Pillow.new("RGBA", (9, 7), (1, 2, 3, 128)).save(made, "WEBP", lossless=True)
    return made.getvalue()


def flac(*blocks: bytes) -> bytes:
    info = b"\x00\x00\x00\x22" + bytes(34)
    parts = [info, *blocks]
    parts[-1] = bytes([parts[-1][0] | 0x80]) + parts[-1][1:]
    return b"fLaC" + b"".join(parts) + b"\xff\xf8sound"


def comments(*texts: bytes) -> bytes:
    body = struct.pack("<I", 5) + b"maker" + struct.pack("<I", len(texts))
    body += b"".join(struct.pack("<I", len(text)) + text for text in texts)
    return b"\x04" + len(body).to_bytes(3, "big") + body


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


MP4_HEAD = box(b"ftyp", b"isom\0\0\2\0isom") + box(b"moov", b"offsets")
MP4 = MP4_HEAD + box(b"mdat", b"pictures")
WIDE_MP4 = MP4_HEAD + struct.pack(">I4sQ", 1, b"mdat", 24) + b"pictures"
OPEN_MP4 = MP4_HEAD + struct.pack(">I", 0) + b"mdat" + b"pictures to the end"
SVG = b'<?xml version="1.0"?>\n<!-- <svg> -->\n<svg xmlns="http://www.w3.org/2000/svg" data-x="a>b">\n<rect/></svg>\n'

FILES: dict[str, tuple[str, bytes]] = {
    "png": ("image/png", picture("PNG")),
    "jpeg": ("image/jpeg", picture("JPEG")),
    "jpeg with Exif": ("image/jpeg", picture("JPEG", exif=Pillow.Exif().tobytes(), comment=b"its own")),
    "progressive jpeg": ("image/jpeg; q=1", picture("JPEG", progressive=True)),
    "gif": ("image/gif", picture("GIF")),
    "animated gif": ("image/gif", animated()),
    "webp": ("image/webp", picture("WEBP")),
    "lossless webp": ("image/webp", picture("WEBP", lossless=True)),
    "webp with alpha": ("image/webp", with_alpha()),
    "webp with Exif": ("image/webp", picture("WEBP", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")),
    "svg": ("image/svg+xml", SVG),
    "svg without content": ("image/svg+xml", b"<svg/>"),
    "svg with a document type": ("image/svg+xml", b'<!DOCTYPE svg [<!ENTITY a "b>">]>\n<svg width="1"></svg>'),
    "wav": ("audio/wav", sound()),
    "flac": ("audio/flac", flac()),
    "flac with comments": ("audio/x-flac", flac(comments(b"TITLE=a", b"ARTIST=b"), b"\x01\0\0\x03pad")),
    "mp4": ("video/mp4", MP4),
    "mp4 with a long box": ("video/mp4", WIDE_MP4),
    "mp4 that runs to its end": ("video/mp4", OPEN_MP4),
}
every_file = pytest.mark.parametrize(("media_type", "data"), FILES.values(), ids=FILES.keys())


def carrying(name: str) -> bytes:
    media_type, data = FILES[name]
    return embed(data, media_type, SHORT)


@every_file
@pytest.mark.parametrize("text", ["{}", SHORT, LONG], ids=["least", "short", "long"])
def test_a_workflow_comes_out_as_it_went_in(media_type: str, data: bytes, text: str) -> None:
    carried = embed(data, media_type, text)
    assert carried != data
    assert extract(carried) == text


@every_file
def test_a_second_workflow_replaces_the_first(media_type: str, data: bytes) -> None:
    assert embed(embed(data, media_type, LONG), media_type, SHORT) == embed(data, media_type, SHORT)


@every_file
def test_a_file_without_a_workflow_gives_none(media_type: str, data: bytes) -> None:
    assert extract(data) is None


@pytest.mark.parametrize("name", [name for name in FILES if {*name.split()} & {"png", "jpeg", "gif", "webp"}])
def test_pictures_keep_every_pixel_of_every_frame(name: str) -> None:
    media_type, data = FILES[name]
    before = Pillow.open(io.BytesIO(data))
    after = Pillow.open(io.BytesIO(embed(data, media_type, SHORT)))
    assert (after.format, after.size, after.mode) == (before.format, before.size, before.mode)
    assert getattr(after, "n_frames", 1) == getattr(before, "n_frames", 1)
    for frame in range(getattr(before, "n_frames", 1)):
        before.seek(frame)
        after.seek(frame)
        np.testing.assert_array_equal(np.asarray(after.convert("RGBA")), np.asarray(before.convert("RGBA")))


def test_what_pictures_carried_before_is_kept() -> None:
    jpeg = Pillow.open(io.BytesIO(carrying("jpeg with Exif")))
    assert "exif" in jpeg.info
    gif = Pillow.open(io.BytesIO(carrying("animated gif")))
    assert gif.info["loop"] == 0
    assert gif.info["comment"].startswith(b"a comment of its own")
    webp = Pillow.open(io.BytesIO(carrying("webp with Exif")))
    assert "exif" in webp.info
    assert b"graphflow" in webp.info["xmp"]


def test_the_workflow_of_a_png_is_a_text_that_other_programs_read() -> None:
    assert Pillow.open(io.BytesIO(embed(picture("PNG"), "image/png", SHORT))).text["graphflow"] == SHORT  # type: ignore[attr-defined]


def test_a_packed_text_of_a_png_is_read() -> None:
    body = b"iTXtgraphflow\0\1\0en\0title\0" + zlib.compress(SHORT.encode())
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    png = picture("PNG")
    assert extract(png[:33] + chunk + png[33:]) == SHORT


def test_a_text_that_unpacks_to_gigabytes_is_left() -> None:
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    body = b"iTXtgraphflow\0\1\0\0\0" + bomb
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    png = picture("PNG")
    assert extract(png[:33] + chunk + png[33:]) is None


def test_a_sound_keeps_its_samples() -> None:
    with wave.open(io.BytesIO(embed(sound(), "audio/wav", SHORT))) as file:
        assert file.readframes(1000) == bytes(range(101))


def test_a_flac_keeps_its_other_comments_and_its_sound() -> None:
    _, data = FILES["flac with comments"]
    carried = embed(data, "audio/flac", "{}")
    assert carried == flac(comments(b"TITLE=a", b"ARTIST=b", b"GRAPHFLOW={}"), b"\x01\0\0\x03pad")


@pytest.mark.parametrize("data", [MP4, WIDE_MP4])
def test_a_film_keeps_every_byte_where_it_was(data: bytes) -> None:
    assert embed(data, "video/mp4", SHORT).startswith(data)


def test_a_film_that_was_changed_after_saving_keeps_its_places() -> None:
    carried = embed(MP4, "video/mp4", SHORT) + box(b"free", b"added by another program")
    twice = embed(carried, "video/mp4", "{}")
    assert extract(twice) == "{}"
    assert twice[: len(MP4)] == MP4
    assert twice.find(b"added") == carried.find(b"added")


def test_a_drawing_stays_a_drawing() -> None:
    carried = embed(SVG, "image/svg+xml", SHORT)
    assert carried.startswith(SVG[: SVG.index(b"\n<rect")])
    assert carried.endswith(SVG[SVG.index(b"\n<rect") :])
    assert b"<b>" not in carried


def test_a_foreign_xmp_packet_is_kept() -> None:
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:dc="urn:dc"><dc:creator>A</dc:creator></rdf:Description>'
        b"</rdf:RDF></x:xmpmeta>"
    )
    carried = embed(picture("WEBP", xmp=packet), "image/webp", SHORT)
    assert extract(carried) == SHORT
    assert b"<dc:creator>A</dc:creator>" in carried


@pytest.mark.parametrize("media_type", ["text/plain", "application/json", "image/tiff", "video/webm", "", "nonsense"])
def test_files_of_other_types_come_back_as_they_are(media_type: str) -> None:
    assert embed(picture("PNG"), media_type, SHORT) == picture("PNG")


@every_file
def test_a_file_that_is_not_what_its_type_says_comes_back_as_it_is(media_type: str, data: bytes) -> None:
    for other in (b"", b"plain text", b"\x00" * 100, data[:5]):
        assert embed(other, media_type, SHORT) == other


@every_file
def test_no_truncation_does_harm(media_type: str, data: bytes) -> None:
    carried = embed(data, media_type, SHORT)
    for length in range(0, len(carried), max(1, len(carried) // 300)):
        assert extract(carried[:length]) in (None, SHORT)
        embed(carried[:length], media_type, SHORT)


@every_file
def test_no_changed_byte_does_harm(media_type: str, data: bytes) -> None:
    chance = random.Random(0)
    carried = embed(data, media_type, SHORT)
    for _ in range(300):
        made = bytearray(carried)
        for _ in range(chance.randint(1, 5)):
            made[chance.randrange(min(len(made), 600))] = chance.choice([0, 1, 0x7F, 0xFF, chance.randrange(256)])
        text = extract(bytes(made))
        assert text is None or len(text) <= len(made)
        embed(bytes(made), media_type, SHORT)


@pytest.mark.parametrize(
    "damaged",
    [
        lambda: picture("PNG")[:8] + b"\xff\xff\xff\xffIHDR" + bytes(50),
        lambda: b"RIFF\xff\xff\xff\xffWEBPVP8X\xff\xff\xff\xff",
        lambda: b"RIFF\xff\xff\xff\xffWAVEgflw\xff\xff\xff\xff{}",
        lambda: b"fLaC\x84\xff\xff\xff",
        lambda: b"fLaC\x84\0\0\x08\0\0\0\0\xff\xff\xff\xff",
        lambda: box(b"ftyp", b"") + b"\0\0\0\x01uuid" + b"\xff" * 8,
        lambda: box(b"ftyp", b"") + b"\0\0\0\x02uuid" * 1000,
        lambda: b"\xff\xd8\xff\xfe\0\0" * 1000,
        lambda: b"GIF89a" + bytes(7) + b"\x21\xfe" + b"\xff" * 1000,
        lambda: b"<" + b"<svg '" * 100_000,
        lambda: b"<!DOCTYPE svg [" + b"] " * 100_000,
        lambda: b'<svg><metadata id="graphflow">' * 10_000,
        lambda: b'<svg><metadata id="graphflow">&#1114112;</metadata></svg>',
        lambda: b'<svg><metadata id="graphflow">\xff</metadata></svg>',
    ],
)
def test_lengths_that_lie_and_text_that_is_none_give_none(damaged: Callable[[], bytes]) -> None:
    assert extract(damaged()) is None


def test_a_missing_part_of_a_long_workflow_is_noticed() -> None:
    carried = embed(picture("JPEG"), "image/jpeg", LONG)
    start = carried.index(b"graphflow\0\0\x01") - 4
    length = 2 + int.from_bytes(carried[start + 2 : start + 4], "big")
    assert extract(carried[:start] + carried[start + length :]) is None
