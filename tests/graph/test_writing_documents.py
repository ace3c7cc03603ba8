"""The writer: the same graph, the same bytes, in a layout for people."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphflow.graph.document import DocumentError, read_document, write_document
from graphflow.graph.model import Document, NodeEntry

FOLDER = Path(__file__).parent / "documents"


def written(**parts: object) -> str:
    return write_document(read_document(json.dumps({"graphflow": 1, "nodes": {}, **parts}))).decode()


def test_a_document_of_version_1_is_written_as_it_stands_in_the_fixture() -> None:
    assert (
        write_document(read_document((FOLDER / "version-1.json").read_bytes()))
        == (FOLDER / "version-1.written.json").read_bytes()
    )


def test_what_was_written_is_read_and_written_alike() -> None:
    data = (FOLDER / "version-1.written.json").read_bytes()
    assert write_document(read_document(data)) == data


def test_the_smallest_document_has_its_two_keys() -> None:
    assert written() == '{\n  "graphflow": 1,\n  "nodes": {}\n}\n'


def test_the_order_of_nodes_params_and_inputs_in_the_file_does_not_matter() -> None:
    one = {"b": {"type": "t", "params": {"x": 1, "y": 2}}, "a": {"type": "t", "inputs": {"m": "b.o", "n": "b.o"}}}
    two = {"a": {"inputs": {"n": "b.o", "m": "b.o"}, "type": "t"}, "b": {"params": {"y": 2.0, "x": 1e0}, "type": "t"}}
    assert written(nodes=one) == written(nodes=two)


def test_empty_parts_do_not_matter() -> None:
    empty = {"title": "", "about": "", "interface": {"inputs": {}}, "subgraphs": {}, "packs": {}, "view": {}}
    assert written(**empty) == written()


def test_names_are_sorted_by_utf_16_units_as_javascript_sorts() -> None:
    text = written(nodes={"a": {"type": "t", "params": {"\ufb01": 1, "😀": 2, "z": 3}}})
    assert text.index('"z"') < text.index('"😀"') < text.index('"\ufb01"')


def test_the_order_of_the_interface_and_of_a_values_own_keys_is_kept() -> None:
    text = written(
        nodes={"a": {"type": "t", "params": {"v": {"z": 1, "a": 2}}}},
        interface={"inputs": {"z": {"to": ["a.v"]}, "b": {"to": ["a.w"]}}},
    )
    assert text.index('"z": 1') < text.index('"a": 2')
    assert text.index('"z": {') < text.index('"b": {')


def test_a_null_default_is_kept_and_an_absent_one_is_not_added() -> None:
    text = written(interface={"inputs": {"x": {"to": ["a.b"], "default": None}, "y": {"to": ["a.c"]}}})
    assert '"x": {"to": ["a.b"], "default": null}' in text
    assert '"y": {"to": ["a.c"]}' in text


def test_a_long_list_of_numbers_fills_its_lines() -> None:
    text = written(nodes={"a": {"type": "t", "params": {"points": list(range(200))}}})
    assert max(map(len, text.splitlines())) <= 120
    assert len(text.splitlines()) < 25


def test_no_line_of_a_node_is_longer_than_its_longest_text_demands() -> None:
    nodes = {f"node-{n}": {"type": "image.blur", "params": {"p" * n: n, "q" * n: [n] * n}} for n in range(1, 40)}
    assert max(map(len, written(nodes=nodes).splitlines())) <= 120


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53 + 1, "\ud800", b"", {1: 2}, object()])
def test_a_value_that_could_not_be_read_again_is_refused_with_its_place(value: object) -> None:
    document = Document(graphflow=1, nodes={"a": NodeEntry("t", params={"p": value})})
    with pytest.raises(DocumentError) as caught:
        write_document(document)
    (problem,) = caught.value.problems
    assert (problem.code, problem.pointer, problem.node, problem.field) == (
        "document.value", "/nodes/a/params/p", "a", "p",
    )  # fmt: skip


def test_depth_is_refused_exactly_where_the_reader_would() -> None:
    def nested(levels: int) -> Document:
        value: list[object] = []
        for _ in range(levels - 1):
            value = [value]
        return Document(graphflow=1, nodes={"a": NodeEntry("t", params={"p": value})})

    assert read_document(write_document(nested(60)))
    with pytest.raises(DocumentError, match="deeper than 64"):
        write_document(nested(61))


def test_a_bad_id_is_refused() -> None:
    with pytest.raises(DocumentError, match="no node id"):
        write_document(Document(graphflow=1, nodes={"a b": NodeEntry("t")}))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=60),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text("abé\n\"", max_size=8), inner, max_size=5),
    max_leaves=30,
)  # fmt: skip


@given(json_values)
def test_view_is_kept_value_for_value(value: object) -> None:
    assert read_document(written(view={"anything": value})).view == {"anything": value}
