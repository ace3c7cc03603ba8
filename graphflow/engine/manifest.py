"""A document's manifest after a run: one row that answers the unchanged case the next time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphflow.cache.ledger import LedgerError, Manifest
from graphflow.engine.errors import StepError
from graphflow.engine.step import NAMED

if TYPE_CHECKING:
    from graphflow.engine.run import Run


def save_manifest(run: Run) -> None:
    """Keep what a run named, so that the unchanged case is answered by one row."""
    if run.session.home is None or run.dry:
        return
    named = [step for step in run.plan.steps if step.key is not None and step.state == NAMED and not step.impure]
    if all(step.key in run.manifest for step in named) and run.executed == 0:
        return
    manifest = Manifest(
        [step.path for step in named], [step.key or b"" for step in named], [step.digests for step in named],
        [step.rebuild for step in named], run.ended,
    )  # fmt: skip
    try:
        run.session.fetch.ledger.save_manifest(run.document, manifest)
    except LedgerError as error:
        run.errors.append(StepError("disk.full", str(error), hint="Free some space, then run again."))
        run.status = "failed"
