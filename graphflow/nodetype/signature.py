"""Reads a function's signature into inputs, params and outputs; each misuse raises one sentence with its cure."""

from __future__ import annotations

import ast
import inspect
import math
import re
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from graphflow.nodetype.context import Context
from graphflow.nodetype.ports import Inputs, Lazy, Outputs, Subgraph
from graphflow.nodetype.spec import InputSpec, OutputSpec, ParamSpec
from graphflow.nodetype.widgets import WIDGETS, Range, Widget
from graphflow.values.coerce import SEED_MAX, coerce
from graphflow.values.kind import kind_of_class
from graphflow.values.kinds import Refined, Secret
from graphflow.values.types import ANY, NONE, Type, parse, union


class DeclarationError(TypeError):
    """A node is declared in a way that cannot work; the sentence names the function, the parameter and the cure."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A function's ports and the names of its special parameters."""

    inputs: list[InputSpec]
    params: list[ParamSpec]
    outputs: list[OutputSpec]
    context: str | None
    more: str | None
    named_tuple: bool
    dynamic_outputs: bool


_PLAIN: dict[Any, Type] = {
    str: Type("text"),
    float: Type("number"),
    int: Type("whole"),
    bool: Type("boolean"),
    type(None): NONE,
    object: ANY,
    Any: ANY,
    Subgraph: Type("subgraph"),
    dict: Type("json"),
    list: Type("list", (ANY,)),
}


def read_signature(function: Callable[..., Any]) -> Signature:
    """The ports of a function. Raises DeclarationError."""
    name = function.__name__
    try:
        hints = get_type_hints(function, include_extras=True)
    except Exception as error:
        raise DeclarationError(
            f"@node {name}: its annotations cannot be read ({error}); "
            "import every type that the signature names outside `if TYPE_CHECKING`."
        ) from error
    docs = parameter_docs(inspect.getdoc(function) or "")
    inputs: list[InputSpec] = []
    params: list[ParamSpec] = []
    context = more = None
    for parameter in inspect.signature(function).parameters.values():
        at = f"@node {name}, parameter {parameter.name}"
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise DeclarationError(f"{at}: *args, **kwargs and `/` name no port; declare each input by name.")
        if parameter.name not in hints:
            raise DeclarationError(f"{at}: has no annotation; say its kind, such as `{parameter.name}: Image`.")
        hint = hints[parameter.name]
        _check_marks(at, function, parameter, hint)
        if hint is Context:
            if context is not None:
                raise DeclarationError(f"{at}: {context} is the context already; drop one.")
            context = parameter.name
            if type(parameter.default) is not Context:
                raise DeclarationError(f"{at}: give the context its default, `{parameter.name}: Context = QUIET`.")
        elif hint is Inputs:
            if more is not None:
                raise DeclarationError(f"{at}: {more} takes the dynamic inputs already; drop one.")
            more = parameter.name
        elif parameter.kind is parameter.KEYWORD_ONLY:
            params.append(_param(at, parameter, hint, docs.get(parameter.name, "")))
        else:
            inputs.append(_input(at, parameter, hint, docs.get(parameter.name, "")))
    if "return" not in hints:
        raise DeclarationError(f"@node {name}: has no return annotation; say what comes out, such as `-> Image`.")
    outputs, named_tuple = _outputs(name, hints["return"], docs)
    dynamic = hints["return"] is Outputs
    _check_names(name, [*(one.name for one in inputs), *(one.name for one in params), *filter(None, [more])])
    _check_variables(name, inputs, outputs)
    return Signature(inputs, params, outputs, context, more, named_tuple, dynamic)


