"""Adjust, curves and levels: formulas, the standard library's HSV, and neutral settings."""

from __future__ import annotations

import colorsys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from graphflow import Image
from graphflow_nodes.image.adjust import adjust
from graphflow_nodes.image.curves import curves
from graphflow_nodes.image.levels import levels

PIXELS = torch.rand(2, 4, 5, 7, generator=torch.Generator().manual_seed(1))
RGB = Image(PIXELS[:, :3].contiguous())
X = RGB.pixels


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("node", [adjust, curves, levels])
def test_the_defaults_change_nothing(node, channels):
    pixels = PIXELS[:, :channels].contiguous()
    assert torch.equal(node(Image(pixels)).pixels, pixels)


@pytest.mark.parametrize(
    "change",
    [
        lambda image: adjust(image, brightness=0.5, contrast=2, gamma=2, saturation=0.2, hue=77),
        lambda image: curves(image, master=[[0, 1], [1, 0]], red=[[0, 0.5], [1, 1]]),
        lambda image: levels(image, in_black=0.3, gamma=2, out_white=0.5),
    ],
)
def test_alpha_is_left_alone(change):
    made = change(Image(PIXELS)).pixels
    assert torch.equal(made[:, 3], PIXELS[:, 3])
    assert not torch.equal(made[:, :3], PIXELS[:, :3])


@pytest.mark.parametrize("value", [0, 0.5, 1.5, 4])
def test_brightness_multiplies(value):
    assert torch.equal(adjust(RGB, brightness=value).pixels, (X * value).clamp(0, 1))


@pytest.mark.parametrize("value", [0, 0.5, 4])
def test_contrast_turns_about_middle_grey(value):
    assert torch.equal(adjust(RGB, contrast=value).pixels, ((X - 0.5) * value + 0.5).clamp(0, 1))


@pytest.mark.parametrize("value", [0.1, 2.2, 10])
def test_gamma_is_a_power(value):
    assert torch.allclose(adjust(RGB, gamma=value).pixels, X ** (1 / value))


def test_no_saturation_is_the_luma_in_three_channels():
    made = adjust(RGB, saturation=0).pixels
    luma = 0.2126 * X[:, 0] + 0.7152 * X[:, 1] + 0.0722 * X[:, 2]
    for channel in range(3):
        assert torch.allclose(made[:, channel], luma, atol=1e-6)


def test_saturation_keeps_the_luma():
    soft = Image(0.4 + 0.1 * X)
    before, after = (adjust(image, saturation=0).pixels for image in (soft, adjust(soft, saturation=2)))
    assert torch.allclose(before, after, atol=1e-6)


@pytest.mark.parametrize("degrees", [-180, -30, 45, 120, 180])
def test_hue_is_turned_as_in_hsv(degrees):
    made = adjust(RGB, hue=degrees).pixels
    for y in range(5):
        h, s, v = colorsys.rgb_to_hsv(*X[1, :, y, 3].tolist())
        expected = torch.tensor(colorsys.hsv_to_rgb((h + degrees / 360) % 1, s, v))
        assert torch.allclose(made[1, :, y, 3], expected, atol=1e-5)


def test_a_third_of_the_wheel_turns_red_to_green():
    red = Image(torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1))
    assert torch.allclose(adjust(red, hue=120).pixels.flatten(), torch.tensor([0.0, 1, 0]), atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 4), st.floats(0, 4), st.floats(0.1, 10), st.floats(0, 4), st.floats(-180, 180))
def test_any_adjustment_stays_in_range(brightness, contrast, gamma, saturation, hue):
    made = adjust(RGB, brightness=brightness, contrast=contrast, gamma=gamma, saturation=saturation, hue=hue).pixels
    assert torch.equal(made, made.clamp(0, 1))  # a NaN is unequal to itself


# -- Curves -----------------------------------------------------------------------------------------------------------


def test_a_curve_is_monotone_cubic_through_its_points():
    points = [[0.75, 0.9], [0, 0], [0.25, 0.1], [1, 1]]  # in any order
    made = curves(RGB, master=points).pixels
    expected = PchipInterpolator([0, 0.25, 0.75, 1], [0, 0.1, 0.9, 1])(X.numpy())
    assert torch.allclose(made, torch.from_numpy(expected).float(), atol=1e-6)
    at = Image(torch.tensor([0, 0.25, 0.75, 1]).view(1, 1, 1, 4))
    assert torch.allclose(curves(at, master=points).pixels.flatten(), torch.tensor([0, 0.1, 0.9, 1]), atol=1e-6)


