"""What cannot work in the options and satellites of a node: each misuse is one sentence with its cure."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graphflow.nodetype.signature import DeclarationError, Signature
from graphflow.nodetype.widgets import Gpu, Isolate
from graphflow.values.types import Type, parse

GRANTS = ("network", "process", "files")
DEFAULTS: dict[str, Any] = {
    "pure": True, "saves": False, "isolate": False, "gpu": None, "threads": 1, "was": (), "version": 1, "grants": (),
    "title": None,
}  # fmt: skip


def check_function(role: str, function: Any) -> None:
    """Refuse what is no plain function. Raises DeclarationError, beginning with `@role`."""
    called = getattr(function, "__name__", None) or repr(function)
    at = f"@{role} {called}"
    if hasattr(function, "signature") and hasattr(function, "satellites"):
        raise DeclarationError(f"{at}: is a node already; drop one of the two decorators.")
    if not _is_function(function):
        raise DeclarationError(f"{at}: decorates a function and this is none; write `@{role}` above a `def`.")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise DeclarationError(f"{at}: is a generator; return the values, several as a list, instead of yielding them.")


def _is_function(given: Any) -> bool:
    """Whether it is a function, as it is or under decorators such as functools.cache."""
    return callable(given) and inspect.isfunction(inspect.unwrap(given))


def read_options(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of @node with their defaults, each of its right type. Raises DeclarationError."""
    at = f"@node {name}"
    for option in options:
        if option not in DEFAULTS:
            raise DeclarationError(f"{at}: knows no option {option!r}; use {', '.join(DEFAULTS)}.")
    read = {**DEFAULTS, **options}
    for option in ("pure", "saves"):
        if not isinstance(read[option], bool):
            raise DeclarationError(f"{at}: {option}={read[option]!r}; write {option}=True or {option}=False.")
    _check_limits(at, read)
    title = read["title"]
    if title is not None and not (isinstance(title, str) and title.strip()):
        raise DeclarationError(f"{at}: title={title!r}; write what people read as a text, or drop it.")
    if isinstance(read["threads"], bool) or read["threads"] not in (1, "all"):
        raise DeclarationError(f'{at}: threads={read["threads"]!r}; use 1 or "all", results depend on nothing else.')
    if isinstance(read["version"], bool) or not isinstance(read["version"], int) or read["version"] < 1:
        raise DeclarationError(f"{at}: version={read['version']!r}; versions are whole numbers from 1.")
    read["grants"] = _texts(at, "grants", read["grants"])
    for grant in read["grants"]:
        if grant not in GRANTS:
            raise DeclarationError(f"{at}: knows no grant {grant!r}; use {', '.join(GRANTS)}.")
    read["was"] = _texts(at, "was", read["was"])
    for earlier in read["was"]:
        if not re.fullmatch(r"[\w.-]+(/[\w.]+)?", earlier):
            raise DeclarationError(f"{at}: was={earlier!r} is no node type; write it as it stood in documents.")
    return read


def _texts(at: str, option: str, given: Any) -> tuple[str, ...]:
    """One text or several, as a tuple."""
    if isinstance(given, str):
        return (given,)
    found = tuple(given) if isinstance(given, Iterable) and not isinstance(given, bytes | Mapping) else None
    if found is None or not all(isinstance(one, str) for one in found):
        raise DeclarationError(f"{at}: {option}={given!r}; write a text or a tuple of texts.")
    return found


def _check_limits(at: str, read: Mapping[str, Any]) -> None:
    isolate, gpu = read["isolate"], read["gpu"]
    if not isinstance(isolate, bool | Isolate):
        raise DeclarationError(f"{at}: isolate={isolate!r}; write isolate=True or isolate=Isolate(gb=8, seconds=600).")
    if isinstance(isolate, Isolate):
        for limit, value in (("gb", isolate.gb), ("seconds", isolate.seconds)):
            if not _is_number(value) or value <= 0:
                raise DeclarationError(f"{at}: Isolate({limit}={value!r}) leaves it nothing; give a number above 0.")
    if gpu is not None and not isinstance(gpu, Gpu):
        raise DeclarationError(f"{at}: gpu={gpu!r}; write gpu=Gpu(gb=4), or drop it.")
    if gpu is not None and (not _is_number(gpu.gb) or gpu.gb < 0):
        raise DeclarationError(f"{at}: Gpu(gb={gpu.gb!r}) is no amount of memory; give a number from 0.")
    if isolate and gpu is not None:
        raise DeclarationError(f"{at}: isolate and gpu exclude each other, an isolated node has no GPU; drop one.")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def check_together(name: str, function: Callable[..., Any], options: Mapping[str, Any], signature: Signature) -> None:
    """Refuse options that do not fit the function. Raises DeclarationError."""
    at = f"@node {name}"
    if not (inspect.getdoc(function) or "").strip():
        raise DeclarationError(f"{at}: has no docstring; its first line is what people read on the canvas.")
    kinds = {o.type.removeprefix("list[").removesuffix("]") for o in signature.outputs}
    if options["saves"] and "file" not in kinds:
        raise DeclarationError(f"{at}: saves=True but no output is a File; return the File, the engine saves it.")
    if inspect.iscoroutinefunction(function):
        if options["isolate"]:
            raise DeclarationError(
                f"{at}: an async node runs in the io lane, an isolated one in a process; choose one."
            )
        if options["gpu"] is not None:
            raise DeclarationError(f"{at}: an async node runs in the io lane, one with gpu in the GPU's; choose one.")


