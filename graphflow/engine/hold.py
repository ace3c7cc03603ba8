"""The bytes of a run's values: held for who reads them, handed over, rebuilt by their producers when they are gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from graphflow.cache.key import text_of
from graphflow.engine.flight import Flight, Outcome
from graphflow.engine.step import (
    CALL,
    FAILED,
    GATHER,
    NAMED,
    SINK,
    SKIPPED,
    WAITING,
    WORKING,
    Source,
    Step,
    is_list,
)  # fmt: skip

if TYPE_CHECKING:
    from graphflow.engine.run import Run


def want(run: Run, step: Step) -> None:
    """A step is to be executed: hold what it reads, ask for the rebuilding of what is gone."""
    if step.key in run.failed:
        run.fail(step, run.failed[step.key].at(step.path))
        return
    step.held = step.held or {}
    step.reads = _reads(run, step)
    for producer, name in step.reads:
        hold(run, step, producer, name)
    if step.asked == 0 and not _given_up(step):
        enqueue(run, step)


def _reads(run: Run, step: Step) -> list[tuple[Step, bytes]]:
    """(producer, digest) of each value that a step reads."""
    found: list[tuple[Step, bytes]] = []
    for feed in step.feeds:
        above, out, elem = feed.source
        if above.kind == CALL and elem < 0 and not above.types[out].without_none.is_list:
            found.append((above, above.digests[out]))  # what most links are
        else:
            found += leaves(run, feed.source)
    return found


def _given_up(step: Step) -> bool:
    """Whether a step need not run any more: it was skipped, or nobody waits for its bytes."""
    return step.state in (FAILED, SKIPPED) or (step.state == NAMED and not step.readers)


def hold(run: Run, reader: Step, producer: Step, name: bytes) -> bool:
    """Put a value into a reader's hands if it is at hand; else let its producer run again. Whether it is there."""
    assert reader.held is not None
    if name in reader.held:
        return True
    if producer.held and name in producer.held:  # a constant
        reader.held[name] = producer.held[name]
        return True
    if name in run.fresh:
        reader.held[name] = run.fresh[name]
        return True
    live = run.session.fetch.memory.get(name)
    if live is not None:
        reader.held[name] = live[0]
        return True
    if run.session.fetch.has(name):
        return True  # read by the thread that executes the reader
    rebuild(run, producer, reader, "EVICTED")
    return False


def rebuild(run: Run, producer: Step, reader: Step, cause: str) -> None:
    """A named value's bytes are gone: its producer runs again for the reader."""
    if run.dry:
        return  # nothing runs: what depends on the value stays unknown
    if producer.error is not None:
        run.skip(reader, producer)
        return
    if producer.readers is None:
        producer.readers = []
        producer.cause = cause
        producer.held = None
        run.wanting.append(producer)
    if reader not in producer.readers:
        producer.readers.append(reader)
        reader.asked += 1


def leaves(run: Run, source: Source) -> Iterator[tuple[Step, bytes]]:
    """(producer, digest) of each value that a source is made of."""
    stack = [source]
    while stack:
        at = resolve(run, stack.pop())
        if is_list(at):
            leafs = at.step.leafs.get(at.out) if at.step.leafs else None
            if leafs is not None:
                stack += reversed(leafs)
            else:
                for name in run.elements_of(at):
                    yield at.step, name
        else:
            yield at.step, run.digest_at(at)


def resolve(run: Run, source: Source) -> Source:
    """The step that really makes a source's value, through gathers."""
    while source.step.kind == GATHER:
        gathered = source.step.gathered[source.out]
        if gathered.alias is not None:
            alias = gathered.alias
            source = alias if source.elem < 0 else Source(alias.step, alias.out, source.elem)
        elif source.elem >= 0:
            assert source.step.leafs is not None
            source = source.step.leafs[source.out][source.elem]
        else:
            break
    return source


def assemble(run: Run, source: Source, held: dict[bytes, Any]) -> Any:
    """The value of a source, from the values of its leaves."""
    at = resolve(run, source)
    if not is_list(at):
        return held[run.digest_at(at)]
    leafs = at.step.leafs.get(at.out) if at.step.leafs else None
    if leafs is not None:
        return [assemble(run, leaf, held) for leaf in leafs]
    return [held[name] for name in run.elements_of(at)]


def enqueue(run: Run, step: Step) -> None:
    """Claim the step's key now that its inputs are in hand, or wait for who has it."""
    session = run.session
    flight = session.inflight.get(step.key) if step.key else None
    if flight is not None:
        flight.waiters.append((run, step))
        run.flights.add(flight)
        return
    flight = Flight(run, step)
    if step.key:
        session.inflight[step.key] = flight
    run.flights.add(flight)
    session.queue(flight)


def rebuilt(run: Run, step: Step, outcome: Outcome) -> bool:
    """A named step has run again for its bytes; another digest than before is told as drift. Whether it drifted."""
    step.cached = False
    drifted = step.digests != outcome.digests
    if drifted:
        was, step.digests = step.digests, outcome.digests
        kept = sum(1 for consumer in step.consumers if consumer.state == NAMED)
        data = {"was": [text_of(d) for d in was], "now": [text_of(d) for d in outcome.digests], "kept": kept}
        run.tell("drift", step, data)
        for reader in step.readers or ():
            if reader.kind == CALL and reader.state == WORKING:
                # What it will really consume has another name: so has it. It keeps what it holds by name.
                reader.state, reader.key = WAITING, None
    step.elements = outcome.elements
    hand_over(run, step, outcome)
    return drifted


def hand_over(run: Run, step: Step, outcome: Outcome) -> None:
    """Rebuilt bytes go straight to who waits: looking them up again could livelock under a small memory."""
    readers, step.readers = step.readers or [], None
    for reader in readers:
        if reader.state in (FAILED, SKIPPED):
            continue
        reader.held = {**(reader.held or {}), **outcome.values}
        reader.asked -= 1
        if reader.asked == 0:
            if reader.state == WORKING or reader.kind == SINK or reader.readers is not None:
                run.wanting.append(reader)
            else:
                run.ready.append(reader)


def absent(run: Run, step: Step, names: list[bytes]) -> None:
    """Bytes that seemed to be at hand were not, or were damaged."""
    for feed in step.feeds:
        for producer, name in list(leaves(run, feed.source)):
            if name in names:
                rebuild(run, producer, step, "CORRUPT")
    if step.asked == 0 and not _given_up(step):
        run.wanting.append(step)
