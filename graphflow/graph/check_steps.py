"""What shows only when subgraphs are written out: grants by path, and savers that write one name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphflow.graph.check_run import inner_levels
from graphflow.graph.checked import Link, Use
from graphflow.graph.problem import Problem, pointer
from graphflow.graph.sources import Desk

_LINKED: Any = object()  # a value that only the run knows
Values = dict[str, Any]  # interface input -> its value in this instance


def grants_and_savers(desk: Desk, values: Values) -> dict[str, list[str]]:
    """{grant: paths of the nodes that need it}. Tells each saver whose file name another one has already.

    values: Of the root's interface.
    """
    grants: dict[str, list[str]] = {}
    saved: dict[tuple[str, str], str] = {}
    for path, use, given in _notable(desk, values):
        spec = use.spec
        assert spec is not None
        for grant in spec.grants:
            grants.setdefault(grant, []).append(path)
        if spec.saves and (file := _file(use, given)):
            first = saved.setdefault(file, path)
            if first != path:
                name, kind = file
                what = f"a file of the name {name}" + (f" as {kind}" if kind != spec.type else "")
                said = f"{first} and {path} both save {what}."
                place = pointer("nodes", path.split("/")[0])
                hint = "Give one of them another name."
                desk.problems.append(Problem("save.same-name", said, place, path, "name", hint))
    return grants


def _notable(desk: Desk, values: Values) -> Iterator[tuple[str, Use, Values]]:
    """Path, node and interface values of every node that saves or needs a grant, in every instance."""
    worth: dict[str, list[Use]] = {}
    for key, level in desk.levels.items():  # children first
        rows = worth[key] = [
            use
            for use in level.uses.values()
            if use.mode is None
            and (
                (use.spec is not None and (use.spec.saves or use.spec.grants))
                or any(worth.get(inner) for inner in inner_levels(desk, use))
            )
        ]
        rows.reverse()
    too_large = any(problem.code in ("graph.too-large", "graph.too-deep") for problem in desk.problems)
    stack: list[tuple[str, Use, Values]] = [(use.id, use, values) for use in worth.get("", [])]
    while stack:
        path, use, given = stack.pop()
        if use.spec is not None and (use.spec.saves or use.spec.grants):
            yield path, use, given
        if too_large:
            continue
        for inner in inner_levels(desk, use):
            inside = _inside(desk, use, inner, given)
            stack.extend((f"{path}/{one.id}", one, inside) for one in worth[inner])


def _inside(desk: Desk, use: Use, inner: str, given: Values) -> Values:
    """The interface values of an instance."""
    names = desk.levels[inner].interface.inputs
    if use.subgraph is None:
        return dict.fromkeys(names, _LINKED)  # the body of a map or a loop: its node gives the values
    found: Values = {}
    for name in names:
        value = _value(use, name, given)
        if value is not None:
            found[name] = value
    return found


def _value(use: Use, name: str, given: Values) -> Any:
    """A param's value here; _LINKED if only the run knows it, None if there is none."""
    link = use.links.get(name)
    if link is None or (isinstance(link, Link) and not link.node and link.output not in given):
        return use.params.get(name)
    if isinstance(link, Link) and not link.node:
        return given[link.output]
    return _LINKED


def _file(use: Use, given: Values) -> tuple[str, str] | None:
    """The name and the format of the file that a node saves, where the document says them."""
    spec = use.spec
    assert spec is not None
    name = _value(use, "name", given)
    kind: Any = spec.type
    if any(param.name == "format" for param in spec.params):
        kind = _value(use, "format", given)
    if not isinstance(name, str) or not isinstance(kind, str):
        return None
    return name, kind.lower() if kind != spec.type else kind
