"""Drawing shapes: exact areas and places, antialiasing, colours, and sentences for what cannot be read."""

from __future__ import annotations

import math

import pytest
import torch

from graphflow import Image
from graphflow_nodes.image.shapes import draw_shapes

BLACK = Image(torch.zeros(1, 1, 100, 120))


def drawn(**shape: object) -> torch.Tensor:
    return draw_shapes(BLACK, shapes=[{"fill": "#ffffff", **shape}]).pixels[0, 0]


def test_a_rectangle_covers_exactly_its_pixels():
    want = torch.zeros(100, 120)
    want[20:50, 10:40] = 1
    assert torch.equal(drawn(shape="rectangle", x=10, y=20, width=30, height=30), want)


def test_half_a_pixel_is_half_covered():
    made = drawn(shape="rectangle", x=10.5, y=20, width=2, height=1)
    assert made[20, 9:14].tolist() == [0, 0.5, 1, 0.5, 0]


@pytest.mark.parametrize(
    ("shape", "area"),
    [
        ({"shape": "ellipse", "x": 10, "y": 10, "width": 100, "height": 80}, math.pi * 50 * 40),
        ({"shape": "rectangle", "x": 10, "y": 10, "width": 60, "height": 40, "radius": 10}, 2400 - (4 - math.pi) * 100),
        ({"shape": "rectangle", "x": 10, "y": 10, "width": 40, "height": 40, "radius": 99}, math.pi * 400),
        ({"shape": "polygon", "points": [[10, 10], [110, 10], [10, 90]]}, 4000),
        ({"shape": "star", "x": 60, "y": 50, "outer": 40, "inner": 20}, 5 * 40 * 20 * math.sin(math.pi / 5)),
        ({"shape": "polygon", "points": [[-50, -50], [50, -50], [50, 50], [-50, 50]]}, 2500),
    ],
)
def test_the_covered_area_is_that_of_geometry(shape, area):
    assert float(drawn(**shape).sum()) == pytest.approx(area, rel=0.004)


@pytest.mark.parametrize(
    ("shape", "area"),
    [
        ({"shape": "line", "points": [[20, 50], [100, 50]]}, 80 * 8 + math.pi * 16),
        ({"shape": "line", "points": [[20, 20], [90, 80]]}, math.hypot(70, 60) * 8 + math.pi * 16),
        ({"shape": "rectangle", "x": 20, "y": 20, "width": 60, "height": 40}, 68 * 48 - 52 * 32),
        ({"shape": "ellipse", "x": 20, "y": 20, "width": 60, "height": 60}, math.pi * (34**2 - 26**2)),
        ({"shape": "polygon", "points": [[20, 20], [80, 20], [80, 60], [20, 60]]}, 200 * 8 - 4 * 16 + math.pi * 16),
        ({"shape": "rectangle", "x": 50, "y": 50, "width": 4, "height": 4}, 144),
    ],
)
def test_a_stroke_lies_half_outside_and_half_inside(shape, area):
    made = draw_shapes(BLACK, shapes=[{**shape, "stroke": "#ffffff", "stroke_width": 8}]).pixels
    assert float(made.sum()) == pytest.approx(area, rel=0.01)


def test_an_ellipse_is_symmetrical_and_its_border_soft():
    made = drawn(shape="ellipse", x=10, y=10, width=80, height=80)[10:90, 10:90]
    torch.testing.assert_close(made, made.flip(0))
    torch.testing.assert_close(made, made.flip(1))
    assert len(made.unique()) > 20


def test_a_star_points_up_and_turns_by_its_angle():
    up = drawn(shape="star", x=60, y=50, outer=40, inner=10, spikes=4)
    right = drawn(shape="star", x=60, y=50, outer=40, inner=10, spikes=4, angle=45)
    assert float(up[15, 59]) > 0.5
    assert float(right[15, 59]) == 0


def test_a_polygon_that_crosses_itself_is_hollow_where_it_is_covered_twice():
    pentagram = [[60 + 40 * math.sin(4 * math.pi * k / 5), 50 - 40 * math.cos(4 * math.pi * k / 5)] for k in range(5)]
    made = drawn(shape="polygon", points=pentagram)
    assert float(made[50, 60]) == 0
    assert float(made[20, 60]) == 1


