"""JSON text into plain values, strictly. What JSON's usual readers let through is marked, so that it can be told where
it stands: a double key, NaN, a number that does not fit."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from json import JSONDecodeError
from typing import Any, NoReturn

from graphflow.graph.model import MAX_BYTES, MAX_DEPTH, MAX_VALUES
from graphflow.graph.plain import real, whole
from graphflow.graph.problem import DocumentError, Problem, pointer

# An escape that may be half of a surrogate pair: worth a closer look at the texts.
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
# A text that is cut off matches too, so that no character is looked at twice.
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{},:]', re.DOTALL)
_LONG_NUMBER = re.compile(rb"[0-9]{16}")
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_FLAWS = 10_000  # a document with more numbers that cannot be is refused without naming each
_PLACED_UP_TO = 2_000_000
_SIGNATURES = {
    b"\x89PNG": "a PNG picture", b"\xff\xd8\xff": "a JPEG picture", b"RIFF": "a WebP picture or a WAV sound",
    b"GIF8": "a GIF picture", b"fLaC": "a FLAC sound", b"<svg": "an SVG picture", b"<?xml": "an SVG picture",
}  # fmt: skip


_NUMBERS = "Write a number from -1.8e308 to 1.8e308; whole numbers keep every digit up to 9007199254740992."


@dataclass(frozen=True, slots=True)
class Flaw:
    """Stands in place of a value that JSON cannot hold."""

    code: str
    message: str
    hint: str


class Doubled(dict[str, Any]):
    """An object in which keys came more than once."""

    names: list[str]


def parse(data: bytes | str) -> tuple[Any, bool]:
    """The values of a JSON text, and whether they must be looked at closely: they hold flaws, or may.

    Raises DocumentError if the text is too large, not UTF-8 or not JSON.
    """
    raw = _bytes(data)
    text = _decoded(raw)
    _refuse_many(raw)
    maker = _Maker(long_numbers=_LONG_NUMBER.search(raw) is not None)
    try:
        tree = maker.decode(text)
    except JSONDecodeError as error:
        _refuse_syntax(error)
    except RecursionError:
        tokens, deep = _place(text, len(text))
        if not deep:
            raise  # the caller's own stack was nearly full
        refuse_depth(tokens)
    return tree, maker.flawed or _SURROGATE.search(raw) is not None


class _Maker:
    """Builds values for the json module's scanner and notes whether any of them is flawed."""

    def __init__(self, long_numbers: bool) -> None:
        self.flawed = False
        self._unfits = 0
        self.decode = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=self._int if long_numbers else None,
            parse_float=self._float,
            parse_constant=self._constant,
        ).decode

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) == len(pairs):
            return made
        self.flawed = True
        doubled = Doubled(made)
        doubled.names = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
        return doubled

    def _int(self, text: str) -> Any:
        if len(text) < 16:
            return int(text)
        try:
            # Python refuses to read more than 4,300 digits; no double has more than 309 before its point.
            if len(text) > 320:
                raise ValueError("a whole number of that many digits is no 64-bit number")
            return whole(int(text))
        except ValueError:
            return self._unfit(text, "has more digits than a 64-bit number keeps")

    def _float(self, text: str) -> Any:
        value = float(text)
        return real(value) if math.isfinite(value) else self._unfit(text, "is too large for a 64-bit number")

    def _constant(self, text: str) -> Any:
        return self._unfit(text, "is no number in JSON")

    def _unfit(self, text: str, why: str) -> Flaw:
        self.flawed = True
        self._unfits += 1
        if self._unfits > _FLAWS:
            first = f"The document holds over {_FLAWS:,} numbers that no 64-bit number is, such as {text[:20]}."
            _refuse("document.number", first, _NUMBERS)
        return _unfit(text if len(text) <= 40 else f"{text[:20]}... ({len(text):,} digits)", why)


@lru_cache(maxsize=64)
def _unfit(text: str, why: str) -> Flaw:
    return Flaw("document.number", f"{text} {why}.", _NUMBERS)


def _bytes(data: bytes | str) -> bytes:
    if len(data) > MAX_BYTES:
        _refuse(
            "document.too-large",
            f"The document has {len(data):,} {'bytes' if isinstance(data, bytes) else 'characters'}; "
            f"at most {MAX_BYTES:,} bytes are read.",
            "Keep pictures and tables in files beside the workflow and name them in params.",
        )
    if isinstance(data, bytes):
        return data
    try:
        raw = data.encode()
    except UnicodeEncodeError as error:
        _refuse(
            "document.surrogate",
            f"The document holds half a character (a lone surrogate) at character {error.start}.",
            "Write the whole character.",
        )
    return raw if len(raw) <= MAX_BYTES else _bytes(raw)


