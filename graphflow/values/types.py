"""The types of ports: kinds, lists, unions, optionals and generics, written as text such as `list[image] | none`.

They are read from Python annotations by node.spec and from the catalogue as text, so that a link can be judged where
no pack is imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

PLAIN = {"text", "number", "whole", "boolean", "json", "seed", "color", "none", "any", "subgraph"}
# A refinement is accepted where its parent is; the parent where the refinement is, checked by value when it runs.
REFINES = {"seed": "whole", "color": "text"}


class Type:
    """A type: a kind by name with arguments (`model[unet]`), `list`, `union` of options, or a variable (`T`).

    There is one object for each type, so that equal types are the same object: links are compared by the thousand.
    """

    __slots__ = ("_without_none", "args", "is_list", "is_optional", "is_variable", "name", "options", "takes_whole")

    _all: ClassVar[dict[tuple[str, tuple[Type, ...]], Type]] = {}

    name: str
    args: tuple[Type, ...]
    is_list: bool
    is_variable: bool
    options: tuple[Type, ...]  # the members of a union, or the type alone
    is_optional: bool
    _without_none: Type | None
    takes_whole: bool  # whether a list is taken as one value instead of being mapped

    def __new__(cls, name: str, args: tuple[Type, ...] = ()) -> Type:
        known = cls._all.get((name, args))
        if known is not None:
            return known
        made = super().__new__(cls)
        made.name, made.args = name, args
        made.is_list = name == "list"
        made.is_variable = name[:1].isupper()
        made.options = args if name == "union" else (made,)
        made.is_optional = any(option.name == "none" for option in made.options)
        made.takes_whole = any(o.is_list or o.name in ("json", "any") or o.is_variable for o in made.options)
        made._without_none = None if made.is_optional else made
        return cls._all.setdefault((name, args), made)

    def __reduce__(self) -> tuple[type[Type], tuple[str, tuple[Type, ...]]]:
        return Type, (self.name, self.args)

    def __copy__(self) -> Type:
        return self

    def __deepcopy__(self, memo: object) -> Type:
        return self

    def __repr__(self) -> str:
        return f"Type({str(self)!r})"

    def __str__(self) -> str:
        if self.name == "union":
            return " | ".join(map(str, self.args))
        return self.name + (f"[{', '.join(map(str, self.args))}]" if self.args else "")

    @property
    def element(self) -> Type:
        """What a list holds."""
        return self.args[0]

    @property
    def without_none(self) -> Type:
        """The type without its `none` option."""
        if self._without_none is None:
            self._without_none = union(o for o in self.options if o.name != "none") if self.name == "union" else self
        return self._without_none


NONE = Type("none")
ANY = Type("any")


def union(options: Iterable[Type]) -> Type:
    """The union of some types, flattened and without repeats; of no types, nothing."""
    flat: dict[Type, None] = {}
    for option in options:
        flat.update(dict.fromkeys(option.options))
    members = tuple(flat) or (NONE,)
    return members[0] if len(members) == 1 else Type("union", members)


_TOKEN = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*|[\[\],|])")


def parse(text: str) -> Type:
    """Read a type from text. Raises ValueError if it is not one."""
    tokens: list[str] = []
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if not found:
            raise ValueError(f"{text!r} is not a type: unexpected {text[at:].strip()[0]!r}.")
        tokens.append(found[1])
        at = found.end()
    parsed, rest = _parse_union(tokens, text)
    if rest:
        raise ValueError(f"{text!r} is not a type: unexpected {rest[0]!r}.")
    return parsed


def _parse_union(tokens: list[str], text: str) -> tuple[Type, list[str]]:
    options: list[Type] = []
    while True:
        if not tokens or not tokens[0][0].isalpha():
            raise ValueError(f"{text!r} is not a type: a name is missing.")
        name, tokens = tokens[0], tokens[1:]
        args: list[Type] = []
        if tokens[:1] == ["["]:
            while tokens[:1] != ["]"]:
                arg, tokens = _parse_union(tokens[1:], text)
                args.append(arg)
                if tokens[:1] not in (["]"], [","]):
                    raise ValueError(f"{text!r} is not a type: a bracket is not closed.")
            tokens = tokens[1:]
        options.append(Type(name, tuple(args)))
        if tokens[:1] != ["|"]:
            return union(options), tokens
        tokens = tokens[1:]


@dataclass(frozen=True, slots=True)
class Fit:
    """How a source fits a target: through a conversion (its node type), mapped over a list, variables bound."""

    conversion: str | None = None
    mapped: bool = False
    bound: tuple[tuple[str, Type], ...] = ()


# (source kind, target kind) -> node type of the conversion
Conversions = Mapping[tuple[str, str], str]


def fit(source: Type, target: Type, conversions: Conversions, bound: Mapping[str, Type] | None = None) -> Fit | None:
    """How a value of the source type can stand where the target type is asked; None if it cannot.

    bound: Type variables of the target's node that other links have already fixed.
    """
    known = dict(bound or {})
    whole = _direct(source, target, known)
    if whole:
        return Fit(bound=tuple(known.items()))
    converted = _convert(source, known.get(target.name, target), conversions)
    if converted:
        return Fit(conversion=converted, bound=tuple(known.items()))
    if source.is_list and not target.takes_whole and not source.element.is_list:
        inner = fit(source.element, target, conversions, bound)
        if inner:
            return Fit(conversion=inner.conversion, mapped=True, bound=inner.bound)
    if not source.is_list and target.without_none.is_list:
        return fit(source, target.without_none.element, conversions, bound)
    if source.is_list and target.without_none.is_list:
        inner = fit(source.element, target.without_none.element, conversions, bound)
        if inner and not inner.mapped:
            return inner
    return None


def _direct(source: Type, target: Type, bound: dict[str, Type]) -> bool:
    if source == target or (target.name in ("any", "json") and _is_open(source, target)):
        return True
    if source.name == "any":
        return True  # checked by value when it runs
    if source.name == "union":
        return all(_direct(option, target, bound) for option in source.args)
    if target.name == "union":
        # An exact option first, so that a variable beside it is not bound needlessly.
        ordered = sorted(target.args, key=lambda option: option.is_variable)
        return any(_direct(source, option, bound) for option in ordered)
    if target.is_variable:
        fixed = bound.get(target.name)
        if fixed is None or fixed == source:
            bound[target.name] = source
            return True
        return _direct(source, fixed, {}) if not fixed.is_variable else True
    if REFINES.get(source.name) == target.name or REFINES.get(target.name) == source.name:
        return True
    if source.name != target.name:
        return False
    if not source.args or not target.args:
        return True  # a bare `model` stands for a model of anything
    return len(source.args) == len(target.args) and all(
        _direct(s, t, bound) for s, t in zip(source.args, target.args, strict=True)
    )


def _is_open(source: Type, target: Type) -> bool:
    if target.name == "any":
        return True
    plain = {"text", "number", "whole", "boolean", "json", "seed", "color", "none"}
    return all(o.name in plain or (o.is_list and _is_open(o.element, target)) for o in source.options)


def _convert(source: Type, target: Type, conversions: Conversions) -> str | None:
    # Nearly everything can be written as text or JSON: that comes last, so that a whole is a number in `text | number`.
    options = sorted(target.without_none.options, key=lambda option: option.name in ("text", "json"))
    for option in options:
        found = conversions.get((source.name, option.name)) or conversions.get(
            (REFINES.get(source.name, source.name), option.name)
        )
        if found:
            return found
    return None


def substitute(kind: Type, bound: Mapping[str, Type]) -> Type:
    """A type with its variables replaced; a free one becomes `any`."""
    if kind.is_variable:
        return bound.get(kind.name, ANY)
    if not kind.args:
        return kind
    args = tuple(substitute(arg, bound) for arg in kind.args)
    return union(args) if kind.name == "union" else Type(kind.name, args)
