"""Growing, shrinking, outlines, feathering, holes and parts, against scikit-image and scipy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import binary_fill_holes, gaussian_filter
from skimage.morphology import dilation, disk, erosion, footprint_rectangle

from graphflow import Mask
from graphflow_nodes.mask.morphology import feather, fill_holes, grow, largest_part, outline, shrink
from graphflow_nodes.mask.shapes import ellipse

SOFT = torch.rand((2, 1, 23, 31), generator=torch.Generator().manual_seed(3))
BRUSH = {"round": disk, "square": lambda radius: footprint_rectangle((2 * radius + 1, 2 * radius + 1))}


def mask_from(*rows: str) -> Mask:
    return Mask(torch.tensor([[float(c == "#") for c in row] for row in rows])[None, None])


def rows_of(mask: Mask) -> list[str]:
    return ["".join("#" if v else "." for v in row) for row in mask.pixels[0, 0]]


@pytest.mark.parametrize("shape", BRUSH)
@pytest.mark.parametrize("radius", [1, 2, 5, 40])
def test_growing_is_the_dilation_of_scikit_image(radius, shape):
    got = grow(Mask(SOFT), radius=radius, shape=shape).pixels
    for one, plane in zip(got[:, 0], SOFT[:, 0].numpy()):
        assert np.array_equal(one.numpy(), dilation(plane, BRUSH[shape](radius)))


@pytest.mark.parametrize("shape", BRUSH)
@pytest.mark.parametrize("radius", [1, 2, 5, 40])
def test_shrinking_is_the_erosion_of_scikit_image(radius, shape):
    got = shrink(Mask(SOFT), radius=radius, shape=shape).pixels
    for one, plane in zip(got[:, 0], SOFT[:, 0].numpy()):
        assert np.array_equal(one.numpy(), erosion(plane, BRUSH[shape](radius)))


@pytest.mark.parametrize("node", [grow, shrink, feather], ids=str)
def test_a_radius_of_zero_changes_nothing(node):
    assert torch.equal(node(Mask(SOFT), radius=0).pixels, SOFT)


def test_a_full_mask_shrinks_to_itself():
    assert shrink(Mask(torch.ones(1, 1, 9, 9)), radius=3).pixels.eq(1).all()


def test_the_largest_radius_fills_a_picture_that_has_one_pixel():
    mask = torch.zeros(1, 1, 100, 100)
    mask[..., 50, 50] = 1
    assert grow(Mask(mask), radius=256).pixels.eq(1).all()


def test_outlines_inside_outside_and_in_the_centre_of_a_square():
    square = mask_from(".......", ".......", "..###..", "..###..", "..###..", ".......", ".......")
    assert rows_of(outline(square, width=1, side="inside"))[2:5] == ["..###..", "..#.#..", "..###.."]
    assert rows_of(outline(square, width=1, side="outside", shape="square"))[1] == ".#####."
    assert rows_of(outline(square, width=2, side="centre", shape="square"))[1:4] == [".#####.", ".#####.", ".##.##."]


@pytest.mark.parametrize("side", ["inside", "outside", "centre"])
def test_the_outline_of_a_circle_has_the_area_of_a_ring(side):
    circle = ellipse(center_x=64, center_y=64, radius_x=40, radius_y=40, width=128, height=128)
    out = {"inside": 0, "outside": 6, "centre": 3}[side]
    wanted = np.pi * ((40 + out) ** 2 - (34 + out) ** 2)
    # A disc of whole pixels reaches a little less far than its radius between the axes.
    assert outline(circle, width=6, side=side).pixels.sum() == pytest.approx(wanted, rel=0.06)


@pytest.mark.parametrize("radius", [0.5, 3, 256])
def test_feathering_is_the_gaussian_of_scipy(radius):
    got = feather(Mask(SOFT), radius=radius).pixels
    for one, plane in zip(got[:, 0], SOFT[:, 0].numpy()):
        np.testing.assert_allclose(one.numpy(), gaussian_filter(plane, radius, mode="nearest"), atol=1e-6)


def test_feathering_leaves_a_full_mask_full():
    assert feather(Mask(torch.ones(1, 1, 20, 20)), radius=5).pixels.min() > 1 - 1e-5


@pytest.mark.parametrize("seed", range(5))
def test_filling_the_holes_of_a_hard_mask_is_that_of_scipy(seed):
    plane = np.random.default_rng(seed).random((20, 20)) > 0.4
    got = fill_holes(Mask(torch.from_numpy(plane.astype(np.float32))[None, None])).pixels[0, 0].numpy()
    assert np.array_equal(got, binary_fill_holes(plane))


def test_a_soft_ring_is_filled_up_to_its_lowest_point():
    ring = torch.zeros(1, 1, 7, 7)
    ring[..., 1:6, 1:6] = 0.8
    ring[..., 1, 3] = 0.6
    ring[..., 2:5, 2:5] = 0
    filled = fill_holes(Mask(ring)).pixels[0, 0]
    assert filled[3, 3] == torch.tensor(0.6)
    assert filled[1, 1] == torch.tensor(0.8)
    assert filled[0, 0] == 0


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_plain_mask_has_no_holes(value):
    plain = torch.full((1, 1, 5, 1), value)
    assert torch.equal(fill_holes(Mask(plain)).pixels, plain)


def test_the_largest_part_alone_is_kept():
    parts = mask_from("##....", "#..###", "...###", "#.....")
    assert rows_of(largest_part(parts)) == ["......", "...###", "...###", "......"]


def test_parts_that_touch_by_a_corner_are_one():
    parts = mask_from("##...", "..#..", ".....", "...##")
    assert rows_of(largest_part(parts)) == ["##...", "..#..", ".....", "....."]


def test_of_two_equal_parts_the_upper_is_kept():
    assert rows_of(largest_part(mask_from("..##", "....", "##.."))) == ["..##", "....", "...."]


def test_the_largest_part_keeps_its_soft_edge():
    line = Mask(torch.tensor([0.2, 0.6, 1, 0.9, 0.4, 0.1, 0.1, 0.3, 0.7]).view(1, 1, 1, 9))
    wanted = torch.tensor([0.2, 0.6, 1, 0.9, 0.4, 0.1, 0, 0, 0]).view(1, 1, 1, 9)
    assert torch.equal(largest_part(line).pixels, wanted)


def test_a_mask_below_one_half_has_no_part():
    assert not largest_part(Mask(torch.full((1, 1, 4, 4), 0.49))).pixels.any()
