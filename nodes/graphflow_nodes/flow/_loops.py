"""What the loops share: how long they are, and the sentence for calling one without an engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from graphflow import Wire

INDEX = "index"


def only_in_a_workflow(name: str) -> NoReturn:
    """A loop has no body of its own: the engine runs its subgraph."""
    raise RuntimeError(f"{name} runs only inside a workflow; call graphflow.run with one that holds it.")


def rounds(wires: Mapping[str, Wire], name: str) -> int:
    """How many rounds some lists ask for: equal lengths, or a list of one that repeats. Raises ValueError."""
    lengths = {key: len(wire) for key, wire in wires.items()}
    longest = max(lengths.values(), default=0)
    if longest <= 1:
        return min(lengths.values(), default=0)
    wrong = next((key for key, length in lengths.items() if length not in (1, longest)), None)
    if wrong is not None:
        other = next(key for key, length in lengths.items() if length == longest)
        raise ValueError(
            f"{name} got {lengths[wrong]} elements on {wrong} and {longest} on {other}: "
            "give lists of equal length, or a list of one, which repeats"
        )
    return longest


def at(wires: Mapping[str, Wire], round: int) -> dict[str, Wire]:
    """The elements of one round."""
    return {name: wire[round if len(wire) > 1 else 0] for name, wire in wires.items()}


def with_index(takes: Mapping[str, str], given: Mapping[str, Any], round: int) -> dict[str, Any]:
    """A round's inputs, with its number where the subgraph has an input `index`."""
    return {**given, **({INDEX: round} if INDEX in takes and INDEX not in given else {})}


def optional(kind: str, required: bool) -> str:
    """A port type that may stay empty where the subgraph has a default."""
    return kind if required else f"{kind} | none"
