"""Masks from a picture: a channel, a threshold, a range of colours."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage.color import deltaE_cie76, rgb2lab
from skimage.filters import threshold_otsu

from graphflow import Image, Mask
from graphflow_nodes.mask.picture import color_range, from_channel, threshold


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("channel", "index"), [("red", 0), ("green", 1), ("blue", 2), ("alpha", 3)])
def test_a_channel_is_taken_as_it_is(channel, index):
    pixels = noise(2, 4, 5, 6)
    assert torch.equal(from_channel(Image(pixels), channel=channel).pixels, pixels[:, index : index + 1])


def test_luminance_weighs_the_colours_by_rec_709():
    pixels = noise(2, 4, 5, 6)
    wanted = 0.2126 * pixels[:, 0] + 0.7152 * pixels[:, 1] + 0.0722 * pixels[:, 2]
    torch.testing.assert_close(from_channel(Image(pixels)).pixels[:, 0], wanted)


@pytest.mark.parametrize("channel", ["red", "green", "blue", "luminance"])
def test_every_colour_of_a_grey_picture_is_its_grey(channel):
    grey = noise(1, 1, 4, 4)
    assert torch.equal(from_channel(Image(grey), channel=channel).pixels, grey)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_without_alpha_is_opaque(channels):
    assert from_channel(Image(noise(1, channels, 3, 4)), channel="alpha").pixels.eq(1).all()


def test_a_value_at_the_level_is_inside():
    mask = Mask(torch.tensor([0.69, 0.7, 0.71]).view(1, 1, 1, 3))
    assert threshold(mask, level=0.7).pixels.flatten().tolist() == [0, 1, 1]


def test_a_level_of_zero_keeps_everything():
    assert threshold(Mask(torch.zeros(1, 1, 2, 2)), level=0.0).pixels.eq(1).all()


def test_a_level_of_one_keeps_white_alone():
    mask = Mask(torch.tensor([0.999, 1.0]).view(1, 1, 1, 2))
    assert threshold(mask, level=1.0).pixels.flatten().tolist() == [0, 1]


def test_a_soft_threshold_rises_in_a_straight_line_around_the_level():
    mask = Mask(torch.tensor([0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]).view(1, 1, 1, 7))
    got = threshold(mask, level=0.5, softness=0.4).pixels.flatten()
    torch.testing.assert_close(got, torch.tensor([0, 0, 0.25, 0.5, 0.75, 1, 1]))


def test_a_picture_is_judged_by_its_luminance():
    picture = Image(torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]).T.reshape(1, 3, 1, 3))
    assert threshold(picture, level=0.2).pixels.flatten().tolist() == [1, 1, 0]


def test_otsu_finds_a_level_for_each_picture_of_a_batch():
    pixels = torch.cat([noise(1, 1, 9, 9), 0.2 * noise(1, 1, 9, 9, seed=1)])
    got = threshold(Mask(pixels), level=1.0, method="otsu").pixels
    for one, values in zip(got[:, 0], pixels[:, 0].numpy()):
        assert np.array_equal(one.numpy(), values > threshold_otsu(values))


def test_otsu_of_a_plain_picture_gives_an_empty_mask():
    assert not threshold(Mask(torch.full((1, 1, 3, 3), 0.4)), method="otsu").pixels.any()


def test_a_colour_range_falls_over_its_softness_by_the_distance_in_lab():
    pixels = noise(2, 3, 4, 5)
    got = color_range(Image(pixels), color="#804020", tolerance=30, softness=40).pixels[:, 0].numpy()
    target = rgb2lab(np.array([0x80, 0x40, 0x20]) / 255)
    away = deltaE_cie76(rgb2lab(pixels.double().permute(0, 2, 3, 1).numpy()), target)
    np.testing.assert_allclose(got, np.clip(1 - (away - 30) / 40, 0, 1), atol=1e-6)


def test_a_tolerance_of_zero_keeps_the_very_colour_alone():
    picture = Image(torch.tensor([[1.0, 0, 0], [0.99, 0, 0]]).T.reshape(1, 3, 1, 2))
    assert color_range(picture, color="#f00", tolerance=0, softness=0).pixels.flatten().tolist() == [1, 0]


def test_black_lies_a_hundred_from_white():
    black = Image(torch.zeros(1, 1, 1, 1))
    assert color_range(black, color="#ffffff", tolerance=100.01, softness=0).pixels.item() == 1
    assert color_range(black, color="#ffffff", tolerance=99.9, softness=0).pixels.item() == 0


def test_alpha_has_no_say_in_a_colour_range():
    picture = Image(torch.tensor([0.0, 0, 1, 0]).view(1, 4, 1, 1))
    assert color_range(picture, color="#0000ff80").pixels.item() == 1
