"""Boxes, ellipses and polygons: areas and edges against formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.draw import polygon2mask

from graphflow import Image
from graphflow_nodes.mask.shapes import box, ellipse, polygon


def area(mask) -> float:
    return float(mask.pixels.double().sum())


def test_a_box_on_whole_pixels_is_those_pixels():
    got = box(x=2, y=3, box_width=4, box_height=1, width=8, height=6).pixels
    wanted = torch.zeros(1, 1, 6, 8)
    wanted[..., 3:4, 2:6] = 1
    assert torch.equal(got, wanted)


@settings(max_examples=60, deadline=None)
@given(*[st.floats(0, 12)] * 4)
def test_the_area_of_a_box_is_that_of_its_part_in_the_picture(x, y, box_width, box_height):
    got = area(box(x=x, y=y, box_width=box_width, box_height=box_height, width=9, height=7))
    wanted = max(0, min(x + box_width, 9) - min(x, 9)) * max(0, min(y + box_height, 7) - min(y, 7))
    assert got == pytest.approx(wanted, abs=1e-5)


def test_a_box_outside_the_picture_is_empty():
    assert not box(x=-50, y=0, box_width=40, box_height=9, width=16, height=16).pixels.any()


def test_a_box_in_shares_covers_that_share_of_any_picture():
    got = box(Image(torch.zeros(3, 3, 10, 20)), x=0.5, y=0.5, box_width=0.5, box_height=0.5, unit="share").pixels
    assert got.shape == (1, 1, 10, 20)
    assert got[..., 5:, 10:].eq(1).all()
    assert got.sum() == 50


@pytest.mark.parametrize("angle", [0, 30, 90, -200])
@pytest.mark.parametrize("radii", [(20, 20), (25.5, 7.25), (0.8, 12)])
def test_the_area_of_an_ellipse_is_pi_a_b(radii, angle):
    made = ellipse(center_x=32.3, center_y=31.7, radius_x=radii[0], radius_y=radii[1], angle=angle, width=64, height=64)
    assert area(made) == pytest.approx(math.pi * radii[0] * radii[1], rel=2e-3)


def test_an_ellipse_is_symmetrical_about_its_centre():
    made = ellipse(center_x=16, center_y=16, radius_x=12, radius_y=5, angle=25, width=32, height=32).pixels
    torch.testing.assert_close(made, made.flip(2, 3))


def test_an_angle_turns_an_ellipse_clockwise():
    made = ellipse(center_x=16, center_y=16, radius_x=14, radius_y=3, angle=45, width=32, height=32).pixels[0, 0]
    assert made[24, 24] == 1  # right and down of the centre
    assert made[24, 8] == 0


def test_a_quarter_turn_swaps_the_radii():
    turned = ellipse(center_x=16, center_y=16, radius_x=12, radius_y=5, angle=90, width=32, height=32)
    plain = ellipse(center_x=16, center_y=16, radius_x=5, radius_y=12, width=32, height=32)
    torch.testing.assert_close(turned.pixels, plain.pixels, atol=1e-6, rtol=0)


def test_an_ellipse_without_a_radius_is_empty():
    assert not ellipse(radius_x=0).pixels.any()


def test_a_polygon_of_a_box_is_that_box():
    made = polygon(points=[[2.25, 1], [9.75, 1], [9.75, 6.5], [2.25, 6.5]], width=12, height=8)
    wanted = box(x=2.25, y=1, box_width=7.5, box_height=5.5, width=12, height=8)
    torch.testing.assert_close(made.pixels, wanted.pixels)


@pytest.mark.parametrize("turned", [False, True])
def test_the_area_of_a_polygon_is_the_shoelace_formula(turned):
    points = [[3.3, 2.1], [28.7, 5.2], [20.4, 17.9], [29.5, 30.1], [4.8, 25.6]]
    x, y = np.array(points).T
    wanted = abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
    made = polygon(points=points[::-1] if turned else points, width=32, height=32)
    assert area(made) == pytest.approx(wanted, rel=1e-3)


def test_a_polygon_made_hard_is_what_scikit_image_draws():
    points = [[3.3, 2.1], [28.7, 5.2], [20.4, 17.9], [29.5, 30.1], [4.8, 25.6]]
    made = polygon(points=points, width=32, height=32).pixels[0, 0].numpy()
    drawn = polygon2mask((32, 32), np.array(points)[:, ::-1] - 0.5)
    sure = (made < 0.3) | (made > 0.7)
    assert np.array_equal(made[sure] > 0.5, drawn[sure])


def test_where_a_polygon_overlaps_itself_the_second_layer_is_outside():
    square = [[2, 2], [14, 2], [14, 14], [2, 14]]
    inner = [[5, 5], [11, 5], [11, 11], [5, 11]]
    made = polygon(points=[*square, square[0], *inner, inner[0]], width=16, height=16)
    assert area(made) == pytest.approx(144 - 36)
    assert made.pixels[0, 0, 8, 8] == 0


def test_a_polygon_is_cut_at_the_border_of_the_picture():
    made = polygon(points=[[-20, -20], [40, -20], [40, 40], [-20, 40]], width=7, height=5)
    assert made.pixels.eq(1).all()


@pytest.mark.parametrize("points", [(), [[1, 1]], [[1, 1], [9, 9]]])
def test_fewer_than_three_points_make_an_empty_mask(points):
    assert not polygon(points=points, width=16, height=16).pixels.any()


@pytest.mark.parametrize("points", ["abc", [[1, 2, 3]], [[1, "2"]], [[1, float("nan")]], [[True, 1]], [5], [[1e9, 0]]])
def test_what_is_no_point_is_refused(points):
    with pytest.raises(ValueError, match=r"points(\[0\])? must be"):
        polygon(points=points)


def test_a_polygon_of_endless_edges_is_refused():
    zigzag = [[i % 2 * 100, i % 2 * 16384] for i in range(2000)]
    with pytest.raises(ValueError, match="give it fewer points"):
        polygon(points=zigzag, width=100, height=16384)


def test_a_mask_too_large_for_memory_is_refused():
    with pytest.raises(ValueError, match="16384 x 16385 pixels is too large"):
        box(width=16384, height=16385)
