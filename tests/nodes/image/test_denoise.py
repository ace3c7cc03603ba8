"""Denoising: scikit-image's own results, less error than the noisy picture, borders of the ranges."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage import filters, morphology, restoration

from graphflow import Image
from graphflow_nodes.image.denoise import denoise

METHODS = ["bilateral", "total variation", "non-local means", "median"]
GENERATOR = torch.Generator().manual_seed(1)
CLEAN = torch.full((2, 3, 24, 24), 0.25)
CLEAN[..., 12:] = 0.75
NOISY = (CLEAN + 0.08 * torch.randn(CLEAN.shape, generator=GENERATOR)).clamp(0, 1)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("channels", [1, 3])
def test_each_method_takes_most_of_the_noise_out(method, channels):
    made = denoise(Image(NOISY[:, :channels].contiguous()), method=method, strength=0.15).pixels
    clean = CLEAN[:, :channels]
    assert (made - clean).pow(2).mean() < 0.4 * (NOISY[:, :channels] - clean).pow(2).mean()


def test_each_method_is_scikit_images():
    array = NOISY[0].permute(1, 2, 0).numpy()
    disk = morphology.disk(2)
    expected = {
        "bilateral": restoration.denoise_bilateral(
            array, sigma_color=0.1, sigma_spatial=2, mode="edge", channel_axis=-1
        ),
        "total variation": restoration.denoise_tv_chambolle(array, weight=0.1, channel_axis=-1),
        "non-local means": restoration.denoise_nl_means(
            array, patch_size=5, patch_distance=4, h=0.1, fast_mode=True, channel_axis=-1
        ),
        "median": np.stack([filters.median(array[..., c], disk) for c in range(3)], axis=-1),
    }
    for method in METHODS:
        made = denoise(Image(NOISY), method=method, strength=0.1, radius=2).pixels[0].permute(1, 2, 0)
        np.testing.assert_allclose(made, expected[method].clip(0, 1), atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("strength", [0.01, 1.0])
def test_a_plain_picture_stays_plain(method, channels, strength):
    plain = torch.full((1, channels, 14, 12), 0.4)
    made = denoise(Image(plain), method=method, strength=strength).pixels
    assert torch.allclose(made, plain, atol=1e-5)


@pytest.mark.parametrize("method", METHODS[:3])
def test_no_strength_changes_nothing(method):
    assert torch.equal(denoise(Image(NOISY), method=method, strength=0).pixels, NOISY)


def test_the_median_takes_single_wrong_pixels_out():
    plain = torch.full((1, 1, 11, 11), 0.4)
    wrong = plain.clone()
    wrong[..., 3, 3], wrong[..., 8, 6] = 1, 0
    assert torch.equal(denoise(Image(wrong), method="median", radius=1).pixels, plain)


@pytest.mark.parametrize("method", METHODS)
def test_alpha_is_left_alone(method):
    rgba = torch.rand(1, 4, 12, 12, generator=GENERATOR)
    assert torch.equal(denoise(Image(rgba), method=method).pixels[:, 3], rgba[:, 3])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 2)])
def test_the_smallest_pictures_are_borne(method, channels, size):
    pixels = torch.linspace(0.2, 0.8, channels).view(1, channels, 1, 1).expand(2, -1, *size).contiguous()
    assert torch.allclose(denoise(Image(pixels), method=method, radius=16).pixels, pixels, atol=1e-5)
