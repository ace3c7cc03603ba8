"""What the child process tells of packs that declare badly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from graphflow.packs.catalogue import load

Write = Callable[[str, str], Path]

GOOD = '''
from graphflow import Image, Lazy, node


@node
def good(image: Image) -> Image:
    """Pass an image on."""
    return image
'''
LAZY = '''

@node
def bad(image: Lazy[Image]) -> Image:
    """Pass an image on."""
    return image.value
'''


def test_a_node_that_lacks_a_satellite_is_listed_and_costs_no_other(home: Path, write: Write) -> None:
    write("acme.py", GOOD + LAZY)
    made = load(home).catalogue
    assert "acme/good" in made.nodes
    assert "acme/bad" not in made.nodes
    assert "is Lazy but nothing asks for it; add `@bad.needs`" in made.problems["acme"]


def test_a_reason_with_a_lone_surrogate_is_told_with_an_escape(home: Path, write: Write) -> None:
    write("acme.py", r"raise ValueError('lone \ud800 half')")
    assert "ValueError: lone \\ud800 half" in load(home).catalogue.problems["acme"]


def test_a_node_whose_words_cannot_be_written_is_listed_and_costs_no_other(home: Path, write: Write) -> None:
    write("acme.py", GOOD + LAZY.replace("Lazy[Image]", "Image").replace('"""Pass an', r'"""Pass \ud800 an'))
    made = load(home).catalogue
    assert "acme/good" in made.nodes
    assert "acme/bad" not in made.nodes
    assert "acme" in made.problems


def test_an_import_that_takes_too_much_memory_is_refused(home: Path, write: Write) -> None:
    write("acme.py", "import mmap\nmmap.mmap(-1, 32 << 30, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)")
    assert "Cannot allocate memory" in load(home).catalogue.problems["acme"]
