"""The graphs that are measured: trivial nodes in a chain, a fan and a lattice, as documents and as plain tables."""

from __future__ import annotations

import json
from typing import Any

from graphflow import node

# {name: (function, names of its inputs, constant)}: what every engine builds its own graph from.
Plan = dict[str, tuple[str, tuple[str, ...], float]]


@node
def one(*, v: float = 1.0) -> float:
    """Give a number."""
    return v


@node
def inc(x: float, *, by: float = 1.0) -> float:
    """Add a constant to a number."""
    return x + by


@node
def add(a: float, b: float, *, by: float = 0.0) -> float:
    """Add two numbers and a constant."""
    return a + b + by


NODES = [one, inc, add]
FUNCTIONS = {made.function.__name__: made.function for made in NODES}
_CONSTANT = {"one": "v", "inc": "by", "add": "by"}
_INPUTS = {"one": (), "inc": ("x",), "add": ("a", "b")}


def chain(size: int, start: float) -> Plan:
    """One node after the other."""
    plan: Plan = {"n0": ("one", (), start)}
    for index in range(1, size):
        plan[f"n{index}"] = ("inc", (f"n{index - 1}",), 1.0)
    return plan


def fan(size: int, start: float) -> Plan:
    """One node, and all the others beside each other behind it."""
    plan: Plan = {"n0": ("one", (), start)}
    for index in range(1, size):
        plan[f"n{index}"] = ("inc", ("n0",), float(index))
    return plan


def lattice(size: int, start: float) -> Plan:
    """A square in which each node takes what is above and what is left of it. `size` is its side squared."""
    side = round(size**0.5)
    plan: Plan = {}
    for row in range(side):
        for column in range(side):
            above = (f"r{row - 1}c{column}",) if row else ()
            left = (f"r{row}c{column - 1}",) if column else ()
            links = above + left
            made = ("one", "inc", "add")[len(links)]
            plan[f"r{row}c{column}"] = (made, links, start if made == "one" else 0.5 + len(plan) / 1024)
    return plan


SHAPES = {"chain": chain, "fan": fan, "lattice": lattice}


def leaves(plan: Plan) -> list[str]:
    """What no other node needs: the targets."""
    used = {name for _, links, _ in plan.values() for name in links}
    return [name for name in plan if name not in used]


def document(plan: Plan) -> bytes:
    """The plan as a workflow document."""
    types = {made.function.__name__: made.type for made in NODES}
    nodes: dict[str, Any] = {}
    for name, (made, links, constant) in plan.items():
        entry: dict[str, Any] = {"type": types[made], "params": {_CONSTANT[made]: constant}}
        if links:
            entry["inputs"] = {port: f"{link}.value" for port, link in zip(_INPUTS[made], links, strict=True)}
        nodes[name] = entry
    return json.dumps({"graphflow": 1, "nodes": nodes}).encode()