def test_beyond_its_ends_a_curve_is_level():
    at = Image(torch.tensor([0, 0.2, 0.5, 0.8, 1]).view(1, 1, 1, 5))
    made = curves(at, master=[[0.2, 0.1], [0.8, 0.6]]).pixels.flatten()
    assert torch.allclose(made, torch.tensor([0.1, 0.1, 0.35, 0.6, 0.6]), atol=1e-6)


def test_two_points_make_a_negative():
    assert torch.allclose(curves(RGB, master=[[0, 1], [1, 0]]).pixels, 1 - X, atol=1e-6)


@pytest.mark.parametrize("channel, name", list(enumerate(["red", "green", "blue"])))
def test_a_channels_curve_changes_that_channel_only(channel, name):
    made = curves(RGB, **{name: [[0, 1], [1, 0]]}).pixels
    for other in range(3):
        assert torch.allclose(made[:, other], 1 - X[:, other] if other == channel else X[:, other], atol=1e-6)


def test_the_master_curve_comes_after_the_channels_own():
    bent = [[0, 0], [0.5, 0.8], [1, 1]]
    both = curves(RGB, master=bent, red=[[0, 1], [1, 0]]).pixels
    assert torch.equal(both, curves(curves(RGB, red=[[0, 1], [1, 0]]), master=bent).pixels)


def test_a_grey_picture_stays_grey_unless_a_colour_has_a_curve():
    grey = Image(X[:, :1].contiguous())
    assert curves(grey, master=[[0, 1], [1, 0]]).channels == 1
    made = curves(grey, blue=[[0, 1], [1, 1]])
    assert made.channels == 3
    assert (made.pixels[:, 2] == 1).all()
    assert torch.equal(made.pixels[:, 0], X[:, 0])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0, 1)), min_size=2, max_size=8, unique_by=lambda p: p[0]))
def test_a_rising_curve_never_falls(points):
    places, heights = sorted(p[0] / 50 for p in points), sorted(p[1] for p in points)
    ramp = Image(torch.linspace(0, 1, 301).view(1, 1, 1, 301))
    made = curves(ramp, master=[list(p) for p in zip(places, heights, strict=True)]).pixels.flatten()
    assert (made.diff() >= -1e-6).all()


@pytest.mark.parametrize(
    "points, said",
    [
        (None, "at least two"),
        ([], "at least two"),
        ([[0, 0]], "at least two"),
        ([[0, 0], [1]], "point 1"),
        ([[0, 0], [1, 2]], "point 1"),
        ([[0, 0], [-0.1, 1]], "point 1"),
        ([[0, 0], ["1", 1]], "point 1"),
        ([[0, 0], [True, 1]], "point 1"),
        ([[0, 0], [float("nan"), 1]], "point 1"),
        ([[0, 0], 7], "point 1"),
        ([[0.5, 0], [0.5, 1]], "two points at 0.5"),
    ],
)
def test_a_curve_that_is_none_is_refused(points, said):
    with pytest.raises(ValueError, match=f"green curve.*{said}"):
        curves(RGB, green=points)


# -- Levels -----------------------------------------------------------------------------------------------------------


def test_levels_follow_their_formula():
    made = levels(RGB, in_black=0.2, in_white=0.8, gamma=1.8, out_black=0.1, out_white=0.9).pixels
    expected = 0.1 + ((X - 0.2) / 0.6).clamp(0, 1) ** (1 / 1.8) * 0.8
    assert torch.allclose(made, expected, atol=1e-6)


def test_swapped_outputs_give_a_negative():
    assert torch.allclose(levels(RGB, out_black=1, out_white=0).pixels, 1 - X, atol=1e-6)


@pytest.mark.parametrize("black, white", [(0.5, 0.5), (0.8, 0.2), (1.0, 1.0)])
def test_a_white_point_not_above_black_is_refused(black, white):
    with pytest.raises(ValueError, match="in_white"):
        levels(RGB, in_black=black, in_white=white)
