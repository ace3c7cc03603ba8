"""Branches: which way a value goes, and whether it goes on at all."""

from __future__ import annotations

from typing import Annotated, NamedTuple, TypeVar

from graphflow import QUIET, Context, Lazy, Range, Skip, node

T = TypeVar("T")


@node
def switch(first: Lazy[T] = Lazy(), second: Lazy[T] = Lazy(), *, use_first: bool = True) -> T:  # noqa: B008
    """Pass one of two values on; the other is never computed.

    use_first: Whether the first one goes on.
    """
    chosen = first if use_first else second
    if not chosen.present:
        raise ValueError(f"flow.switch is to pass the {'first' if use_first else 'second'} value on; link it")
    return chosen.value


@switch.needs
def _(use_first: bool) -> set[str]:
    return {"first"} if use_first else {"second"}


@node
def gate(value: Lazy[T], *, open: bool = True) -> T:
    """Let a value through, or stop here: what needs it is then skipped, and the run does not fail.

    open: Whether it goes on. Behind a closed gate nothing is computed.
    """
    if not open:
        raise Skip("the gate is closed")
    return value.value


@gate.needs
def _(open: bool) -> set[str]:
    return {"value"} if open else set()


@node
def first(a: T | None = None, b: T | None = None, c: T | None = None, d: T | None = None) -> T:
    """Pass on the first value that is there; an empty text or list counts as not there."""
    for value in (a, b, c, d):
        if value is not None and not (isinstance(value, str | list) and not value):
            return value
    raise Skip("none of the inputs brings a value")


@node
def select(items: list[T], *, index: Annotated[int, Range(-100_000, 100_000)] = 0) -> T:
    """Take one element of a list.

    index: From 0; -1 is the last one.
    """
    if not -len(items) <= index < len(items):
        raise ValueError(f"flow.select was asked for [{index}] of a list of {len(items)}")
    return items[index]


class Spent(NamedTuple):
    """A value, and how long the run had gone on when it passed."""

    value: T  # type: ignore[valid-type]
    seconds: float
    note: str


@node(pure=False)
def elapsed(value: T, *, label: str = "", ctx: Context = QUIET) -> Spent:
    """Pass a value on and note how many seconds the run has taken until here.

    label: What the note begins with.
    """
    seconds = ctx.elapsed()
    return Spent(value, seconds, f"{label or 'passed'} after {seconds:.2f} s")
