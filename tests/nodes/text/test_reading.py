"""Markdown to plain text, and two texts compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphflow_nodes.text.compare import compare
from graphflow_nodes.text.markdown_to_plain import markdown_to_plain


@pytest.mark.parametrize(
    "marked, plain",
    [
        ("# Title\n\nSome *soft* and **hard** `code`.", "Title\n\nSome soft and hard code."),
        ("one\ntwo  \nthree", "one two\nthree"),
        ("- a\n- b\n  - c\n\nend", "- a\n- b\n  - c\n\nend"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("[text](http://a.test)", "text"),
        ("![picture](a.png)", "picture"),
        ("> quoted\n\n---\n\nend", "quoted\n\nend"),
        ("```py\na = 1\n\nb = 2\n```\n\nend", "a = 1\n\nb = 2\n\nend"),
        ("a <b>bold</b> word", "a bold word"),
        ("<div>\nblock\n</div>", "block"),
        ("~~gone~~ &amp; \\*kept\\*", "gone & *kept*"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n\nend", "a\tb\n1\t2\n\nend"),
        ("", ""),
    ],
)
def test_the_words_stay_and_the_marks_go(marked: str, plain: str) -> None:
    assert markdown_to_plain(marked) == plain


def test_links_are_written_out_when_asked_for() -> None:
    assert markdown_to_plain("see [this](http://a.test/x)", links=True) == "see this (http://a.test/x)"


def test_the_bullet_can_be_another() -> None:
    assert markdown_to_plain("* a\n* b", bullet="• ") == "• a\n• b"


def test_deep_nesting_does_no_harm() -> None:
    assert isinstance(markdown_to_plain(">" * 5000 + " a\n" + "- " * 2000 + "b"), str)


@given(st.text(st.sampled_from("ab*_`[]()<>#-1. \n|!&\\~"), max_size=60))
def test_any_text_becomes_plain(text: str) -> None:
    assert isinstance(markdown_to_plain(text), str)


def test_equal_texts_have_no_diff() -> None:
    assert compare("a\nb", "a\nb") == ("", 1.0, True)
    assert compare("", "") == ("", 1.0, True)


def test_the_diff_is_unified() -> None:
    made = compare("a\nb\nc", "a\nx\nc")
    assert made.diff == "--- a\n+++ b\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c"
    assert not made.equal


def test_the_context_says_how_many_equal_lines_are_shown() -> None:
    assert compare("a\nb\nc", "a\nx\nc", context=0).diff == "--- a\n+++ b\n@@ -2 +2 @@\n-b\n+x"


@pytest.mark.parametrize(
    "a, b, ratio", [("abc", "", 0.0), ("abc", "xyz", 0.0), ("abcd", "bd", 4 / 6), ("kitten", "sitting", 8 / 13)]
)
def test_the_ratio_is_twice_the_common_part_over_both(a: str, b: str, ratio: float) -> None:
    assert compare(a, b).ratio == pytest.approx(ratio)


def longest(a: str, b: str) -> int:
    """The longest common subsequence by the textbook's table."""
    rows = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            rows[i + 1][j + 1] = rows[i][j] + 1 if x == y else max(rows[i][j + 1], rows[i + 1][j])
    return rows[-1][-1]


@given(st.text("abc", max_size=90), st.text("abc", max_size=90))
def test_the_ratio_is_that_of_the_textbook(a: str, b: str) -> None:
    if a != b:
        assert compare(a, b).ratio == pytest.approx(2 * longest(a, b) / (len(a) + len(b)))


@given(st.text(max_size=30), st.text(max_size=30))
def test_the_ratio_is_the_same_both_ways(a: str, b: str) -> None:
    assert compare(a, b).ratio == compare(b, a).ratio


def test_a_text_that_differs_by_its_line_ends_only_is_not_equal() -> None:
    made = compare("a\n", "a")
    assert not made.equal
    assert made.ratio == pytest.approx(2 / 3)


def test_texts_that_are_too_long_are_refused() -> None:
    with pytest.raises(ValueError, match="The text b has 200001 characters"):
        compare("a", "a" * 200_001)
