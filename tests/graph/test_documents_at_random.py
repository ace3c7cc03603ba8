"""Documents made at random: reader, writer, models and schema agree, and nothing ends in another error."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphflow.graph.document import DocumentError, read_document, write_document
from graphflow.graph.explain import explain
from graphflow.graph.model import Document
from graphflow.graph.problem import Problem
from graphflow.graph.schema import schema

SAMPLE = (Path(__file__).parent / "documents" / "version-1.json").read_bytes()
VALIDATOR = jsonschema.Draft202012Validator(schema())

ids = st.text("ab-_1", min_size=1, max_size=4)
links = st.builds("{}.{}".format, ids, st.sampled_from(["image", "value", "a b"]))
names = st.text("abcé", min_size=1, max_size=4)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e6, 1e6) | st.text("aé\n", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
nodes = st.dictionaries(
    ids,
    st.fixed_dictionaries(
        {"type": names},
        optional={
            "inputs": st.dictionaries(names, links | st.lists(links, max_size=3), max_size=3),
            "params": st.dictionaries(names, values, max_size=3),
            "version": st.integers(1, 9),
            "mode": st.sampled_from(["mute", "bypass"]),
        },
    ),
    max_size=4,
)
interfaces = st.fixed_dictionaries(
    {},
    optional={
        "inputs": st.dictionaries(
            ids,
            st.fixed_dictionaries(
                {"to": st.lists(links, min_size=1, max_size=2)},
                optional={"title": st.text("aé", max_size=3), "default": values, "range": st.just([0, None, 0.5])},
            ),
            max_size=2,
        ),
        "outputs": st.dictionaries(ids, links, max_size=2),
    },
)
views = st.dictionaries(names, values, max_size=3)
graph = {"interface": interfaces, "view": views}
documents = st.fixed_dictionaries(
    {"graphflow": st.just(1), "nodes": nodes},
    optional={
        "title": st.text("aé", max_size=5),
        "subgraphs": st.dictionaries(ids, st.fixed_dictionaries({"nodes": nodes}, optional=graph), max_size=2),
        "packs": st.dictionaries(names, names, max_size=2),
        **graph,
    },
)


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a tree."""
    found: list[tuple[Any, Any]] = []
    queue = [tree]
    while queue:
        container = queue.pop()
        for key in list(container) if isinstance(container, dict) else range(len(container)):
            found.append((container, key))
            if isinstance(container[key], dict | list):
                queue.append(container[key])
    return found


# What is put in place of a part of a good document, to make a bad one.
SPOILT = [None, True, 0, -1, 1.5, "", "x", "a.b", [], [1], {}, {"a": 1}, "a" * 300, ["a.b", 3], {"type": 3}]


def check_good(tree: dict[str, Any]) -> None:
    read = read_document(json.dumps(tree))
    data = write_document(read)
    assert write_document(read_document(data)) == data
    assert not list(VALIDATOR.iter_errors(json.loads(data)))
    again = read_document(data)
    assert (again.nodes, again.view, again.subgraphs) == (read.nodes, read.view, read.subgraphs)


def problems_of(data: str | bytes) -> list[Problem]:
    """What the reader finds; a document without problems is written and read again."""
    try:
        again = write_document(read_document(data))
    except DocumentError as error:
        json.dumps([problem.as_json() for problem in error.problems], ensure_ascii=False).encode()
        return error.problems
    assert write_document(read_document(again)) == again
    return []


def check_any(tree: dict[str, Any]) -> None:
    """Models, the search for problems and the schema say the same of it."""
    try:
        msgspec.convert(tree, Document)
        fits = True
    except msgspec.ValidationError:
        fits = False
    if tree.get("graphflow") == 1:
        assert (not explain(tree)) == fits
    assert VALIDATOR.is_valid(tree) == fits
    assert (not problems_of(json.dumps(tree))) == fits


def spoil(tree: dict[str, Any], chance: random.Random) -> None:
    container, key = chance.choice(places(tree))
    if chance.random() < 0.2:
        del container[key]
    elif isinstance(container, dict) and chance.random() < 0.3:
        container[chance.choice(["x", "type", "to", "a b", ""])] = chance.choice(SPOILT)
    else:
        container[key] = chance.choice(SPOILT)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents)
def test_a_good_document_is_read_and_written_stably(tree: dict[str, Any]) -> None:
    check_good(tree)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents, st.integers(0, 2**32))
def test_models_explanations_and_schema_agree_on_spoilt_documents(tree: dict[str, Any], seed: int) -> None:
    tree = json.loads(json.dumps(tree))
    spoil(tree, random.Random(seed))
    check_any(tree)


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents, st.integers(0, 2**32))
def test_ten_thousand_documents_end_in_a_document_or_a_document_error(tree: dict[str, Any], seed: int) -> None:
    check_good(tree)
    tree = json.loads(json.dumps(tree))
    spoil(tree, random.Random(seed))
    check_any(tree)


INSERTED = [b'"', b"{", b"]", b",", b"NaN", b"1e999", b"\\ud800", b"\xff", b"\x00", b"9" * 99]


def mutated(data: bytes, chance: random.Random) -> bytes:
    made = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(made))
        match chance.randrange(4):
            case 0:
                made[at] = chance.randrange(256)
            case 1:
                made[at : at + chance.randint(1, 20)] = b""
            case 2:
                made[at:at] = chance.choice(
                    [b'"', b"{", b"]", b",", b"NaN", b"1e999", b"\\ud800", b"\xff", b"\x00", b"9" * 99]
                )
            case _:
                cut = chance.randrange(len(made))
                made[at:at] = made[cut : cut + 40]
    return bytes(made)


@pytest.mark.parametrize("seed", range(2))
def test_a_thousand_byte_mutations_end_in_a_document_or_a_document_error(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(1000):
        found = problems_of(mutated(SAMPLE, chance))
        assert all(problem.code.startswith("document.") for problem in found)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_document_or_a_document_error(data: bytes) -> None:
    assert problems_of(data)
