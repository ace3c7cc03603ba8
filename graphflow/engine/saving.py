"""The ends of a run: targets' values for whoever asked, saved files put in place with their workflow inside."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphflow.cache.key import text_of
from graphflow.engine.events import Event
from graphflow.engine.hold import assemble, leaves
from graphflow.engine.keep import SMALL, NoRoomLeft, measure
from graphflow.engine.step import Step
from graphflow.graph.embed import embed
from graphflow.values.codec import encode
from graphflow.values.kinds import File

if TYPE_CHECKING:
    from graphflow.engine.run import Run


@dataclass(slots=True)
class Saved:
    """A file that a run put in place."""

    node: str
    name: str
    digest: str
    bytes: int
    path: str

    def as_json(self) -> dict[str, Any]:
        return {"node": self.node, "name": self.name, "digest": self.digest, "bytes": self.bytes, "path": self.path}

    def as_event(self) -> dict[str, Any]:
        """The same as an event's data, where `path` is the step's."""
        return {"name": self.name, "digest": self.digest, "bytes": self.bytes, "file": self.path}


@dataclass(slots=True)
class Delivery:
    """Where a run's files and values go.

    folder: Of the saved files; None saves nothing. replace: A file of the same name is replaced; else the new one is
    numbered. document: The workflow with the values really used, as text, to stand in each file; None leaves it out.
    """

    folder: Path | None = None
    replace: bool = False
    document: Callable[[], str] | None = None
    files: list[Saved] = field(default_factory=list[Saved])
    values: dict[str, Any] = field(default_factory=dict[str, Any])


def deliver(run: Run, step: Step, held: dict[bytes, Any]) -> None:
    """What a SINK does when it has its values: return them, or save the files among them."""
    values = [assemble(run, feed.source, held) for feed in step.feeds]
    for feed, value in zip(step.feeds, values, strict=True):
        if feed.param:  # the name under which a value is returned
            run.delivery.values[feed.name] = value
        elif run.delivery.folder is not None:
            _save(run, feed.name, list(_files(value)))
    _keep(run, step, held)


def _keep(run: Run, step: Step, held: dict[bytes, Any]) -> None:
    """Make targets durable that were computed before anybody knew that they are: in a loop, or for another run."""
    session = run.session
    disk = session.fetch.disk
    if disk is None:
        return
    for feed in step.feeds:
        for producer, name in leaves(run, feed.source):
            size = measure(held.get(name))[0]
            if size <= SMALL or disk.has(name):
                continue
            try:
                disk.put(name, encode(held[name]))
            except OSError as error:
                raise NoRoomLeft(str(error)) from error
            session.fetch.ledger.save_cost(text_of(name), producer.rebuild)
            session.wrote(size)


def _files(value: Any) -> list[File]:
    if isinstance(value, File):
        return [value]
    if isinstance(value, list | tuple):
        return [file for item in value for file in _files(item)]
    return []


def _save(run: Run, node: str, files: list[File]) -> None:
    """Put the files of one saving node in place; several of one name, and the rounds of a loop, get -00, -01."""
    delivery = run.delivery
    assert delivery.folder is not None
    delivery.folder.mkdir(parents=True, exist_ok=True)
    same: dict[str, int] = {}
    for file in files:
        same[file.name] = same.get(file.name, 0) + 1
    seen: dict[str, int] = {}
    round = "".join(f"-{int(index):02d}" for index in re.findall(r"\[(\d+)\]", node))
    for file in files:
        if run.status != "running":
            return  # cancelled meanwhile: nothing is put in place after a run's end
        stem, suffix = os.path.splitext(_plain_name(file.name))
        number = ""
        if same[file.name] > 1:
            at = seen.get(file.name, 0)
            seen[file.name] = at + 1
            number = f"-{at:0{max(2, len(str(same[file.name] - 1)))}d}"
        name = f"{stem}{round}{number}{suffix}"
        data = file.read()
        if delivery.document is not None:
            data = embed(data, file.media_type, delivery.document())
        path = _place(delivery.folder, name, data, delivery.replace)
        saved = Saved(node, path.name, file.digest, len(data), str(path))
        delivery.files.append(saved)
        run.session.post(run, Event("file.saved", node, saved.as_event()))


def _plain_name(name: str) -> str:
    """A file's name without anything that could lead elsewhere."""
    plain = re.sub(r"[\x00-\x1f/\\:*?\"<>|]", "-", name).strip(". ") or "file"
    return plain[:180]


def _place(folder: Path, name: str, data: bytes, replace: bool) -> Path:
    """Write whole, by rename; or, where nothing may be replaced, under the first number that is free."""
    beside = folder / f".{name}.new-{secrets.token_hex(4)}"
    try:
        beside.write_bytes(data)
        if replace:
            os.replace(beside, folder / name)
            return folder / name
        stem, suffix = os.path.splitext(name)
        number = 1
        while True:
            path = folder / (name if number == 1 else f"{stem}-{number}{suffix}")
            try:
                os.link(beside, path)  # fails if the name is taken, also by another process
                return path
            except FileExistsError:
                number += 1
    finally:
        beside.unlink(missing_ok=True)