def _decoded(raw: bytes) -> str:
    for signature, what in _SIGNATURES.items():
        if raw.startswith(signature):
            hint = "If graphflow saved it, `graphflow inspect FILE` gives the workflow that is inside."
            _refuse("document.not-json", f"This is no workflow document but {what}.", hint)
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        _refuse("document.encoding", "The document begins with a byte order mark.", "Save it as UTF-8 without one.")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        _refuse(
            "document.encoding",
            f"The document is not UTF-8: byte 0x{raw[error.start]:02x} in line {line}, at byte {error.start}.",
            "Save it as UTF-8; if it is a binary file, choose the workflow's JSON file instead.",
        )
    if not text.strip():
        hint = 'The smallest document is {"graphflow": 1, "nodes": {}}.'
        _refuse("document.empty", "The document is empty.", hint)
    return text


def _refuse_many(raw: bytes) -> None:
    """Refuse more values than can be looked at in a second, before any of them is made."""
    if _separators(raw) <= MAX_VALUES:
        return
    # Commas and brackets inside texts are not values; a text has two quotes.
    texts = (raw.count(b'"') - raw.count(b'\\"')) // 2
    if texts > 2 * MAX_VALUES or _separators(_TEXT.sub(b"", raw)) > MAX_VALUES:
        _refuse(
            "document.too-many-values",
            f"The document holds more than {MAX_VALUES:,} values; so many are not read.",
            "Keep tables and long lists in files beside the workflow and name them in params.",
        )


def _separators(raw: bytes) -> int:
    return raw.count(b",") + raw.count(b"[") + raw.count(b"{")


# What Python's json says -> what is wrong, what to do.
_SYNTAX = {
    "Expecting value": (
        "a value is missing", "A value is text in double quotes, a number, true, false, null, [...] or {...}."
    ),
    "Expecting property name enclosed in double quotes": (
        "a key in double quotes is missing", "Write keys in double quotes, and no comma before a closing }."
    ),
    "Expecting ',' delimiter": ("a comma or a closing bracket is missing", "Put a comma between two values."),
    "Expecting ':' delimiter": ("a colon is missing after a key", 'Write "key": value.'),
    "Unterminated string starting at": ("a text begins and does not end", "Close it with a double quote."),
    "Invalid control character at": ("a text holds a line break or a control character", "Write it as \\n or \\u001f."),
    "Invalid \\escape": ("a backslash is followed by what is no escape", "Write a backslash itself as \\\\."),
    "Invalid \\uXXXX escape": ("\\u is not followed by four hexadecimal digits", "Write it as in \\u00e9."),
    "Extra data": ("something follows after the end of the document", "A file holds one document."),
    "Illegal trailing comma before end of object": ("a comma stands before a closing }", "Remove the comma."),
    "Illegal trailing comma before end of array": ("a comma stands before a closing ]", "Remove the comma."),
}  # fmt: skip


def _refuse_syntax(error: JSONDecodeError) -> NoReturn:
    known = next((told for said, told in _SYNTAX.items() if error.msg.startswith(said)), None)
    what, hint = known or ("it cannot be read", "See docs/workflow-format.md for what a document looks like.")
    # Of a very long text, line and column must do.
    tokens, deep = _place(error.doc, error.pos) if error.pos < _PLACED_UP_TO else ([], False)
    if deep:
        refuse_depth(tokens)
    if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated"):
        what, hint = f"it breaks off, {what}", "The file may have been cut short; copy or download it again."
    _refuse(
        "document.syntax",
        f"The document is not JSON: {what} (line {error.lineno}, column {error.colno}).",
        hint,
        pointer(*tokens),
    )


def _refuse(code: str, message: str, hint: str, at: str = "") -> NoReturn:
    raise DocumentError([Problem(code, message, at, hint=hint)])


def refuse_depth(tokens: list[str | int]) -> NoReturn:
    """Refuse a document that nests too deeply, at the place where it does."""
    _refuse(
        "document.depth",
        f"The document nests deeper than {MAX_DEPTH} objects and arrays.",
        "Flatten the value, or keep it in a file.",
        pointer(*tokens),
    )


def _place(text: str, end: int) -> tuple[list[str | int], bool]:
    """The keys and indexes that lead to a character of the text, or to where it first nests too deeply (then True)."""
    stack: list[str | int | None] = []  # None: in an object, before a key
    key = ""
    for token in _TOKEN.finditer(text, 0, end):
        mark = token[0]
        if mark in "[{":
            if len(stack) >= MAX_DEPTH:
                return [step for step in stack if step is not None], True
            stack.append(0 if mark == "[" else None)
        elif mark in "]}":
            if stack:
                stack.pop()
        elif mark == ",":
            if stack:
                stack[-1] = stack[-1] + 1 if isinstance(stack[-1], int) else None
        elif mark == ":":
            if stack and not isinstance(stack[-1], int):
                stack[-1] = key
        else:
            key = _unescaped(mark)
    return [step for step in stack if step is not None], False


def _unescaped(quoted: str) -> str:
    try:
        return str(json.loads(quoted)).encode("utf-8", "replace").decode()
    except ValueError:
        return quoted[1:-1]  # the very text that is wrong