def type_of_hint(at: str, hint: Any) -> Type:
    """The port type of an annotation. Raises DeclarationError, beginning with `at`."""
    origin = get_origin(hint)
    if origin is Annotated:
        refined = next((m.name for m in get_args(hint)[1:] if isinstance(m, Refined)), None)
        return Type(refined) if refined else type_of_hint(at, get_args(hint)[0])
    if origin in (Union, types.UnionType):
        options = [type_of_hint(at, option) for option in get_args(hint)]
        if {"text", "json"} <= {o.name for o in options} or _is_json(hint):
            return Type("json")
        return union(options)
    if origin in (list, tuple, typing.Sequence) or getattr(origin, "__name__", "") == "Sequence":
        args = [a for a in get_args(hint) if a is not Ellipsis]
        return Type("list", (type_of_hint(at, args[0]),)) if args else Type("list", (ANY,))
    if origin is dict or getattr(origin, "__name__", "") == "Mapping":
        return Type("json")
    if origin is Literal:
        return Type("text")
    if isinstance(hint, TypeVar):
        if not hint.__name__[:1].isupper():
            raise DeclarationError(f"{at}: the type variable {hint.__name__} must begin with a capital.")
        return Type(hint.__name__)
    if _is_json(hint):
        return Type("json")
    if isinstance(hint, str | typing.ForwardRef):
        text = hint if isinstance(hint, str) else hint.__forward_arg__
        raise DeclarationError(f"{at}: the type {text!r} cannot be found.")
    plain = _PLAIN.get(hint)
    if plain is not None:
        return plain
    kind = kind_of_class(hint)
    if kind is not None:
        return Type(kind.name)
    kind = kind_of_class(origin)
    if kind is not None:
        named = [a.__name__ if isinstance(a, TypeVar) else a.__name__.lower() for a in get_args(hint)]
        return Type(kind.name, tuple(Type(name) for name in named))
    raise DeclarationError(
        f"{at}: {getattr(hint, '__name__', hint)} is no kind; register it with @kind, or use one of the kinds."
    )


def _is_json(hint: Any) -> bool:
    return hint == "Json" or "Json" in str(hint)


def _input(at: str, parameter: inspect.Parameter, hint: Any, about: str) -> InputSpec:
    lazy = get_origin(hint) is Lazy
    kind = type_of_hint(at, get_args(hint)[0] if lazy else hint)
    if "subgraph" in _kinds_in(kind):
        raise DeclarationError(f"{at}: no link carries a subgraph; put {parameter.name} after the star.")
    given = parameter.default is not parameter.empty
    if given and parameter.default is not None and not lazy:
        raise DeclarationError(
            f"{at}: an input's only default is None; put {parameter.name} after the star to make it a param."
        )
    if given and not lazy and not kind.is_optional and kind.name not in ("any", "json"):
        raise DeclarationError(f"{at}: has the default None but not the type; write `{kind} | None`.")
    return InputSpec(parameter.name, str(kind.without_none if given else kind), about, given, lazy)


def _param(at: str, parameter: inspect.Parameter, hint: Any, about: str) -> ParamSpec:
    if get_origin(hint) is Lazy:
        raise DeclarationError(f"{at}: a param is never lazy; put it before the star to make it an input.")
    kind = type_of_hint(at, hint)
    marks = list(get_args(hint)[1:]) if get_origin(hint) is Annotated else []
    bare = get_args(hint)[0] if marks else hint
    reach = next((m for m in marks if isinstance(m, Range)), None)
    widget = next((m for m in marks if isinstance(m, Widget)), None)
    numeric = {o.name for o in kind.options} & {"number", "whole", "seed"}
    if kind.is_list:
        numeric |= {kind.element.name} & {"number", "whole", "seed"}
    if reach:
        _check_range(at, reach, kind, bool(numeric))
    if widget:
        _check_widget(at, widget)
    choices = _choices(at, bare)
    default: Any = msgspec.UNSET
    if parameter.default is not parameter.empty:
        default = _default(at, parameter.default, kind, reach, choices)
    low, high = (reach.low, reach.high) if reach else (None, None)
    if kind.name == "seed" and reach is None:
        low, high = 0, SEED_MAX
    return ParamSpec(
        name=parameter.name,
        type=str(kind),
        about=about,
        default=default,
        low=low,
        high=high,
        step=reach.step if reach else None,
        choices=choices,
        widget=widget.name if widget else None,
        options=dict(widget.options) if widget else {},
    )


