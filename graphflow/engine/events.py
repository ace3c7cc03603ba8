"""What a run tells while it goes on. The event list is also what the tests hold the engine to."""

from __future__ import annotations

from typing import Any

import msgspec

# Kinds of events, and the data that they carry:
#   run.started      workflow, steps
#   pack.stale       pack, message    an edit that cannot be imported; the earlier code stays in use
#   step.started
#   step.progress    done, total, preview (a value, only in process), and step.said: message
#   step.done        seconds, outputs {name: digest}; told after the commit that holds it
#   step.cached      outputs
#   step.failed      error
#   step.skipped     because (path), or reason
#   step.cancelled
#   artifact.changed file        a file that the step's key depends on changed while the step ran
#   cache.corrupt    digest or message
#   shelf.failed     message     the shared shelf took nothing; the run goes on
#   drift            was, now    a rebuild gave another value
#   file.saved       name, digest, bytes, file (where it lies)
#   run.done, run.failed, run.cancelled   seconds


class Event(msgspec.Struct, frozen=True, gc=False):
    """One event: its kind, the step's path (empty for the run itself) and its data."""

    kind: str
    path: str = ""
    data: dict[str, Any] = {}

    def as_json(self) -> dict[str, Any]:
        """The event as plain JSON; a preview value is left out."""
        return {"event": self.kind, "path": self.path, **{k: v for k, v in self.data.items() if k != "preview"}}
