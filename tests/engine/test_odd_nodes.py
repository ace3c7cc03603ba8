"""Nodes that return what they should not, shelves that cannot be read, files as values: sentences, never a hang."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from graphflow import File, Image, Json, Outputs, node
from graphflow.cache.shelf import RemoteShelf
from graphflow.engine.errors import InvalidDocument


@node
def number_(*, value: float = 1.0) -> float:
    """Give a number."""
    return value


@node
def wrong_kind(x: float) -> float:
    """Give a text."""
    return "a text"  # type: ignore[return-value]


@node
def wrong_element(x: float) -> list[float]:
    """Give a text among numbers."""
    return [1.0, "two"]  # type: ignore[list-item]


class Two(NamedTuple):
    """Two numbers."""

    a: float
    b: float


@node
def too_few(x: float) -> Two:
    """Give one of two."""
    return (1.0,)  # type: ignore[return-value]


@node
def too_many(x: float) -> Two:
    """Give three of two."""
    return (1.0, 2.0, 3.0)  # type: ignore[return-value]


@node
def no_outputs(x: float, *, names: list[str] = ("a",)) -> Outputs:  # type: ignore[assignment]
    """Give nothing."""
    return None  # type: ignore[return-value]


@no_outputs.outputs
def _(names: list[str]) -> dict[str, str]:
    return dict.fromkeys(names, "number")


@node
def numpy_scalars(x: float) -> Two:
    """Give numbers of other libraries."""
    return Two(np.float32(0.5), torch.tensor(2.0))  # type: ignore[arg-type]


@node
def nan(x: float) -> float:
    """Give what is no number."""
    return float("nan")


@node
def unstorable(x: float) -> Json:
    """Give what is no JSON."""
    return {"a": object()}


@node
def exits(x: float) -> float:
    """Leave."""
    raise SystemExit(3)


@node
def interrupts(x: float) -> float:
    """Interrupt."""
    raise KeyboardInterrupt


@node
def deep(x: float) -> float:
    """Recurse without end."""
    return deep(x)


@node
def key_error(x: float) -> float:
    """Look for what is not there."""
    return {"a": 1.0}["b"]


@node
def wordless(x: float) -> float:
    """Fail without a word."""
    raise ZeroDivisionError


@node
def pass_file(*, file: File) -> File:
    """Pass a file on."""
    return file


@node
def read_file(file: File) -> float:
    """Read a file."""
    return float(len(file.read()))


@node
def half_image(*, level: float = 0.5) -> Image:
    """Make a picture."""
    return Image(torch.full((1, 3, 8, 8), level))


@node
def aliased(image: Image) -> Image:
    """Give what it was given."""
    return image


NODES: list[Any] = [number_, wrong_kind, wrong_element, too_few, too_many, no_outputs, numpy_scalars, nan, unstorable]
NODES += [exits, interrupts, deep, key_error, wordless, pass_file, read_file, half_image, aliased]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (wrong_kind, "its output value wants a number, got the text 'a text'"),
        (wrong_element, "its output value at [1] wants a number, got the text 'two'"),
        (too_few, "it returned 1 values for its outputs a, b"),
        (too_many, "it returned 3 values for its outputs a, b"),
        (no_outputs, "it returned nothing; its outputs are a"),
        (unstorable, "wants JSON, got a object"),
        (exits, "SystemExit: 3"),
        (interrupts, "KeyboardInterrupt"),
        (deep, "maximum recursion depth"),
        (key_error, "the key 'b' is missing"),
        (wordless, "ZeroDivisionError"),
    ],
)
def test_what_is_wrong_with_a_node_is_a_sentence(what: Any, said: str, bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    ran = bench.run(session, graph(n=use(number_), w=use(what, x="n.value"), m=use(number_, value=2.0)))
    assert ran.status == "failed"
    assert [(error.code, error.node) for error in ran.result.errors] == [("node.failed", "w")]
    assert said in ran.messages[0]
    assert "Traceback" not in ran.messages[0]
    assert ran.values == {"m.value": 2.0}
    assert bench.run(session, graph(n=use(number_))).status == "done"


def test_scalars_of_other_libraries_are_plain_numbers(bench: Any, use: Any, graph: Any) -> None:
    ran = bench.run(bench.session(NODES), graph(n=use(number_), s=use(numpy_scalars, x="n.value")))
    assert ran.values == {"s.a": 0.5, "s.b": 2.0}
    assert {type(value) for value in ran.values.values()} == {float}


def test_a_value_that_is_no_number_is_cached_like_any(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    document = graph(n=use(number_), x=use(nan, x="n.value"))
    bench.run(session, document)
    ran = bench.run(bench.restarted(session, NODES), document)
    assert ran.computed == []
    assert ran.values["x.value"] != ran.values["x.value"]


def test_a_file_passed_on_by_a_node_is_kept_whole(bench: Any, use: Any, graph: Any, tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    path.write_bytes(bytes(range(256)) * 1000)
    os.utime(path, (time.time() - 60, time.time() - 60))
    session = bench.session(NODES, roots=[tmp_path])
    document = graph(p=use(pass_file, file="big.txt"), r=use(read_file, file="p.file"))
    first = bench.run(session, document, targets=["p", "r"])
    assert first.values["r.value"] == 256_000.0
    ran = bench.run(bench.restarted(session, NODES, roots=[tmp_path]), document, targets=["p", "r"])
    assert ran.computed == []
    assert ran.values["p.file"].read() == bytes(range(256)) * 1000
    values = ran.result.outputs
    assert values["r.value"]["kind"] == "number"


def test_a_large_file_does_not_go_into_the_ledger(bench: Any, use: Any, graph: Any, tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    path.write_bytes(os.urandom(2_000_000))
    os.utime(path, (time.time() - 60, time.time() - 60))
    session = bench.session(NODES, roots=[tmp_path])
    bench.run(session, graph(p=use(pass_file, file="big.txt")))
    bench.close(session)
    assert sum(entry.stat().st_size for entry in bench.home.glob("ledger*")) < 1_000_000


def test_a_value_under_two_names_is_one_entry(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    ran = bench.run(session, graph(h=use(half_image), a=use(aliased, image="h.image")), targets=["h", "a"])
    outputs = ran.result.outputs
    assert outputs["h.image"] == outputs["a.image"]
    assert len(session.fetch.memory) == 1


@pytest.mark.parametrize("method", ["get_trace", "has", "get"])
def test_a_shared_shelf_that_cannot_be_read_is_told_and_hangs_nothing(
    method: str, bench: Any, use: Any, graph: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = graph(n=use(number_), h=use(half_image))
    bench.run(bench.session(NODES, home=tmp_path / "mine", shelf=str(tmp_path / "shared")), document)

    def broken(*_: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(RemoteShelf, method, broken)
    session = bench.session(NODES, home=tmp_path / "theirs", shelf=str(tmp_path / "shared"))
    ran = bench.run(session, document)
    assert ran.status == "failed"
    assert "Permission denied" in ran.messages[0]
    monkeypatch.undo()
    again = bench.run(bench.restarted(session, NODES, shelf=str(tmp_path / "shared")), document)
    assert again.status == "done", again.messages


def test_a_document_that_is_wrong_leaves_the_session_as_it_was(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    with pytest.raises(InvalidDocument):
        bench.run(session, graph(n=use("no.such")))
    assert session.runs == []
    assert bench.run(session, graph(n=use(number_))).status == "done"
