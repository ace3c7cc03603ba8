"""What the reader takes, and how it refuses: every problem, its place, a hint."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec import UNSET

from graphflow.graph.document import DocumentError, Problem, read_document, read_tree
from graphflow.graph.model import MAX_BYTES, MAX_NODES, MAX_VALUES

SAMPLE = (Path(__file__).parent / "documents" / "version-1.json").read_bytes()


def refused(data: bytes | str) -> list[Problem]:
    with pytest.raises(DocumentError) as caught:
        read_document(data)
    for problem in caught.value.problems:
        assert problem.message.endswith(".")
        assert problem.hint.endswith((".", "}", "?", "]"))
        json.dumps(problem.as_json(), ensure_ascii=False).encode()
    return caught.value.problems


def one(data: bytes | str) -> Problem:
    problems = refused(data)
    assert len(problems) == 1, problems
    assert problems[0].hint
    return problems[0]


def document(params: str = "{}", node: str = "", more: str = "") -> str:
    return f'{{"graphflow": 1, "nodes": {{"a": {{"type": "b", "params": {params}{node}}}}}{more}}}'


# -- what is taken ----------------------------------------------------------------------------------------------------


def test_the_smallest_document_is_read() -> None:
    read = read_document('{"graphflow": 1, "nodes": {}}')
    assert (read.graphflow, read.nodes, read.title, read.view) == (1, {}, "", {})
    assert not read.interface


def test_every_part_of_a_document_is_read() -> None:
    read = read_document(SAMPLE)
    assert list(read.nodes) == ["soft", "photo", "Later", "inner"]
    assert read.nodes["soft"].inputs == {"image": "photo.image"}
    assert read.nodes["Later"].inputs["many"] == ["soft.image", "photo.image"]
    assert (read.nodes["Later"].version, read.nodes["Later"].mode) == (3, "mute")
    assert list(read.interface.inputs) == ["z", "a"]
    assert read.interface.inputs["z"].default is None
    assert read.interface.inputs["a"].default is UNSET
    assert read.interface.inputs["z"].range == [0, None, 0.5]
    assert read.subgraphs["tone"].interface.outputs == {"image": "curve.image"}
    assert read.view["nodes"]["photo"]["unknown"] == [None, {"b": 100, "a": "é"}]


def test_text_and_bytes_are_read_alike() -> None:
    assert read_document(SAMPLE.decode()) == read_document(SAMPLE)


def test_plain_python_values_are_read_like_a_file() -> None:
    assert read_tree(json.loads(SAMPLE)) == read_document(SAMPLE)


def test_an_escaped_pair_of_surrogates_is_one_character() -> None:
    assert read_document(document(r'{"v": "\ud83d\ude00"}')).nodes["a"].params["v"] == "😀"


def test_sixty_four_levels_are_read() -> None:
    # Above a param's value stand the document, nodes, the node and params.
    assert read_document(document('{"v": %s}' % ("[" * 60 + "]" * 60)))


def test_as_many_nodes_as_are_allowed_are_read() -> None:
    nodes = {f"{number:x}": {"type": "t"} for number in range(MAX_NODES)}
    assert len(read_document(json.dumps({"graphflow": 1, "nodes": nodes})).nodes) == MAX_NODES


# -- text that is no document -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code", "pointer", "words"),
    [
        (b"", "document.empty", "", "empty"),
        (b" \n\t", "document.empty", "", "empty"),
        (b"\xef\xbb\xbf{}", "document.encoding", "", "byte order mark"),
        ('{"a": "é"}'.encode("utf-16"), "document.encoding", "", "byte order mark"),
        ('{"a": "é"}'.encode("latin-1"), "document.encoding", "", "0xe9 in line 1, at byte 7"),
        (b'{"a": "\xed\xa0\x80"}', "document.encoding", "", "not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00", "document.not-json", "", "a PNG picture"),
        (bytes(range(256)), "document.encoding", "", "not UTF-8"),
        (b"hello", "document.syntax", "", "line 1, column 1"),
        (b'{"graphflow": 1, "nodes": {"a": {"type": "b"}', "document.syntax", "/nodes/a", "breaks off"),
        (b'{"graphflow": 1, "title": "half', "document.syntax", "/title", "breaks off"),
        (b'{"graphflow": 1,\n "nodes": {"a": nope}}', "document.syntax", "/nodes/a", "line 2, column 17"),
        (b'{"graphflow": 1, "nodes": {},}', "document.syntax", "", "column 30"),
        (b'{"graphflow": 1 "nodes": {}}', "document.syntax", "/graphflow", "a comma"),
        (b'{"view": [1, {"x" 1}]}', "document.syntax", "/view/1", "a colon"),
        (b'{"title": "a\nb"}', "document.syntax", "/title", "line break"),
        (rb'{"title": "\x"}', "document.syntax", "/title", "escape"),
        (rb'{"title": "\u12g4"}', "document.syntax", "/title", "hexadecimal"),
        (b"{} {}", "document.syntax", "", "after the end"),
        (b"{'a': 1}", "document.syntax", "", "double quotes"),
        (b"[" * 100_000, "document.depth", "/0" * 64, "64"),
        (b'{"a":' * 100_000, "document.depth", "/a" * 64, "64"),
        (b" " * (MAX_BYTES + 1), "document.too-large", "", "16,777,217 bytes"),
        ("é" * (MAX_BYTES // 2 + 1), "document.too-large", "", "16,777,218 bytes"),
        ('{"a": "\ud800"}', "document.surrogate", "", "character 7"),
        (b"[]", "document.type", "", "a list of 0"),
        (b"null", "document.type", "", "nothing"),
        (b"NaN", "document.type", "", "NaN is no number"),
        (b'{"graphflow": 2, "nodes": [], "anything": 1}', "document.version", "/graphflow", "version 2"),
        (b'{"graphflow": 0, "nodes": {}}', "document.version", "/graphflow", "no version 0"),
        (b'{"graphflow": -1, "nodes": {}}', "document.version", "/graphflow", "no version -1"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused_with_a_sentence(data: bytes | str, code: str, pointer: str, words: str) -> None:
    problem = one(data)
    assert (problem.code, problem.pointer) == (code, pointer)
    assert words in problem.message


@pytest.mark.parametrize("length", range(0, len(SAMPLE) - 2, 7))
def test_every_truncation_of_a_document_is_refused(length: int) -> None:
    assert one(SAMPLE[:length]).code in ("document.empty", "document.syntax", "document.encoding")


def test_a_million_nodes_are_refused_by_their_number() -> None:
    text = '{"graphflow":1,"nodes":{' + ",".join(f'"{n:x}":{{}}' for n in range(1_000_000)) + "}}"
    assert len(text) < MAX_BYTES
    problem = one(text)
    assert (problem.code, problem.pointer) == ("document.too-many-nodes", "/nodes")
    assert "1,000,000" in problem.message


def test_the_nodes_of_subgraphs_count() -> None:
    half = {f"{n:x}": {"type": "t"} for n in range(MAX_NODES // 2 + 1)}
    problem = one(json.dumps({"graphflow": 1, "nodes": half, "subgraphs": {"s": {"nodes": half}}}))
    assert problem.code == "document.too-many-nodes"


VIEW = b'{"graphflow":1,"nodes":{},"view":{"a":[%s]}}'


@pytest.mark.parametrize(
    "value", [b"{}", b"[[[[0]]]]", b'""', b'"\\",["', b"7"], ids=["objects", "nested", "empty", "texts", "numbers"]
)
def test_more_values_than_a_document_may_hold_are_refused_before_they_are_made(value: bytes) -> None:
    problem = one(VIEW % b",".join([value] * (MAX_VALUES + 1)))
    assert problem.code == "document.too-many-values"
    assert "1,500,000" in problem.message


def test_commas_and_brackets_inside_a_text_are_no_values() -> None:
    text = '\\",[{' * (MAX_VALUES // 2)
    assert read_document(VIEW % json.dumps(text).encode()).view == {"a": [text]}


def test_a_flood_of_bad_numbers_is_told_once() -> None:
    problem = one(VIEW % b",".join([b"1e999"] * 10_001))
    assert (problem.code, "over 10,000 numbers" in problem.message) == ("document.number", True)
    assert len(refused(VIEW % b",".join([b"1e999"] * 10_000))) == 101


def test_a_picture_is_told_how_to_be_opened() -> None:
    assert "graphflow inspect" in one(b"\x89PNG\r\n\x1a\n").hint


@pytest.mark.parametrize("text", ['{"1": {"class_type": "KSampler"}}', '{"last_node_id": 3, "nodes": []}'])
def test_a_workflow_of_comfyui_is_recognised(text: str) -> None:
    assert "ComfyUI" in refused(text)[0].hint


# -- values that JSON cannot hold -------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 5000, "9007199254740993"])
def test_a_number_that_does_not_fit_names_its_field(number: str) -> None:
    problem = one(document(f'{{"radius": [0, {number}]}}'))
    assert problem.code == "document.number"
    assert (problem.pointer, problem.node, problem.field) == ("/nodes/a/params/radius/1", "a", "radius")
    assert len(problem.message) < 200


@pytest.mark.parametrize("text", [r'{"v": "\ud800"}', r'{"v": "x\udc00y"}', r'{"v": "\ude00\ud83d"}'])
def test_half_a_character_names_its_field(text: str) -> None:
    problem = one(document(text))
    assert (problem.code, problem.pointer, problem.node) == ("document.surrogate", "/nodes/a/params/v", "a")


def test_half_a_character_in_a_key_can_be_told() -> None:
    problem = one(document(r'{"\ud800": 1}'))
    assert (problem.code, problem.pointer) == ("document.surrogate", "/nodes/a/params/?")


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ('{"graphflow": 1, "graphflow": 1, "nodes": {}}', "/graphflow"),
        ('{"graphflow": 1, "nodes": {"a": {"type": "b"}, "a": {"type": "c"}}}', "/nodes/a"),
        (document('{"x/y": 1, "x/y": 1}'), "/nodes/a/params/x~1y"),
        (document('{"v": [{"k": 1, "k": 2}]}'), "/nodes/a/params/v/0/k"),
        (document(more=', "view": {"z": 1, "z": 1}'), "/view/z"),
    ],
)
def test_a_double_key_is_refused_wherever_it_stands(text: str, pointer: str) -> None:
    problem = one(text)
    assert (problem.code, problem.pointer) == ("document.duplicate-key", pointer)


@pytest.mark.parametrize("levels", [61, 300])
def test_more_levels_are_refused_where_they_begin(levels: int) -> None:
    problem = one(document('{"v": %s}' % ("[" * levels + "]" * levels)))
    assert problem.code == "document.depth"
    assert problem.pointer == "/nodes/a/params/v" + "/0" * 60


# -- structure --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "pointer"),
    [
        ('{"nodes": {}}', "document.missing-key", ""),
        ('{"graphflow": 1}', "document.missing-key", ""),
        ('{"graphflow": "1", "nodes": {}}', "document.type", "/graphflow"),
        ('{"graphflow": true, "nodes": {}}', "document.type", "/graphflow"),
        ('{"graphflow": 1.5, "nodes": {}}', "document.type", "/graphflow"),
        ('{"graphflow": 1, "nodes": []}', "document.type", "/nodes"),
        ('{"graphflow": 1, "nodes": {"a": 1}}', "document.type", "/nodes/a"),
        ('{"graphflow": 1, "nodes": {"a": {}}}', "document.missing-key", "/nodes/a"),
        ('{"graphflow": 1, "nodes": {"a": {"type": ""}}}', "document.value", "/nodes/a/type"),
        ('{"graphflow": 1, "nodes": {"a": {"type": 1}}}', "document.type", "/nodes/a/type"),
        ('{"graphflow": 1, "nodes": {"": {"type": "t"}}}', "document.id", "/nodes/"),
        ('{"graphflow": 1, "nodes": {"a.b": {"type": "t"}}}', "document.id", "/nodes/a.b"),
        ('{"graphflow": 1, "nodes": {"é": {"type": "t"}}}', "document.id", "/nodes/é"),
        ('{"graphflow": 1, "nodes": {"a\\n": {"type": "t"}}}', "document.id", "/nodes/a\n"),
        (f'{{"graphflow": 1, "nodes": {{"{"a" * 65}": {{"type": "t"}}}}}}', "document.id", "/nodes/" + "a" * 65),
        (document(node=', "mode": "skip"'), "document.value", "/nodes/a/mode"),
        (document(node=', "mode": ["mute"]'), "document.value", "/nodes/a/mode"),
        (document(node=', "version": 0'), "document.value", "/nodes/a/version"),
        (document(node=', "version": "1"'), "document.type", "/nodes/a/version"),
        (document(node=', "version": true'), "document.type", "/nodes/a/version"),
        (document("[]"), "document.type", "/nodes/a/params"),
        (document('{"": 1}'), "document.value", "/nodes/a/params/"),
        (document(node=', "inputs": {"i": "soft"}'), "document.link", "/nodes/a/inputs/i"),
        (document(node=', "inputs": {"i": "soft."}'), "document.link", "/nodes/a/inputs/i"),
        (document(node=', "inputs": {"i": ".image"}'), "document.link", "/nodes/a/inputs/i"),
        (document(node=', "inputs": {"i": "a/b.c"}'), "document.link", "/nodes/a/inputs/i"),
        (document(node=', "inputs": {"i": "a.c\\n"}'), "document.link", "/nodes/a/inputs/i"),
        (document(node=', "inputs": {"i": 3}'), "document.type", "/nodes/a/inputs/i"),
        (document(node=', "inputs": {"i": null}'), "document.type", "/nodes/a/inputs/i"),
        (document(node=', "inputs": {"i": ["a.b", ["a.b"]]}'), "document.type", "/nodes/a/inputs/i/1"),
        (document(more=', "title": 1'), "document.type", "/title"),
        (document(more=', "packs": {"image": 1}'), "document.type", "/packs/image"),
        (document(more=', "view": []'), "document.type", "/view"),
        (document(more=', "nods": {}'), "document.unknown-key", "/nods"),
        (document(more=', "interface": {"in": {}}'), "document.unknown-key", "/interface/in"),
        (document(more=', "interface": {"inputs": {"s": {}}}'), "document.missing-key", "/interface/inputs/s"),
        (document(more=', "interface": {"inputs": {"s": {"to": []}}}'), "document.value", "/interface/inputs/s/to"),
        (document(more=', "interface": {"inputs": {"s": {"to": "a.r"}}}'), "document.type", "/interface/inputs/s/to"),
        (document(more=', "interface": {"inputs": {"s p": {"to": ["a.r"]}}}'), "document.id", "/interface/inputs/s p"),
        (document(more=', "interface": {"inputs": {"s": {"to": ["a.r"], "range": [1, 0]}}}'), "document.value",
         "/interface/inputs/s/range"),
        (document(more=', "interface": {"inputs": {"s": {"to": ["a.r"], "range": [0, true]}}}'), "document.value",
         "/interface/inputs/s/range"),
        (document(more=', "interface": {"inputs": {"s": {"to": ["a.r"], "range": [0]}}}'), "document.value",
         "/interface/inputs/s/range"),
        (document(more=', "interface": {"outputs": {"o": ["a.b"]}}'), "document.type", "/interface/outputs/o"),
        (document(more=', "subgraphs": {"s": {}}'), "document.missing-key", "/subgraphs/s"),
        (document(more=', "subgraphs": {"s": {"nodes": {}, "title": "x"}}'), "document.unknown-key",
         "/subgraphs/s/title"),
        (document(more=', "subgraphs": {"#s": {"nodes": {}}}'), "document.id", "/subgraphs/#s"),
    ],
)  # fmt: skip
def test_each_flaw_of_structure_is_refused_at_its_place(text: str, code: str, pointer: str) -> None:
    problems = refused(text)
    assert [(problem.code, problem.pointer) for problem in problems] == [(code, pointer)]


def test_a_problem_in_a_subgraph_names_the_path_of_its_node() -> None:
    problem = one(document(more=', "subgraphs": {"tone": {"nodes": {"x": {"type": "t", "inputs": {"i": 1}}}}}'))
    assert (problem.node, problem.field) == ("#tone/x", "i")
    assert problem.message == "Node #tone/x, input i wants a link, got 1."


def test_every_problem_is_told_in_one_pass() -> None:
    text = """{"graphflow": 1, "titel": "x", "nodes": {
        "a": {"type": "t", "params": {"p": NaN, "q": 1, "q": 2}, "inputs": {"i": "b"}},
        "b c": {"type": 5, "x": 10}}, "interface": {"outputs": {"o": 1}}}"""
    found = {(problem.code, problem.pointer) for problem in refused(text)}
    assert found == {
        ("document.number", "/nodes/a/params/p"),
        ("document.duplicate-key", "/nodes/a/params/q"),
        ("document.unknown-key", "/titel"),
        ("document.link", "/nodes/a/inputs/i"),
        ("document.id", "/nodes/b c"),
        ("document.type", "/nodes/b c/type"),
        ("document.unknown-key", "/nodes/b c/x"),
        ("document.type", "/interface/outputs/o"),
    }


def test_hints_name_the_nearest_key_and_the_place_of_what_is_for_people() -> None:
    problems = {problem.field: problem.hint for problem in refused(document(node=', "parms": {}, "x": 1, "zzz": 1'))}
    assert problems["parms"] == 'Did you mean "params"?'
    assert "view.nodes.a" in problems["x"]
    assert "type, version, mode, inputs, params" in problems["zzz"]


def test_after_a_hundred_problems_the_others_are_counted() -> None:
    nodes = {f"bad id {number}": {"type": "t"} for number in range(250)}
    problems = refused(json.dumps({"graphflow": 1, "nodes": nodes}))
    assert len(problems) == 101
    assert "150 more" in problems[-1].message


def test_very_many_problems_are_not_counted_to_the_end() -> None:
    problems = refused(document('{"v": [%s0]}' % (r'"\ud800",' * 50_000)))
    assert len(problems) == 101
    assert "more than 9,900" in problems[-1].message


def test_plain_python_values_that_json_lacks_are_refused() -> None:
    with pytest.raises(DocumentError, match=r"no number in JSON"):
        read_tree({"graphflow": 1, "nodes": {"a": {"type": "t", "params": {"x": float("nan")}}}})
