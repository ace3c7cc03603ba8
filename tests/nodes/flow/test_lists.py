"""Lists: made, put together, brought to one length."""

from __future__ import annotations

import pytest

from graphflow_nodes.flow.lists import collect, repeat, zip_


def test_collect_gives_a_list_of_its_own() -> None:
    given = ["a", "b"]
    assert collect(given) == given
    assert collect(given) is not given


@pytest.mark.parametrize("count", [0, 1, 3])
def test_repeat_makes_as_many_as_asked_for(count: int) -> None:
    assert repeat("a", count=count) == ["a"] * count


def test_zip_cuts_the_longer_list() -> None:
    assert tuple(zip_([1, 2, 3], ["a", "b"])) == ([1, 2], ["a", "b"])


def test_zip_with_an_empty_list_is_empty() -> None:
    assert tuple(zip_([], ["a"])) == ([], [])


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [([1, 2, 3], ["a"], ([1, 2, 3], ["a", "a", "a"])), ([1], ["a", "b"], ([1, 1], ["a", "b"]))],
)
def test_zip_goes_on_with_the_last_element(first: list[int], second: list[str], wanted: tuple[list[int], ...]) -> None:
    assert tuple(zip_(first, second, mode="repeat last")) == wanted


def test_zip_cannot_repeat_the_last_of_nothing() -> None:
    with pytest.raises(ValueError, match="empty list"):
        zip_([], ["a"], mode="repeat last")


def test_zip_pairs_every_element_with_every_other() -> None:
    assert tuple(zip_([1, 2], ["a", "b"], mode="product")) == ([1, 1, 2, 2], ["a", "b", "a", "b"])
