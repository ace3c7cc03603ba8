"""Cropping, padding and mirroring: exact pixels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from graphflow import Context, Image
from graphflow_nodes.image.crop import crop
from graphflow_nodes.image.flip import flip
from graphflow_nodes.image.pad import pad

PIXELS = torch.rand(2, 3, 6, 8, generator=torch.Generator().manual_seed(1))
IMAGE = Image(PIXELS)


class Listening(Context):
    def __init__(self) -> None:
        self.heard: list[str] = []

    def say(self, message: str) -> None:
        self.heard.append(message)


@pytest.mark.parametrize(
    "anchor, top, left",
    [
        ("top left", 0, 0),
        ("top", 0, 2),
        ("top right", 0, 4),
        ("left", 2, 0),
        ("centre", 2, 2),
        ("right", 2, 4),
        ("bottom left", 4, 0),
        ("bottom", 4, 2),
        ("bottom right", 4, 4),
    ],
)
def test_the_anchor_places_the_box(anchor, top, left):
    made = crop(IMAGE, width=4, height=2, anchor=anchor).pixels
    assert torch.equal(made, PIXELS[:, :, top : top + 2, left : left + 4])


def test_the_box_is_moved_right_and_down():
    assert torch.equal(crop(IMAGE, width=3, height=2, x=4, y=1).pixels, PIXELS[:, :, 1:3, 4:7])
    made = crop(IMAGE, width=3, height=2, x=-1, y=-2, anchor="bottom right").pixels
    assert torch.equal(made, PIXELS[:, :, 2:4, 4:7])


def test_a_side_of_zero_is_the_pictures_own():
    assert torch.equal(crop(IMAGE).pixels, PIXELS)
    assert torch.equal(crop(IMAGE, height=2).pixels, PIXELS[:, :, :2])


def test_a_box_over_the_edge_is_cut_and_told():
    ctx = Listening()
    assert torch.equal(crop(IMAGE, width=4, height=4, x=-2, y=4, ctx=ctx).pixels, PIXELS[:, :, 4:, :2])
    assert "2 x 2" in ctx.heard[0]


@pytest.mark.parametrize("x, y", [(8, 0), (0, 6), (-4, 0), (0, -4)])
def test_a_box_outside_of_the_picture_is_refused(x, y):
    with pytest.raises(ValueError, match="outside of the picture of 8 x 6"):
        crop(IMAGE, width=4, height=4, x=x, y=y)


@pytest.mark.parametrize("mode", ["edge", "reflect"])
@settings(max_examples=30, deadline=None)
@given(sides=st.tuples(*[st.integers(0, 20)] * 4))
def test_edge_and_reflect_are_numpys(mode, sides):
    left, right, top, bottom = sides
    made = pad(IMAGE, left=left, right=right, top=top, bottom=bottom, mode=mode).pixels
    expected = np.pad(PIXELS.numpy(), ((0, 0), (0, 0), (top, bottom), (left, right)), mode=mode)
    np.testing.assert_array_equal(made, expected)


def test_constant_is_the_colour_around_the_picture():
    made = pad(IMAGE, left=1, right=2, top=3, bottom=4, color="#ff8000").pixels
    assert made.shape == (2, 3, 13, 11)
    assert torch.equal(made[:, :, 3:9, 1:9], PIXELS)
    assert torch.equal(made[0, :, 0, 0], torch.tensor([1.0, 128 / 255, 0.0]))
    inside = torch.zeros(13, 11, dtype=torch.bool)
    inside[3:9, 1:9] = True
    assert (made[1, 0][~inside] == 1).all()


@pytest.mark.parametrize(
    "channels, color, becomes", [(1, "#777777", 1), (1, "#ff0000", 3), (3, "#00000000", 4), (1, "#ff000080", 4)]
)
def test_a_picture_gets_the_channels_that_the_background_needs(channels, color, becomes):
    made = pad(Image(PIXELS[:, :channels].contiguous()), left=2, color=color)
    assert made.channels == becomes
    if becomes == 4:
        assert made.pixels[0, 3, 0, 2] == 1
        assert made.pixels[0, 3, 0, 0] == int(color[7:], 16) / 255


def test_no_padding_changes_nothing():
    assert torch.equal(pad(IMAGE).pixels, PIXELS)


@pytest.mark.parametrize("direction, dims", [("horizontal", [3]), ("vertical", [2]), ("both", [2, 3])])
def test_flipping_mirrors_and_twice_restores(direction, dims):
    once = flip(IMAGE, direction=direction)
    assert torch.equal(once.pixels, PIXELS.flip(dims))
    assert torch.equal(flip(once, direction=direction).pixels, PIXELS)
