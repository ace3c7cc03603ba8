"""Values and texts that JSON or a terminal cannot hold never break what a command says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

NODES = '''"""Nodes with odd values."""

from __future__ import annotations

from graphflow import QUIET, Context, node


@node
def nan(*, x: float = 0.0) -> float:
    """No number."""
    return x * float("inf")


@node
def infinite(*, x: float = 0.0) -> float:
    """No end."""
    return x + float("inf")


@node
def long(*, x: int = 0) -> int:
    """More digits than Python prints."""
    return x + 10**5000


@node
def half(*, x: int = 0, ctx: Context = QUIET) -> int:
    """Says and raises half a surrogate pair."""
    ctx.say("said " + chr(0xDC80))
    raise ValueError("raised " + chr(0xDC80))
'''


def no_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


@pytest.fixture(autouse=True)
def pack(home: Path) -> None:
    (home / "packs").mkdir()
    (home / "packs" / "strange.py").write_text(NODES)


@pytest.mark.parametrize("kind", ["nan", "infinite", "long"])
def test_a_value_that_json_cannot_hold_is_left_out(cli: Any, write: Any, kind: str) -> None:
    name = write({"a": {"type": f"strange/{kind}"}})
    done = cli("run", name, "--json")
    told = json.loads(done.out, parse_constant=no_constant)
    assert (done.code, "value" in told["outputs"]["a.value"]) == (0, False)
    assert cli("run", name).code == 0


@pytest.mark.parametrize("option", [[], ["--json"], ["--events"]])
def test_half_a_surrogate_pair_in_a_message_is_escaped(cli: Any, write: Any, option: list[str]) -> None:
    done = cli("run", write({"a": {"type": "strange/half"}}), *option)
    assert done.code == 1
    assert "\\udc80" in done.out + done.err


def test_a_problem_without_a_node_says_where_it_is(cli: Any, home: Path) -> None:
    Path("flow.json").write_text('{"graphflow": 1, "nodes": {"": {"type": "x"}, "": {"type": "x"}}}')
    assert "where: /nodes/" in cli("validate", "flow.json").err
