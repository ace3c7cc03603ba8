"""What can go wrong with a run, each with the code, the place and the cure that the error envelope tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from graphflow.graph.problem import Problem


@dataclass(frozen=True, slots=True)
class StepError:
    """Why a step failed.

    code: Such as `node.failed`. node: The step's path. field: The input or param, if one is to blame. hint: What to
    do. log: The traceback, for the log only.
    """

    code: str
    message: str
    node: str = ""
    field: str = ""
    hint: str = ""
    log: str = ""

    def at(self, path: str) -> StepError:
        """The same error for another step of the same key."""
        if path == self.node:
            return self
        return replace(self, node=path, message=self.message.replace(f" at {self.node} ", f" at {path} ", 1))

    def as_json(self) -> dict[str, str]:
        """The record of the error envelope, without the traceback."""
        found = asdict(self)
        del found["log"]
        return {"pointer": "", **found}


class RunError(Exception):
    """A run that did not begin. `exit_code` is the command line's; `errors` are records of the envelope."""

    code = "run.failed"
    exit_code = 1

    def __init__(self, message: str, errors: Sequence[StepError | Problem] = ()) -> None:
        super().__init__(message)
        self.errors = list(errors)


class InvalidDocument(RunError):
    """The document has problems."""

    code = "document.invalid"
    exit_code = 65


class FileMissing(RunError):
    """A file that a param names cannot be found or read."""

    code = "file.missing"
    exit_code = 66


class NotPermitted(RunError):
    """A grant that nobody gave, or a path outside the folders that a run may read."""

    code = "grant.needed"
    exit_code = 77


class NoRoom(RunError):
    """The disk is full or cannot be written."""

    code = "disk.full"
    exit_code = 74


class RunFailed(RunError):
    """A step failed; `graphflow.run` raises it, with the first error's sentence."""

    code = "node.failed"
    exit_code = 1
