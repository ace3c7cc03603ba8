"""A value that stands in the document, or is given to a run, against the port that takes it."""

from __future__ import annotations

import difflib
import math
from typing import TYPE_CHECKING, Any

from graphflow.graph.wording import listed
from graphflow.nodetype.signature import outside
from graphflow.values.coerce import coerce, tell
from graphflow.values.types import Type

if TYPE_CHECKING:
    from graphflow.graph.ports import Port

_PATHS = ("file", "folder")  # kinds that a document writes as a path, which the engine resolves


class Refused(ValueError):
    """A value that a port does not take: a code, the end of a sentence that began with the port, and a hint."""

    def __init__(self, code: str, said: str, hint: str) -> None:
        super().__init__(said)
        self.code, self.said, self.hint = code, said, hint


def literal(value: Any, want: Type) -> Any:
    """The value as the type wants it, a file's path left as text. Raises ValueError with the end of a sentence."""
    if isinstance(value, str) and any(option.name in _PATHS for option in want.options):
        return value
    if want.is_list and isinstance(value, list) and any(o.name in _PATHS for o in want.element.options):
        return [literal(item, want.element) for item in value]  # pyright: ignore[reportUnknownVariableType]
    made = coerce(value, want)
    if not _finite(made):
        raise ValueError(f"wants finite numbers, got {tell(value)}")
    return made


def accept(port: Port, value: Any) -> Any:
    """The value as the port wants it. Raises Refused."""
    try:
        made = literal(value, port.type)
    except ValueError as error:
        raise Refused("param.type", f" {error}.", _wish(port)) from None
    for low, high in port.limits:
        if problem := outside(made, low, high):
            raise Refused("param.range", f": {tell(made)} {problem}.", _reach(low, high))
    for choices in port.choices:
        for one in made if isinstance(made, list) else [made]:  # pyright: ignore[reportUnknownVariableType]
            if one is not None and one not in choices:
                raise Refused("param.choice", f": {tell(one)} is none of its choices.", _menu(str(one), choices))
    return made


def accept_each(port: Port, values: list[Any]) -> list[Any]:
    """A list that maps a node over a param: each element as the port wants it. Raises Refused."""
    made: list[Any] = []
    for index, value in enumerate(values):
        try:
            made.append(accept(port, value))
        except Refused as no:
            raise Refused(no.code, f" at [{index}]{no.said}", no.hint) from None
    return made


def maps(port: Port, value: Any) -> bool:
    """Whether a value is a list that maps its node over a param that wants one of its elements.

    Paths, secrets and params that decide the ports of a node are never mapped by value.
    """
    if not isinstance(value, list) or not port.param or port.fixed or port.type.takes_whole:
        return False
    return not any(option.name in (*_PATHS, "secret") for option in port.type.options)


def _wish(port: Port) -> str:
    if any(option.name in _PATHS for option in port.type.options):
        return "Give the path of a file as text."
    if port.choices:
        return f"Choose one of {listed(port.choices[0])}."
    if port.limits:
        return _reach(*port.limits[0])
    return f"Give a value of the type {port.type}."


def _reach(low: float | None, high: float | None) -> str:
    if low is None:
        return f"Give a number of at most {_short(high)}."
    if high is None:
        return f"Give a number of at least {_short(low)}."
    return f"Give a number from {_short(low)} to {_short(high)}."


def _short(number: float | None) -> str:
    return str(int(number)) if number is not None and float(number).is_integer() else str(number)


def _menu(value: str, choices: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(value[:200], choices, 1, 0.6)
    return (f"Did you mean {near[0]}? " if near else "") + f"Its choices are {listed(choices)}."


def _finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list):
        return all(map(_finite, value))  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, dict):
        return all(map(_finite, value.values()))  # pyright: ignore[reportUnknownArgumentType]
    return True
