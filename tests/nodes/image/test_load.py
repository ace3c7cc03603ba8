"""Loading: every sort of file gives the pixels that were put in; bombs and broken files give one sentence."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
import tifffile
import torch
from PIL import ExifTags, ImageCms
from PIL import Image as Pil
from PIL.PngImagePlugin import PngInfo

from graphflow import Context, File
from graphflow_nodes.image.load import load

RNG = np.random.default_rng(5)
RGB = RNG.integers(0, 256, (5, 7, 3), dtype=np.uint8)
PNG = b"\x89PNG\r\n\x1a\n"


class Listening(Context):
    def __init__(self) -> None:
        self.heard: list[str] = []

    def say(self, message: str) -> None:
        self.heard.append(message)


def encoded(picture: Pil.Image, format: str = "PNG", **options) -> File:
    out = io.BytesIO()
    picture.save(out, format, **options)
    return File.of_bytes(f"picture.{format.lower()}", out.getvalue())


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png16(values: np.ndarray, colour_type: int, *extra: bytes) -> File:
    """A 16-bit PNG of [H, W, C], each row with the Sub filter."""
    height, width, channels = values.shape
    rows = values.astype(">u2").tobytes()
    length = width * channels * 2
    packed = b""
    for y in range(height):
        row = np.frombuffer(rows[y * length : (y + 1) * length], dtype=np.uint8)
        before = np.concatenate([np.zeros(channels * 2, dtype=np.uint8), row[: -channels * 2]])
        packed += b"\1" + (row - before).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    body = chunk(b"IHDR", header) + b"".join(extra) + chunk(b"IDAT", zlib.compress(packed)) + chunk(b"IEND", b"")
    return File.of_bytes("deep.png", PNG + body)


def pixels_of(array: np.ndarray, white: int = 255) -> torch.Tensor:
    return torch.from_numpy((array.astype(np.float64) / white).astype(np.float32)).permute(2, 0, 1)[None]


# -- What is in the file ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_formats_give_the_pixels_that_were_saved(format):
    assert torch.equal(load(file=encoded(Pil.fromarray(RGB), format)).pixels, pixels_of(RGB))


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "AVIF", "JPEG2000", "GIF"])
def test_the_other_formats_give_what_pillow_decodes(format):
    smooth = Pil.linear_gradient("L").resize((24, 16)).convert("RGB")
    file = encoded(smooth, format)
    decoded = np.asarray(Pil.open(io.BytesIO(file.read())).convert("RGB"))
    assert torch.equal(load(file=file).pixels, pixels_of(decoded))


@pytest.mark.parametrize("mode, channels", [("1", 1), ("L", 1), ("P", 3), ("LA", 4), ("RGBA", 4), ("CMYK", 3)])
def test_each_mode_has_its_channels(mode, channels):
    file = encoded(Pil.new(mode, (3, 2)), "TIFF" if mode == "CMYK" else "PNG")
    assert load(file=file).pixels.shape == (1, channels, 2, 3)


def test_alpha_and_its_colours_are_kept():
    rgba = RNG.integers(0, 256, (5, 7, 4), dtype=np.uint8)
    assert torch.equal(load(file=encoded(Pil.fromarray(rgba))).pixels, pixels_of(rgba))


def test_a_clear_colour_of_a_palette_becomes_alpha():
    palette = Pil.fromarray(np.array([[0, 1]], dtype=np.uint8), "P")
    palette.putpalette([255, 0, 0, 0, 0, 255])
    made = load(file=encoded(palette, transparency=1)).pixels
    assert made[0, :, 0, 0].tolist() == [1, 0, 0, 1]
    assert made[0, 3, 0, 1] == 0


def test_cmyk_becomes_rgb():
    made = load(file=encoded(Pil.new("CMYK", (2, 2), (0, 255, 255, 0)), "TIFF")).pixels
    assert made[0, :, 0, 0].tolist() == [1, 0, 0]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_pictures_are_turned_upright(orientation, format):
    exif = Pil.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    upright = RGB.copy()
    # What a camera stores so that the given orientation makes it upright again.
    undo = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }[orientation]
    stored = Pil.fromarray(np.ascontiguousarray(undo(upright)))
    assert torch.equal(load(file=encoded(stored, format, exif=exif)).pixels, pixels_of(upright))


# -- Sixteen bits -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour_type, channels", [(0, 1), (2, 3), (6, 4)])
def test_sixteen_bits_of_a_png_are_kept(colour_type, channels):
    values = RNG.integers(0, 65536, (4, 6, channels))
    assert torch.equal(load(file=png16(values, colour_type)).pixels, pixels_of(values, 65535))


def test_sixteen_bits_of_grey_with_alpha_are_kept():
    values = RNG.integers(0, 65536, (4, 6, 2))
    made = load(file=png16(values, 4)).pixels
    assert torch.equal(made, pixels_of(values[..., [0, 0, 0, 1]], 65535))


def test_a_clear_colour_in_sixteen_bits_is_clear_to_the_last_bit():
    values = np.array([[[500, 600, 700], [500, 600, 701]]])
    made = load(file=png16(values, 2, chunk(b"tRNS", struct.pack(">HHH", 500, 600, 700)))).pixels
    assert made[0, 3].tolist() == [[0, 1]]
    assert torch.equal(made[:, :3], pixels_of(values, 65535))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_of_a_tiff_are_kept(order, compression, channels):
    values = RNG.integers(0, 65536, (4, 6, channels)).astype(f"{order}u2")
    out = io.BytesIO()
    data = values[..., 0] if channels == 1 else values
    tifffile.imwrite(
        out,
        data,
        byteorder=order,
        photometric="minisblack" if channels == 1 else "rgb",
        compression=compression,
    )
    assert torch.equal(load(file=File.of_bytes("deep.tif", out.getvalue())).pixels, pixels_of(values, 65535))


def test_floats_beyond_white_are_cut_and_told():
    ctx = Listening()
    file = encoded(Pil.fromarray(np.array([[0.25, 1.5]], dtype=np.float32)), "TIFF")
    assert load(file=file, ctx=ctx).pixels.flatten().tolist() == [0.25, 1]
    assert "0.25 to 1.5" in ctx.heard[0]


def test_floats_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="no numbers"):
        load(file=encoded(Pil.fromarray(np.array([[0.25, np.nan]], dtype=np.float32)), "TIFF"))


# -- Profiles ---------------------------------------------------------------------------------------------------------


def profile_with_swapped_primaries() -> bytes:
    """A valid profile whose red is sRGB's green and the other way round."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(data[128:132], "big")
    at = {bytes(data[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    red, green = at[b"rXYZ"], at[b"gXYZ"]
    data[red + 4 : red + 12], data[green + 4 : green + 12] = data[green + 4 : green + 12], data[red + 4 : red + 12]
    return bytes(data)


def test_a_profile_is_converted_to_srgb():
    made = load(file=encoded(Pil.new("RGB", (2, 2), (200, 40, 90)), icc_profile=profile_with_swapped_primaries()))
    assert torch.allclose(made.pixels[0, :, 0, 0] * 255, torch.tensor([40.0, 200.0, 90.0]), atol=1.5)


def test_a_profile_leaves_alpha_alone():
    file = encoded(Pil.new("RGBA", (2, 2), (200, 40, 90, 33)), icc_profile=profile_with_swapped_primaries())
    made = load(file=file).pixels[0, :, 0, 0] * 255
    assert torch.allclose(made, torch.tensor([40.0, 200.0, 90.0, 33.0]), atol=1.5)
    assert made[3] == 33


def grey_profile(gamma: float) -> bytes:
    """The smallest profile of a grey picture: a white point (D50) and one exponent."""
    white = b"XYZ " + bytes(4) + struct.pack(">iii", 63190, 65536, 54061)
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    tags = struct.pack(">I4sII4sII", 2, b"wtpt", 156, 20, b"kTRC", 176, 16)
    header = struct.pack(">I4sI4s4s4s", 192, bytes(4), 0x02100000, b"mntr", b"GRAY", b"XYZ ") + bytes(12) + b"acsp"
    header = header.ljust(68, b"\0") + struct.pack(">iii", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + tags + white + curve


@pytest.mark.parametrize("mode, channels", [("L", 1), ("LA", 4)])
def test_a_grey_profile_keeps_grey_grey(mode, channels):
    white = 255 if mode == "L" else (255, 255)
    middle = 128 if mode == "L" else (128, 77)
    picture = Pil.new(mode, (2, 1), middle)
    picture.putpixel((1, 0), white)
    made = load(file=encoded(picture, icc_profile=grey_profile(1.0))).pixels
    assert made.shape == (1, channels, 1, 2)
    linear = 128 / 255
    assert float(made[0, 0, 0, 0]) == pytest.approx(1.055 * linear ** (1 / 2.4) - 0.055, abs=1.5 / 255)
    assert float(made[0, 0, 0, 1]) == 1
    if channels == 4:
        assert float(made[0, 3, 0, 0]) == pytest.approx(77 / 255)


def test_a_grey_profile_on_sixteen_bits_is_applied_and_its_cost_told():
    ctx = Listening()
    values = np.full((2, 2, 1), 128 * 257)
    deep = png16(values, 0, chunk(b"iCCP", b"grey\0\0" + zlib.compress(grey_profile(1.0))))
    made = load(file=deep, ctx=ctx).pixels
    assert float(made[0, 0, 0, 0]) == pytest.approx(1.055 * (128 / 255) ** (1 / 2.4) - 0.055, abs=1.5 / 255)
    assert "8 bits" in ctx.heard[0]


def test_a_profile_of_another_colour_space_is_told_and_left_out():
    ctx = Listening()
    file = encoded(Pil.fromarray(RGB), icc_profile=grey_profile(1.0))
    assert torch.equal(load(file=file, ctx=ctx).pixels, pixels_of(RGB))
    assert "GRAY" in ctx.heard[0]


def test_the_srgb_profile_changes_no_value():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert torch.equal(load(file=encoded(Pil.fromarray(RGB), icc_profile=profile)).pixels, pixels_of(RGB))
    values = RNG.integers(0, 65536, (4, 6, 3))
    deep = png16(values, 2, chunk(b"iCCP", b"srgb\0\0" + zlib.compress(profile)))
    assert torch.equal(load(file=deep).pixels, pixels_of(values, 65535))


def test_a_profile_on_sixteen_bits_is_applied_and_its_cost_told():
    ctx = Listening()
    values = np.full((2, 2, 3), (200 * 257, 40 * 257, 90 * 257))
    deep = png16(values, 2, chunk(b"iCCP", b"odd\0\0" + zlib.compress(profile_with_swapped_primaries())))
    made = load(file=deep, ctx=ctx).pixels
    assert torch.allclose(made[0, :, 0, 0] * 255, torch.tensor([40.0, 200.0, 90.0]), atol=1.5)
    assert "8 bits" in ctx.heard[0]


def test_a_broken_profile_is_told_and_left_out():
    ctx = Listening()
    assert torch.equal(load(file=encoded(Pil.fromarray(RGB), icc_profile=b"junk"), ctx=ctx).pixels, pixels_of(RGB))
    assert "colour profile" in ctx.heard[0]


# -- Frames -----------------------------------------------------------------------------------------------------------


def animation(format: str) -> File:
    frames = [Pil.new("RGB", (4, 3), color) for color in ((255, 0, 0), (0, 255, 0), (0, 0, 255))]
    return encoded(frames[0], format, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize("format", ["GIF", "PNG", "TIFF"])
def test_all_frames_become_a_batch(format):
    made = load(file=animation(format), frame="all").pixels
    assert made.shape == (3, 3, 3, 4)
    assert made[:, :, 1, 1].tolist() == torch.eye(3).tolist()


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "TIFF"])
def test_the_first_frame_alone_is_the_default(format):
    assert load(file=animation(format)).batch == 1


def test_a_still_picture_is_a_batch_of_one_in_either_way():
    values = RNG.integers(0, 65536, (4, 6, 3))
    assert torch.equal(load(file=png16(values, 2), frame="all").pixels, pixels_of(values, 65535))


def test_deep_pages_are_kept_each():
    values = RNG.integers(0, 65536, (3, 4, 6, 3)).astype(np.uint16)
    out = io.BytesIO()
    tifffile.imwrite(out, values, photometric="rgb")
    made = load(file=File.of_bytes("pages.tif", out.getvalue()), frame="all").pixels
    assert torch.equal(made, torch.cat([pixels_of(page, 65535) for page in values]))


def test_pages_of_different_sizes_are_refused_with_both():
    file = encoded(Pil.new("L", (4, 3)), "TIFF", save_all=True, append_images=[Pil.new("L", (5, 3))])
    with pytest.raises(ValueError, match=r"4 x 3 and 5 x 3.*first one"):
        load(file=file, frame="all")


# -- Bombs and broken files -------------------------------------------------------------------------------------------


def header_only(width: int, height: int) -> File:
    body = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return File.of_bytes("bomb.png", PNG + body + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b""))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(9000, 9000), (9500, 9500), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
def test_too_many_pixels_are_refused_before_decoding(size):
    with pytest.raises(ValueError, match=r"bomb\.png (would have|is too large)"):
        load(file=header_only(*size))


@pytest.mark.parametrize("size", [(1, 1025), (2050, 2)])
def test_a_thread_of_a_picture_is_refused(size):
    with pytest.raises(ValueError, match="1024 times the other"):
        load(file=encoded(Pil.new("L", size)))


def test_the_longest_allowed_shape_is_loaded():
    assert load(file=encoded(Pil.new("L", (1024, 1)))).width == 1024


def test_too_many_frames_are_refused(monkeypatch):
    monkeypatch.setattr("graphflow_nodes.image._decode.MAX_FRAMES", 2)
    monkeypatch.setattr("graphflow_nodes.image.load.MAX_FRAMES", 2)
    with pytest.raises(ValueError, match="more than 2 frames"):
        load(file=animation("GIF"), frame="all")


def test_too_many_pixels_in_all_frames_are_refused(monkeypatch):
    monkeypatch.setattr("graphflow_nodes.image._decode.MAX_PIXELS", 30)
    with pytest.raises(ValueError, match="together"):
        load(file=animation("GIF"), frame="all")


@pytest.mark.parametrize("zipped", [True, False])
def test_text_that_unfolds_without_end_is_refused(zipped):
    bomb = zlib.compress(b"a" * (80 << 20), 9)
    text = chunk(b"zTXt", b"k\0\0" + bomb) if zipped else chunk(b"iTXt", b"k\0\1\0\0\0" + bomb)
    data = encoded(Pil.fromarray(RGB)).read()
    with pytest.raises(ValueError, match="text"):
        load(file=File.of_bytes("bomb.png", data[:33] + text + data[33:]))


def test_a_workflow_of_many_megabytes_in_the_text_does_no_harm():
    info = PngInfo()
    info.add_itxt("workflow", "a" * (16 << 20), zip=True)
    assert torch.equal(load(file=encoded(Pil.fromarray(RGB), pnginfo=info)).pixels, pixels_of(RGB))


def test_text_cannot_pose_as_transparency():
    info = PngInfo()
    info.add_text("transparency", "x")
    info.add_text("icc_profile", "x")
    assert torch.equal(load(file=encoded(Pil.fromarray(RGB), pnginfo=info)).pixels, pixels_of(RGB))


@pytest.mark.parametrize(
    "data", [b"", b"hello", PNG, b"\x89PNG\r\n\x1a\n" + b"\0" * 40, b"GIF89a", b"%!PS-Adobe-3.0 EPSF"]
)
def test_what_is_no_picture_is_refused_by_name(data):
    with pytest.raises(ValueError, match=r"odd\.bin"):
        load(file=File.of_bytes("odd.bin", data))


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF", "BMP"])
def test_a_file_cut_short_is_told(format):
    noise = Pil.fromarray(RNG.integers(0, 256, (64, 64, 3), dtype=np.uint8))
    data = encoded(noise, format).read()
    with pytest.raises(ValueError, match="half"):
        load(file=File.of_bytes("half", data[: len(data) // 2]))


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "TIFF", "WEBP"])
@pytest.mark.filterwarnings("ignore")
def test_flipped_bytes_give_a_picture_or_a_sentence(format):
    data = encoded(Pil.fromarray(RGB), format).read()
    for _ in range(60):
        broken = bytearray(data)
        broken[RNG.integers(0, len(data))] ^= int(RNG.integers(1, 256))
        said = "flipped"
        try:
            load(file=File.of_bytes("flipped", bytes(broken)), frame="all")
        except ValueError as error:
            said = str(error)
        assert "flipped" in said
        assert "\n" not in said
