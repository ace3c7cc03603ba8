"""The file params of a step: path texts resolved to files named by content."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from graphflow.engine.files import Files, PathRefused
from graphflow.engine.step import Artifact, Step
from graphflow.values.digest import digest
from graphflow.values.kinds import File, Folder
from graphflow.values.types import Type

if TYPE_CHECKING:
    from graphflow.engine.run import Run


class FileProblem(Exception):
    """A file param that cannot be resolved: the param, and why."""

    def __init__(self, field: str, reason: PathRefused) -> None:
        super().__init__(str(reason))
        self.field, self.hint, self.missing = field, reason.hint, reason.missing


def resolve_files(run: Run, step: Step) -> list[tuple[bytes, bytes]]:
    """The parts of the key that a step's file params are, and in its literals the files. Raises FileProblem."""
    assert step.known is not None
    parts: list[tuple[bytes, bytes]] = []
    artifacts: list[Artifact] = []
    resolved: dict[str, Any] = {}
    for name, kind in step.known.params.items():
        given = step.texts.get(name) if step.texts else None
        if given is None:
            continue
        try:
            made = _resolve(run.files, name, kind, given, artifacts)
        except PathRefused as error:
            raise FileProblem(name, error) from None
        except OSError as error:
            reason = PathRefused(f"{given!r} cannot be read: {error.strerror}.", "Check its rights.", missing=True)
            raise FileProblem(name, reason) from None
        resolved[name] = made
        parts.append((step.known.prefix(name), digest(made)))
    step.literals = {**step.literals, **resolved}
    step.artifacts = artifacts
    step.file_parts = parts
    return parts


def fingerprint_of(step: Step, values: dict[str, Any]) -> bytes:
    """What a node's fingerprint satellite tells of the outside now."""
    assert step.known is not None
    told = step.known.satellites["fingerprint"](**values)
    return told if isinstance(told, bytes) else str(told).encode()


def changed(run: Run, step: Step) -> str | None:
    """What the step's key depends on and is not any more what it was: a file's name, or the fingerprint; else None."""
    for artifact in step.artifacts:
        if run.files.look(artifact.path) != artifact.stat:
            return f"the file {os.path.basename(artifact.path)}"
    if step.fingerprint is not None and fingerprint_of(step, step.fingerprint[0]) != step.fingerprint[1]:
        return "what its fingerprint tells"
    return None


def _resolve(files: Files, name: str, kind: Type, given: Any, artifacts: list[Artifact]) -> Any:
    if isinstance(given, list | tuple):
        element = kind.without_none.element
        return [_resolve(files, f"{name}[{at}]", element, one, artifacts) for at, one in enumerate(given)]
    if isinstance(given, File | Folder):
        return given
    path = files.resolve(str(given))
    wants_folder = any(option.name == "folder" for option in kind.options)
    if path.is_dir() != wants_folder:
        what = "a file where a folder" if wants_folder else "a folder where a file"
        raise PathRefused(f"The path {given!r} leads to {what} is wanted.", "Give another path.", missing=True)
    made, stat = files.folder(path) if wants_folder else files.file(path)
    artifacts.append(Artifact(name, str(path), stat))
    return made
