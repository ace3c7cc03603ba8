"""Literals, ranges, chance, statistics, comparing, rounding, mapping and plots."""

from __future__ import annotations

import json
import math
import statistics as library

import numpy as np
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from graphflow_nodes.number.compare import clamp, compare, remap, round_
from graphflow_nodes.number.literal import boolean, number, seed, whole
from graphflow_nodes.number.plot import plot
from graphflow_nodes.number.series import random_, range_, seeds
from graphflow_nodes.number.statistics import statistics

numbers = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("node", "value"), [(number, 2.5), (whole, -3), (boolean, True), (seed, 2**53 - 1)], ids=lambda x: str(x)
)
def test_a_literal_gives_what_was_typed(node, value):
    assert node(value=value) == value


# -- ranges ------------------------------------------------------------------------------------------------------------


def test_a_count_of_numbers_is_spread_evenly_with_both_ends():
    assert range_(start=0, stop=1, count=5) == [0, 0.25, 0.5, 0.75, 1]


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(0, 50), st.booleans())
def test_a_range_by_count_is_the_linspace_of_numpy(start, stop, count, include_stop):
    got = range_(start=start, stop=stop, count=count, include_stop=include_stop)
    np.testing.assert_allclose(got, np.linspace(start, stop, count, endpoint=include_stop), rtol=1e-12, atol=1e-9)
    assert not got or got[0] == start


@pytest.mark.parametrize(
    ("start", "stop", "step", "include_stop", "wanted"),
    [
        (0, 1, 0.5, True, [0, 0.5, 1]),
        (0, 1, 0.5, False, [0, 0.5]),
        (0, 1, 0.4, True, [0, 0.4, 0.8]),
        (0, 1, 0.4, False, [0, 0.4, 0.8]),
        (3, 0, -1, True, [3, 2, 1, 0]),
        (2, 2, 1, True, [2]),
        (2, 2, 1, False, []),
    ],
)
def test_a_range_by_step_walks_as_far_as_it_reaches(start, stop, step, include_stop, wanted):
    assert range_(start=start, stop=stop, by="step", step=step, include_stop=include_stop) == wanted


def test_a_stop_that_is_met_but_for_rounding_counts_as_met():
    assert len(range_(start=0, stop=0.3, by="step", step=0.1)) == 4
    assert len(range_(start=0, stop=0.3, by="step", step=0.1, include_stop=False)) == 3


@pytest.mark.parametrize("step", [0, -0.1])
def test_a_step_that_leads_nowhere_is_refused(step):
    with pytest.raises(ValueError, match="never lead from 0 to 1"):
        range_(by="step", step=step)


def test_a_range_of_too_many_steps_is_refused():
    with pytest.raises(ValueError, match="over 1000000 numbers"):
        range_(by="step", step=1e-300)


def test_a_range_to_infinity_is_refused():
    with pytest.raises(ValueError, match="finite"):
        range_(stop=math.inf)


# -- chance ------------------------------------------------------------------------------------------------------------

DRAWS = [{"distribution": "uniform"}, {"distribution": "normal"}, {"distribution": "whole", "low": -50, "high": 50}]


@pytest.mark.parametrize("how", DRAWS, ids=lambda how: how["distribution"])
def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(how):
    assert random_(count=20, seed=1, **how) == random_(count=20, seed=1, **how)
    assert random_(count=20, seed=1, **how) != random_(count=20, seed=2, **how)


@pytest.mark.parametrize("how", DRAWS, ids=lambda how: how["distribution"])
def test_a_higher_count_begins_with_the_numbers_of_a_lower(how):
    many = random_(count=1000, seed=5, **how)
    assert all(random_(count=count, seed=5, **how) == many[:count] for count in (0, 1, 7, 15, 16, 17, 300))


def test_uniform_numbers_fill_their_range():
    drawn = random_(count=4000, low=-2, high=6)
    assert -2 <= min(drawn) < -1.95
    assert 5.95 < max(drawn) <= 6
    assert library.fmean(drawn) == pytest.approx(2, abs=0.15)


def test_normal_numbers_have_their_mean_and_deviation():
    drawn = random_(distribution="normal", count=4000, mean=10, deviation=3)
    assert library.fmean(drawn) == pytest.approx(10, abs=0.2)
    assert library.stdev(drawn) == pytest.approx(3, rel=0.05)


def test_whole_numbers_come_from_both_ends_and_all_between():
    assert set(random_(distribution="whole", count=300, low=0.5, high=4.9)) == {1, 2, 3, 4}


def test_ends_that_are_swapped_are_refused():
    with pytest.raises(ValueError, match="5 to 1; swap them"):
        random_(low=5, high=1)


def test_a_range_without_a_whole_number_is_refused():
    with pytest.raises(ValueError, match=r"whole numbers from 0.2 to 0.8"):
        random_(distribution="whole", low=0.2, high=0.8)


