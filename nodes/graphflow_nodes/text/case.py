"""Capital and small letters, and how many there are."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, NamedTuple

from graphflow import node

_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SENTENCE = re.compile(r"(?:\A|[.!?…]\s|\n)[^\w\n.!?…]*\w")
# `parseHTTPReply2` is parse, HTTP, Reply2: a capital begins a word after a small letter, and before one.
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")


@node
def case(text: str, *, to: Literal["upper", "lower", "title", "sentence", "snake", "kebab", "camel"] = "lower") -> str:
    """Change the case of a text.

    to: UPPER, lower, Title Case, Sentence case, or a name as snake_case, kebab-case or camelCase.
    """
    return _CASES[to](text)


def _title(text: str) -> str:
    return _LETTERS.sub(lambda found: found[0][:1].upper() + found[0][1:].lower(), text)


def _sentence(text: str) -> str:
    return _SENTENCE.sub(lambda found: found[0][:-1] + found[0][-1].upper(), text.lower())


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(_HUMP.sub(" ", text))]


def _camel(text: str) -> str:
    first, *rest = _words(text) or [""]
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


_CASES: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "title": _title,
    "sentence": _sentence,
    "snake": lambda text: "_".join(_words(text)),
    "kebab": lambda text: "-".join(_words(text)),
    "camel": _camel,
}


class Length(NamedTuple):
    """How long a text is.

    characters: Unicode code points. words: Runs between white space. lines: Lines, a last empty one not counted.
    bytes: Bytes in UTF-8.
    """

    characters: int
    words: int
    lines: int
    bytes: int


@node
def length(text: str) -> Length:
    """Count a text's characters, words, lines and bytes in UTF-8."""
    return Length(len(text), len(text.split()), len(text.splitlines()), len(text.encode("utf-8", "surrogatepass")))
