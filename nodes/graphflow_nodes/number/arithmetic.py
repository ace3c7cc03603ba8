"""Reads and evaluates arithmetic, and nothing else.

An expression is refused before Python's parser sees it if it holds a sign that arithmetic does not need: there are no
quotes, brackets, braces, colons or dots outside numbers. What the parser makes of the rest is walked against a list of
what is allowed, and each result is held within a magnitude, so that no expression takes long, grows large or reaches
anything but the numbers that it names.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

Value: TypeAlias = "bool | int | float"

MOST_CHARACTERS = 1000
MOST_PARTS = 400
MOST_DEPTH = 100
MOST_BRACKETS = 40
WHOLE_LIMIT = (1 << 63) - 1
DIGITS_LIMIT = 20  # of round(): 10 to a larger power would be an immense number
POWER_LIMIT = 64  # of whole numbers above 1: more is beyond WHOLE_LIMIT in any case

CONSTANTS: dict[str, Value] = {"pi": math.pi, "e": math.e, "true": True, "false": False}
# Names that the node itself uses for its ports.
RESERVED = ("expression", "more")

_NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_TOKEN = re.compile(rf"\s+|{_NUMBER}(?![\w.])|[A-Za-z][A-Za-z0-9_]*|\*\*|//|==|!=|<=|>=|[-+*/%<>(),]", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}\Z")


class ExpressionError(ValueError):
    """What is wrong with an expression. position: The character, from 1."""

    def __init__(self, position: int, problem: str) -> None:
        super().__init__(f"The expression fails at character {position}: {problem}")
        self.position = position


def parse(text: str) -> ast.expr:
    """The tree of an expression that holds only what is allowed. Raises ExpressionError."""
    if len(text) > MOST_CHARACTERS:
        raise ExpressionError(MOST_CHARACTERS + 1, f"it is longer than {MOST_CHARACTERS} characters; split it.")
    if not text.strip():
        raise ExpressionError(1, "it is empty; write some arithmetic such as a * 2 + b.")
    _scan(text)
    # One line without a margin: positions are columns.
    margin = len(text) - len(text.lstrip())
    try:
        tree = ast.parse(re.sub(r"\s", " ", text).strip(), mode="eval").body
    except SyntaxError as error:
        position = margin + min(max(error.offset or 1, 1), len(text) - margin)
        raise ExpressionError(position, "it cannot be read from here; look for a missing sign or bracket.") from None
    except (MemoryError, RecursionError):
        raise ExpressionError(1, "it is nested too deeply; split it.") from None
    for part in ast.walk(tree):
        if isinstance(part, ast.expr):
            part.col_offset += margin
    _check(tree)
    return tree


def names_of(tree: ast.expr) -> list[str]:
    """The names that an expression needs values for, in the order in which they appear in it."""
    found = sorted((part.col_offset, part.id) for part in _values(tree) if isinstance(part, ast.Name))
    return list(dict.fromkeys(name for _, name in found if name not in CONSTANTS))


def evaluate(tree: ast.expr, values: Mapping[str, Value]) -> Value:
    """The value of a parsed expression. Raises ExpressionError where a step has no value or too large a one."""
    match tree:
        case ast.Constant(value=value):
            return _held(tree, value)
        case ast.Name(id=name):
            return CONSTANTS[name] if name in CONSTANTS else _held(tree, _given(tree, name, values))
        case ast.UnaryOp(op=op, operand=operand):
            return _applied(tree, _UNARY[type(op)], evaluate(operand, values))
        case ast.BinOp(op=op, left=left, right=right):
            return _applied(tree, _BINARY[type(op)], evaluate(left, values), evaluate(right, values))
        case ast.BoolOp(op=op, values=parts):
            result: Value = False
            for part in parts:
                result = evaluate(part, values)
                if bool(result) is isinstance(op, ast.Or):
                    break
            return result
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return evaluate(body if evaluate(test, values) else orelse, values)
        case ast.Compare():
            return _compared(tree, values)
        case ast.Call(func=ast.Name(id=name), args=args):
            return _applied(tree, _FUNCTIONS[name][0], *(evaluate(arg, values) for arg in args))
        case _:
            raise ExpressionError(tree.col_offset + 1, "only arithmetic is allowed here.")


# -- what is allowed ---------------------------------------------------------------------------------------------------


def _scan(text: str) -> None:
    """Refuse every sign that arithmetic does not need, before the parser reads it."""
    at = depth = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            what = "this is no number" if text[at] in "0123456789" else f"{text[at]!r} has no meaning in arithmetic"
            raise ExpressionError(at + 1, f"{what}; use numbers, names, + - * / // % ** ( ) and comparisons.")
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth > MOST_BRACKETS:
            raise ExpressionError(at + 1, f"more than {MOST_BRACKETS} brackets are open; split it.")
        at = found.end()


def _values(tree: ast.expr) -> Iterator[ast.expr]:
    """All parts that have a value: not the names of functions."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += part.args if isinstance(part, ast.Call) else _children(part)


def _children(part: ast.AST) -> list[ast.expr]:
    return [child for child in ast.iter_child_nodes(part) if isinstance(child, ast.expr)]


def _check(tree: ast.expr) -> None:
    waiting, count = [(tree, 1)], 0
    while waiting:
        part, depth = waiting.pop()
        count += 1
        if depth > MOST_DEPTH or count > MOST_PARTS:
            raise ExpressionError(part.col_offset + 1, "it has too many parts; split it.")
        problem = _problem(part)
        if problem:
            raise ExpressionError(part.col_offset + 1, problem)
        inner = part.args if isinstance(part, ast.Call) else _children(part)
        waiting += [(child, depth + 1) for child in inner]


