"""Strokes of a round brush."""

from __future__ import annotations

import math

import pytest
import torch

from graphflow import Image, Mask
from graphflow_nodes.mask.painting import strokes


def paint(*brushed, width=40, height=30, **more) -> torch.Tensor:
    return strokes(strokes=list(brushed), width=width, height=height, **more).pixels


def test_no_stroke_gives_an_empty_mask_of_the_size_typed():
    assert torch.equal(paint(), torch.zeros(1, 1, 30, 40))


def test_a_point_is_a_dot_of_the_area_of_its_circle():
    assert paint({"points": [[20, 15]], "radius": 10}).sum() == pytest.approx(math.pi * 100, rel=5e-3)


def test_a_line_is_a_box_with_two_round_ends():
    made = paint({"points": [[10, 15], [30, 15]], "radius": 6})
    assert made.sum() == pytest.approx(20 * 12 + math.pi * 36, rel=5e-3)
    assert made[0, 0, 15, 10:30].eq(1).all()


def test_places_are_those_of_the_picture():
    made = paint({"points": [[4.5, 20.5]], "radius": 0.5})[0, 0]
    assert made[20, 4] == 1
    assert made.sum() == 1


def test_a_path_that_crosses_itself_is_no_darker():
    once = paint({"points": [[5, 5], [35, 25]], "radius": 4, "hardness": 0.3})
    twice = paint({"points": [[5, 5], [35, 25], [5, 5]], "radius": 4, "hardness": 0.3})
    torch.testing.assert_close(once, twice)


def test_a_soft_brush_falls_in_a_straight_line_from_its_path():
    made = paint({"points": [[20.5, 15.5]], "radius": 10, "hardness": 0})[0, 0]
    expected = torch.tensor([(10.5 - away) / 10 for away in range(1, 11)])
    torch.testing.assert_close(made[15, 21:31], expected)


def test_an_eraser_takes_away_what_was_painted_before_it():
    dot = {"points": [[20, 15]], "radius": 10}
    assert not paint(dot, {**dot, "erase": True, "radius": 12}).any()


def test_what_is_painted_after_the_eraser_stays():
    dot = {"points": [[20, 15]], "radius": 10}
    assert torch.equal(paint({**dot, "erase": True}, dot), paint(dot))


def test_a_stroke_outside_the_picture_paints_nothing():
    assert not paint({"points": [[-100, -100], [-50, 900]], "radius": 10}).any()


def test_a_stroke_that_comes_in_from_outside_is_cut_at_the_border():
    made = paint({"points": [[-500, 15], [20, 15]], "radius": 5})
    assert made[0, 0, 15, :20].eq(1).all()


def test_a_picture_gives_the_size():
    assert strokes(Image(torch.zeros(2, 3, 7, 9))).pixels.shape == (1, 1, 7, 9)


def test_strokes_are_painted_on_each_mask_of_a_batch():
    base = Mask(torch.stack([torch.zeros(1, 30, 40), torch.full((1, 30, 40), 0.5)]))
    made = strokes(mask=base, strokes=[{"points": [[20, 15]], "radius": 5}]).pixels
    assert made[:, 0, 15, 20].tolist() == [1, 1]
    assert made[:, 0, 0, 0].tolist() == [0, 0.5]


def test_the_mask_painted_on_stays_as_it_was():
    base = torch.zeros(1, 1, 30, 40)
    strokes(mask=Mask(base), strokes=[{"points": [[20, 15]]}])
    assert not base.any()


def test_a_mask_and_a_picture_of_other_sizes_are_refused_with_both_sizes():
    with pytest.raises(ValueError, match="40 x 30 pixels, the picture 9 x 7"):
        strokes(Image(torch.zeros(1, 3, 7, 9)), Mask(torch.zeros(1, 1, 30, 40)))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("abc", "must be a list of strokes"),
        ([3], r"strokes\[0\] must be an object"),
        ([{"points": [[1, 1]]}, {}], r"strokes\[1\].points must be a list of points"),
        ([{"points": []}], r"strokes\[0\].points is empty"),
        ([{"points": [[1]]}], r"strokes\[0\].points\[0\] must be a point"),
        ([{"points": [[1, 1]], "radius": 0}], "radius must be a number of pixels above 0"),
        ([{"points": [[1, 1]], "radius": "4"}], "radius must be"),
        ([{"points": [[1, 1]], "hardness": 1.5}], "hardness must be a number from 0 to 1"),
        ([{"points": [[1, 1]], "erase": 1}], "erase must be true or false"),
        ([{"points": [[1, 1]], "colour": "red"}], "has no field 'colour'"),
    ],
)
def test_what_is_no_stroke_is_refused_with_its_place(wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        strokes(strokes=wrong)
