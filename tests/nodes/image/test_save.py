"""Saving: what is read back, how files are named, and that equal pictures give equal bytes."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image as Pil

from graphflow import Image
from graphflow_nodes.image.load import load
from graphflow_nodes.image.save import save

GENERATOR = torch.Generator().manual_seed(3)
EIGHT_BIT = torch.randint(0, 256, (2, 4, 5, 7), generator=GENERATOR) / 255


def opened(file) -> Pil.Image:
    return Pil.open(io.BytesIO(file.read()))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_png_read_back_is_the_picture(channels):
    pixels = EIGHT_BIT[:, :channels]
    files = save(Image(pixels), name="soft")
    assert torch.equal(torch.cat([load(file=file).pixels for file in files]), pixels)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_lossless_webp_keeps_all_colours_also_of_clear_pixels(channels):
    pixels = EIGHT_BIT[:1, :channels].clone()
    pixels[:, 3:] = 0
    (file,) = save(Image(pixels), format="webp", lossless=True)
    expected = pixels.expand(-1, 3, -1, -1) if channels == 1 else pixels
    assert torch.equal(load(file=file).pixels, expected)


def test_values_are_rounded_to_the_nearest_of_256():
    (file,) = save(Image(torch.tensor([[[[0.0, 0.49 / 255, 0.51 / 255, 1.0]]]])))
    assert np.asarray(opened(file)).tolist() == [[0, 0, 1, 255]]


@pytest.mark.parametrize("format, suffix", [("png", ".png"), ("jpeg", ".jpg"), ("webp", ".webp")])
def test_each_picture_of_a_batch_is_a_file_of_the_same_name(format, suffix):
    files = save(Image(EIGHT_BIT), name="soft", format=format)
    assert [file.name for file in files] == [f"soft{suffix}"] * 2
    assert {file.media_type for file in files} == {f"image/{format}"}
    assert files[0].digest != files[1].digest
    assert opened(files[0]).format == format.upper()


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_equal_pictures_give_equal_bytes(format):
    first, second = (save(Image(EIGHT_BIT.clone()), format=format) for _ in range(2))
    assert [file.digest for file in first] == [file.digest for file in second]


def test_a_jpeg_lays_clear_parts_on_the_background():
    pixels = torch.zeros(1, 4, 16, 16)
    (file,) = save(Image(pixels), format="jpeg", background="#3366cc", quality=100)
    made = np.asarray(opened(file)).astype(int)
    assert np.abs(made - [0x33, 0x66, 0xCC]).max() <= 2


def test_quality_makes_the_file_larger():
    noise = Image(torch.rand(1, 3, 64, 64, generator=GENERATOR))
    for format in ("jpeg", "webp"):
        low, high = (save(noise, format=format, quality=quality)[0].size for quality in (10, 95))
        assert low < high / 2


@pytest.mark.parametrize("given", ["soft", "soft.jpg", "soft.JPEG", " soft "])
def test_a_name_with_its_own_ending_does_not_get_it_twice(given):
    assert save(Image(EIGHT_BIT), name=given, format="jpeg")[0].name == "soft.jpg"


@pytest.mark.parametrize("name", ["été", "a.b", "frame 01", "x" * 200, "console"])
def test_ordinary_names_are_kept(name):
    assert save(Image(EIGHT_BIT), name=name)[0].name == f"{name}.png"


@pytest.mark.parametrize(
    "name",
    ["", " ", ".", "..", ".hidden", ".png", "../up.png", "a/b", "../a", "a\\b", "c:x", "a\0b", "a\nb", "what?", "nul"],
)
def test_a_name_that_is_no_plain_file_name_is_refused(name):
    with pytest.raises(ValueError, match="file name"):
        save(Image(EIGHT_BIT), name=name)


@pytest.mark.parametrize("name", ["CON.x", "end.", "x" * 201, "é" * 101])
def test_a_name_that_some_system_refuses_is_refused(name):
    with pytest.raises(ValueError, match="file name"):
        save(Image(EIGHT_BIT), name=name)


def test_a_picture_too_long_for_webp_is_refused():
    with pytest.raises(ValueError, match="16383"):
        save(Image(torch.zeros(1, 1, 1, 16384)), format="webp")
