"""Edits of a pack's code between runs: what is computed again, in the same session and after a restart."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

CODE = '''
"""A pack of two modules' worth."""
from __future__ import annotations
from graphflow import node

SCALE = 2.0


def scaled(x: float) -> float:
    return x * SCALE


@node
def begin(*, value: float = 1.0) -> float:
    """Give a number."""
    return value


@node
def grow(x: float) -> float:
    """Make it larger."""
    return scaled(x)


@node
def sign(x: float) -> float:
    """Tell the sign."""
    # a comment
    return 1.0 if x > 0 else -1.0
'''


class Pack:
    """A pack in the data folder, with a name of its own, since modules outlive a test."""

    count = 0

    def __init__(self, home: Path) -> None:
        Pack.count += 1
        self.name = f"edited{Pack.count}"
        self.path = home / "packs" / f"{self.name}.py"
        self.path.parent.mkdir(parents=True)
        self.write(CODE)

    def write(self, code: str) -> None:
        self.path.write_text(code)
        # Another time than any before it, also where the clock is coarse.
        stamp = time.time() + Pack.count
        os.utime(self.path, (stamp, stamp))
        Pack.count += 1

    def edit(self, old: str, new: str) -> None:
        text = self.path.read_text()
        assert text.count(old) == 1
        self.write(text.replace(old, new))

    def document(self, session: Any, use: Any, graph: Any) -> Any:
        def named(function: str) -> str:
            return next(t for t in session.types.catalogue.nodes if self.name in t and t.endswith(function))

        return graph(a=use(named("begin")), g=use(named("grow"), x="a.value"), s=use(named("sign"), x="g.value"))


@pytest.fixture(params=["same session", "restarted"])
def turn(request: pytest.FixtureRequest, bench: Any) -> Any:
    return lambda session: session if request.param == "same session" else bench.restarted(session)


def test_an_edit_of_a_comment_or_layout_computes_nothing(bench: Any, use: Any, graph: Any, turn: Any) -> None:
    pack = Pack(bench.home)
    session = bench.session()
    document = pack.document(session, use, graph)
    bench.run(session, document)
    pack.edit("    # a comment\n", "    # another comment\n\n")
    ran = bench.run(turn(session), document)
    assert ran.told == ["step.cached a", "step.cached g", "step.cached s"]


def test_an_edit_of_a_nodes_code_computes_it_and_stops_where_the_value_is_equal(
    bench: Any, use: Any, graph: Any, turn: Any
) -> None:
    pack = Pack(bench.home)
    session = bench.session()
    document = pack.document(session, use, graph)
    assert bench.run(session, document).values == {"s.value": 1.0}
    pack.edit("return scaled(x)\n", "return scaled(x) + 0.0\n")
    session = turn(session)
    assert bench.run(session, document).told == ["step.cached a", "step.started g", "step.done g", "step.cached s"]


def test_an_edit_of_a_helper_computes_what_uses_it_and_what_depends_on_its_value(
    bench: Any, use: Any, graph: Any, turn: Any
) -> None:
    pack = Pack(bench.home)
    session = bench.session()
    document = pack.document(session, use, graph)
    bench.run(session, document)
    pack.edit("return x * SCALE", "return -x * SCALE")
    ran = bench.run(turn(session), document)
    assert ran.computed == ["g", "s"]
    assert ran.values == {"s.value": -1.0}


def test_an_edit_of_a_constant_computes_what_uses_it(bench: Any, use: Any, graph: Any, turn: Any) -> None:
    pack = Pack(bench.home)
    session = bench.session()
    document = pack.document(session, use, graph)
    bench.run(session, document)
    pack.edit("SCALE = 2.0", "SCALE = -3.0")
    ran = bench.run(turn(session), document, targets=["g", "s"])
    assert ran.computed == ["g", "s"]
    assert ran.values == {"g.value": -3.0, "s.value": -1.0}


def test_an_edit_taken_back_finds_what_was_computed_before(bench: Any, use: Any, graph: Any, turn: Any) -> None:
    pack = Pack(bench.home)
    session = bench.session()
    document = pack.document(session, use, graph)
    bench.run(session, document)
    pack.edit("SCALE = 2.0", "SCALE = -3.0")
    bench.run(session, document)
    pack.edit("SCALE = -3.0", "SCALE = 2.0")
    ran = bench.run(turn(session), document)
    assert (ran.computed, ran.values) == ([], {"s.value": 1.0})


def test_an_edit_that_does_not_import_leaves_the_earlier_code_in_use(bench: Any, use: Any, graph: Any) -> None:
    pack = Pack(bench.home)
    session = bench.session()
    document = pack.document(session, use, graph)
    bench.run(session, document)
    pack.edit("SCALE = 2.0", "SCALE = = 2.0")
    ran = bench.run(session, document)
    assert ran.computed == []
    [told] = ran.of("pack.stale")
    assert told.data["pack"] == pack.name
    assert "SyntaxError" in told.data["message"]
    # As long as it is so, every run is told.
    assert len(bench.run(session, document).of("pack.stale")) == 1


def test_an_edit_of_an_isolated_node_reaches_its_process(bench: Any, use: Any, graph: Any) -> None:
    pack = Pack(bench.home)
    pack.edit("@node\ndef grow(", "@node(isolate=True)\ndef grow(")
    session = bench.session()
    document = pack.document(session, use, graph)
    assert bench.run(session, document, targets=["g"]).values == {"g.value": 2.0}
    pack.edit("return x * SCALE", "return x * SCALE + 0.5")
    assert bench.run(session, document, targets=["g"]).values == {"g.value": 2.5}
