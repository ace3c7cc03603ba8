"""CSV and JSON, in and out."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphflow import Context, File, Table
from graphflow_nodes.io.csv import load_csv, save_csv
from graphflow_nodes.io.json import load_json, load_json_table, save_json, save_json_table


def read(text: str | bytes, **options: Any) -> dict[str, tuple[Any, ...]]:
    data = text.encode() if isinstance(text, str) else text
    return dict(load_csv(file=File.of_bytes("t.csv", data), **options).columns)


def parsed(text: str | bytes, name: str = "v.json") -> Any:
    return load_json(file=File.of_bytes(name, text.encode() if isinstance(text, str) else text))


# -- CSV ---------------------------------------------------------------------------------------------------------------


def test_the_first_line_names_the_columns() -> None:
    assert read("name,age\nann,3\nbob,4\n") == {"name": ("ann", "bob"), "age": (3, 4)}


def test_without_a_header_columns_are_numbered() -> None:
    assert read("a,1\nb,2", header=False) == {"column 1": ("a", "b"), "column 2": (1, 2)}


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(mark: str) -> None:
    assert read(f"a{mark}b\n1{mark}2\n") == {"a": (1,), "b": (2,)}


def test_commas_within_semicolon_cells_do_not_mislead() -> None:
    assert read("a;b\n1,5;2,5\n3,5;x\n") == {"a": ("1,5", "3,5"), "b": ("2,5", "x")}


def test_a_delimiter_that_is_told_is_used() -> None:
    assert read("a;b,c\n1;2,3\n", delimiter="comma") == {"a;b": ("1;2",), "c": (3,)}


def test_one_column_needs_no_delimiter() -> None:
    assert read("a\nx\ny\n") == {"a": ("x", "y")}


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert list(read(b"\xef\xbb\xbfa,b\n1,2")) == ["a", "b"]


def test_quoted_cells_hold_delimiters_quotes_and_line_breaks() -> None:
    assert read('a,b\n"x, ""y""\nz",2') == {"a": ('x, "y"\nz',), "b": (2,)}


@pytest.mark.parametrize("text", ["", "\n\n", "\r\n"])
def test_an_empty_file_is_an_empty_table(text: str) -> None:
    assert read(text) == {}


def test_a_header_alone_gives_empty_columns() -> None:
    assert read("a,b\n") == {"a": (), "b": ()}


def test_blank_lines_are_left_out_and_windows_line_ends_are_read() -> None:
    assert read("a,b\r\n\r\n1,2\r\n") == {"a": (1,), "b": (2,)}


@pytest.mark.parametrize(
    "cells, made",
    [
        (["1", "-2", "+3"], (1, -2, 3)),
        (["1", "2.5"], (1.0, 2.5)),
        (["1e3", ".5"], (1000.0, 0.5)),
        (["1", "", "3"], (1, None, 3)),
        (["007", "1"], ("007", "1")),
        (["1", "x"], ("1", "x")),
        (["nan", "1"], ("nan", "1")),
        (["1e999", "1"], ("1e999", "1")),
        (["1_000", "1"], ("1_000", "1")),
        (["٣", "1"], ("٣", "1")),
        (["9" * 30, "1"], (1e30, 1.0)),
    ],
)
def test_a_column_of_numbers_only_becomes_numbers(cells: list[str], made: tuple[Any, ...]) -> None:
    column = read("a,b\n" + "".join(f"{cell},x\n" for cell in cells))["a"]
    assert column == made
    assert [type(c) for c in column] == [type(c) for c in made]


def test_numbers_stay_texts_when_not_asked_for() -> None:
    assert read("a,b\n1,2", numbers=False) == {"a": ("1",), "b": ("2",)}


def test_a_line_with_too_few_cells_is_named_by_its_number_in_the_file() -> None:
    with pytest.raises(ValueError, match=r"Line 5 of t\.csv has 1 cells where the first has 2"):
        read('a,b\n"x\ny",2\n\n3\n', delimiter="comma")


def test_a_quote_that_is_never_closed_is_told_with_its_line() -> None:
    with pytest.raises(ValueError, match=r"t\.csv is no CSV from line 2 on"):
        read('a,b\n"x,2\n', delimiter="comma")


def test_names_given_twice_or_left_out_are_made_distinct_and_told() -> None:
    said: list[str] = []

    class Ear(Context):
        def say(self, message: str) -> None:
            said.append(message)

    assert list(read("a,a,,a 2\n1,2,3,4", ctx=Ear())) == ["a", "a 3", "column 3", "a 2"]
    assert len(said) == 1


def test_save_csv_writes_every_kind_of_cell() -> None:
    table = Table({"a": ("x,y", None, True), "b": (1, 0.1, [1, {"k": "é"}])})
    file = save_csv(table, name="out")
    assert (file.name, file.media_type) == ("out.csv", "text/csv")
    assert list(csv.reader(io.StringIO(file.text()))) == [
        ["a", "b"], ["x,y", "1"], ["", "0.1"], ["true", '[1,{"k":"é"}]'],
    ]  # fmt: skip


def test_save_csv_can_begin_with_a_byte_order_mark_and_leave_out_the_header() -> None:
    file = save_csv(Table({"a": (1,)}), bom=True, header=False, delimiter="tab")
    assert file.read() == b"\xef\xbb\xbf1\n"


def test_save_csv_refuses_pictures_with_their_place() -> None:
    with pytest.raises(ValueError, match="Row 2 of the column 'a' holds a File"):
        save_csv(Table({"a": (1, File.of_bytes("x", b""))}))


_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\ufeff"), min_size=1, max_size=8)
_CELLS = _TEXTS.filter(lambda cell: cell.strip() == cell and cell != "")


@given(st.integers(2, 4).flatmap(lambda n: st.lists(st.lists(_CELLS, min_size=n, max_size=n), min_size=1, max_size=5)))
def test_a_table_of_texts_comes_back_from_csv_as_it_was(rows: list[list[str]]) -> None:
    table = Table({f"c{i}": tuple(cells) for i, cells in enumerate(zip(*rows, strict=True))})
    back = load_csv(file=save_csv(table), delimiter="comma", numbers=False)
    assert list(back.columns.items()) == list(table.columns.items())


# -- JSON --------------------------------------------------------------------------------------------------------------


def test_json_is_read_with_its_types() -> None:
    assert parsed('\ufeff{"a": [1, 2.0, null, true, "é"]}') == {"a": [1, 2.0, None, True, "é"]}


def test_json_lines_give_a_list() -> None:
    assert parsed('{"a":1}\n\n[2]\n', "v.jsonl") == [{"a": 1}, [2]]


@pytest.mark.parametrize(
    "text, told",
    [
        ('{"a":\n 1,}', "line 2, column"),
        ("", "line 1, column 1"),
        ("[NaN]", "NaN is no JSON"),
        ("[-Infinity]", "-Infinity is no JSON"),
        ("[1e999]", "1e999 is too large"),
        ('{"a":1,"a":2}', "'a' is given twice"),
        ('["\\ud800"]', "half of a surrogate pair"),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 5000, "no plain JSON"),
    ],
)
def test_bad_json_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parsed(text)


def test_a_bad_line_of_json_lines_is_named_by_its_number() -> None:
    with pytest.raises(ValueError, match="line 3, column 2"):
        parsed("1\n\n{\n", "v.ndjson")


def test_a_surrogate_pair_is_a_character() -> None:
    assert parsed('"\\ud83d\\ude00"') == "😀"


def test_rows_become_a_table_in_the_order_of_the_file() -> None:
    table = load_json_table(file=File.of_bytes("t.json", b'[{"b": 1, "a": 2}, {"a": 3, "c": 4}]'))
    assert list(table.columns.items()) == [("b", (1, None)), ("a", (2, 3)), ("c", (None, 4))]


def test_columns_become_a_table() -> None:
    assert dict(load_json_table(file=File.of_bytes("t.json", b'{"b": [1, 2]}')).columns) == {"b": (1, 2)}


@pytest.mark.parametrize("text", [b"1", b"[1]", b'{"a": 1}', b'[{"a": 1}, 2]'])
def test_other_json_is_no_table(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"t\.json is no table"):
        load_json_table(file=File.of_bytes("t.json", text))


def test_save_json_sorts_keys_and_keeps_letters() -> None:
    file = save_json({"b": 1, "a": "é"}, indent=0)
    assert (file.name, file.media_type, file.read()) == ("data.json", "application/json", '{"a":"é","b":1}\n'.encode())


def test_save_json_refuses_nan() -> None:
    with pytest.raises(ValueError, match="no NaN"):
        save_json([float("nan")])


def test_save_json_table_keeps_the_order_of_columns() -> None:
    file = save_json_table(Table({"b": (1,), "a": ("x",)}), name="t.json")
    assert list(json.loads(file.read())[0]) == ["b", "a"]


def test_save_json_table_refuses_pictures() -> None:
    with pytest.raises(ValueError, match="File"):
        save_json_table(Table({"a": (File.of_bytes("x", b""),)}))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXTS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
        max_leaves=10,
    )
)
def test_saved_json_comes_back_as_it_was(value: Any) -> None:
    assert load_json(file=save_json(value)) == value
