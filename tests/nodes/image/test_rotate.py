"""Turning: quarter turns move pixels, other turns keep a plane a plane."""

from __future__ import annotations

import math

import pytest
import torch

from graphflow import Image
from graphflow_nodes.image.rotate import rotate

PIXELS = torch.rand(2, 3, 6, 8, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("angle, quarters", [(90, -1), (-90, 1), (180, 2), (270, 1), (-270, -1)])
def test_quarter_turns_are_exact_and_clockwise(angle, quarters):
    assert torch.equal(rotate(Image(PIXELS), angle=angle).pixels, PIXELS.rot90(quarters, (2, 3)))


@pytest.mark.parametrize("angle", [0, 360, -360])
def test_a_whole_turn_changes_nothing(angle):
    assert torch.equal(rotate(Image(PIXELS), angle=angle).pixels, PIXELS)


def test_a_quarter_turn_in_the_same_frame_keeps_the_middle_exactly():
    made = rotate(Image(PIXELS), angle=90, expand=False, background="#ff0000").pixels
    assert made.shape == PIXELS.shape
    assert torch.equal(made[:, :, :, 1:7], PIXELS.rot90(-1, (2, 3))[:, :, 1:7])
    assert made[0, :, 0, 0].tolist() == [1, 0, 0]


@pytest.mark.parametrize("filter", ["bilinear", "bicubic"])
@pytest.mark.parametrize("angle", [30, -77.5, 200])
def test_a_plane_of_light_turns_into_the_turned_plane(filter, angle):
    height, width = 41, 61
    y, x = torch.meshgrid(torch.arange(height) - 20.0, torch.arange(width) - 30.0, indexing="ij")
    plane = (0.5 + 0.004 * x + 0.006 * y)[None, None]
    made = rotate(Image(plane), angle=angle, expand=False, filter=filter).pixels
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    expected = 0.5 + 0.004 * (x * cosine + y * sine) + 0.006 * (y * cosine - x * sine)
    middle = (x**2 + y**2) < 17**2
    assert torch.allclose(made[0, 0][middle], expected[middle], atol=1e-5)


def test_the_expanded_size_holds_the_turned_corners():
    made = rotate(Image(torch.ones(1, 1, 30, 40)), angle=30)
    assert (made.width, made.height) == (
        math.ceil(40 * math.cos(math.pi / 6) + 15),
        math.ceil(20 + 30 * math.cos(math.pi / 6)),
    )
    # What leaves the picture at no side: the light that was put in is all there.
    assert float(made.pixels.sum()) == pytest.approx(30 * 40, rel=0.005)


def test_the_corners_get_the_background():
    made = rotate(Image(torch.ones(1, 3, 20, 20)), angle=45, background="#0000ff").pixels
    assert made[0, :, 0, 0].tolist() == [0, 0, 1]
    assert torch.allclose(made[0, :, 14, 14], torch.ones(3), atol=1e-6)


def test_a_clear_background_keeps_the_colour_up_to_the_edge():
    made = rotate(Image(torch.full((1, 3, 20, 20), 0.5)), angle=33, background="#00000000").pixels
    assert made[0, 3, 0, 0] == 0
    shown = made[0, 3] > 1e-3
    assert torch.allclose(made[0, 0][shown], torch.tensor(0.5), atol=1e-5)


def test_nearest_makes_no_new_values():
    made = rotate(Image((PIXELS > 0.5).float()), angle=21, filter="nearest").pixels
    assert set(made.unique().tolist()) <= {0.0, 1.0}
