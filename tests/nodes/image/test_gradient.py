"""Gradients: places, stops, spread and mixing."""

from __future__ import annotations

import math

import pytest
import torch

from graphflow_nodes.image.gradient import gradient

RED_BLUE = [{"at": 0, "color": "#ff0000"}, {"at": 1, "color": "#0000ff"}]


def test_a_linear_gradient_takes_each_pixels_centre():
    made = gradient(width=4, height=2).pixels[0, 0]
    torch.testing.assert_close(made, torch.tensor([0.125, 0.375, 0.625, 0.875]).expand(2, 4))


def test_an_angle_of_ninety_runs_down_and_of_a_hundred_and_eighty_to_the_left():
    down = gradient(width=1, height=4, angle=90).pixels[0, 0, :, 0]
    left = gradient(width=4, height=1, angle=180).pixels[0, 0, 0]
    torch.testing.assert_close(down, torch.tensor([0.125, 0.375, 0.625, 0.875]))
    torch.testing.assert_close(left, torch.tensor([0.875, 0.625, 0.375, 0.125]))


def test_a_slanted_gradient_ends_in_the_corners():
    made = gradient(width=64, height=64, angle=45).pixels[0, 0]
    assert float(made[0, 0]) == pytest.approx(1 / 128, abs=1e-6)
    assert float(made[-1, -1]) == pytest.approx(1 - 1 / 128, abs=1e-6)


def test_a_radial_gradient_is_the_distance_from_its_centre():
    made = gradient(width=3, height=3, shape="radial").pixels[0, 0]
    assert float(made[1, 1]) == 0
    assert float(made[0, 1]) == pytest.approx(1 / math.hypot(1.5, 1.5), abs=1e-6)


def test_beyond_the_radius_lies_the_last_colour_or_the_gradient_again():
    ends = {"pad": 1.0, "repeat": 0.5, "reflect": 0.5}
    for spread, want in ends.items():
        made = gradient(
            width=3, height=1, shape="radial", x=0.5 / 3, radius=2 / math.hypot(2.5, 0.5) / 1.5, spread=spread
        )
        assert float(made.pixels[0, 0, 0, 2]) == pytest.approx(want, abs=1e-5)


def test_a_conic_gradient_turns_clockwise_from_its_angle():
    made = gradient(width=3, height=3, shape="conic").pixels[0, 0]
    assert [float(made[2, 1]), float(made[1, 0]), float(made[0, 1])] == pytest.approx([0.25, 0.5, 0.75], abs=1e-6)
    turned = gradient(width=3, height=3, shape="conic", angle=90).pixels[0, 0]
    assert float(turned[1, 0]) == pytest.approx(0.25, abs=1e-6)


def test_stops_in_any_order_are_mixed_between_their_neighbours():
    stops = [{"at": 1, "color": "#0000ff"}, {"at": 0, "color": "#ff0000"}, {"at": 0.5, "color": "#00ff00"}]
    made = gradient(width=2, height=1, stops=stops).pixels[0, :, 0]
    torch.testing.assert_close(made.T, torch.tensor([[0.5, 0.5, 0], [0, 0.5, 0.5]]))


def test_two_stops_at_one_place_make_an_edge():
    stops = [{"at": 0, "color": "#000000"}, {"at": 0.5, "color": "#000000"}, {"at": 0.5, "color": "#ffffff"}]
    assert gradient(width=4, height=1, stops=stops).pixels[0, 0, 0].tolist() == [0, 0, 1, 1]


def test_a_single_stop_is_a_plain_colour():
    assert gradient(width=2, height=2, stops=[{"at": 0.3, "color": "#ffffff"}]).pixels.unique().tolist() == [1]


def test_mixing_in_linear_light_is_brighter_than_encoded():
    made = gradient(width=1, height=1, mix="linear").pixels[0, 0, 0, 0]
    assert float(made) == pytest.approx(1.055 * 0.5 ** (1 / 2.4) - 0.055, abs=1e-6)


def test_colours_fade_to_clear_without_the_clear_colours_hue():
    stops = [{"at": 0, "color": "#ff0000"}, {"at": 1, "color": "#0000ff00"}]
    made = gradient(width=1, height=1, stops=stops).pixels.flatten().tolist()
    assert made == pytest.approx([1, 0, 0, 0.5])


@pytest.mark.parametrize("stops", [[], "red", [{"at": 2, "color": "#ffffff"}], [{"at": True, "color": "#fff"}], [3]])
def test_stops_that_cannot_be_read_are_refused_with_a_sentence(stops):
    with pytest.raises(ValueError, match=r"gradient .*(give|write)"):
        gradient(width=2, height=2, stops=stops)


def test_a_wrong_colour_is_named():
    with pytest.raises(ValueError, match="'red'"):
        gradient(width=2, height=2, stops=[{"at": 0, "color": "red"}])
