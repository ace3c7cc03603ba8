"""`@node`: a typed function becomes a node type. Calling it stays calling plain Python."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, Generic, Literal, ParamSpec, TypeVar, overload

import msgspec

from graphflow.nodetype import spec as specs
from graphflow.nodetype.checks import (
    check_conversion,
    check_function,
    check_satellite,
    check_together,
    check_whole,
    read_options,
)
from graphflow.nodetype.name import type_name
from graphflow.nodetype.signature import DeclarationError, Signature, read_signature
from graphflow.nodetype.widgets import Gpu, Isolate

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound=Callable[..., Any])

# Satellites that name a step must not read a tensor: they may name params only.
_PARAMS_ONLY = ("needs", "inputs", "outputs", "choices", "fingerprint")

# Every node declared in this process, by module, in order of declaration.
declared: dict[str, list[Node[..., Any]]] = {}


class Node(Generic[P, R]):
    """A node type: a function, what is known of it, and its satellites."""

    def __init__(self, function: Callable[P, R], *, conversion: bool = False, **options: Any) -> None:
        check_function("conversion" if conversion else "node", function)
        self.function = function
        self.options: dict[str, Any] = {**read_options(function.__name__, options), "conversion": conversion}
        self.signature: Signature = read_signature(function)
        self.satellites: dict[str, Callable[..., Any]] = {}
        self.choosers: dict[str, Callable[..., Any]] = {}
        self.migrations: dict[int, Callable[..., Any]] = {}
        self.is_async = inspect.iscoroutinefunction(function)
        functools.update_wrapper(self, function)
        check_together(self._name, function, self.options, self.signature)
        if conversion:
            check_conversion(self._name, function, self.signature)
        _register(self)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<node {self.type}>"

    @functools.cached_property
    def type(self) -> str:
        """The name of the node type in documents."""
        return type_name(self.function.__module__, self.function.__name__)

    # -- satellites: what a signature cannot say --------------------------------------------------------------------

    def needs(self, satellite: S) -> S:
        """Which lazy inputs to pull: a function of params that returns their names."""
        return self._satellite("needs", satellite)

    def inputs(self, satellite: S) -> S:
        """Dynamic inputs: a function of params that returns {name: kind}; the values arrive in `more: Inputs`."""
        if self.signature.more is None:
            raise DeclarationError(
                f"@{self._name}.inputs: {self._name} has no parameter for dynamic inputs; add `more: Inputs`."
            )
        return self._satellite("inputs", satellite)

    def outputs(self, satellite: S) -> S:
        """Dynamic outputs: a function of params that returns {name: kind}; the node returns `Outputs`."""
        if not self.signature.dynamic_outputs:
            raise DeclarationError(f"@{self._name}.outputs: {self._name} must return Outputs; write `-> Outputs`.")
        return self._satellite("outputs", satellite)

    def fingerprint(self, satellite: S) -> S:
        """Outside state that the result depends on: a function of params that returns text or bytes for the key."""
        return self._satellite("fingerprint", satellite)

    def cost(self, satellite: S) -> S:
        """A guess of seconds (a float) or of GPU memory (a Gpu) for these parameters."""
        return self._satellite("cost", satellite)

    def expand(self, satellite: S) -> S:
        """Gives a graph to run in the node's place: takes parameters by name and returns an Expansion."""
        return self._satellite("expand", satellite)

    def choices(self, param: str) -> Callable[[S], S]:
        """A menu from code or disk for one param: a function of other params that returns texts."""
        at = f"@{self._name}.choices"
        if not _is(param, str):
            raise DeclarationError(f'{at}: is told which param it is for; write `{at}("...")`.')
        self._known("choices", [param])
        kind = next(p.type for p in self.signature.params if p.name == param)
        if kind.removesuffix(" | none") not in ("text", "list[text]"):
            raise DeclarationError(f"{at}: the param {param!r} is a {kind}; a menu is for text, make it a `str`.")

        def register(satellite: S) -> S:
            if param in self.choosers:
                raise DeclarationError(f"{at}({param!r}): is given twice; keep one.")
            self._known("choices", check_satellite(f"{at}({param!r})", satellite))
            self.choosers[param] = satellite
            return satellite

        return register

    def migrate(self, version: int) -> Callable[[S], S]:
        """Brings a document's node of `version` to the next: takes (params, inputs), dicts to change in place."""
        if not _is(version, int) or _is(version, bool):
            raise DeclarationError(
                f"@{self._name}.migrate: is told the version that it starts from; write `@{self._name}.migrate(1)`."
            )
        if not 1 <= version < self.options["version"]:
            raise DeclarationError(
                f"@{self._name}.migrate({version}): {self._name} is version {self.options['version']}; "
                f"a migration starts from an earlier one, 1 to {self.options['version'] - 1}."
            )

        def register(satellite: S) -> S:
            at = f"@{self._name}.migrate({version})"
            if len(check_satellite(at, satellite)) != 2:
                raise DeclarationError(f"{at}: it takes (params, inputs).")
            if version in self.migrations:
                raise DeclarationError(f"{at}: is given twice; keep one.")
            self.migrations[version] = satellite
            return satellite

        return register

    @property
    def _name(self) -> str:
        return self.function.__name__

    def _satellite(self, role: str, satellite: S) -> S:
        if role in self.satellites:
            raise DeclarationError(f"@{self._name}.{role}: is given twice; keep one.")
        self._known(role, check_satellite(f"@{self._name}.{role}", satellite))
        self.satellites[role] = satellite
        return satellite

    def _known(self, role: str, names: Iterable[str]) -> None:
        params = {p.name for p in self.signature.params}
        inputs = {i.name for i in self.signature.inputs} | {self.signature.more or ""}
        for name in names:
            if name not in params | inputs:
                raise DeclarationError(
                    f"@{self._name}.{role}: {self._name} has no parameter {name!r}; "
                    f"it has {', '.join(sorted(params | inputs - {''})) or 'none'}."
                )
            if role in _PARAMS_ONLY and name not in params:
                raise DeclarationError(
                    f"@{self._name}.{role}: {name!r} is an input; {role} may name params only, "
                    "so that naming a step never reads a tensor."
                )

    @property
    def spec(self) -> specs.NodeSpec:
        """The catalogue's record of this node. Raises DeclarationError if it lacks a satellite."""
        check_whole(self._name, self.options["version"], self.signature, self.satellites, self.migrations)
        return _spec(self)


