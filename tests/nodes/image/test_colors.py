"""Colour spaces against the standard library, the standards' formulas and scikit-image; and back again."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest
import torch
from skimage import color

from graphflow import Image
from graphflow_nodes.image.colors import convert_colors

CORNERS = torch.cartesian_prod(*[torch.tensor([0.0, 0.02, 0.5, 1.0])] * 3)
PICTURE = Image(CORNERS.T.reshape(1, 3, 8, 8).contiguous())


def converted(target: str, source: str = "rgb") -> np.ndarray:
    return convert_colors(PICTURE, source=source, target=target).pixels[0].flatten(1).T.numpy()


@pytest.mark.parametrize("space", ["linear", "hsv", "hsl", "lab", "ycbcr"])
def test_there_and_back_again_is_the_same_picture(space):
    back = convert_colors(convert_colors(PICTURE, target=space), source=space, target="rgb")
    torch.testing.assert_close(back.pixels, PICTURE.pixels, atol=2e-5, rtol=0)


def test_hsv_is_that_of_colorsys():
    want = [colorsys.rgb_to_hsv(*pixel) for pixel in CORNERS.tolist()]
    np.testing.assert_allclose(converted("hsv"), want, atol=1e-6)


def test_hsl_is_that_of_colorsys():
    want = [(h, s, lightness) for h, lightness, s in (colorsys.rgb_to_hls(*pixel) for pixel in CORNERS.tolist())]
    np.testing.assert_allclose(converted("hsl"), want, atol=1e-6)


def test_linear_follows_the_srgb_standard_on_both_sides_of_its_knee():
    want = [[v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in pixel] for pixel in CORNERS.tolist()]
    np.testing.assert_allclose(converted("linear"), want, atol=1e-6)


def test_lab_is_scikit_images_scaled_into_zero_to_one():
    lab = color.rgb2lab(CORNERS.double().numpy())
    want = (lab + np.array([0, 128, 128])) / [100, 255, 255]
    np.testing.assert_allclose(converted("lab"), want, atol=1e-6)
    assert want.min() >= 0
    assert want.max() <= 1


def test_white_in_lab_is_full_lightness_without_colour():
    assert converted("lab")[-1].tolist() == pytest.approx([1, 128 / 255, 128 / 255], abs=1e-4)


def test_ycbcr_is_bt601_at_full_range():
    r, g, b = CORNERS.double().numpy().T
    y = 0.299 * r + 0.587 * g + 0.114 * b
    want = np.stack([y, (b - y) / 1.772 + 0.5, (r - y) / 1.402 + 0.5], axis=-1)
    np.testing.assert_allclose(converted("ycbcr"), want, atol=1e-5)


def test_grey_is_one_channel_of_luma():
    want = CORNERS @ torch.tensor([0.2126, 0.7152, 0.0722])
    made = convert_colors(PICTURE, target="grey")
    assert made.channels == 1
    torch.testing.assert_close(made.pixels.flatten(), want, atol=1e-6, rtol=0)


def test_alpha_is_kept_and_grey_with_alpha_has_four_channels():
    image = Image(torch.cat([PICTURE.pixels, torch.full((1, 1, 8, 8), 0.3)], dim=1))
    for target in ("hsv", "grey"):
        made = convert_colors(image, target=target)
        assert made.channels == 4
        assert torch.equal(made.pixels[:, 3], image.pixels[:, 3])


def test_a_grey_picture_becomes_rgb_of_equal_channels():
    made = convert_colors(Image(torch.full((2, 1, 2, 2), 0.25)), source="grey", target="rgb")
    assert made.pixels.shape == (2, 3, 2, 2)
    assert made.pixels.unique().tolist() == [0.25]


def test_the_same_space_changes_nothing():
    assert convert_colors(PICTURE, source="lab", target="lab") is PICTURE


def test_data_outside_rgb_is_cut():
    bright = Image(torch.tensor([1.0, 1.0, 0.0]).view(1, 3, 1, 1))
    made = convert_colors(bright, source="ycbcr", target="rgb").pixels
    assert 0 <= float(made.min()) <= float(made.max()) <= 1


def test_lab_beyond_every_colour_is_cut_without_a_warning():
    yellow = Image(torch.tensor([0.2, 0.5, 1.0]).view(1, 3, 1, 1))
    made = convert_colors(yellow, source="lab", target="rgb").pixels.flatten()
    assert float(made[2]) == 0
    assert float(made[0]) > 0


def test_one_channel_cannot_be_in_a_space_of_three():
    with pytest.raises(ValueError, match="one channel cannot be in lab"):
        convert_colors(Image(torch.zeros(1, 1, 2, 2)), source="lab", target="rgb")
