"""Every code block of docs/adding-a-node.md is run, from top to bottom in one module, as a reader would."""

from __future__ import annotations

import ast
import linecache
import re
import sys
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from graphflow import DeclarationError
from graphflow.nodetype.declare import declared
from graphflow.values.codec import decode, encode
from graphflow.values.digest import digest
from graphflow.values.kind import _BY_CLASS, KINDS

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "adding-a-node.md"
NAME = "adding_a_node"


class Block(NamedTuple):
    language: str
    line: int
    text: str


def _blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(match[1], text.count("\n", 0, match.start(2)), match[2])
        for match in re.finditer(r"^```([a-z ]+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]


BLOCKS = _blocks(PAGE)


def _run(block: Block, namespace: dict[str, Any]) -> None:
    # Padded, so that an error names the page's own line.
    exec(compile("\n" * block.line + block.text, str(PAGE), "exec", dont_inherit=True), namespace)


@pytest.fixture(scope="module")
def module() -> Iterator[ModuleType]:
    """The page as a module: what its good blocks define, until the tests are done."""
    kinds, classes = dict(KINDS), dict(_BY_CLASS)
    made = ModuleType(NAME)
    sys.modules[NAME] = made
    for block in BLOCKS:
        if block.language == "python":
            _run(block, made.__dict__)
    yield made
    del sys.modules[NAME]
    declared.pop(NAME, None)
    for register, before in ((KINDS, kinds), (_BY_CLASS, classes)):
        register.clear()  # type: ignore[attr-defined]
        register.update(before)  # type: ignore[attr-defined]
    linecache.checkcache(str(PAGE))


def test_every_block_is_of_a_language_that_is_tested() -> None:
    assert {block.language for block in BLOCKS} == {"python", "python raises", "text", "toml"}


def test_every_good_block_runs(module: ModuleType) -> None:
    assert len(declared[NAME]) >= 15


def _failing() -> list[tuple[Block, str]]:
    pairs = pairwise(BLOCKS)
    return [(block, answer.text.strip()) for block, answer in pairs if block.language == "python raises"]


@pytest.mark.parametrize("case", _failing(), ids=lambda case: f"line {case[0].line}")
def test_a_block_that_must_fail_says_what_the_page_says(case: tuple[Block, str], module: ModuleType) -> None:
    block, answer = case
    with pytest.raises(DeclarationError) as error:
        _run(block, dict(module.__dict__))
    assert str(error.value) == answer


def test_the_packs_toml_registers_a_pack() -> None:
    project = tomllib.loads(next(block.text for block in BLOCKS if block.language == "toml"))["project"]
    assert project["entry-points"]["graphflow.packs"] == {"acme": "acme_nodes"}


def test_the_pages_own_kind_is_stored_and_named_like_any(module: ModuleType) -> None:
    polygon = module.regular(corners=4)
    assert digest(decode(encode(polygon))) == digest(polygon)


def test_blocks_begin_with_future_annotations_once() -> None:
    good = [block for block in BLOCKS if block.language == "python"]
    futures = [block for block in good if "from __future__" in block.text]
    assert futures == [good[0]]
    assert isinstance(ast.parse(futures[0].text).body[0], ast.ImportFrom)
