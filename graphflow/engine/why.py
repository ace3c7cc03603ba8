"""Why a step ran, or would run: what it is made of now beside the trace of the last run that differed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphflow.cache.ledger import Manifest
from graphflow.cache.trace import Trace
from graphflow.cache.why import NEW, Made, Reason, compare
from graphflow.engine.errors import InvalidDocument, StepError
from graphflow.engine.run import Run
from graphflow.engine.start import Request, Workflowish, prepare
from graphflow.engine.step import CALL, GATHER, NAMED, Step, sources_of

if TYPE_CHECKING:
    from graphflow.engine.session import Session

_IMPURE = Reason("IMPURE", "The node runs once in each run: its result is never taken from another.")


@dataclass(slots=True)
class Explained:
    """One step.

    state: cached; to do (it would run now); perhaps (something before it runs first, and may give the value it had).
    reasons: Why it would run; of a cached step, why it ran when it did. computed: When, in seconds since 1970. seconds,
    bytes: What it took and gave. kept: Whether its values are at hand, not only known by name. after: The steps that
    run first.
    """

    path: str
    state: str
    reasons: list[Reason] = field(default_factory=list[Reason])
    computed: float | None = None
    seconds: float = 0.0
    bytes: int = 0
    kept: bool = False
    after: list[str] = field(default_factory=list[str])

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "path": self.path, "state": self.state, "reasons": [one._asdict() for one in self.reasons],
            "computed": self.computed, "seconds": self.seconds, "bytes": self.bytes, "kept": self.kept,
            "after": self.after,
        }  # fmt: skip


def explain_step(
    session: Session,
    workflow: Workflowish,
    path: str,
    inputs: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    *,
    trusted: frozenset[str] = frozenset(),
    place: Path | None = None,
) -> list[Explained]:
    """Explain a step; or each step below a path that stands for several: a subgraph, or a node mapped over a list.

    Raises RunError as a run does, and InvalidDocument if there is no such step.
    """
    request = Request(workflow, dict(inputs or {}), dict(params or {}), trusted=trusted, place=place)
    run, sinks = prepare(session, request, dry=True)
    with session.lock:
        run.start(sinks)
    steps = [step for step in run.plan.steps if step.known is not None and step.visible and step.demanded]
    found = [step for step in steps if step.path == path and step.kind != GATHER]
    found = found or [step for step in steps if step.path.startswith((f"{path}/", f"{path}[")) and step.kind == CALL]
    found = found or [step for step in steps if step.path == path]
    if not found:
        # The check knows what there is, and what is near.
        prepare(session, Request(workflow, dict(inputs or {}), dict(params or {}), (path,), place=place), dry=True)
        message = f"There is no step {path} in a run of this workflow."
        hint = "A step of a map is written node[3]; a muted node, or one that nothing needs, has none."
        raise InvalidDocument(message, [StepError("run.step-unknown", message, path, "", hint)])
    ledger = session.fetch.ledger
    manifests = [ledger.manifest(run.document), ledger.manifest(run.document, previous=True)]
    return [_explain(session, run, step, manifests) for step in found]


def _explain(session: Session, run: Run, step: Step, manifests: list[Manifest | None]) -> Explained:
    known = step.known
    assert known is not None
    earlier = _earlier(session, step, manifests)
    if step.state == NAMED and step.key is not None:
        return _cached(session, run, step, earlier)
    if step.impure:
        return Explained(step.path, "to do", [_IMPURE])
    waits = step.key is None
    reasons = compare(earlier, made(run, step)) if earlier is not None else [NEW]
    if not reasons and known.spec.fingerprint is not None:
        reasons = [Reason("OUTSIDE", "Something outside that the node looks at changed.")]
    if not reasons and not waits:
        reasons = [Reason("CORRUPT", "Its trace in the ledger is gone or was damaged.")]
    return Explained(step.path, "perhaps" if waits else "to do", reasons, after=_first(step) if waits else [])


def _cached(session: Session, run: Run, step: Step, earlier: Trace | None) -> Explained:
    """A step whose trace is known: why it ran when it did, and what is left of what it gave."""
    assert step.key is not None
    history = session.fetch.ledger.history(step.key)
    kept = all(session.fetch.has(name) for name in step.digests)
    if not history:
        return Explained(step.path, "cached", [], kept=kept)  # from the shared shelf
    last = history[-1]
    reasons: list[Reason] = []
    if len(history) > 1 and history[-2].outputs != last.outputs:
        reasons.append(Reason("DRIFT", "It was computed again and gave another value than before."))
    if last.cause:
        reasons.append(_rebuilt(last.cause))
    elif earlier is not None and earlier.time <= last.time:
        reasons += compare(earlier, made(run, step))
        if not reasons and step.known is not None and step.known.spec.fingerprint is not None:
            reasons.append(Reason("OUTSIDE", "Something outside that the node looks at changed."))
    elif earlier is None and not reasons:
        reasons.append(NEW)
    return Explained(step.path, "cached", reasons, last.time, last.seconds, last.size, kept)


def _rebuilt(cause: str) -> Reason:
    said = {
        "EVICTED": "Its value was no longer kept, and a step needed it.",
        "CORRUPT": "Its stored value was damaged, and a step needed it.",
        "DRIFT": "What it reads was computed again and gave another value.",
    }
    return Reason(cause, said.get(cause, "A step needed its value again."))


def _earlier(session: Session, step: Step, manifests: list[Manifest | None]) -> Trace | None:
    """The trace of the last run in which this place had another key."""
    for manifest in manifests:
        if manifest is None:
            continue
        keys = [key for at, key in zip(manifest.paths, manifest.keys, strict=True) if at == step.path]
        if keys and keys[0] != step.key:
            return session.fetch.ledger.find(keys[:1]).get(keys[0])
    return None


def made(run: Run, step: Step) -> Made:
    """What a step's key is made of, as far as its inputs have names."""
    known = step.known
    assert known is not None
    head = known.head
    assert head
    parts: dict[str, bytes | None] = {
        known.names.get(prefix, "?"): value for prefix, value in (*step.parts, *step.file_parts)
    }
    for feed in step.feeds:
        named = feed.source.step.state == NAMED
        if named or not feed.lazy:
            parts[feed.name] = run.digest_at(feed.source) if named else None
    linked = frozenset(feed.name for feed in step.feeds) | frozenset(known.inputs)
    return Made(known.spec.type, known.spec.version, known.code, known.salt, parts, linked)


def _first(step: Step) -> list[str]:
    """The steps that are to run before this one can be named."""
    found: dict[str, None] = {}
    seen: set[int] = set()
    stack = [source.step for source in sources_of(step)]
    while stack:
        above = stack.pop()
        if above.index in seen or above.state == NAMED:
            continue
        seen.add(above.index)
        if above.key is not None and above.visible:
            found[above.path] = None
        else:
            stack += [source.step for source in sources_of(above)]
    return sorted(found)
