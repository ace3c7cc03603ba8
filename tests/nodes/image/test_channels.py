"""Splitting into channels and joining them."""

from __future__ import annotations

import pytest
import torch

from graphflow import Image, Mask
from graphflow_nodes.image.channels import join_channels, split_channels


def random(channels: int, batch: int = 2) -> Image:
    return Image(torch.rand(batch, channels, 3, 5, generator=torch.Generator().manual_seed(channels)))


def test_joining_what_was_split_gives_the_picture_back():
    image = random(4)
    parts = split_channels(image)
    assert torch.equal(join_channels(*parts).pixels, image.pixels)


def test_without_alpha_the_picture_is_opaque_and_joins_to_three_channels():
    image = random(3)
    parts = split_channels(image)
    assert torch.equal(parts.alpha.pixels, torch.ones(2, 1, 3, 5))
    assert torch.equal(join_channels(parts.red, parts.green, parts.blue).pixels, image.pixels)


def test_a_grey_picture_gives_three_equal_channels():
    image = random(1)
    parts = split_channels(image)
    assert all(torch.equal(part.pixels, image.pixels) for part in (parts.red, parts.green, parts.blue))


def test_a_coloured_picture_counts_by_its_luminance():
    red = Image(torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1))
    grey = Image(torch.zeros(1, 1, 1, 1))
    assert join_channels(red, grey, grey).pixels.flatten().tolist() == pytest.approx([0.2126, 0, 0])


def test_one_alpha_repeats_for_a_batch():
    red, green, blue, _ = split_channels(random(3))
    assert join_channels(red, green, blue, Mask(torch.zeros(1, 1, 3, 5))).pixels.shape == (2, 4, 3, 5)


def test_channels_of_different_sizes_are_refused():
    one, other = Image(torch.zeros(1, 1, 2, 2)), Image(torch.zeros(1, 1, 2, 3))
    with pytest.raises(ValueError, match="red is 2x2, green is 3x2"):
        join_channels(one, other, one)
