"""A subgraph for each setting of some of its inputs, as lists, a table and a labelled contact sheet."""

from __future__ import annotations

import itertools
from typing import Annotated, Any, Literal

from graphflow import Expansion, Inputs, Json, Outputs, Range, Subgraph, Table, Widget, Wire, node
from graphflow_nodes.flow._loops import only_in_a_workflow, optional

MOST = 10_000  # settings in one sweep


@node
def sweep(
    more: Inputs,
    *,
    graph: Subgraph,
    axes: Annotated[Json, Widget("table")],
    mode: Literal["grid", "zip"] = "grid",
    columns: Annotated[int, Range(0, 100)] = 0,
) -> Outputs:
    """Run a subgraph for each setting of some of its inputs.

    Each output of the subgraph becomes a list. `table` holds a row a setting, with plain outputs beside the settings;
    where the subgraph gives a picture, `sheet` shows all of them, each with its setting below.

    graph: The subgraph, as #name.
    axes: Which inputs take which values: {"radius": [1, 4], "seed": [1, 2, 3]}.
    mode: grid takes every combination, the last axis first; zip takes the first values, then the second ones.
    columns: Of the contact sheet; 0 takes the length of the last axis of a grid, or a square.
    """
    only_in_a_workflow("flow.sweep")


def _axes(graph: Subgraph, axes: Any) -> dict[str, list[Any]]:
    if not isinstance(axes, dict) or not axes:
        raise ValueError('flow.sweep needs axes, such as {"radius": [1, 4]}')
    found: dict[str, list[Any]] = {}
    for name, values in axes.items():
        if name not in graph.inputs:
            raise ValueError(f"flow.sweep: #{graph.name} has no input {name!r}; it has {', '.join(graph.inputs)}")
        if not isinstance(values, list) or not values:
            raise ValueError(f"flow.sweep: the axis {name!r} needs a list of values")
        found[name] = values
    return found


def settings(axes: dict[str, list[Any]], mode: str) -> list[dict[str, Any]]:
    """The settings of a sweep, in order. Raises ValueError for axes that do not zip or are too many."""
    if mode == "zip":
        if len({len(values) for values in axes.values()}) > 1:
            lengths = ", ".join(f"{name} {len(values)}" for name, values in axes.items())
            raise ValueError(f"flow.sweep zips axes of equal length, got {lengths}; use the mode grid")
        return [dict(zip(axes, values, strict=True)) for values in zip(*axes.values(), strict=True)]
    count = 1
    for values in axes.values():
        count *= len(values)
    if count > MOST:
        raise ValueError(f"flow.sweep would run {count:,} settings; the most is {MOST:,}")
    return [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]


@sweep.inputs
def _(graph: Subgraph, axes: Json) -> dict[str, str]:
    chosen = _axes(graph, axes)
    return {name: optional(kind, name in graph.required) for name, kind in graph.inputs.items() if name not in chosen}


@sweep.outputs
def _(graph: Subgraph) -> dict[str, str]:
    taken = {"table", "sheet"} & set(graph.outputs)
    if taken:
        raise ValueError(f"flow.sweep gives an output {taken.pop()!r} of its own; rename that of #{graph.name}")
    found = {name: f"list[{kind}]" for name, kind in graph.outputs.items()}
    found["table"] = "table"
    if "image" in graph.outputs.values():
        found["sheet"] = "image"
    return found


@sweep.expand
def _(more: dict[str, Wire], graph: Subgraph, axes: Json, mode: str, columns: int) -> Expansion:
    chosen = _axes(graph, axes)
    rows = settings(chosen, mode)
    expansion = Expansion()
    placed = [expansion.add(graph, f"[{at}]", {**more, **row}) for at, row in enumerate(rows)]
    for name in graph.outputs:
        expansion.output(name, [one[name] for one in placed])
    plain = [name for name, kind in graph.outputs.items() if kind in ("text", "number", "whole", "boolean")]
    lists = {name: [one[name] for one in placed] for name in plain}
    expansion.output("table", expansion.add("flow.tabulate", "table", lists, rows=rows, columns=plain)["table"])
    picture = next((name for name, kind in graph.outputs.items() if kind == "image"), None)
    if picture is not None:
        wide = columns or (len(list(chosen.values())[-1]) if mode == "grid" else max(1, round(len(rows) ** 0.5)))
        labels = [", ".join(f"{name} {_short(value)}" for name, value in row.items()) for row in rows]
        pictures = [one[picture] for one in placed]
        sheet = expansion.add("image.grid", "sheet", images=pictures, labels=labels, columns=wide)
        expansion.output("sheet", sheet["image"])
    return expansion


def _short(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 40 else text[:37] + "..."


@node
def tabulate(more: Inputs, *, rows: Json, columns: list[str] = ()) -> Table:  # type: ignore[assignment]
    """Lay settings and what came of them side by side in a table.

    rows: A list of {name: value}, one for each row.
    columns: Names of further columns, each an input that takes a list.
    """
    if not isinstance(rows, list):
        raise ValueError("flow.tabulate needs a list of rows")
    found: list[dict[str, Any]] = []
    for at, row in enumerate(rows):
        if not isinstance(row, dict):
            raise ValueError(f"flow.tabulate: row {at} is not an object")
        found.append({**row, **{name: more[name][at] for name in columns}})
    return Table.of_rows(found)


@tabulate.inputs
def _(columns: list[str]) -> dict[str, str]:
    return dict.fromkeys(columns, "list[any]")