def test_seeds_are_seeds_and_begin_alike():
    many = seeds(count=500, seed=3)
    assert all(0 <= one < 2**53 for one in many)
    assert len(set(many)) == 500
    assert seeds(count=3, seed=3) == many[:3]


# -- statistics --------------------------------------------------------------------------------------------------------


@given(numbers)
def test_statistics_are_those_of_numpy(values):
    got = statistics(values)
    wanted = (len(values), np.mean(values), np.median(values), np.std(values), min(values), max(values), sum(values))
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-6)


def test_the_deviation_of_a_sample_divides_by_one_less():
    assert statistics([1, 2, 3, 4], of="sample").deviation == pytest.approx(np.std([1, 2, 3, 4], ddof=1))


def test_one_number_has_no_deviation():
    assert statistics([7], of="sample") == (1, 7, 7, 0, 7, 7, 7)


def test_no_number_has_no_statistics():
    with pytest.raises(ValueError, match="holds no number"):
        statistics([])


def test_a_number_that_is_none_is_named_by_its_place():
    with pytest.raises(ValueError, match=r"nan at \[1\]"):
        statistics([1, math.nan])


# -- comparing and mapping ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "below", "same", "above"),
    [
        ("=", False, True, False),
        ("not =", True, False, True),
        ("<", True, False, False),
        ("<=", True, True, False),
        (">", False, False, True),
        (">=", False, True, True),
    ],
)
def test_numbers_are_compared_by_the_operator(operator, below, same, above):
    assert [compare(a, operator=operator, b=2) for a in (1, 2, 3)] == [below, same, above]
    assert [compare(a, operator=operator, b=2, tolerance=0.5) for a in (1.4, 1.5, 2.5, 2.6)] == [
        below,
        same,
        same,
        above,
    ]


@given(st.floats(-10, 10), st.floats(-5, 0), st.floats(0, 5))
def test_a_clamped_number_is_that_of_numpy(value, least, greatest):
    assert clamp(value, least=least, greatest=greatest) == np.clip(value, least, greatest)


def test_swapped_ends_of_a_clamp_are_refused():
    with pytest.raises(ValueError, match="swap them"):
        clamp(1, least=2, greatest=0)


@pytest.mark.parametrize(
    ("value", "nearest", "down", "up", "zero"),
    [
        (2.5, 3, 2, 3, 2),
        (-2.5, -3, -3, -2, -2),
        (0.49999999999999994, 0, 0, 1, 0),
        (-0.2, 0, -1, 0, 0),
        (7, 7, 7, 7, 7),
    ],
)
def test_a_number_is_made_whole(value, nearest, down, up, zero):
    got = [round_(value, to=to) for to in ("nearest", "down", "up", "zero")]
    assert got == [nearest, down, up, zero]
    assert all(type(one) is int for one in got)


def test_infinity_has_no_whole_number():
    with pytest.raises(ValueError, match="inf has no whole number"):
        round_(math.inf)


def test_remapping_meets_both_ends_exactly():
    ends = {"from_low": 0.1, "from_high": 0.7, "to_low": 0.3, "to_high": -0.9}
    assert remap(0.1, **ends) == 0.3
    assert remap(0.7, **ends) == -0.9
    assert remap(0.4, **ends) == pytest.approx(-0.3)


def test_remapping_goes_on_beyond_the_ends_unless_it_is_bounded():
    assert remap(2) == 200
    assert remap(2, bounded=True) == 100
    assert remap(-1, bounded=True) == 0


def test_a_range_without_width_cannot_be_mapped_from():
    with pytest.raises(ValueError, match="has no width"):
        remap(1, from_low=2, from_high=2)


# -- plots -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["line", "bar", "points", "histogram"])
def test_every_plot_can_be_drawn(mark):
    made = plot([1, 4, 9, 16, 4], mark=mark, title="Squares & more", x_label="Side", y_label="Area")
    drawn = vl_convert.vegalite_to_svg(json.dumps(made.spec, allow_nan=False), vl_version="5.20")
    assert all(text in drawn for text in ("Squares &amp; more", "Side", "Area"))


def test_a_plot_holds_its_numbers_and_their_places():
    assert plot([5, 6], [0.5, 2]).spec["data"] == {"values": [{"x": 0.5, "y": 5}, {"x": 2, "y": 6}]}
    assert plot([5, 6]).spec["data"] == {"values": [{"x": 0, "y": 5}, {"x": 1, "y": 6}]}


def test_no_numbers_make_an_empty_plot():
    made = plot([])
    assert "<svg" in vl_convert.vegalite_to_svg(json.dumps(made.spec), vl_version="5.20")


def test_places_that_are_too_few_are_refused():
    with pytest.raises(ValueError, match="2 numbers and 1 places"):
        plot([1, 2], [1])


def test_a_number_that_cannot_be_drawn_is_named_by_its_place():
    with pytest.raises(ValueError, match=r"inf at \[1\] cannot be drawn"):
        plot([1, math.inf])
