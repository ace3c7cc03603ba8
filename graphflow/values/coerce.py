"""A plain value made into exactly what a port declares, or refused with a sentence.

Checked where a document is validated and again where a step runs, so that a number is a number in every key.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

from graphflow.values.kind import KINDS, kind_of
from graphflow.values.kinds import Secret
from graphflow.values.types import Type

SEED_MAX = (1 << 53) - 1
_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\Z")
_ID = re.compile(r"#[A-Za-z0-9_-]{1,64}\Z")


def coerce(value: Any, want: Type) -> Any:
    """The value as the type wants it. Raises ValueError with what was wanted and what came."""
    if want.name == "union":
        return _first(value, want)
    plain = _PLAIN.get(want.name)
    if plain is not None:
        return plain(_python(value))
    if want.name == "any" or want.is_variable:
        return _python(value)
    if want.name == "json":
        return _json(_python(value))
    if want.is_list:
        if not isinstance(value, list | tuple):
            raise ValueError(f"wants a {want}, got {tell(value)}")
        return [_element(item, want.element, index) for index, item in enumerate(value)]
    if want.name == "secret" and isinstance(value, str):
        return Secret(value)
    kind = kind_of(value)
    if kind is not None and kind.name == want.name:
        return value
    known = KINDS.get(want.name)
    if known is not None and isinstance(value, known.cls):
        return value
    raise ValueError(f"wants {_article(str(want))}, got {tell(value)}")


def tell(value: Any) -> str:
    """A value in few words, for a sentence."""
    kind = kind_of(value)
    if kind is not None:
        return _article(kind.name)
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text {value[:40]!r}" + ("..." if len(value) > 40 else "")
    if isinstance(value, int | float):
        # Python refuses to print integers of thousands of digits.
        return str(value) if isinstance(value, float) or value.bit_length() < 200 else "an immense number"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, Mapping):
        return "an object"
    return f"a {type(value).__qualname__}"


def _article(noun: str) -> str:
    return f"an {noun}" if noun[:1] in "aeiou" else f"a {noun}"


def _python(value: Any) -> Any:
    """numpy and torch scalars as the Python numbers that they are."""
    if type(value) in (int, float, str, bool) or value is None:
        return value
    # While another thread imports torch, it is there without its Tensor.
    generic: Any = getattr(sys.modules.get("numpy"), "generic", None)
    tensor: Any = getattr(sys.modules.get("torch"), "Tensor", None)
    if generic is not None and isinstance(value, generic):
        return value.item()
    if tensor is not None and isinstance(value, tensor) and value.ndim == 0:
        return value.item()
    return value


def _element(value: Any, want: Type, index: int) -> Any:
    try:
        return coerce(value, want)
    except ValueError as error:
        raise ValueError(f"at [{index}] {error}") from None


def _first(value: Any, want: Type) -> Any:
    # Exact matches before those that change the value: 1 in `number | whole` stays 1.
    problems: list[ValueError] = []
    for option in want.args:
        try:
            made = coerce(value, option)
        except ValueError as error:
            problems.append(error)
            continue
        if type(made) is type(value):
            return made
    for option in want.args:
        try:
            return coerce(value, option)
        except ValueError:
            continue  # told below, with all the options
    raise ValueError(f"wants a {want}, got {tell(value)}") from problems[0]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"wants a text, got {tell(value)}")
    return str(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"wants a number, got {tell(value)}")
    try:
        return float(value) + 0.0  # -0.0 is 0.0, as JSON's canonical form has it
    except OverflowError:
        raise ValueError("wants a number, got one too large for 64 bits") from None


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"wants a whole number, got {tell(value)}")
    if isinstance(value, float) and not (math.isfinite(value) and value.is_integer()):
        raise ValueError(f"wants a whole number, got {value}")
    return int(value)


def _seed(value: Any) -> int:
    whole = _whole(value)
    if not 0 <= whole <= SEED_MAX:
        raise ValueError(f"wants a seed from 0 to {SEED_MAX}, got {tell(whole)}")
    return whole


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"wants true or false, got {tell(value)}")
    return value


def _color(value: Any) -> str:
    if not isinstance(value, str) or not _COLOR.match(value):
        raise ValueError(f"wants a colour as #rrggbb or #rrggbbaa, got {tell(value)}")
    return value.lower()


def _none(value: Any) -> None:
    if value is not None:
        raise ValueError(f"wants nothing, got {tell(value)}")


def _subgraph(value: Any) -> str:
    if not isinstance(value, str) or not _ID.match(value):
        raise ValueError(f"wants a subgraph as #name, got {tell(value)}")
    return value


def _json(value: Any) -> Any:
    if isinstance(value, str | bool | int | float) or value is None:
        return value
    if isinstance(value, list | tuple):
        return [_json(_python(item)) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _json(_python(item)) for name, item in value.items()}
    raise ValueError(f"wants JSON, got {tell(value)}")


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "number": _number,
    "whole": _whole,
    "boolean": _boolean,
    "seed": _seed,
    "color": _color,
    "none": _none,
    "subgraph": _subgraph,
}