def _check_range(at: str, reach: Range, kind: Type, numeric: bool) -> None:
    if not numeric:
        raise DeclarationError(f"{at}: a Range is for numbers, this is a {kind}; drop the Range.")
    ends: tuple[Any, ...] = (reach.low, reach.high, reach.step)
    for end in ends:
        if end is not None and (isinstance(end, bool) or not isinstance(end, int | float) or not math.isfinite(end)):
            raise DeclarationError(f"{at}: its Range has {end!r}; give numbers, and None for an open end.")
    if reach.low is not None and reach.high is not None and reach.low > reach.high:
        raise DeclarationError(f"{at}: its Range goes from {reach.low} down to {reach.high}; swap the ends.")
    if reach.step is not None and reach.step <= 0:
        raise DeclarationError(f"{at}: its Range has the step {reach.step}; give a step above 0, or None.")


def _check_widget(at: str, widget: Widget) -> None:
    if widget.name not in WIDGETS:
        raise DeclarationError(f"{at}: there is no widget {widget.name!r}; use {', '.join(WIDGETS)}.")
    options: Any = widget.options
    if not isinstance(options, dict):
        raise DeclarationError(f'{at}: the options of a widget are a dict, such as {{"lines": 3}}.')


def _check_marks(at: str, function: Callable[..., Any], parameter: inspect.Parameter, hint: Any) -> None:
    """Refuse a Range or Widget that would have no effect."""
    top = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    for mark in (Range, Widget):
        found = [m for m in _marks(hint) if m is mark or isinstance(m, mark)]
        called = mark.__name__
        if any(m is mark for m in found):
            raise DeclarationError(f"{at}: its {called} is given without its parts; write `{called}(...)`.")
        if found and parameter.kind is not parameter.KEYWORD_ONLY:
            raise DeclarationError(f"{at}: a {called} is for params; put {parameter.name} after the star.")
        if len(found) > 1:
            raise DeclarationError(f"{at}: has two {called}s; keep one.")
        if any(m not in top for m in found):
            raise DeclarationError(f"{at}: its {called} stands inside the type; write Annotated around the whole type.")
    for choice in _repeated(function.__annotations__.get(parameter.name)):
        raise DeclarationError(f"{at}: its choice {choice!r} is there twice; keep one.")


def _marks(hint: Any) -> list[Any]:
    """What Annotated says, anywhere in an annotation."""
    own = list(hint.__metadata__) if get_origin(hint) is Annotated else []
    inner = [hint.__origin__] if own else [] if get_origin(hint) is Literal else get_args(hint)
    return own + [mark for part in inner for mark in _marks(part)]


def _repeated(annotation: Any) -> list[object]:
    """The choices that a written menu repeats; Python itself drops them when it reads the Literal."""
    if not isinstance(annotation, str) or "Literal[" not in annotation:
        return []
    found: list[object] = []
    for part in ast.walk(ast.parse(annotation.strip(), mode="eval")):
        if isinstance(part, ast.Subscript) and ast.unparse(part.value).rpartition(".")[2] == "Literal":
            texts = [one.value for one in ast.walk(part.slice) if isinstance(one, ast.Constant)]
            found += [text for i, text in enumerate(texts) if text in texts[:i]]
    return found


def _check_names(name: str, names: list[str]) -> None:
    known: dict[str, str] = {}
    for one in names:
        other = known.setdefault(one.rstrip("_"), one)
        if other != one:
            raise DeclarationError(
                f"@node {name}, parameter {one}: reads the same as {other} in a document; rename one."
            )


def _check_variables(name: str, inputs: list[InputSpec], outputs: list[OutputSpec]) -> None:
    known = {variable for one in inputs for variable in _variables(one.type)}
    for one in outputs:
        for variable in _variables(one.type):
            if variable not in known:
                raise DeclarationError(
                    f"@node {name}, output {one.name}: no input tells what {variable} is; use {variable} for an input, "
                    "or name a kind."
                )


def _variables(kind: str) -> list[str]:
    return sorted(one for one in _kinds_in(parse(kind)) if one[:1].isupper())


def _kinds_in(kind: Type) -> set[str]:
    return {kind.name}.union(*map(_kinds_in, kind.args))


def _choices(at: str, hint: Any) -> list[str] | None:
    options = [hint, *get_args(hint)] if get_origin(hint) in (Union, types.UnionType, list) else [hint]
    menu = next((get_args(o) for o in options if get_origin(o) is Literal), None)
    if menu is None:
        return None
    if not all(isinstance(choice, str) for choice in menu):
        raise DeclarationError(f"{at}: the choices of a menu are texts; write them in quotes.")
    return [str(choice) for choice in menu]


