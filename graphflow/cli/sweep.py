"""`run --sweep`: one run for each point of a grid, in one session; then a table, and a contact sheet of pictures."""

from __future__ import annotations

import itertools
import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphflow.cli.failure import UsageError
from graphflow.cli.shown import plain_values
from graphflow.cli.trust import Typed
from graphflow.engine.errors import RunError
from graphflow.engine.start import Request, prepare
from graphflow.graph.model import Document

if TYPE_CHECKING:
    from graphflow.cli.run_child import Worker
    from graphflow.engine.result import Result

POINTS = 10_000
_PICTURES = (".png", ".jpg", ".webp")
_UNSAFE = re.compile(r'[\x00-\x1f/\\:*?"<>|]')


def sweep(worker: Worker, document: Document, typed: Typed) -> dict[str, Any]:
    """Run every point, go on after one that failed, and give one result for all. Raises RunError before the first."""
    request = worker.request
    points = grid(typed.sweep)
    _check_all(worker, document, typed, points)
    folder = Path(
        request["out"] or Path(request["home"]) / "outputs" / time.strftime("%Y-%m-%d") / f"sweep-{request['id']}"
    )
    began = time.time()
    rows: list[dict[str, Any]] = []
    pictures: list[tuple[str, Any]] = []
    code = 0
    for number, (label, values) in enumerate(points):
        worker.reporter.name(f"{label} ({number + 1} of {len(points)})")
        inputs, params = _given(document, typed, values)
        done = worker.run(
            document, inputs, params, typed.trusted,
            out=str(folder / file_name(label)), run_id=f"{request['id']}-{number}", values=True,
        )  # fmt: skip
        rows.append(_row(worker, label, values, done))
        code = code or rows[-1]["exit"]
        if done.status == "cancelled":
            break
        pictures += [(label, picture) for picture in _first_picture(done)]
    files = [file for row in rows for file in row["files"]]
    errors = [error for row in rows for error in row["errors"]]
    if len(pictures) > 1 and len({isinstance(one, str) for _, one in pictures}) == 1:
        try:
            columns = len(list(typed.sweep.values())[-1]) if len(typed.sweep) > 1 else 0
            files.append(_sheet(worker, folder, pictures, columns))
        except RunError as error:
            errors += [one.as_json() for one in error.errors]
            code = code or error.exit_code
    return {
        "run": request["id"], "status": _status(rows, errors), "seconds": round(time.time() - began, 6),
        "sweep": rows, "files": files, "errors": errors, "executed": sum(row["executed"] for row in rows), "exit": code,
    }  # fmt: skip


def _given(document: Document, typed: Typed, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The inputs and the params of a point. A name without a dot is one of the workflow's inputs."""
    known = document.interface.inputs
    inputs = {name: value for name, value in values.items() if name in known}
    params = {name: value for name, value in values.items() if name not in known}
    return {**typed.inputs, **inputs}, {**typed.params, **params}


def _check_all(worker: Worker, document: Document, typed: Typed, points: list[tuple[str, dict[str, Any]]]) -> None:
    """Look whether every point can begin, so that one wrong value is told before the first is computed."""
    request = worker.request
    assert worker.session is not None
    place = Path(request["file"]) if request["file"] else None
    for _, values in points:
        if worker.cancelled:
            return
        inputs, params = _given(document, typed, values)
        asked = Request(
            document, inputs, params, tuple(request["targets"]), frozenset(request["allow"]), values=False, plain=True,
            trusted=typed.trusted, place=place,
        )  # fmt: skip
        prepare(worker.session, asked)


def _status(rows: list[dict[str, Any]], errors: list[Any]) -> str:
    statuses = {row["status"] for row in rows}
    return "cancelled" if "cancelled" in statuses else "failed" if errors or "failed" in statuses else "done"


def _row(worker: Worker, label: str, values: dict[str, Any], done: Result) -> dict[str, Any]:
    assert worker.session is not None
    found = done.as_json()
    plain_values(worker.session, found["outputs"])
    code = {"done": 0, "cancelled": 130}.get(done.status, 1)
    return {"label": label, "values": values, **found, "executed": done.executed, "exit": code}


def grid(axes: dict[str, list[Any]]) -> list[tuple[str, dict[str, Any]]]:
    """(label, {path: value}) of each point. Labels name the param alone where that is clear. Raises UsageError."""
    count = 1
    for values in axes.values():
        count *= len(values)
    if count > POINTS:
        raise UsageError(f"The sweep has {count:,} points; at most {POINTS:,} are run.", "Give fewer values.")
    short = [path.rpartition(".")[2] for path in axes]
    names = {path: name if short.count(name) == 1 else path for path, name in zip(axes, short, strict=True)}
    points: list[tuple[str, dict[str, Any]]] = []
    for chosen in itertools.product(*axes.values()):
        point = dict(zip(axes, chosen, strict=True))
        label = ",".join(f"{names[path]}={_text(value)}" for path, value in point.items())
        points.append((label, point))
    return points


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def file_name(label: str) -> str:
    """A label as the name of a folder."""
    return _UNSAFE.sub("-", label).strip(". ")[:120] or "point"


def _first_picture(done: Result) -> list[Any]:
    """The picture that stands for a run: the first output or target that is an image, else the first one saved."""
    found = [
        done.values[name] for name, output in done.outputs.items() if output["kind"] == "image" and name in done.values
    ]
    return (found or [saved.path for saved in done.files if saved.path.lower().endswith(_PICTURES)])[:1]


def _sheet(worker: Worker, folder: Path, pictures: list[tuple[str, Any]], columns: int) -> dict[str, Any]:
    """Let the engine lay the pictures out, labelled, and save them as sweep.png. A picture is a value or a path."""
    paths = {f"picture-{at}": one for at, (_, one) in enumerate(pictures) if isinstance(one, str)}
    values = [one for _, one in pictures if not isinstance(one, str)]
    labels = [label for label, _ in pictures]
    sheet: dict[str, Any] = {"type": "image.grid", "params": {"labels": labels, "columns": min(columns, 256)}}
    document: dict[str, Any] = {
        "graphflow": 1,
        "title": "Contact sheet of a sweep",
        "nodes": {
            **{name: {"type": "image.load", "params": {"file": path}} for name, path in paths.items()},
            "sheet": sheet,
            "save": {"type": "image.save", "inputs": {"image": "sheet.image"}, "params": {"name": "sweep"}},
        },
    }
    if values:
        document["interface"] = {"inputs": {"images": {"to": ["sheet.images"]}}}
    else:
        sheet["inputs"] = {"images": [f"{name}.image" for name in paths]}
    assert worker.session is not None
    done = worker.session.run(
        document, {"images": values} if values else {}, out=folder, values=False, plain=True, trusted=paths.values()
    )
    done.values_or_raise()
    return done.files[0].as_json()
