"""Edges: scikit-image's own results, and plain pictures."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage import feature, filters

from graphflow import Image
from graphflow_nodes.image.edges import edges

STEP = torch.zeros(1, 1, 12, 12)
STEP[..., 6:] = 1


@pytest.mark.parametrize("method", ["sobel", "canny", "laplacian"])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_plain_picture_has_no_edges(method, channels):
    made = edges(Image(torch.full((2, channels, 9, 9), 0.7)), method=method)
    assert made.pixels.shape == (2, 1, 9, 9)
    # Smoothing a constant leaves a rounding error.
    assert float(made.pixels.max()) < 1e-5


def test_sobel_and_laplacian_are_scikit_images():
    grey = STEP[0, 0].numpy()
    smooth = filters.gaussian(grey, sigma=1.5)
    np.testing.assert_allclose(edges(Image(STEP), sigma=1.5).pixels[0, 0], filters.sobel(smooth), atol=1e-6)
    made = edges(Image(STEP), method="laplacian", sigma=0).pixels[0, 0]
    np.testing.assert_allclose(made, np.abs(filters.laplace(grey)).clip(0, 1), atol=1e-6)


def test_canny_is_scikit_images():
    made = edges(Image(STEP), method="canny", sigma=1, low=0.05, high=0.1).pixels[0, 0].numpy()
    want = feature.canny(STEP[0, 0].numpy(), sigma=1, low_threshold=0.05, high_threshold=0.1)
    assert want.any()
    np.testing.assert_array_equal(made, want)


def test_the_hidden_colour_of_clear_pixels_makes_no_edge():
    clear = torch.cat([STEP.repeat(1, 3, 1, 1), torch.zeros(1, 1, 12, 12)], dim=1)
    assert float(edges(Image(clear), sigma=0).pixels.max()) == 0


def test_a_low_threshold_above_the_high_one_is_refused():
    with pytest.raises(ValueError, match=r"0\.5 is above the high one 0\.2"):
        edges(Image(STEP), method="canny", low=0.5)
