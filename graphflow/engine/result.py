"""What a run gave: the state of each node, outputs, files, errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from graphflow.cache.key import text_of
from graphflow.engine.errors import FileMissing, NoRoom, RunError, RunFailed, StepError
from graphflow.engine.plan import Wired, wires
from graphflow.engine.saving import Saved
from graphflow.engine.step import FAILED, NAMED, SKIPPED, Step

if TYPE_CHECKING:
    from graphflow.engine.run import Run

_EXCEPTIONS: dict[str, type[RunError]] = {"file.missing": FileMissing, "disk.full": NoRoom}


@dataclass
class Result:
    """A run that is over.

    status: done, failed or cancelled. seconds: From the start to the last step's end. values: {interface output or
    target: value}, if they were asked for. files: What was saved. executed: Steps that were really computed. left_out:
    Errors of elements that a loop was asked to leave out.
    """

    run: str
    status: str
    seconds: float
    values: dict[str, Any]
    files: list[Saved]
    errors: list[StepError] = field(default_factory=list[StepError])
    executed: int = 0
    left_out: list[StepError] = field(default_factory=list[StepError])
    of_run: Run = field(repr=False, kw_only=True)

    @staticmethod
    def of(run: Run) -> Result:
        return Result(
            run=run.id,
            status=run.status,
            seconds=run.ended - run.began,
            values=run.delivery.values,
            files=sorted(run.delivery.files, key=lambda saved: (saved.node, saved.name)),
            errors=run.errors,
            left_out=run.tolerated,
            executed=run.executed,
            of_run=run,
        )

    @cached_property
    def nodes(self) -> dict[str, dict[str, Any]]:
        """{id: status, seconds, outputs} of the document's own level."""
        return _nodes(self.of_run)

    @cached_property
    def outputs(self) -> dict[str, dict[str, str]]:
        """{interface output or target: kind and digest}."""
        targets = self.of_run.targets
        return {name: _told(wired) for name, wired in targets.items() if wired.source.step.state == NAMED}

    def values_or_raise(self) -> dict[str, Any]:
        """The outputs' values. Raises RunFailed with the first error's sentence."""
        if self.errors:
            first = self.errors[0]
            raise _EXCEPTIONS.get(first.code, RunFailed)(first.message, self.errors)
        if self.status != "done":
            raise RunFailed(f"The run was {self.status}.")
        return self.values

    def as_json(self) -> dict[str, Any]:
        """The object that `graphflow run --json` prints."""
        return {
            "run": self.run,
            "status": self.status,
            "seconds": round(self.seconds, 6),
            "nodes": self.nodes,
            "outputs": self.outputs,
            "files": [saved.as_json() for saved in self.files],
            "errors": [error.as_json() for error in self.errors],
            **({"left_out": [error.as_json() for error in self.left_out]} if self.left_out else {}),
        }


def _told(wired: Wired) -> dict[str, str]:
    step, out = wired.source.step, wired.source.out
    return {"kind": str(wired.type), "digest": text_of(step.digests[out])}


def _nodes(run: Run) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    by_top: dict[str, list[Step]] = {}
    for step in run.plan.steps:
        if step.demanded and step.known is not None and step.visible:
            by_top.setdefault(step.top, []).append(step)
    for path, reason in run.plan.muted.items():
        if "/" not in path:
            found[path] = {"status": reason, "seconds": 0.0, "outputs": {}}
    for top, steps in by_top.items():
        outputs = {
            name: _told(wired)
            for name, wired in (wires(run.plan.places[top]) if top in run.plan.places else {}).items()
            if wired.source.step.state == NAMED
        }
        seconds = sum(step.seconds for step in steps)
        found[top] = {"status": _status(run, steps), "seconds": round(seconds, 6), "outputs": outputs}
    return dict(sorted(found.items()))


def _status(run: Run, steps: list[Step]) -> str:
    states = {step.state for step in steps}
    if run.status == "done" and run.tolerated and NAMED in states:
        return "done"  # elements that failed were left out, as asked
    if FAILED in states or any(step.error is not None for step in steps):
        return "failed"
    if SKIPPED in states:
        return "skipped"
    if states == {NAMED}:
        return "cached" if all(step.cached or step.seconds == 0 for step in steps) else "done"
    return "cancelled" if run.status == "cancelled" else "skipped"
