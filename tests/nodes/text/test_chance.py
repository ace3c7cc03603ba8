"""Choices by seed: choose and wildcards."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphflow import File, Folder
from graphflow_nodes.text.choose import choose
from graphflow_nodes.text.wildcards import wildcards


def folder(**files: str) -> Folder:
    named = {name.replace("__", "/"): text for name, text in files.items()}
    return Folder("lists", tuple(File.of_bytes(f"{name}.txt", text.encode()) for name, text in sorted(named.items())))


def drawn(text: str, count: int = 300, lists: Folder | None = None) -> Counter[str]:
    return Counter(wildcards(text=text, seed=seed, folder=lists) for seed in range(count))


def test_a_seed_chooses_the_same_text_on_every_machine() -> None:
    assert [choose(options=["a", "b", "c", "d"], seed=seed) for seed in range(8)] == list("cabaccbd")


def test_every_option_is_chosen_about_equally_often() -> None:
    counts = Counter(choose(options=["a", "b", "c"], seed=seed) for seed in range(3000))
    assert all(900 < counts[option] < 1100 for option in "abc")


def test_weights_make_an_option_likelier() -> None:
    counts = Counter(choose(options=["a", "b", "c"], seed=seed, weights=[3, 1, 0]) for seed in range(2000))
    assert 1400 < counts["a"] < 1600
    assert counts["c"] == 0


@pytest.mark.parametrize("seed", [0, 2**53 - 1])
def test_one_option_is_always_chosen(seed: int) -> None:
    assert choose(options=["only"], seed=seed) == "only"


def test_nothing_to_choose_from_is_told() -> None:
    with pytest.raises(ValueError, match="options is empty"):
        choose(options=[])


def test_weights_of_another_number_are_refused_with_both_numbers() -> None:
    with pytest.raises(ValueError, match="2 options but 1 weights"):
        choose(options=["a", "b"], weights=[1])


@pytest.mark.parametrize("weights", [[0, 0], [-1, 2], [float("nan"), 1], [float("inf"), 1]])
def test_weights_that_are_no_weights_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="Weights are numbers from 0 up"):
        choose(options=["a", "b"], weights=weights)


def test_wildcards_draw_the_same_on_every_machine() -> None:
    made = [wildcards(text="{red|green|blue} {cat|dog}", seed=seed) for seed in range(5)]
    assert made == ["red dog", "green dog", "red dog", "blue dog", "green dog"]


def test_text_without_choices_stays() -> None:
    assert (
        wildcards(text="a plain_text | with_bars __ and _under_", seed=1) == "a plain_text | with_bars __ and _under_"
    )


def test_each_option_is_drawn_about_equally_often() -> None:
    counts = drawn("{a|b|c}", 3000)
    assert set(counts) == {"a", "b", "c"}
    assert min(counts.values()) > 900


def test_two_choices_are_drawn_apart_from_each_other() -> None:
    assert set(drawn("{a|b}{a|b}")) == {"aa", "ab", "ba", "bb"}


def test_choices_nest_and_may_be_empty() -> None:
    assert set(drawn("{a{1|2}|b|}")) == {"a1", "a2", "b", ""}


def test_a_weight_makes_an_option_likelier() -> None:
    counts = drawn("{3::a|b|0::c}", 2000)
    assert 1400 < counts["a"] < 1600
    assert set(counts) == {"a", "b"}


def test_several_are_picked_without_repeats() -> None:
    made = set(drawn("{2$$a|b|c}"))
    assert made == {"a, b", "b, a", "a, c", "c, a", "b, c", "c, b"}


def test_a_range_of_picks_and_a_separator() -> None:
    assert set(drawn("{0-2$$+$$a|b}")) == {"", "a", "b", "a+b", "b+a"}


def test_more_picks_than_options_take_all() -> None:
    assert set(drawn("{9$$a|b}")) == {"a, b", "b, a"}


def test_a_range_written_the_wrong_way_round_is_told() -> None:
    with pytest.raises(ValueError, match="smaller number first"):
        wildcards(text="{3-1$$a|b}")


def test_a_backslash_takes_a_sign_as_it_is() -> None:
    assert wildcards(text=r"\{a\|b\} \__x__ {c\|d}", seed=0) == "{a|b} __x__ c|d"


def test_a_name_becomes_a_line_of_its_file() -> None:
    lists = folder(animal="# pets\ncat\n\n dog \n", deep__tree="oak")
    assert set(drawn("a __animal__ by an __deep/tree__", lists=lists)) == {"a cat by an oak", "a dog by an oak"}


def test_lines_may_hold_choices_and_names() -> None:
    lists = folder(a="{x|y} __b__", b="z")
    assert set(drawn("__a__", lists=lists)) == {"x z", "y z"}


def test_a_name_without_a_file_is_told_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"__b__ has no file: the folder has a\."):
        wildcards(text="__b__", folder=folder(a="x"))
    with pytest.raises(ValueError, match="give the folder"):
        wildcards(text="__b__")


def test_a_file_that_names_itself_is_bounded() -> None:
    with pytest.raises(ValueError, match="does a file name itself"):
        wildcards(text="__a__", folder=folder(a="__a__"))


def test_files_that_multiply_are_bounded() -> None:
    lists = folder(**{f"w{i}": f"__w{i + 1}__ " * 10 for i in range(20)}, w20="x")
    with pytest.raises(ValueError, match="more than 10000 draws"):
        wildcards(text="__w0__", folder=lists)


def test_a_text_that_grows_is_bounded() -> None:
    with pytest.raises(ValueError, match="more than 1000000 characters"):
        wildcards(text="__a__" * 2000, folder=folder(a="x" * 1000))


@pytest.mark.parametrize("text", ["{" * 100_000, "{a|" * 50_000 + "}" * 50_000])
def test_hostile_nesting_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="nested more than 32 deep"):
        wildcards(text=text)


@pytest.mark.parametrize("text, place", [("ab {c", 4), ("ab c}", 5), ("{a {b} c", 1)])
def test_a_brace_without_its_partner_is_told_with_its_place(text: str, place: int) -> None:
    with pytest.raises(ValueError, match=f"at character {place} "):
        wildcards(text=text)


def test_a_list_that_is_no_text_is_told() -> None:
    bad = Folder("lists", (File.of_bytes("a.txt", b"\xff"),))
    with pytest.raises(ValueError, match=r"a\.txt is no UTF-8"):
        wildcards(text="__a__", folder=bad)


@given(st.text(st.sampled_from("ab{}|$:_\\12- ")), st.integers(0, 2**53 - 1))
def test_any_text_is_drawn_the_same_twice_or_refused_with_a_sentence(text: str, seed: int) -> None:
    def once() -> str:
        try:
            return wildcards(text=text, seed=seed)
        except ValueError as error:
            return f"refused: {error}"

    made = once()
    assert once() == made
    assert not made.startswith("refused: ") or made.endswith(".")