@overload
def node(function: Callable[P, R], /) -> Node[P, R]: ...
@overload
def node(
    *,
    pure: bool = True,
    saves: bool = False,
    isolate: bool | Isolate = False,
    gpu: Gpu | None = None,
    threads: Literal[1, "all"] = 1,
    was: str | Iterable[str] = (),
    version: int = 1,
    grants: str | Iterable[str] = (),
    title: str | None = None,
) -> Callable[[Callable[P, R]], Node[P, R]]: ...
def node(function: Callable[..., Any] | None = None, /, **options: Any) -> Any:
    """Declare a node type: inputs stand before the star, params after it, outputs in the return annotation.

    pure: False runs it once in each run and shares the result with no other. saves: its files are put in the run's
    folder. isolate: Its own process, with limits of memory and time. gpu: Wants a GPU. threads: Compute threads, 1 or
    "all". was: Earlier names of the type. version: Raise it when the result changes in a way that the code digest
    cannot see. grants: What it needs the user's consent for: network, process, files. title: What people read; by
    default the function's name.

    Raises DeclarationError (a TypeError) at import, with one sentence that names function, parameter and cure.
    """
    if function is not None:
        return Node(function)
    return lambda function: Node(function, **options)


def conversion(function: Callable[P, R], /) -> Node[P, R]:
    """Declare how one kind becomes another wherever a link asks for it: a node of one input and one output."""
    return Node(function, conversion=True)


def _is(given: object, cls: type) -> bool:
    """isinstance for what callers without a type checker may give."""
    return isinstance(given, cls)


def _names(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)


def _register(made: Node[..., Any]) -> None:
    function = made.function
    rows = declared.setdefault(function.__module__, [])
    for other in list(rows):
        if other.function.__name__ != function.__name__:
            if other.type == made.type and "<locals>" not in function.__qualname__:
                raise DeclarationError(
                    f"@node {function.__name__}: {other.function.__name__} is the same node type, {made.type}; "
                    "rename one."
                )
            continue
        same_place = other.function.__qualname__ == function.__qualname__
        if same_place and ("<locals>" in function.__qualname__ or _lines(other) == _lines(made)):
            rows.remove(other)  # declared again: a reloaded module or a function made anew
        elif "<locals>" not in function.__qualname__:
            raise DeclarationError(
                f"@node {function.__name__}: {function.__module__} declares two nodes of this name; rename one."
            )
    rows.append(made)


def _lines(made: Node[..., Any]) -> tuple[str, int]:
    code = made.function.__code__
    return code.co_filename, code.co_firstlineno


def _spec(made: Node[..., Any]) -> specs.NodeSpec:
    options, signature, satellites = made.options, made.signature, made.satellites
    doc = inspect.getdoc(made.function) or ""
    isolate = Isolate() if options["isolate"] is True else options["isolate"] or None
    names = {role: _names(satellite) for role, satellite in satellites.items()}
    params = [msgspec.structs.replace(p, menu=True) if p.name in made.choosers else p for p in signature.params]
    lane = "cpu"
    if isolate:
        lane = "process"
    elif options["gpu"]:
        lane = "gpu"
    elif made.is_async or "network" in options["grants"]:
        lane = "io"
    called = made.function.__name__.rstrip("_")
    return specs.NodeSpec(
        type=made.type,
        title=options["title"] or called.replace("_", " ").capitalize(),
        about=doc.split("\n\n")[0].replace("\n", " ").strip(),
        doc=doc,
        module=made.function.__module__,
        function=made.function.__name__,
        category=made.function.__module__.split(".")[-1],
        version=options["version"],
        inputs=signature.inputs,
        params=params,
        outputs=signature.outputs,
        more=signature.more,
        pure=options["pure"],
        saves=options["saves"],
        conversion=options["conversion"],
        grants=list(options["grants"]),
        was=list(options["was"]),
        lane=lane,
        threads=str(options["threads"]),
        gpu_gb=options["gpu"].gb if options["gpu"] else None,
        memory_gb=isolate.gb if isolate else None,
        seconds=isolate.seconds if isolate else None,
        needs=names.get("needs"),
        ports_in=names.get("inputs"),
        ports_out=names.get("outputs"),
        fingerprint=names.get("fingerprint"),
        expand=names.get("expand"),
        cost=names.get("cost"),
        migrations=sorted(made.migrations),
    )
