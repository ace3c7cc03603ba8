"""Literal, join, split, lines, template, replace, case, length."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphflow import Inputs
from graphflow_nodes.text.case import case, length
from graphflow_nodes.text.join import join, lines, split
from graphflow_nodes.text.literal import literal, save
from graphflow_nodes.text.replace import replace
from graphflow_nodes.text.template import template


def fill(text: str, **fields: str) -> str:
    return template(Inputs(fields), text=text)


def ports(text: str) -> dict[str, str]:
    return template.satellites["inputs"](text)


def test_literal_gives_the_text_as_written() -> None:
    assert literal(text=" a\n b ") == " a\n b "


@pytest.mark.parametrize("name, called", [("a", "a.txt"), ("a.md", "a.md"), ("x.y/a", "x.y/a.txt")])
def test_save_gives_a_file_in_utf8(name: str, called: str) -> None:
    file = save("é", name=name)
    assert (file.name, file.read()) == (called, "é".encode())


def test_join_puts_the_separator_between() -> None:
    assert join(["a", "b", "c"], separator=" - ") == "a - b - c"


def test_join_leaves_out_blank_texts_unless_told_otherwise() -> None:
    assert join(["a", " ", "", "b"]) == "a, b"
    assert join(["a", "", "b"], skip_empty=False) == "a, , b"


def test_join_of_nothing_is_empty() -> None:
    assert join([]) == ""


@pytest.mark.parametrize(
    "text, options, parts",
    [
        ("a, b,,c", {}, ["a", "b", "c"]),
        ("a, b,,c", {"skip_empty": False}, ["a", "b", "", "c"]),
        ("a, b", {"strip": False}, ["a", " b"]),
        ("a  b\tc\nd", {"separator": ""}, ["a", "b", "c", "d"]),
        ("a::b:c", {"separator": "::"}, ["a", "b:c"]),
        ("a,b,c", {"limit": 2}, ["a", "b,c"]),
        ("a,b,c", {"limit": 1}, ["a,b,c"]),
        ("", {}, []),
        ("", {"skip_empty": False}, [""]),
    ],
)
def test_split_cuts_at_the_separator(text: str, options: dict[str, Any], parts: list[str]) -> None:
    assert split(text, **options) == parts


@given(st.lists(st.text(st.characters(exclude_characters=";")), min_size=1))
def test_split_undoes_join(parts: list[str]) -> None:
    whole = join(parts, separator=";", skip_empty=False)
    assert split(whole, separator=";", strip=False, skip_empty=False) == parts


@pytest.mark.parametrize(
    "options, made",
    [
        ({}, ["a", "b"]),
        ({"strip": False}, [" a", "b "]),
        ({"skip_empty": False}, ["a", "", "b"]),
        ({"number": "1."}, ["1. a", "2. b"]),
        ({"number": "1", "start": 0}, ["0 a", "1 b"]),
        ({"number": "1)", "start": 9}, ["9) a", "10) b"]),
        ({"number": "01", "start": 9}, ["09 a", "10 b"]),
    ],
)
def test_lines_are_stripped_and_numbered_as_told(options: dict[str, Any], made: list[str]) -> None:
    assert lines(" a\n\nb ", **options) == made


def test_no_text_has_no_lines() -> None:
    assert lines("", number="01") == []


def test_template_fills_its_fields() -> None:
    assert fill("a {colour} {thing}, {colour}", colour="red", thing="ball") == "a red ball, red"


def test_doubled_braces_are_single_ones() -> None:
    assert fill("{{{a}}} {{b}}", a="x") == "{x} {b}"


def test_what_a_field_holds_is_not_read_again() -> None:
    assert fill("{a}", a="{b}") == "{b}"


def test_each_field_is_a_text_input_once_in_order() -> None:
    ports_of = ports("{b} {a} {b} {{c}}")
    assert list(ports_of.items()) == [("b", "text"), ("a", "text")]


def test_missing_fields_are_named() -> None:
    with pytest.raises(ValueError, match=r"needs the fields \{b\}, \{c\}; link a text"):
        fill("{a} {b} {c}", a="x")


@pytest.mark.parametrize(
    "text, place", [("a {", 3), ("a }", 3), ("{}", 1), ("{1a}", 1), ("{a b}", 1), ("{a.__class__}", 1), ("{a!r}", 1)]
)
def test_a_brace_that_is_no_field_is_told_with_its_place(text: str, place: int) -> None:
    with pytest.raises(ValueError, match=f"at character {place}, which is no field"):
        ports(text)


def test_a_field_may_not_be_called_as_the_template_itself() -> None:
    with pytest.raises(ValueError, match="name the field otherwise"):
        ports("{text}")


@given(st.text())
def test_a_text_with_its_braces_doubled_comes_out_as_it_was(text: str) -> None:
    assert fill(text.replace("{", "{{").replace("}", "}}")) == text


@pytest.mark.parametrize(
    "options, made",
    [
        ({"find": "a", "by": "x"}, "x.bx A"),
        ({"find": ".", "by": ""}, "aba A"),
        ({"find": "a", "by": "x", "limit": 1}, "x.ba A"),
        ({"find": "a", "by": "x", "ignore_case": True}, "x.bx x"),
        ({"find": ".", "by": "\\0", "ignore_case": True}, "a\\0ba A"),
        ({"find": "[ab]", "by": "<\\g<0>>", "pattern": True}, "<a>.<b><a> A"),
        ({"find": "(a)\\.(b)", "by": "\\2\\1", "pattern": True}, "baa A"),
        ({"find": "(?P<x>a)", "by": "\\g<x>!", "pattern": True}, "a!.ba! A"),
        ({"find": "a$", "by": "x", "pattern": True, "ignore_case": True}, "a.ba x"),
        ({"find": "", "by": "x"}, "a.ba A"),
    ],
)
def test_replace_writes_what_is_told(options: dict[str, Any], made: str) -> None:
    assert replace("a.ba A", **options) == made


def test_replace_counts_characters_and_not_bytes() -> None:
    assert replace("ééa😀", find="é.", by="x", pattern=True) == "xa😀"


@pytest.mark.parametrize("pattern", ["(", "[a", "(?=a)", "(a)\\1", "a{2000}", "*"])
def test_a_pattern_that_cannot_be_read_is_told(pattern: str) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        replace("a", find=pattern, pattern=True)


@pytest.mark.parametrize("by", ["\\2", "\\g<b>"])
def test_a_replacement_that_names_no_group_is_told(by: str) -> None:
    with pytest.raises(ValueError, match="does not suit the pattern"):
        replace("a", find="(a)", by=by, pattern=True)


def test_a_pattern_that_explodes_elsewhere_ends_at_once() -> None:
    # (a+)+$ takes a backtracking engine 2^50 steps here; process time, so that a busy machine does not matter.
    begun = time.process_time()
    assert replace("a" * 50 + "!", find="(a+)+$", by="x", pattern=True) == "a" * 50 + "!"
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "to, text, made",
    [
        ("upper", "straße é", "STRASSE É"),
        ("lower", "ÀB", "àb"),
        ("title", "don't STOP the o’clock", "Don't Stop The O’clock"),
        ("sentence", "HELLO there. how ARE you? fine!\nok", "Hello there. How are you? Fine!\nOk"),
        ("sentence", '"why" 3.5 is', '"Why" 3.5 is'),
        ("snake", "Hello World-foo.bar", "hello_world_foo_bar"),
        ("snake", "parseHTTPReply2", "parse_http_reply2"),
        ("kebab", "someName with  blanks", "some-name-with-blanks"),
        ("camel", "some_name-with Blanks", "someNameWithBlanks"),
        ("camel", "élan vital", "élanVital"),
        ("camel", "", ""),
        ("snake", "--", ""),
    ],
)
def test_case_changes_as_told(to: Any, text: str, made: str) -> None:
    assert case(text, to=to) == made


@pytest.mark.parametrize(
    "text, counts", [("", (0, 0, 0, 0)), ("a b\nc\n", (6, 3, 2, 6)), ("é😀", (2, 1, 1, 6)), (" ", (1, 0, 1, 1))]
)
def test_length_counts(text: str, counts: tuple[int, ...]) -> None:
    assert tuple(length(text)) == counts
