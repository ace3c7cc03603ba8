"""A session: one process's memory, shelves, lanes and live models, and the runs that share them."""

from __future__ import annotations

import asyncio
import atexit
import os
import secrets as random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from graphflow.cache.ledger import Ledger, LedgerError
from graphflow.cache.shelf import DiskShelf, MemoryShelf, RemoteShelf
from graphflow.engine import isolate
from graphflow.engine.errors import StepError
from graphflow.engine.events import Event
from graphflow.engine.execute import execute, explain
from graphflow.engine.fetch import Fetch
from graphflow.engine.flight import Flight, Outcome
from graphflow.engine.home import default_home, free_memory
from graphflow.engine.inflight import InFlight
from graphflow.engine.kinds import Known
from graphflow.engine.lanes import Lane
from graphflow.engine.pool import ModelPool
from graphflow.engine.result import Result
from graphflow.engine.run import Run
from graphflow.engine.secrets import Secrets
from graphflow.engine.start import Request, Workflowish, prepare
from graphflow.engine.trim import Trimmer
from graphflow.nodetype.declare import Node
from graphflow.packs.registry import Registry

DISK_SPEED = 400e6  # bytes a second: what writing a value is reckoned to cost
TICK = 0.005  # seconds between looks at what waits to be committed


class Session:
    """Runs workflows and remembers what they computed.

    home: The data folder (ledger, shelf, inputs, outputs, packs); None keeps everything in memory alone. memory: Bytes
    for values and models; by default half of what is free. disk: Bytes of the shelf on disk; by default 20 GB or a
    tenth of what is free. shelf: A folder or URL (fsspec) shared with others. nodes: Node types of the calling program.
    threads: Of the cpu lane; by default one a core. roots: Further folders that runs may read. checks_inputs: Digest
    every input again after a step, to find a node that wrote into plain JSON; by default GRAPHFLOW_CHECK_INPUTS.
    """

    def __init__(
        self,
        home: str | Path | None = None,
        *,
        memory: int | None = None,
        disk: int | None = None,
        shelf: str | None = None,
        nodes: Iterable[Node[..., Any]] = (),
        types: Registry | None = None,
        threads: int | None = None,
        roots: Iterable[str | Path] = (),
        checks_inputs: bool | None = None,
        clock: Callable[[], float] = time.perf_counter,
        disk_speed: float = DISK_SPEED,
        watch: InFlight | None = None,
    ) -> None:
        self.home = Path(home) if home is not None else None
        self.roots = [Path(root) for root in roots]
        self.types = types or Registry.open(self.home)
        self.types.add(nodes)
        self.known: dict[str, Known] = {}
        self.lock = threading.Lock()
        self.checks_inputs = bool(os.environ.get("GRAPHFLOW_CHECK_INPUTS")) if checks_inputs is None else checks_inputs
        self.clock = clock
        self.disk_speed = disk_speed
        self.watch = watch
        self.troubles: deque[str] = deque(maxlen=100)
        self._untold: deque[str] = deque(maxlen=100)
        self.runs: list[Run] = []
        limit = memory if memory is not None else free_memory() // 2
        self.fetch = Fetch(
            Ledger(self.home / "ledger.sqlite" if self.home else None, self._corrupt),
            MemoryShelf(limit),
            DiskShelf(self.home / "shelf") if self.home else None,
            RemoteShelf(shelf) if shelf else None,
            self._corrupt,
            self.types.import_kind,
        )
        self.pool = ModelPool(limit, self._models_use)
        self.processes = isolate.Pool()
        self.secrets = Secrets(self.home)
        self.trimmer = Trimmer(self.fetch, disk)
        self.durable: set[bytes] = set()
        self.inflight: dict[bytes, Flight] = {}
        cores = threads or os.cpu_count() or 1
        self.lanes = {
            name: Lane(name, count, self.lock, self._perform)
            for name, count in (("cpu", cores), ("io", 8), ("gpu", 1), ("process", cores))
        }
        self._outbox: deque[tuple[Run, Event]] = deque()
        self._pumping = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pumper = 0  # the thread that tells events now
        self._pump_again = False
        self._active = threading.Event()
        self._closed = False
        self._ticker = threading.Thread(target=self._tick, name="graphflow-tick", daemon=True)
        self._ticker.start()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- for programs -------------------------------------------------------------------------------------------------

    def run(
        self,
        workflow: Workflowish,
        inputs: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        targets: Sequence[str] = (),
        **options: Any,
    ) -> Result:
        """Run a workflow and wait for it. Raises InvalidDocument, FileMissing or NotPermitted before it begins.

        workflow: A path, a Document, a Workflow or plain JSON. inputs: Values for its interface. params: {"path.param":
        value}. targets: Paths of nodes or outputs; by default saving nodes, interface outputs and leaves. Further
        options are those of `submit`. A step that failed is told in the result's `status` and `errors`.
        """
        handle = self.submit(workflow, inputs, params, targets, **options)
        return self.wait(handle)

    def submit(
        self,
        workflow: Workflowish,
        inputs: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        targets: Sequence[str] = (),
        *,
        allow: Iterable[str] = (),
        out: str | Path | None = None,
        saves: bool = False,
        values: bool = True,
        plain: bool = False,
        trusted: Iterable[str] = (),
        run_id: str | None = None,
        place: str | Path | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> Run:
        """Begin a run and give its handle. Raises as `run` does.

        allow: Grants that the user gives: network, process, files. out: The folder for saved files, where a name is
        replaced. saves: Without `out`, save files in the data folder's outputs, numbered. values: Whether the result
        holds the outputs' values. plain: Saved files carry no workflow. trusted: Absolute paths that the user typed.
        place: The file that a workflow given as bytes or Document was read from. on_event: Called with each event, in
        order, from the engine's threads.
        """
        request = Request(
            workflow, dict(inputs or {}), dict(params or {}), tuple(targets), frozenset(allow),
            Path(out) if out is not None else None, saves, values, plain, frozenset(trusted),
            run_id or random.token_hex(8), Path(place) if place is not None else None,
        )  # fmt: skip
        run, ends = prepare(self, request)
        run.listener = on_event
        with self.lock:
            self.runs.append(run)
            self._active.set()
            run.start(ends)
            self._wake()
        self.pump(force=True)
        return run

    def wait(self, run: Run, timeout: float | None = None) -> Result:
        """Wait for a run's last event. Raises TimeoutError; whatever an `on_event` raised is raised here."""
        until = None if timeout is None else time.monotonic() + timeout
        while not run.finished.wait(0.2):
            if until is not None and time.monotonic() >= until:
                raise TimeoutError(f"The run {run.id} is still going on.")
        if run.listener_error is not None:
            raise run.listener_error
        return Result.of(run)

    def plan(
        self,
        workflow: Workflowish,
        inputs: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        targets: Sequence[str] = (),
        **options: Any,
    ) -> dict[str, str]:
        """What a run would do, without running: {path: "cached" | "to do" | "perhaps"}."""
        request = Request(workflow, dict(inputs or {}), dict(params or {}), tuple(targets), **options)
        run, ends = prepare(self, request, dry=True)
        with self.lock:
            run.start(ends)
        states: dict[str, str] = {}
        for step in run.plan.steps:
            if step.visible and step.demanded and step.known is not None:
                todo = "to do" if step in run.missing else "perhaps"
                states[step.path] = "cached" if step.cached else todo
        return states

    def cancel(self, run: Run) -> None:
        """Cancel a run: final at once, nothing of it is stored or told afterwards; finished work is kept."""
        with self.lock:
            run.cancel()
        self.pump(force=True)

    def close(self) -> None:
        """Cancel what runs, commit what waits, let threads and processes go."""
        if self._closed:
            return
        for run in list(self.runs):
            self.cancel(run)
        with self.lock:
            self._closed = True
            for lane in self.lanes.values():
                lane.close()
            self._active.set()
        self.pump(force=True)
        if self._ticker is not threading.current_thread():
            self._ticker.join(1.0)  # it may wait for the listener that closes the session
        self.processes.close()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
        self.fetch.ledger.close()

    # -- for the engine -----------------------------------------------------------------------------------------------

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop of async nodes, begun with the first of them."""
        with self.lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_serve, args=(self._loop,), name="graphflow-async", daemon=True).start()
            return self._loop

    def explain(self, step: Any, error: BaseException) -> StepError:
        return explain(step, error)

    def queue(self, flight: Flight) -> None:
        """Put a flight in its lane; with the lock held."""
        known = flight.step.known
        self.lanes[known.spec.lane if known is not None and known.spec.lane in self.lanes else "cpu"].put(flight)

    def abandon(self, flight: Flight) -> None:
        """Nobody waits for a flight any more; until it ends its thread has a stand-in. With the lock held."""
        if flight.key and self.inflight.get(flight.key) is flight:
            del self.inflight[flight.key]
        lane = next((lane for lane in self.lanes.values() if flight in lane.busy), None)
        if lane is not None:
            flight.abandoned = True
            lane.grow()
            lane.wake(always=True)

    def _perform(self, lane: Lane, flight: Flight) -> None:
        """A lane's thread: run flights one after the other, until none is left for it."""
        following: Flight | None = flight
        while following is not None:
            flight = following
            with self.lock:
                if not flight.waiters:  # cancelled since it left the queue
                    following = lane.pop()
                    continue
                flight.started = True
                lane.busy.append(flight)
                run, step = flight.owner
                run.tell("step.started", step)
            if flight.heavy:
                self.pump(force=True)
            if self.watch is not None:
                self.watch.begin(flight.step)
            outcome = execute(self, flight)
            if self.watch is not None:
                self.watch.end()
            with self.lock:
                lane.busy.remove(flight)
                if flight.abandoned:
                    lane.shrink()
                self._land(flight, outcome)
                following = lane.pop()
                self._wake()
                if following is not None and following.heavy:
                    lane.wake(always=True)
            self.pump()
        self.pump(force=True)

    def _land(self, flight: Flight, outcome: Outcome) -> None:
        waiters, flight.waiters = flight.waiters, []
        if flight.key and self.inflight.get(flight.key) is flight:
            del self.inflight[flight.key]
        if outcome.dropped and waiters:
            outcome = Outcome(error=StepError("node.cancelled", "The step gave up without being asked to.", ""))
        for run, step in waiters:
            run.completed(step, flight, outcome)

    def _wake(self) -> None:
        for lane in self.lanes.values():
            lane.wake()

    def ended(self, run: Run) -> None:
        """A run is over; with the lock held."""
        if run in self.runs:
            self.runs.remove(run)
        if not self.runs:
            self._active.clear()

    # -- events: in the order in which they came about, after the commit of what they tell ----------------------------

    def post(self, run: Run, event: Event) -> None:
        """Queue an event; it is told once everything before it is committed."""
        self._outbox.append((run, event))

    def tell_now(self, run: Run, event: Event) -> None:
        """Queue an event and tell it without delay. Not with the lock held."""
        self.post(run, event)
        self.pump(force=True)

    def pump(self, force: bool = False) -> None:
        """Commit what is due, then tell the events that waited for it. Never called with the lock held."""
        ledger = self.fetch.ledger
        if not self._outbox or (ledger.waiting and not force and not ledger.due):
            return
        if self._pumper == threading.get_ident():
            self._pump_again = True  # a listener that acts on the session: what it brings about is told next
            return
        with self._pumping:
            self._pumper, self._pump_again = threading.get_ident(), True
            try:
                while self._pump_again:
                    self._pump_again = False
                    self._tell_all()
            finally:
                self._pumper = 0

    def _tell_all(self) -> None:
        count = len(self._outbox)
        kept = True
        try:
            self.fetch.ledger.flush()
        except LedgerError as error:
            kept = False
            self._no_room(error)
        for _ in range(count):
            run, event = self._outbox.popleft()
            if kept or event.kind != "step.done":  # what was not committed is not done
                run.deliver(event)

    def _no_room(self, error: LedgerError) -> None:
        """The ledger takes no more rows: every run ends, with a sentence; what was committed stays."""
        problem = StepError("disk.full", str(error), hint="Free some space, then run again.")
        self._pump_again = True
        self.durable.clear()
        with self.lock:
            for run in list(self.runs):
                run.errors.append(problem)
                run.stop("failed")

    def _tick(self) -> None:
        while not self._closed:
            self._active.wait()
            time.sleep(TICK)
            self.pump()
            try:
                self.trimmer.tick()
            except OSError as error:
                self.troubles.append(f"The shelf could not be trimmed: {error.strerror}.")
            with self.lock:
                for lane in self.lanes.values():
                    lane.wake(always=True)

    def wrote(self, size: int) -> None:
        self.trimmer.wrote(size)

    def _corrupt(self, message: str) -> None:
        """A damaged entry was found and dropped: every run that goes on is told."""
        self.troubles.append(message)
        if not self.runs:
            self._untold.append(message)
        for run in list(self.runs):
            self.post(run, Event("cache.corrupt", "", {"message": message}))

    def untold(self) -> list[str]:
        """What was found damaged while no run went on; each is given once."""
        return [self._untold.popleft() for _ in range(len(self._untold))]

    def _models_use(self, used: int) -> None:
        """Live models hold so many bytes: values may have what they leave."""
        memory = self.fetch.memory
        memory.limit = max(self.pool.limit - used, 0)
        memory.shrink(memory.limit)


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    """Run async nodes until the loop is stopped, then let those go that still wait."""
    loop.run_forever()
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.close()


_default: list[Session] = []


def default_session() -> Session:
    """The session of `graphflow.run`: on GRAPHFLOW_HOME or the user's data folder, made when first asked for."""
    if not _default:
        _default.append(Session(default_home()))
        atexit.register(_default[0].close)
    return _default[0]


def run(
    workflow: Workflowish,
    inputs: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    targets: Sequence[str] = (),
    *,
    session: Session | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Run a workflow as the command line and the server do, and give its interface's outputs as values.

    Raises RunFailed with the first error's sentence if a step failed; RunError as `Session.run` does.
    """
    return (session or default_session()).run(workflow, inputs, params, targets, **options).values_or_raise()