def check_conversion(name: str, function: Callable[..., Any], signature: Signature) -> None:
    """Refuse what converts nothing. Raises DeclarationError."""
    at = f"@conversion {name}"
    if inspect.iscoroutinefunction(function):
        raise DeclarationError(f"{at}: is async; a conversion stands in any link, write it with plain `def`.")
    if len(signature.inputs) != 1 or len(signature.outputs) != 1 or any(p.required for p in signature.params):
        raise DeclarationError(f"{at}: takes one input, gives one output, and its params have defaults.")
    source, target = signature.inputs[0], signature.outputs[0]
    if variables_of(parse(source.type)) | variables_of(parse(target.type)):
        raise DeclarationError(
            f"{at}, parameter {source.name}: goes from {source.type} to {target.type}; "
            "name two kinds, no type variable."
        )
    if source.type == target.type:
        raise DeclarationError(
            f"{at}, parameter {source.name}: is {source.type} and so is the output; convert to another kind, "
            "or declare it with @node."
        )


def variables_of(kind: Type) -> set[str]:
    """The type variables in a type."""
    return {kind.name} if kind.is_variable else {name for part in kind.args for name in variables_of(part)}


def check_satellite(at: str, satellite: Any) -> list[str]:
    """The parameters of a satellite. Raises DeclarationError, beginning with `at`."""
    if not _is_function(satellite):
        raise DeclarationError(f"{at}: decorates a function, not {satellite!r}; write `{at}` above a `def`.")
    if inspect.iscoroutinefunction(satellite) or inspect.isasyncgenfunction(satellite):
        raise DeclarationError(f"{at}: {satellite.__name__} is async; satellites are asked at once, use plain `def`.")
    found = inspect.signature(satellite).parameters
    for one in found.values():
        if one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD, one.POSITIONAL_ONLY):
            raise DeclarationError(
                f"{at}: its parameter {one.name} names no parameter of the node; write out what it takes, "
                "without *args, **kwargs and `/`."
            )
    return list(found)


def check_whole(name: str, version: int, signature: Signature, roles: Iterable[str], migrations: Iterable[int]) -> None:
    """Refuse a node that lacks a satellite, or that has one without use. Raises DeclarationError."""
    at, given = f"@node {name}", set(roles)
    lazy = next((one.name for one in signature.inputs if one.lazy), None)
    if lazy is not None and "needs" not in given:
        raise DeclarationError(
            f"{at}, parameter {lazy}: is Lazy but nothing asks for it; add `@{name}.needs`, or drop the Lazy."
        )
    if lazy is None and "needs" in given:
        raise DeclarationError(f"@{name}.needs: {name} has no Lazy input; write `Lazy[...]`, or drop the satellite.")
    if signature.more is not None and "inputs" not in given:
        raise DeclarationError(
            f"{at}, parameter {signature.more}: nothing tells its inputs; add `@{name}.inputs`, or drop the parameter."
        )
    if signature.dynamic_outputs and not given & {"outputs", "expand"}:
        raise DeclarationError(
            f"{at}: returns Outputs but nothing tells them; add `@{name}.outputs`, or return a NamedTuple."
        )
    known = set(migrations)
    missing = [one for one in range(min(known, default=version), version) if one not in known]
    if missing:
        raise DeclarationError(
            f"{at}: is version {version} and no migration leads on from version {missing[0]}; "
            f"add `@{name}.migrate({missing[0]})`."
        )
