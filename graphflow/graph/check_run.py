"""What a run asks for: values for the interface, and targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphflow.graph.checked import Level, Use
from graphflow.graph.literals import Refused, accept
from graphflow.graph.problem import Problem, pointer
from graphflow.graph.sources import Desk
from graphflow.graph.wording import a_type


def run_inputs(desk: Desk, inputs: Mapping[str, Any], run: bool) -> dict[str, Any]:
    """The values of the root's interface inputs: the run's, coerced, else their defaults."""
    ports = desk.instances[""]
    values = dict(ports.defaults)
    for name, value in inputs.items():
        port = ports.ports.get(name)
        if port is None:
            said = f"The workflow has no input {name}."
            hint = desk.near.hint(name, list(ports.ports), "inputs")
            desk.problems.append(Problem("run.input-unknown", said, "/interface/inputs", "", name, hint))
            continue
        try:
            values[name] = accept(port, value)
        except Refused as no:
            code = no.code.replace("param.", "run.input-")
            place = pointer("interface", "inputs", name)
            desk.problems.append(Problem(code, f"The input {name}{no.said}", place, "", name, no.hint))
    for name in ports.required:
        if run and name not in values and name not in inputs:
            said = f"The workflow needs a value for its input {name}, {a_type(ports.ports[name].type)}."
            place = pointer("interface", "inputs", name)
            hint = f"Give one with --input {name}=VALUE, or give the input a default."
            desk.problems.append(Problem("run.input-missing", said, place, "", name, hint))
    return values


def run_targets(desk: Desk, targets: Sequence[str]) -> None:
    """Tell targets that name nothing. A step of a map is written `outer[3]/inner`."""
    outputs = desk.document.interface.outputs
    for target in targets:
        if target in outputs and target not in desk.levels[""].uses:
            continue
        place, dot, output = target.partition(".")
        level: Level = desk.levels[""]
        names = place.split("/")
        for depth, text in enumerate(names):
            name = text.partition("[")[0] if text.endswith("]") else text
            use = level.uses.get(name)
            if use is None:
                said = f"There is no node {'/'.join(names[: depth + 1])} to run for the target {target}."
                _tell(desk, said, target, desk.near.hint(name, level.uses, "nodes"))
                break
            if depth == len(names) - 1:
                unknown = use.spec is None and use.subgraph is None
                if dot and output not in use.outputs and not unknown:
                    said = f"{place} has no output {output} to run for the target {target}."
                    _tell(desk, said, target, desk.near.hint(output, list(use.outputs), "outputs"))
                break
            inner = names[depth + 1].partition("[")[0]
            inside = next((k for k in inner_levels(desk, use) if inner in desk.levels[k].uses), None)
            if inside is None:
                said = f"There is no node {inner} in {'/'.join(names[: depth + 1])} to run for the target {target}."
                known = [n for k in inner_levels(desk, use) for n in desk.levels[k].uses]
                _tell(desk, said, target, desk.near.hint(inner, known, "nodes in it"))
                break
            level = desk.levels[inside]


def inner_levels(desk: Desk, use: Use) -> list[str]:
    """The keys of the levels that a node holds: its subgraph, or those that its params name."""
    if use.subgraph is not None:
        return [use.subgraph] if use.subgraph in desk.levels else []
    if use.spec is None:
        return []
    named = [use.params.get(name) for name in desk.ports_of(use.spec).bodies]
    return [value[1:] for value in named if isinstance(value, str) and value[1:] in desk.levels]


def _tell(desk: Desk, said: str, target: str, hint: str) -> None:
    place, _, output = target.partition(".")
    desk.problems.append(Problem("run.target-unknown", said, "/nodes", place, output, hint))
