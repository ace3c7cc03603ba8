"""Why a step's key is another than before: what differs between a trace and what the step is made of now. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from graphflow.cache.trace import Trace


class Reason(NamedTuple):
    """A word for programs, such as `PARAM(radius)`, and a sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Made:
    """What a step's key is made of.

    parts: {parameter: digest}, None for an input that has no name yet. linked: The parameters that links drive.
    """

    type: str
    version: int
    code: bytes
    salt: str
    parts: Mapping[str, bytes | None]
    linked: frozenset[str] = frozenset()

    @staticmethod
    def of(trace: Trace, linked: frozenset[str] = frozenset()) -> Made:
        """What a trace was made of."""
        return Made(trace.type, trace.version, trace.code, trace.salt, trace.parts, linked)


NEW = Reason("NEW", "It has not run before in this workflow.")


def compare(before: Trace, now: Made) -> list[Reason]:
    """What differs between a trace and what a step is made of now; nothing if all that is told of both is equal."""
    if before.type != now.type:
        return [Reason("NEW", f"The node was a {before.type} before; it is a {now.type} now.")]
    found: list[Reason] = []
    if before.version != now.version:
        found.append(Reason("VERSION", f"The node type went from version {before.version} to {now.version}."))
    elif before.code != now.code:
        found.append(Reason("CODE", f"The code of {now.type}, or code that it uses, was edited."))
    if before.salt != now.salt:
        changed = salt_changes(before.salt, now.salt)
        found.append(Reason(f"SALT ({changed})", f"A library that the pack's results depend on changed: {changed}."))
    return found + _parts(before.parts, now)


def _parts(before: Mapping[str, bytes], now: Made) -> list[Reason]:
    found: list[Reason] = []
    for name in sorted({*before, *now.parts}):
        was, is_ = before.get(name), now.parts.get(name)
        if name in now.parts and is_ is None:
            found.append(Reason(f"INPUT({name})", f"What drives {name} is to be computed first; its value may differ."))
        elif was != is_:
            what = "INPUT" if name in now.linked else "PARAM"
            found.append(Reason(f"{what}({name})", _sentence(name, was, is_, what == "INPUT")))
    return found


def _sentence(name: str, was: bytes | None, now: bytes | None, linked: bool) -> str:
    if was is None:
        return f"{name} was not there before."
    if now is None:
        return f"{name} is no longer there."
    return f"Another value comes by the link to {name}." if linked else f"{name} has another value than before."


def salt_changes(before: str, now: str) -> str:
    """`torch 2.13 to 2.14` for salts like `torch 2.13, pillow 11.1`."""
    was, is_ = _libraries(before), _libraries(now)
    told: list[str] = []
    for name in sorted({*was, *is_}):
        if was.get(name) != is_.get(name):
            told.append(f"{name} {was.get(name, 'absent')} to {is_.get(name, 'absent')}")
    return ", ".join(told)


def _libraries(salt: str) -> dict[str, str]:
    pairs = [item.strip().rpartition(" ") for item in salt.split(",") if item.strip()]
    return {name: version for name, _, version in pairs}
