"""Compositing: place, mask, alpha, and what lies outside."""

from __future__ import annotations

import pytest
import torch

from graphflow import Image, Mask
from graphflow_nodes.image.composite import composite


def plain(*values: float, height: int = 4, width: int = 6, batch: int = 1) -> Image:
    return Image(torch.tensor(values).view(1, -1, 1, 1).repeat(batch, 1, height, width))


def test_the_foreground_lies_at_its_place_and_nowhere_else():
    made = composite(plain(0.0), plain(1.0, height=2, width=3), x=2, y=1)
    want = torch.zeros(4, 6)
    want[1:3, 2:5] = 1
    assert torch.equal(made.pixels[0, 0], want)


def test_what_reaches_beyond_the_background_is_cut_off():
    made = composite(plain(0.0), plain(1.0, height=3, width=3), x=-2, y=2)
    want = torch.zeros(4, 6)
    want[2:4, 0:1] = 1
    assert torch.equal(made.pixels[0, 0], want)


@pytest.mark.parametrize("place", [(6, 0), (-3, 0), (0, 4), (0, -3), (10**9, 0)])
def test_a_foreground_wholly_outside_changes_nothing(place):
    background = plain(0.1, 0.2, 0.3)
    made = composite(background, plain(1.0, height=3, width=3), x=place[0], y=place[1])
    assert torch.equal(made.pixels, background.pixels)


def test_the_mask_says_how_much_shows():
    mask = torch.tensor([[0.0, 0.25, 1.0]]).view(1, 1, 1, 3)
    made = composite(plain(0.0, height=1, width=3), plain(1.0, height=1, width=3), Mask(mask))
    assert made.pixels.flatten().tolist() == [0.0, 0.25, 1.0]


def test_alpha_mask_and_opacity_multiply():
    mask = Mask(torch.full((1, 1, 1, 1), 0.5))
    made = composite(
        plain(0.0, 0.0, 0.0, height=1, width=1), plain(1.0, 1.0, 1.0, 0.5, height=1, width=1), mask, opacity=0.5
    )
    assert made.pixels.flatten().tolist() == pytest.approx([0.125] * 3)


def test_alpha_of_the_background_grows_under_the_foreground():
    made = composite(plain(0.0, 0.0, 1.0, 0.5), plain(1.0, 0.0, 0.0, 0.5, height=1, width=1))
    assert made.pixels[0, :, 0, 0].tolist() == pytest.approx([0.5 / 0.75, 0, 0.25 / 0.75, 0.75])
    assert made.pixels[0, :, 1, 1].tolist() == [0, 0, 1, 0.5]


def test_a_coloured_foreground_makes_a_grey_background_coloured():
    made = composite(plain(0.5), plain(1.0, 0.0, 0.0, height=1, width=1))
    assert made.channels == 3
    assert made.pixels[0, :, 3, 3].tolist() == [0.5, 0.5, 0.5]


def test_one_background_serves_a_batch_of_masks():
    masks = torch.stack([torch.zeros(1, 4, 6), torch.ones(1, 4, 6)])
    made = composite(plain(0.0), plain(1.0), Mask(masks))
    assert made.pixels.mean((1, 2, 3)).tolist() == [0, 1]


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(ValueError, match="foreground is 3x2, mask is 6x4"):
        composite(plain(0.0), plain(1.0, height=2, width=3), Mask(torch.ones(1, 1, 4, 6)))


def test_the_inputs_are_not_written_to():
    background, foreground = plain(0.0), plain(1.0)
    before = background.pixels._version, foreground.pixels._version
    composite(background, foreground)
    assert (background.pixels._version, foreground.pixels._version) == before
