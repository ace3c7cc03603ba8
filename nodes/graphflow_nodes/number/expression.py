"""A number worked out from others, as one writes it."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from graphflow import Inputs, Widget, node
from graphflow_nodes.number.arithmetic import evaluate, names_of, parse


class Result(NamedTuple):
    """The value of an expression, in three forms.

    number: The value; true is 1, false is 0.
    whole: The nearest whole number, of two equally near the even one.
    boolean: Whether the value is anything but 0.
    """

    number: float
    whole: int
    boolean: bool


@node(title="Expression")
def expression(
    more: Inputs, *, expression: Annotated[str, Widget("code", {"language": "arithmetic"})] = "a + b"
) -> Result:
    """Work out an expression such as `a * 2 + b`; each name in it becomes an input.

    expression: Numbers, names, + - * / // % **, comparisons (they chain: 0 <= a < 1), and, or, not, `x if c else y`,
    the constants pi, e, true and false, and the functions min, max, abs, round, floor, ceil, sqrt, exp, log, sin, cos,
    tan (in radians), clamp(value, least, greatest) and lerp(start, end, share).

    Numbers are Python's: whole ones are exact up to 64 bits, others have double precision. A result beyond that, or
    one that has no value such as 1 / 0, is an error that names the place.
    """
    value = evaluate(parse(expression), more)
    return Result(float(value), round(value), bool(value))


@expression.inputs
def named_inputs(expression: str) -> dict[str, str]:
    """One input for each name in the expression."""
    return dict.fromkeys(names_of(parse(expression)), "number | whole | boolean")