def _default(at: str, default: Any, kind: Type, reach: Range | None, choices: list[str] | None) -> Any:
    if isinstance(default, list | dict | set):
        raise DeclarationError(f"{at}: its default can be changed by whoever gets it; use a tuple or None.")
    try:
        made = coerce(default, kind)
    except ValueError as error:
        raise DeclarationError(f"{at}: its default does not fit its type: it {error}.") from None
    if any(not math.isfinite(number) for number in _floats(made)):
        raise DeclarationError(f"{at}: its default {default!r} is not finite; give a number, or None.")
    if problem := outside(made, reach.low if reach else None, reach.high if reach else None):
        raise DeclarationError(f"{at}: its default {problem}; widen the Range or move the default.")
    if choices is not None and made is not None and made not in choices and not isinstance(made, list):
        raise DeclarationError(f"{at}: its default {made!r} is none of its choices ({', '.join(choices)}).")
    if isinstance(made, Secret):
        return made.name
    return made


def _floats(value: Any) -> list[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [number for part in value for number in _floats(part)]
    return [value] if isinstance(value, float) else []


def outside(value: Any, low: float | None, high: float | None) -> str | None:
    """What is wrong with a number or a list of numbers outside a range; None if all is well."""
    if isinstance(value, list):
        return next((f"at [{i}] {p}" for i, v in enumerate(value) if (p := outside(v, low, high))), None)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if (low is None or value >= low) and (high is None or value <= high):
        return None
    if low is None:
        return f"is above its highest value {high:g}"
    if high is None:
        return f"is below its lowest value {low:g}"
    return f"is outside its range {_plain(low)} to {_plain(high)}"


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else str(number)


def _outputs(name: str, hint: Any, docs: dict[str, str]) -> tuple[list[OutputSpec], bool]:
    if hint is Outputs:
        return [], False
    if hint is None or hint is type(None):
        raise DeclarationError(f"@node {name}: returns nothing; a node gives at least one output, such as `-> Image`.")
    if isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields"):
        if not hint._fields:  # type: ignore[attr-defined]
            raise DeclarationError(f"@node {name}: {hint.__name__} has no parts; give it one for each output.")
        fields = get_type_hints(hint, include_extras=True)
        docs = {**parameter_docs(inspect.getdoc(hint) or ""), **docs}
        return [
            OutputSpec(field, str(_output(f"@node {name}, output {field}", fields[field])), docs.get(field, ""))
            for field in hint._fields  # type: ignore[attr-defined]
        ], True
    if get_origin(hint) is tuple and Ellipsis not in get_args(hint):
        raise DeclarationError(f"@node {name}: returns a bare tuple; name its parts with a NamedTuple.")
    kind = _output(f"@node {name}, its output", hint)
    called = output_name(kind)
    return [OutputSpec(called, str(kind), docs.get(called, ""))], False


def _output(at: str, hint: Any) -> Type:
    kind = type_of_hint(at, hint)
    if "subgraph" in _kinds_in(kind):
        raise DeclarationError(f"{at}: no link carries a subgraph; return a value, or an Expansion from `expand`.")
    return kind


def output_name(kind: Type) -> str:
    """What a single output is called: its kind, a list's or optional's element, `value` for plain types."""
    kind = kind.without_none
    while kind.is_list:
        kind = kind.element.without_none
    plain = {"text", "number", "whole", "boolean", "json", "any", "none", "union"}
    return "value" if kind.name in plain or kind.is_variable else kind.name


_DOC_LINE = re.compile(r"^([a-z_][a-z0-9_]*(?:, [a-z_][a-z0-9_]*)*): (.*)$")


def parameter_docs(doc: str) -> dict[str, str]:
    """The `name: text` lines of a docstring; a line that goes on is joined; `a, b: text` tells both."""
    found: dict[str, str] = {}
    current: list[str] = []
    for line in doc.split("\n")[1:]:
        match = _DOC_LINE.match(line.strip())
        if match:
            current = match[1].split(", ")
            for one in current:
                found[one] = match[2].strip()
        elif current and line.strip():
            for one in current:
                found[one] += " " + line.strip()
        else:
            current = []
    return found
