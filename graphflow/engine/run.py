"""One run: which steps are demanded, named, missing, working. All of it under the session's lock, without recursion.

Work starts from the targets and goes up; a step waits until what drives it has digests. See fetch.py for names and
values, spread.py for steps that become other steps.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from graphflow.cache import key as keys
from graphflow.engine import spread
from graphflow.engine.errors import StepError
from graphflow.engine.events import Event
from graphflow.engine.fetch import Name
from graphflow.engine.files import Files
from graphflow.engine.flight import Flight, Outcome
from graphflow.engine.hold import absent, hand_over, rebuilt, want
from graphflow.engine.manifest import save_manifest
from graphflow.engine.paths import fingerprint_of, resolve_files
from graphflow.engine.plan import Builder, Wired
from graphflow.engine.saving import Delivery
from graphflow.engine.step import (
    CALL,
    CONST,
    EXPAND,
    FAILED,
    GATHER,
    MAP,
    NAMED,
    NOTHING,
    SINK,
    SKIPPED,
    WAITING,
    WORKING,
    Source,
    Step,
    rank,
    sources_of,
)  # fmt: skip
from graphflow.values.digest import digest, list_digest

if TYPE_CHECKING:
    from graphflow.engine.session import Session


class Run:
    """A run of a workflow, from submit to its last event."""

    def __init__(self, session: Session, id: str, builder: Builder, document: bytes, dry: bool = False) -> None:
        self.session = session
        self.id = id
        self.builder = builder
        self.plan = builder.plan
        self.document = document  # names the document in the manifest
        self.dry = dry  # names only: tells what would run
        self.status = "queued"
        self.errors: list[StepError] = []
        self.tolerated: list[StepError] = []  # of elements that were left out
        self.ends: list[Step] = []
        self.events: list[Event] = []
        self.listener: Callable[[Event], None] | None = None
        self.listener_error: Exception | None = None
        self.finished = threading.Event()
        self.files: Files
        self.delivery = Delivery()
        self.notices: list[Event] = []  # told at the start
        self.later: tuple[str, ...] = ()  # targets inside loops, which are not made yet
        self.saves_all = False  # also what nodes inside expansions save
        self.targets: dict[str, Wired] = {}
        self.fresh: dict[bytes, Any] = {}  # what a step just gave, until its readers have it
        self.manifest: dict[bytes, Name] = {}
        self.began = self.ended = 0.0
        self.open = 0  # demanded steps that are not final
        self.executed = 0
        self._ranked = False  # ranks are worked out when the first step is to be executed
        self.missing: list[Step] = []  # of a dry run
        self.ready: deque[Step] = deque()
        self._asking: list[Step] = []
        self.wanting: deque[Step] = deque()
        self.flights: set[Flight] = set()
        self.failed: dict[bytes | None, StepError] = {}  # keys that are not tried again

    # -- starting and ending ------------------------------------------------------------------------------------------

    def start(self, ends: list[Step]) -> None:
        """Demand the targets and go as far as names reach."""
        self.began = time.time()
        self.status = "running"
        self.post("run.started", "", {"run": self.id, "steps": len(self.plan.steps)})
        for notice in self.notices:
            self.session.post(self, notice)
        for message in self.session.untold():
            self.post("cache.corrupt", "", {"message": message})
        try:
            for end in ends:
                self.demand_end(end)
            self.ready = deque(sorted(self.ready, key=lambda step: step.index))
            self.advance()
        except Exception as error:
            self._broke(error)

    def _broke(self, error: Exception) -> None:
        """Whatever goes wrong between the steps, such as a shelf that cannot be read, ends the run, never a thread."""
        log = "".join(traceback.format_exception(error))
        said = self.session.secrets.hide(str(error).strip() or type(error).__name__)
        hint = "Look whether the data folder and the shared shelf can be read, then run again."
        self.errors.append(StepError("run.broken", f"The run cannot go on: {said}", hint=hint, log=log))
        self.stop("failed")

    def post(self, kind: str, path: str = "", data: dict[str, Any] | None = None) -> None:
        self.session.post(self, Event(kind, path, data or {}))

    def tell(self, kind: str, step: Step, data: dict[str, Any] | None = None) -> None:
        """An event of a step; conversions and gathers are not told, unless they fail."""
        if step.visible:
            self.post(kind, step.path, data)

    def _settle(self) -> None:
        """End the run if nothing is open any more."""
        if self.open == 0 and self.status == "running":
            harmed = any(end.error or (end.blame and end.blame.error) for end in self.ends if end.state != NAMED)
            if not harmed:  # what failed was left out of a list by `skip_failed`
                self.tolerated, self.errors = self.errors, []
            self.end("failed" if harmed else "done")

    def deliver(self, event: Event) -> None:
        """Tell an event; the last one finishes the run. Called in order, after the commit of what it tells."""
        if self.finished.is_set():
            return  # nothing of a run is told after its end
        self.events.append(event)
        if self.listener is not None and self.listener_error is None:
            try:
                self.listener(event)
            except Exception as error:
                self.listener_error = error
        if event.kind in ("run.done", "run.failed", "run.cancelled"):
            save_manifest(self)
            self.finished.set()

    def end(self, status: str) -> None:
        self.status = status
        self.ended = time.time()
        self.session.ended(self)
        self.post(f"run.{status}", "", {"seconds": round(self.ended - self.began, 6)})

    def cancel(self) -> None:
        """Stop waiting for everything: final at once; a step that nobody else waits for is told to stop."""
        self.stop("cancelled")

    def stop(self, status: str) -> None:
        """End the run now, as cancelled or failed."""
        if self.status not in ("queued", "running"):
            return
        for flight in sorted(self.flights, key=lambda flight: flight.step.index):
            for run, step in flight.waiters:
                if run is self and flight.started:
                    self.tell("step.cancelled", step)
            flight.drop(self)
            if not flight.waiters:
                self.session.abandon(flight)
        self.flights.clear()
        self.end(status)

    # -- demand -------------------------------------------------------------------------------------------------------

    def demand_end(self, end: Step) -> None:
        """Demand a step for its own sake: if it fails or is skipped, so has the run failed."""
        self.ends.append(end)
        self.demand(end)

    def demand(self, root: Step) -> None:
        """A step and all that it needs, lazy inputs apart, are wanted by name."""
        stack = [root]
        while stack:
            step = stack.pop()
            if step.demanded:
                continue
            step.demanded = True
            self.open += 1
            for source in self.await_sources(step, sources_of(step)):
                stack.append(source)
            if step.unresolved == 0:
                self.ready.append(step)

    def await_sources(self, step: Step, sources: Iterator[Source]) -> list[Step]:
        """Let a step wait for its sources' names; gives those that are not demanded yet."""
        todo: list[Step] = []
        passes_on = step.target and step.kind in (SINK, GATHER)
        for source in sources:
            above = source.step
            if passes_on:
                above.target = True
            if above.state < NAMED:
                step.unresolved += 1
                above.consumers.append(step)
                if not above.demanded:
                    todo.append(above)
            elif above.state != NAMED and not step.tolerates:
                self.skip(step, above)
        return todo

    def wait_again(self, step: Step, sources: Iterator[Source]) -> None:
        """A step that has become other steps, or needs a lazy input, waits for new sources."""
        for above in self.await_sources(step, sources):
            self.demand(above)
        if step.unresolved == 0 and not step.final:
            self.ready.append(step)

    # -- names --------------------------------------------------------------------------------------------------------

    def advance(self) -> None:
        """Go on until every ready step is named, asked for, or at work."""
        while self.ready or self._asking or self.wanting:
            while self.ready:
                step = self.ready.popleft()
                if not step.final:
                    self._step(step)
            if self._asking:
                self._ask()
            while self.wanting:
                step = self.wanting.popleft()
                if step.state not in (FAILED, SKIPPED):
                    want(self, step)
        self._settle()

    def _step(self, step: Step) -> None:
        try:
            if step.kind == CALL:
                self._call(step)
            elif step.kind == GATHER:
                spread.gather(self, step)
            elif step.kind == CONST:
                self._constant(step)
            elif step.kind == MAP:
                spread.split(self, step)
            elif step.kind == EXPAND:
                spread.expand(self, step)
            elif self.dry:
                self.name(step, [])  # nothing is read
            else:
                self.wanting.append(step)
        except Exception as error:
            self.fail(step, self.session.explain(step, error))

    def _call(self, step: Step) -> None:
        known = step.known
        assert known is not None
        if known.quick:
            sources = [(feed.prefix, self.digest_at(feed.source)) for feed in step.feeds]
            key = step.key = keys.key(known.head, [*step.parts, *sources])
            self._look_up(step, key)
            return
        satellites = known.spec
        if satellites.needs is not None and not step.needs_done:
            values = spread.params_now(self, step, satellites.needs)
            if values is None:
                return
            step.needs_done = True
            wanted = set(known.satellites["needs"](**values))
            step.feeds = [feed for feed in step.feeds if not feed.lazy or feed.name in wanted]
            lazy = iter([feed.source for feed in step.feeds if feed.lazy])
            self.wait_again(step, lazy)
            return
        if not self._key(step):
            return
        assert step.key is not None
        self._look_up(step, step.key)

    def _look_up(self, step: Step, key: bytes) -> None:
        name = self.session.fetch.recent.get(key) or self.manifest.get(key)
        if name is not None:
            self._cached(step, name)
        else:
            self._asking.append(step)

    def _key(self, step: Step) -> bool:
        """Give a step its key; False while a param that its fingerprint asks for is being rebuilt."""
        assert step.known is not None
        asked = step.known.spec.fingerprint
        if asked is not None:
            values = spread.params_now(self, step, asked)
            if values is None:
                return False
            step.fingerprint = values, fingerprint_of(step, values)
        step.key = self.key_of(step, step.fingerprint[1] if step.fingerprint else None)
        return True

    def key_of(self, step: Step, fingerprint: bytes | None = None) -> bytes:
        """The key of a CALL whose sources are all named."""
        assert step.known is not None
        head = step.known.head
        parts = step.parts
        if step.known.reads_files:
            parts = [*parts, *resolve_files(self, step)]
        if step.feeds:
            parts = [*parts, *[(feed.prefix, self.digest_at(feed.source)) for feed in step.feeds]]
        if fingerprint is not None:
            parts = [*parts, keys.outside_part(fingerprint)]
        if step.impure:
            parts = [*parts, keys.impure_part(self.id, step.path)]
        return keys.key(head, parts)

    def _ask(self) -> None:
        asking, self._asking = self._asking, []
        found = self.session.fetch.names([step.key for step in asking if step.key])
        for step in asking:
            name = found.get(step.key or b"")
            if name is not None:
                self._cached(step, name)
            else:
                self._to_do(step)

    def _to_do(self, step: Step) -> None:
        """No trace of the step is of use: it is to be executed."""
        step.state = WORKING
        if self.dry:
            self.missing.append(step)
            self.open -= 1
            return
        if not self._ranked:
            rank(self.plan.steps)
            self._ranked = True
        self.wanting.append(step)

    def _lists_gone(self, step: Step, digests: list[bytes]) -> bool:
        """Whether an output is a list whose elements' names are nowhere."""
        if step.known is None or not step.known.lists:
            return False
        return any(
            kind.without_none.is_list and name != NOTHING and self.session.fetch.elements(name) is None
            for kind, name in zip(step.types, digests, strict=True)
        )

    def _cached(self, step: Step, name: Name) -> None:
        if len(name[0]) != len(step.outputs) or self._lists_gone(step, name[0]):
            # A trace of another shape, or of lists that nobody can take apart any more, is of no use.
            step.cause = "EVICTED"
            self._to_do(step)
            return
        step.cached = True
        step.rebuild = name[1]
        self.name(step, name[0])
        if step.visible:
            self.post("step.cached", step.path)

    def _constant(self, step: Step) -> None:
        value = step.literals["value"]
        if step.types[0].without_none.is_list and value is not None:
            found = [digest(item) for item in value]
            step.elements = {0: found}
            step.held = dict(zip(found, value, strict=True))
            self.name(step, [list_digest(found)])
        else:
            name = digest(value)
            step.held = {name: value}
            self.name(step, [name])

    def name(self, step: Step, digests: list[bytes]) -> None:
        """A step's outputs have names: whoever waited for them goes on."""
        step.state = NAMED
        step.digests = digests
        self.open -= 1
        for consumer in step.consumers:
            consumer.unresolved -= 1
            if consumer.unresolved == 0 and not consumer.final:
                self.ready.append(consumer)

    def digest_at(self, source: Source) -> bytes:
        """The digest of a named source."""
        if source.elem < 0:
            return source.step.digests[source.out]
        return self.elements_of(source)[source.elem]

    def elements_of(self, source: Source) -> list[bytes]:
        """The digests of a list's elements. Raises LookupError if the list's entry is gone."""
        step = source.step
        if step.elements is not None and source.out in step.elements:
            return step.elements[source.out]
        found = self.session.fetch.elements(step.digests[source.out])
        if found is None:
            raise LookupError(f"The list that {step.path} gave is no longer in the cache; run again.")
        step.elements = {**(step.elements or {}), source.out: found}
        return found

    # -- what came of it ----------------------------------------------------------------------------------------------

    def completed(self, step: Step, flight: Flight, outcome: Outcome) -> None:
        """A flight that this run waited for has landed."""
        self.flights.discard(flight)
        if self.status != "running":
            return
        try:
            if outcome.absent:
                absent(self, step, outcome.absent)
            elif outcome.changed is not None:
                self._again(step, outcome.changed)
            elif outcome.error is not None:
                self.fail(step, outcome.error.at(step.path))
            elif outcome.skipped is not None:
                self.skip(step, None, outcome.skipped)
            else:
                self._landed(step, flight, outcome)
            self.advance()
        except Exception as error:
            self._broke(error)
        self.fresh = {}

    def _again(self, step: Step, changed: str) -> None:
        """What the step's key depends on changed while it ran: nothing was stored; it runs once more, then fails."""
        self.post("artifact.changed", step.path, {"file": changed})
        if step.retried:
            said = f"{changed[:1].upper()}{changed[1:]} changed again while {step.path} ran."
            hint = "Run again once nothing writes to it any more."
            self.fail(step, StepError("artifact.changed", said, step.path, hint=hint))
            return
        step.retried = True
        if step.state != NAMED:
            step.state, step.key = WAITING, None
            self.ready.append(step)
        elif self._key(step):
            self.wanting.append(step)

    def _landed(self, step: Step, flight: Flight, outcome: Outcome) -> None:
        self.fresh = outcome.values
        step.held = None
        step.rebuild, step.size = outcome.rebuild, outcome.size
        own = flight.owner == (self, step)
        if own and step.kind == CALL:
            self.executed += 1
            step.seconds += outcome.seconds
            self.tell("step.done", step, {"seconds": outcome.seconds})
        elif step.visible and step.state != NAMED:
            step.cached = True
            self.post("step.cached", step.path)
        if step.state == NAMED:
            if rebuilt(self, step, outcome):
                spread.regather(self, step)
        else:
            step.elements = outcome.elements
            self.name(step, outcome.digests)
            if step.readers:
                hand_over(self, step, outcome)

    # -- failures -----------------------------------------------------------------------------------------------------

    def fail(self, step: Step, error: StepError) -> None:
        """A step failed: it is not tried again in this run, and each step that needed it is skipped."""
        step.error = error
        if step.key is not None:
            self.failed[step.key] = error
        self.errors.append(error)
        self.post("step.failed", step.path, {"error": error.as_json()})
        readers, step.readers = step.readers or [], None
        if step.state == NAMED:  # a failed rebuild fails only who waits for the bytes
            for reader in readers:
                self.skip(reader, step)
            return
        step.state = FAILED
        self.open -= 1
        self._pass_on(step)
        for reader in readers:
            self.skip(reader, step)

    def skip(self, step: Step, because: Step | None, reason: str = "") -> None:
        """A step cannot run since another did not; nor can those that need it."""
        stack: list[tuple[Step, Step | None]] = [(step, because)]
        while stack:
            one, above = stack.pop()
            if one.final and not (one.state == NAMED and one.readers):
                continue
            readers, one.readers = one.readers or [], None
            stack += [(reader, one) for reader in readers]
            if one.state == NAMED:
                continue
            one.state = SKIPPED
            one.held = None
            self.open -= 1
            one.blame = above.blame or above if above is not None else None
            self.tell("step.skipped", one, {"because": one.blame.path} if one.blame else {"reason": reason})
            self._pass_on(one, stack)

    def _pass_on(self, step: Step, stack: list[tuple[Step, Step | None]] | None = None) -> None:
        for consumer in step.consumers:
            if consumer.final:
                continue
            if consumer.tolerates:
                consumer.unresolved -= 1
                if consumer.unresolved == 0:
                    self.ready.append(consumer)
            elif stack is not None:
                stack.append((consumer, step))
            else:
                self.skip(consumer, step)
