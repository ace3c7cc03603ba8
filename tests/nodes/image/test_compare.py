"""Comparing pictures: scikit-image's metrics, equal pictures, borders."""

from __future__ import annotations

import math

import pytest
import torch
from skimage import metrics

from graphflow import Image
from graphflow_nodes.image.compare import compare


def random(seed: int, channels: int = 3, height: int = 16, width: int = 12, batch: int = 1) -> Image:
    return Image(torch.rand(batch, channels, height, width, generator=torch.Generator().manual_seed(seed)))


def test_equal_pictures_have_no_error_and_infinite_psnr():
    made = compare(random(1), random(1))
    assert (made.mae, made.psnr, made.ssim) == (0, math.inf, 1)
    assert float(made.difference.pixels.max()) == 0


def test_black_and_white_differ_wholly():
    made = compare(Image(torch.zeros(1, 1, 8, 8)), Image(torch.ones(1, 1, 8, 8)))
    assert (made.mae, made.psnr) == (1, 0)
    assert made.ssim == pytest.approx(0.0001, rel=1e-3)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_the_numbers_are_scikit_images(channels):
    one, other = random(1, channels), random(2, channels)
    a, b = one.pixels[0].double().numpy(), other.pixels[0].double().numpy()
    made = compare(one, other)
    assert made.mae == pytest.approx(abs(a - b).mean())
    assert made.psnr == pytest.approx(metrics.peak_signal_noise_ratio(a, b, data_range=1))
    assert made.ssim == pytest.approx(metrics.structural_similarity(a, b, data_range=1, channel_axis=0))


def test_the_difference_is_absolute_and_the_gain_multiplies_it():
    one, other = Image(torch.full((1, 1, 4, 4), 0.2)), Image(torch.full((1, 1, 4, 4), 0.3))
    assert compare(one, other).difference.pixels.unique().tolist() == pytest.approx([0.1])
    assert compare(one, other, gain=5).difference.pixels.unique().tolist() == pytest.approx([0.5])
    assert compare(one, other, gain=50).difference.pixels.unique().tolist() == [1]


def test_over_a_batch_errors_are_pooled_and_similarities_averaged():
    batch = Image(torch.cat([random(1).pixels, random(2).pixels]))
    made = compare(batch, random(1))
    second = compare(random(2), random(1))
    assert made.mae == pytest.approx(second.mae / 2)
    assert made.psnr == pytest.approx(second.psnr + 10 * math.log10(2))
    assert made.ssim == pytest.approx((1 + second.ssim) / 2)
    assert made.difference.batch == 2


def test_a_grey_picture_is_compared_with_its_coloured_twin():
    grey = random(1, channels=1)
    assert compare(grey, Image(grey.pixels.repeat(1, 3, 1, 1))).mae == 0


def test_alpha_counts_as_a_channel_and_stays_out_of_the_difference():
    opaque = Image(torch.zeros(1, 3, 4, 4))
    made = compare(opaque, Image(torch.zeros(1, 4, 4, 4)))
    assert made.mae == 0.25
    assert made.difference.channels == 3


@pytest.mark.parametrize("size", [3, 4, 6, 7])
def test_small_pictures_take_the_largest_window_that_fits(size):
    one, other = random(1, 1, size, size), random(2, 1, size, size)
    window = size if size % 2 else size - 1
    want = metrics.structural_similarity(
        one.pixels[0, 0].double().numpy(), other.pixels[0, 0].double().numpy(), win_size=window, data_range=1
    )
    assert compare(one, other).ssim == pytest.approx(want)


def test_pictures_under_three_pixels_are_refused():
    with pytest.raises(ValueError, match="at least 3x3, got 2x9"):
        compare(random(1, height=9, width=2), random(2, height=9, width=2))


def test_sizes_that_differ_are_refused():
    with pytest.raises(ValueError, match="first is 12x16, second is 12x9"):
        compare(random(1), random(2, height=9))
