"""Resizing: sizes by arithmetic, pixels by Pillow's own result, alpha without fringes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image as Pil

from graphflow import Image
from graphflow_nodes.image.resize import resize

PIXELS = torch.rand(2, 3, 30, 40, generator=torch.Generator().manual_seed(1))
FILTERS = {
    "nearest": Pil.Resampling.NEAREST,
    "box": Pil.Resampling.BOX,
    "bilinear": Pil.Resampling.BILINEAR,
    "bicubic": Pil.Resampling.BICUBIC,
    "lanczos": Pil.Resampling.LANCZOS,
}


@pytest.mark.parametrize(
    "mode, width, height, size",
    [
        ("fit", 20, 20, (20, 15)),
        ("fit", 400, 60, (80, 60)),
        ("fit", 1, 1, (1, 1)),
        ("fill", 20, 20, (20, 20)),
        ("fill", 100, 10, (100, 10)),
        ("stretch", 7, 90, (7, 90)),
        ("stretch", 1, 1, (1, 1)),
    ],
)
def test_each_mode_gives_its_size(mode, width, height, size):
    made = resize(Image(PIXELS), mode=mode, width=width, height=height)
    assert (made.width, made.height, made.batch, made.channels) == (*size, 2, 3)


@pytest.mark.parametrize("scale, size", [(0.5, (20, 15)), (1.5, (60, 45)), (0.01, (1, 1)), (1.0, (40, 30))])
def test_scale_multiplies_both_sides(scale, size):
    made = resize(Image(PIXELS), mode="scale", scale=scale)
    assert (made.width, made.height) == size


@pytest.mark.parametrize("filter", list(FILTERS))
@pytest.mark.parametrize("size", [(13, 11), (90, 70)])
def test_each_filter_is_pillows(filter, size):
    made = resize(Image(PIXELS), mode="stretch", width=size[0], height=size[1], filter=filter).pixels
    for index in np.ndindex(2, 3):
        expected = np.asarray(Pil.fromarray(PIXELS[index].numpy()).resize(size, FILTERS[filter])).clip(0, 1)
        np.testing.assert_array_equal(made[index], expected)


@pytest.mark.parametrize("filter", list(FILTERS))
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_plain_picture_stays_plain(filter, channels):
    made = resize(Image(torch.full((1, channels, 9, 9), 0.3)), mode="stretch", width=17, height=4, filter=filter)
    assert torch.allclose(made.pixels, torch.full((1, channels, 4, 17), 0.3), atol=1e-6)


@pytest.mark.parametrize("filter", ["box", "bilinear", "bicubic", "lanczos"])
def test_the_colour_of_clear_pixels_does_not_show(filter):
    pixels = torch.zeros(1, 4, 16, 16)
    pixels[:, 0, :, :8], pixels[:, 3, :, :8] = 1, 1  # red and whole on the left, green and clear on the right
    pixels[:, 1, :, 8:] = 1
    made = resize(Image(pixels), mode="stretch", width=5, height=5, filter=filter).pixels
    shown = made[:, 3] > 1e-3
    assert torch.allclose(made[:, 0][shown], torch.ones(()), atol=1e-5)
    assert float(made[:, 1][shown].max()) < 1e-5


@pytest.mark.parametrize("anchor, kept", [("left", 0.0), ("centre", 0.5), ("right", 1.0), ("bottom right", 1.0)])
def test_fill_keeps_the_part_at_the_anchor(anchor, kept):
    ramp = torch.arange(12.0).div(12).expand(1, 1, 4, 12)
    made = resize(Image(ramp.contiguous()), mode="fill", width=4, height=4, anchor=anchor).pixels
    left = int(8 * kept)
    assert torch.allclose(made, ramp[..., left : left + 4], atol=1e-6)


def test_a_picture_of_the_wanted_size_is_not_touched():
    image = Image(PIXELS)
    assert torch.equal(resize(image, mode="stretch", width=40, height=30).pixels, PIXELS)
    assert torch.equal(resize(image, mode="fill", width=40, height=30).pixels, PIXELS)


def test_a_picture_too_large_is_refused_before_it_is_made():
    with pytest.raises(ValueError, match="16384 x 12288 pixels"):
        resize(Image(PIXELS), width=16384, height=16384)
