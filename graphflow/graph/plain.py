"""Plain JSON values: their one form in memory, and the text of numbers as RFC 8785 (ECMAScript) writes it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graphflow.graph.model import MAX_DEPTH

EXACT = 1 << 53  # every whole number up to it is a double; of greater ones, JSON's readers lose digits


def number_text(value: float) -> str:
    """The shortest text that reads back to the same double, as ECMAScript writes it.

    Raises ValueError for NaN, infinity and whole numbers that are no double.
    """
    if isinstance(value, int):
        if -EXACT <= value <= EXACT:
            return str(value)
        value = whole(value)
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number in JSON")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    before, _, after = mantissa.partition(".")
    digits = (before + after).lstrip("0")
    # The value is 0.DIGITS times ten to the power of `point`.
    point = len(before) + int(exponent or 0) - (len(before + after) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if digits[1:] else ""
    return f"{sign}{digits[0]}{tail}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def whole(value: int) -> int | float:
    """A whole number in its one form: int up to 2^53, a double above. Raises ValueError if digits would be lost."""
    if -EXACT <= value <= EXACT:
        return value
    try:
        double = float(value)
    except OverflowError:
        raise ValueError("a whole number of that many digits is no 64-bit number") from None
    # 2^69 is written 590295810358705700000, which is another whole number but the same double.
    if int(double) != value and number_text(double) != str(value):
        raise ValueError(f"{value} has more digits than a 64-bit number keeps")
    return double


def real(value: float) -> int | float:
    """A double in its one form: 2.0 is 2, as in the file, so that a value is the same before saving and after."""
    if value.is_integer() and -EXACT <= value <= EXACT:
        return int(value)
    return value


def plain(value: Any, depth: int = MAX_DEPTH) -> Any:
    """A copy of a value as a document would read it: dicts, lists, texts, numbers in their one form, booleans, None.

    Raises ValueError if JSON cannot hold it or it nests deeper than `depth`.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return whole(int(value))
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is no number in JSON")
        return real(float(value))
    if isinstance(value, str):
        return _text(value)
    if depth <= 0:
        raise ValueError(f"it nests deeper than {MAX_DEPTH}")
    if isinstance(value, list | tuple):
        return [plain(item, depth - 1) for item in value]
    if isinstance(value, Mapping):
        if odd := [name for name in value if not isinstance(name, str)]:
            raise ValueError(f"the key {odd[0]!r} is no text")
        return {_text(name): plain(item, depth - 1) for name, item in value.items()}
    raise ValueError(f"JSON has no {type(value).__qualname__}")


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"the text {value[:40]!a} holds half a character (a lone surrogate)") from None
    return str(value)