def test_shapes_are_drawn_in_order_and_the_stroke_over_the_fill():
    box = {"shape": "rectangle", "x": 10, "y": 10, "width": 40, "height": 40}
    made = draw_shapes(BLACK, shapes=[
        {**box, "fill": "#ff0000", "stroke": "#0000ff", "stroke_width": 4},
        {**box, "x": 30, "fill": "#00ff00"},
    ]).pixels[0]  # fmt: skip
    assert made[:, 20, 15].tolist() == [1, 0, 0]
    assert made[:, 20, 11].tolist() == [0, 0, 1]
    assert made[:, 20, 35].tolist() == [0, 1, 0]


def test_alpha_mixes_with_what_lies_below_and_makes_clear_pictures_visible():
    half = {"shape": "rectangle", "x": 0, "y": 0, "width": 10, "height": 10, "fill": "#ffffff80"}
    assert float(draw_shapes(BLACK, shapes=[half]).pixels[0, 0, 5, 5]) == pytest.approx(128 / 255)
    clear = draw_shapes(Image(torch.zeros(1, 4, 20, 20)), shapes=[half]).pixels[0]
    assert clear[:, 5, 5].tolist() == pytest.approx([1, 1, 1, 128 / 255])
    assert clear[:, 15, 15].tolist() == [0, 0, 0, 0]


def test_every_picture_of_a_batch_is_drawn_on_and_none_is_written_to():
    image = Image(torch.zeros(3, 3, 10, 10))
    made = draw_shapes(image, shapes=[{"shape": "ellipse", "x": 0, "y": 0, "width": 10, "height": 10, "fill": "#fff"}])
    assert made.pixels[:, 0, 5, 5].tolist() == [1, 1, 1]
    assert float(image.pixels.max()) == 0


def test_what_lies_outside_the_picture_changes_nothing():
    assert float(drawn(shape="ellipse", x=500, y=-900, width=10, height=10).max()) == 0


def test_no_shapes_change_nothing():
    assert torch.equal(draw_shapes(BLACK, shapes=[]).pixels, BLACK.pixels)


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        ({"shape": "blob"}, r"Shape 0 is 'blob'; .*rectangle"),
        ("text", "Shape 0 is None"),
        ({"shape": ["star"]}, "Shape 0 is"),
        ({"shape": "ellipse", "x": 1, "y": 1, "width": 5, "fill": "#fff"}, r"Shape 0 \(ellipse\) needs 'height'"),
        ({"shape": "ellipse", "x": "1", "y": 1, "width": 5, "height": 5}, "needs 'x', a number"),
        ({"shape": "ellipse", "x": 1e9, "y": 1, "width": 5, "height": 5}, "needs 'x', a number"),
        ({"shape": "ellipse", "x": 1, "y": 1, "width": -5, "height": 5}, "needs 'width', a number from 0"),
        ({"shape": "ellipse", "x": 1, "y": 1, "width": 5, "height": 5, "colour": "#fff"}, "has no 'colour'"),
        ({"shape": "ellipse", "x": 1, "y": 1, "width": 5, "height": 5}, "would not be seen"),
        ({"shape": "polygon", "points": [[0, 0], [1, 1]], "fill": "#fff"}, "at least 3"),
        ({"shape": "line", "points": [[0, 0], [1]], "stroke": "#fff"}, r"point \[1\]"),
        ({"shape": "line", "points": [[0, 0], [1, None]], "stroke": "#fff"}, "'y'"),
        ({"shape": "line", "points": [[0, 0], [1, 1]], "fill": "#fff"}, 'give it "stroke"'),
        ({"shape": "star", "x": 1, "y": 1, "outer": 5, "inner": 2, "spikes": 2.5, "fill": "#fff"}, "2.5 spikes"),
        ({"shape": "star", "x": 1, "y": 1, "outer": 5, "inner": 2, "fill": "red"}, "'red'"),
        ({"shape": "star", "x": 1, "y": 1, "outer": 5, "inner": 2, "fill": 7}, "fill 7"),
    ],
)
def test_a_shape_that_cannot_be_drawn_is_told_with_a_sentence(shape, sentence):
    with pytest.raises(ValueError, match=sentence):
        draw_shapes(BLACK, shapes=[shape])


def test_shapes_that_are_no_list_are_refused():
    with pytest.raises(ValueError, match="Shapes are a list"):
        draw_shapes(BLACK, shapes={"shape": "star"})