def _problem(part: ast.expr) -> str | None:
    match part:
        case ast.Constant(value=bool() | int() | float()) | ast.IfExp() | ast.BoolOp():
            return None
        case ast.Name(id=name):
            return _name_problem(name)
        case ast.UnaryOp(op=op) if type(op) in _UNARY:
            return None
        case ast.BinOp(op=op) if type(op) in _BINARY:
            return None
        case ast.Compare(ops=ops) if all(type(op) in _COMPARE for op in ops):
            return None
        case ast.Call(func=ast.Name(id=name)):
            return _call_problem(part, name)
        case _:
            return "only arithmetic is allowed here: numbers, names, + - * / // % **, comparisons, and, or, not, if."


def _name_problem(name: str) -> str | None:
    if name in _FUNCTIONS:
        return f"{name} is a function; call it, {name}(...)."
    if name in RESERVED:
        return f"{name!r} is what the node calls a port of its own; choose another name."
    if not _NAME.match(name):
        return f"{name[:40]!r} is no name; use a letter, then letters, digits or _, 32 at most."
    return None


def _call_problem(call: ast.Call, name: str) -> str | None:
    if name not in _FUNCTIONS:
        return f"there is no function {name[:40]!r}; there are {', '.join(_FUNCTIONS)}."
    least, most = _FUNCTIONS[name][1:]
    if call.keywords or any(isinstance(arg, ast.Starred) for arg in call.args):
        return f"{name} takes plain arguments only."
    if not least <= len(call.args) <= most:
        wanted = str(least) if least == most else f"{least} or more" if most > 9 else f"{least} or {most}"
        return f"{name} takes {wanted} arguments, got {len(call.args)}."
    return None


# -- what is computed --------------------------------------------------------------------------------------------------


def _given(tree: ast.expr, name: str, values: Mapping[str, Value]) -> Value:
    if name not in values:
        raise ExpressionError(tree.col_offset + 1, f"{name!r} has no value; link something to that input.")
    return values[name]


def _held(tree: ast.expr, value: object) -> Value:
    """A value within the limits."""
    position = tree.col_offset + 1
    if not isinstance(value, bool | int | float):
        raise ExpressionError(position, "the result is no real number.")
    if isinstance(value, float) and not math.isfinite(value):
        raise ExpressionError(position, "the result is too large or no number.")
    if isinstance(value, int) and abs(value) > WHOLE_LIMIT:
        raise ExpressionError(position, "a whole number is larger than 64 bits; write 2.0 instead of 2 for decimals.")
    return value


def _applied(tree: ast.expr, function: Callable[..., object], *values: Value) -> Value:
    try:
        return _held(tree, function(*values))
    except ZeroDivisionError:
        raise ExpressionError(tree.col_offset + 1, "this divides by zero.") from None
    except OverflowError:
        raise ExpressionError(tree.col_offset + 1, "the result is too large.") from None
    except _Undefined as error:
        raise ExpressionError(tree.col_offset + 1, f"{error}.") from None
    except (ValueError, TypeError) as error:
        if isinstance(error, ExpressionError):
            raise
        raise ExpressionError(tree.col_offset + 1, "this has no value for these numbers.") from None


def _compared(tree: ast.Compare, values: Mapping[str, Value]) -> bool:
    left = evaluate(tree.left, values)
    for op, side in zip(tree.ops, tree.comparators, strict=True):
        right = evaluate(side, values)
        if not _COMPARE[type(op)](left, right):
            return False
        left = right
    return True


class _Undefined(ArithmeticError):
    """A step that has no value, with the reason."""


def _power(base: Value, exponent: Value) -> object:
    if isinstance(base, int) and isinstance(exponent, int) and abs(base) > 1 and exponent > POWER_LIMIT:
        raise OverflowError
    return base**exponent


def _round(value: Value, digits: Value | None = None) -> object:
    if digits is None:
        return round(value)
    if not isinstance(digits, int) or abs(digits) > DIGITS_LIMIT:
        raise _Undefined(f"round takes a whole number of digits from -{DIGITS_LIMIT} to {DIGITS_LIMIT}")
    return round(value, digits)


def _clamp(value: Value, low: Value, high: Value) -> object:
    if low > high:
        raise _Undefined("clamp takes a value, its least and its greatest; these two are swapped")
    return min(max(value, low), high)


def _lerp(start: Value, end: Value, share: Value) -> object:
    return start + (end - start) * share


_UNARY: dict[type[ast.unaryop], Callable[..., object]] = {
    ast.UAdd: operator.pos, ast.USub: operator.neg, ast.Not: operator.not_,
}  # fmt: skip
_BINARY: dict[type[ast.operator], Callable[..., object]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: _power,
}  # fmt: skip
_COMPARE: dict[type[ast.cmpop], Callable[..., object]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}  # fmt: skip
# name -> function, least and most arguments
_FUNCTIONS: dict[str, tuple[Callable[..., object], int, int]] = {
    "min": (min, 2, MOST_PARTS), "max": (max, 2, MOST_PARTS), "abs": (abs, 1, 1), "round": (_round, 1, 2),
    "floor": (math.floor, 1, 1), "ceil": (math.ceil, 1, 1), "sqrt": (math.sqrt, 1, 1), "exp": (math.exp, 1, 1),
    "log": (math.log, 1, 2), "sin": (math.sin, 1, 1), "cos": (math.cos, 1, 1), "tan": (math.tan, 1, 1),
    "clamp": (_clamp, 3, 3), "lerp": (_lerp, 3, 3),
}  # fmt: skip
