"""What a kind is, and the register of all kinds.

A kind is a frozen dataclass whose fields are tensors, arrays, bytes and plain JSON. Registering one gives it a name,
a colour for the canvas, a codec and a preview; nothing else in the engine needs to know of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, TypeVar, overload

T = TypeVar("T")

# Colours of the families of kinds, dark and light theme.
FAMILIES: dict[str, tuple[str, str]] = {
    "image": ("#67B0F9", "#1F6CB0"),
    "mask": ("#6ED889", "#007835"),
    "video": ("#968FF7", "#5346A7"),
    "audio": ("#4DDCDC", "#067272"),
    "text": ("#C4E05C", "#637505"),
    "number": ("#F9B64F", "#946406"),
    "boolean": ("#EB827B", "#A03F3C"),
    "latent": ("#E57FDD", "#9C3B96"),
    "model": ("#A67AD6", "#5F3389"),
    "conditioning": ("#F99549", "#9B4E01"),
    "vector": ("#63BFA1", "#09614B"),
    "molecule": ("#F6D653", "#8A7304"),
    "mesh": ("#65CDF3", "#0A7D9E"),
    "reasoning": ("#F26A90", "#AC2856"),
    "data": ("#AEB8CB", "#5B6375"),
    "any": ("#A4A4A4", "#696969"),
}


@dataclass(frozen=True, slots=True)
class Preview:
    """A small picture, text or chart that shows a value: a media type and its bytes."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Kind:
    """What the engine knows of one kind of value.

    state: Fields of a value as a mapping, for digest and codec; by default the dataclass's own fields.
    build: The value made again from that mapping.
    identity: What the digest is taken of; the state, unless a part of it is already known by digest.
    """

    name: str
    cls: type
    family: str
    about: str
    tensors: bool
    state: Callable[[Any], Mapping[str, Any]]
    build: Callable[[Mapping[str, Any]], Any]
    identity: Callable[[Any], Mapping[str, Any]]
    preview: Callable[[Any], Preview] | None = field(default=None)


KINDS: dict[str, Kind] = {}
_BY_CLASS: dict[type, Kind] = {}


@overload
def kind(cls: type[T], /) -> type[T]: ...
@overload
def kind(
    *,
    name: str | None = None,
    family: str = "any",
    state: Callable[[Any], Mapping[str, Any]] | None = None,
    build: Callable[[Mapping[str, Any]], Any] | None = None,
    identity: Callable[[Any], Mapping[str, Any]] | None = None,
    preview: Callable[[Any], Preview] | None = None,
) -> Callable[[type[T]], type[T]]: ...
def kind(
    cls: type[Any] | None = None,
    /,
    *,
    name: str | None = None,
    family: str = "any",
    state: Callable[[Any], Mapping[str, Any]] | None = None,
    build: Callable[[Mapping[str, Any]], Any] | None = None,
    identity: Callable[[Any], Mapping[str, Any]] | None = None,
    preview: Callable[[Any], Preview] | None = None,
) -> Any:
    """Register a frozen dataclass as a kind.

    name: What the kind is called on links; the class's name in lower case by default.
    family: Whose colour it takes on the canvas: one of FAMILIES.
    state, build: A codec of one's own; by default the dataclass's fields are kept and given back.
    preview: Gives a small picture, text or chart of a value.

    Raises TypeError if the class is not a frozen dataclass, ValueError if the name or family will not do.
    """

    def register(cls: type[Any]) -> type[Any]:
        if not is_dataclass(cls) or not cls.__dataclass_params__.frozen:  # type: ignore[attr-defined]
            raise TypeError(
                f"Kind {cls.__name__} is not a frozen dataclass; write @dataclass(frozen=True, eq=False) below @kind."
            )
        called = name or cls.__name__.lower()
        if not re.fullmatch(r"[a-z][a-z0-9_]*", called):
            raise ValueError(f"Kind {cls.__name__} is named {called!r}; use lower-case letters, digits and _.")
        if family not in FAMILIES:
            raise ValueError(f"Kind {called} has the family {family!r}; use one of {', '.join(FAMILIES)}.")
        known = KINDS.get(called)
        if known and (known.cls.__module__, known.cls.__qualname__) != (cls.__module__, cls.__qualname__):
            raise ValueError(
                f"Kind {called!r} of {cls.__module__} is already registered by {known.cls.__module__}; "
                "choose another name."
            )
        names = tuple(f.name for f in fields(cls))
        kept = state or (lambda value: {n: getattr(value, n) for n in names})
        record = Kind(
            name=called,
            cls=cls,
            family=family,
            about=(cls.__doc__ or "").strip().split("\n")[0],
            tensors=any("Tensor" in str(f.type) for f in fields(cls)),
            state=kept,
            build=build or (lambda parts: cls(**parts)),
            identity=identity or kept,
            preview=preview,
        )
        KINDS[called] = record
        _BY_CLASS[cls] = record
        return cls

    return register if cls is None else register(cls)


def kind_of(value: object) -> Kind | None:
    """The kind of a value, or None for plain Python values."""
    return _BY_CLASS.get(type(value))


def kind_of_class(cls: object) -> Kind | None:
    """The kind that a class is registered as."""
    return _BY_CLASS.get(cls) if isinstance(cls, type) else None
