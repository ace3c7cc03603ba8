"""Blur and unsharp mask: scikit-image's and scipy's own results, means, and borders of the ranges."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage
from skimage import filters

from graphflow import Image
from graphflow_nodes.image.blur import blur
from graphflow_nodes.image.sharpen import sharpen

PIXELS = torch.rand(2, 3, 31, 27, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("radius", [0.3, 2.0, 7.5, 12.0, 40.0])
def test_the_gaussian_is_scikit_images(radius):
    made = blur(Image(PIXELS), radius=radius).pixels
    for picture, blurred in zip(PIXELS, made, strict=True):
        expected = filters.gaussian(picture.numpy(), radius, mode="nearest", channel_axis=0)
        np.testing.assert_allclose(blurred, expected, atol=2e-6)


@pytest.mark.parametrize("radius", [1, 4, 60])
def test_the_box_of_a_whole_radius_is_the_mean(radius):
    made = blur(Image(PIXELS), radius=radius, shape="box").pixels
    size = (1, 1, 2 * radius + 1, 2 * radius + 1)
    np.testing.assert_allclose(made, ndimage.uniform_filter(PIXELS.double().numpy(), size, mode="nearest"), atol=2e-6)


def test_the_box_of_half_a_pixel_counts_neighbours_half():
    line = torch.zeros(1, 1, 1, 5)
    line[..., 2] = 1
    assert blur(Image(line), radius=0.5, shape="box").pixels.flatten().tolist() == [0, 0.25, 0.5, 0.25, 0]


@pytest.mark.parametrize("shape", ["gaussian", "box"])
def test_a_radius_of_zero_changes_nothing(shape):
    assert torch.equal(blur(Image(PIXELS), radius=0, shape=shape).pixels, PIXELS)


@pytest.mark.parametrize("shape", ["gaussian", "box"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_the_largest_radius_leaves_a_plain_picture_plain(shape, channels):
    made = blur(Image(torch.full((1, channels, 9, 11), 0.3)), radius=512, shape=shape).pixels
    assert torch.allclose(made, torch.full_like(made, 0.3), atol=1e-5)


def test_the_colour_of_clear_pixels_does_not_bleed():
    pixels = torch.zeros(1, 4, 9, 9)
    pixels[:, 1] = 1
    pixels[:, :, :, :4] = torch.tensor([1.0, 0, 0, 1]).view(4, 1, 1)
    made = blur(Image(pixels), radius=2).pixels
    assert float(made[:, 1].max()) < 1e-5


def test_blurring_leaves_its_input_alone():
    before = PIXELS.clone()
    blur(Image(PIXELS), radius=3)
    assert torch.equal(PIXELS, before)


def test_sharpening_is_the_unsharp_mask_of_scikit_image():
    made = sharpen(Image(PIXELS), amount=1.5, radius=2.5).pixels
    for picture, sharpened in zip(PIXELS, made, strict=True):
        blurred = filters.gaussian(picture.numpy(), 2.5, mode="nearest", channel_axis=0)
        expected = (picture.numpy() + 1.5 * (picture.numpy() - blurred)).clip(0, 1)
        np.testing.assert_allclose(sharpened, expected, atol=1e-5)


@pytest.mark.parametrize("settings", [{"amount": 0.0}, {"radius": 0.0}, {"threshold": 1.0}])
def test_sharpening_by_nothing_changes_nothing(settings):
    assert torch.equal(sharpen(Image(PIXELS), **settings).pixels, PIXELS)


def test_detail_below_the_threshold_is_left_alone():
    step = torch.full((1, 1, 1, 40), 0.3)
    step[..., 10:] = 0.31
    step[..., 30:] = 0.7
    made = sharpen(Image(step), amount=1, radius=1, threshold=0.02).pixels
    assert torch.equal(made[..., :25], step[..., :25])
    assert made[..., 30] > step[..., 30]
    assert made[..., 29] < step[..., 29]


def test_sharpening_leaves_alpha_alone():
    rgba = torch.rand(1, 4, 12, 12, generator=torch.Generator().manual_seed(2))
    assert torch.equal(sharpen(Image(rgba)).pixels[:, 3], rgba[:, 3])
