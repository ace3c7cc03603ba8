"""One step, executed: values in, the node's function, values out and on the shelf. Runs in a lane's thread."""

from __future__ import annotations

import asyncio
import errno
import sys
import traceback
from collections.abc import Mapping
from concurrent.futures import Future, wait
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graphflow.cache import key as keys
from graphflow.engine import isolate
from graphflow.engine.context import StepContext
from graphflow.engine.errors import StepError
from graphflow.engine.flight import Flight, Outcome
from graphflow.engine.hold import assemble
from graphflow.engine.keep import NoRoomLeft, keep, measure
from graphflow.engine.kinds import ready_torch
from graphflow.engine.paths import FileProblem, changed
from graphflow.engine.saving import deliver
from graphflow.engine.step import SINK, Step
from graphflow.nodetype.context import Cancelled, Skip
from graphflow.nodetype.ports import Inputs, Lazy
from graphflow.values.coerce import coerce, tell
from graphflow.values.digest import digest, list_digest
from graphflow.values.kind import kind_of
from graphflow.values.types import Type

if TYPE_CHECKING:
    from graphflow.engine.session import Session

_POLL = 0.05  # seconds between looks at whether an async node is still wanted
BIG = 1 << 30  # bytes: a larger value is named by its key
_ROOM = "Free some space, or trim the cache with `graphflow cache trim`, then run again."


class Mutated(Exception):
    """A node wrote into a value that it was only lent."""


def execute(session: Session, flight: Flight) -> Outcome:
    """Run a flight's step; whatever goes wrong comes back as an outcome, never as an exception."""
    step = flight.step
    try:
        held = _held(session, flight)
        if isinstance(held, Outcome):
            return held
        if step.kind == SINK:
            deliver(flight.run, step, held)
            return Outcome()
        arguments = _arguments(flight, held)
        lent = _versions(arguments) if step.known and step.known.tensors else []
        _make_ready(step)
        began = session.clock()
        try:
            result = _call(session, flight, arguments)
            seconds = session.clock() - began
        finally:
            _check_lent(session, held, lent)  # also what a node that raised has written
        if flight.cancelled is not None and flight.cancelled.is_set():
            return Outcome(dropped=True)
        if (what := changed(flight.run, step)) is not None:
            return Outcome(changed=what)
        outcome = _outputs(step, result)
        outcome.seconds = seconds
        keep(session, flight, outcome)
        return outcome
    except Cancelled:
        return Outcome(dropped=True)
    except Skip as skip:
        return Outcome(skipped=str(skip) or "the node asked to go no further")
    except BaseException as error:
        if flight.cancelled is not None and flight.cancelled.is_set():
            return Outcome(dropped=True)
        if (what := _changed(flight)) is not None:
            return Outcome(changed=what)
        return Outcome(error=hidden(session, explain(step, error)))


def _changed(flight: Flight) -> str | None:
    """What changed under a step that failed; its own error tells more than one that looking brings."""
    try:
        return changed(flight.run, flight.step)
    except Exception:
        return None


def _held(session: Session, flight: Flight) -> dict[bytes, Any] | Outcome:
    """All values that the step reads; those not in hand are read from the shelves."""
    step = flight.step
    held = dict(step.held or {})
    absent: list[bytes] = []
    for producer, name in step.reads:
        if name in held:
            continue
        if producer.held and name in producer.held:
            held[name] = producer.held[name]
            continue
        found = session.fetch.value(name)
        if found is None:
            absent.append(name)
        else:
            held[name] = found[0]
    return Outcome(absent=absent) if absent else held


def _arguments(flight: Flight, held: dict[bytes, Any]) -> dict[str, Any]:
    """The node's keyword arguments: literals, and values coerced to what the parameters declare."""
    step = flight.step
    known = step.known
    assert known is not None
    arguments: dict[str, Any] = {}
    more = Inputs()
    for name, value in step.literals.items():
        if name in known.params or name in known.inputs:
            arguments[name] = value
        else:
            more[name] = value
    for feed in step.feeds:
        value = assemble(flight.run, feed.source, held)
        if feed.want.name != "any":
            try:
                value = coerce(value, feed.want)
            except ValueError as error:
                raise Unfit(feed.name, str(error)) from None
            if feed.param and (problem := known.refuse(feed.name, value)):
                raise Unfit(feed.name, problem)
        if feed.lazy:
            value = Lazy(value)
        if feed.name in known.params or feed.name in known.inputs:
            arguments[feed.name] = value
        else:
            more[feed.name] = value
    if known.spec.more:
        arguments[known.spec.more] = more
    for port in known.spec.inputs:
        if port.name not in arguments and port.lazy:
            arguments[port.name] = Lazy()
        elif port.name not in arguments and port.optional:
            arguments[port.name] = None
    return arguments


class Unfit(ValueError):
    """A linked value that its parameter does not take."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def _make_ready(step: Step) -> None:
    """Imports and the number of compute threads, before the clock starts: they are no part of what a value costs."""
    known = step.known
    assert known is not None
    if known.spec.lane != "process":
        known.node  # noqa: B018 - imports the pack
        if known.tensors or "torch" in sys.modules:
            ready_torch(known.spec.threads)


def _call(session: Session, flight: Flight, arguments: dict[str, Any]) -> Any:
    known = flight.step.known
    assert known is not None
    node = known.node
    context = StepContext(session, flight)
    if known.spec.lane == "process":
        return isolate.call(session, flight, node, arguments, context)
    if node.signature.context:
        arguments[node.signature.context] = context
    if node.is_async:
        return _wait(flight, asyncio.run_coroutine_threadsafe(node.function(**arguments), session.loop))
    return node.function(**arguments)


def _wait(flight: Flight, going: Future[Any]) -> Any:
    """What an async node returns; it is cancelled where it waits when nobody wants it any more."""
    while not wait([going], _POLL).done:
        if flight.cancelled is not None and flight.cancelled.is_set():
            going.cancel()
            raise Cancelled
    return going.result()


# -- lending ----------------------------------------------------------------------------------------------------------

# An argument, a tensor in it, and its version before the step; None for those of inference mode, which count none.
Lent = tuple[str, Any, int | None]


def _versions(arguments: dict[str, Any]) -> list[Lent]:
    """(argument, tensor, version) of every tensor that is lent; arrays are made read-only."""
    found: list[Lent] = []
    stack = list(arguments.items())
    while stack:
        name, value = stack.pop()
        if isinstance(value, list | tuple):
            stack += [(name, item) for item in value]
        elif isinstance(value, Mapping):
            stack += [(name, item) for item in value.values()]
        elif isinstance(value, Lazy):
            if value.present:
                stack.append((name, value.value))
        elif (kind := kind_of(value)) is not None and kind.tensors:
            stack += [(name, part) for part in kind.state(value).values()]
        elif hasattr(type(value), "_version"):
            found.append((name, value, None if value.is_inference() else value._version))
        elif hasattr(value, "setflags"):
            value.setflags(write=False)
    return found


def _check_lent(session: Session, held: dict[bytes, Any], lent: list[Lent]) -> None:
    """Find the node that wrote into its input; nothing of it is stored, and the value is let go everywhere."""
    written = next((name for name, tensor, version in lent if version is not None and tensor._version != version), None)
    if written is None and (session.checks_inputs or any(version is None for _, _, version in lent)):
        wrong = [name for name, value in held.items() if not keys.is_keyed(name) and digest(value) != name]
        written = "an input" if wrong else None
    if written is not None:
        for name in held:
            session.fetch.memory.drop(name)
        raise Mutated(f"it wrote into {written}, which it was only lent; make a copy first (x = x.clone())")


# -- what comes out ---------------------------------------------------------------------------------------------------


def _outputs(step: Step, result: Any) -> Outcome:
    """A node's result as named values, each made into what its output declares."""
    known = step.known
    assert known is not None
    node = known.node
    if node.signature.dynamic_outputs:
        if not isinstance(result, Mapping):
            raise TypeError(f"it returned {tell(result)}; its outputs are {', '.join(step.outputs) or 'none'}")
        missing = [name for name in step.outputs if name not in result]
        if missing:
            raise LookupError(f"it did not return the output {missing[0]!r} that its `outputs` satellite told")
        values = [result[name] for name in step.outputs]
    elif node.signature.named_tuple:
        if not isinstance(result, tuple | list):
            raise TypeError(f"it returned {tell(result)} for its outputs {', '.join(step.outputs)}")
        values = list(result)
        if len(values) != len(step.outputs):
            raise TypeError(f"it returned {len(values)} values for its outputs {', '.join(step.outputs)}")
    else:
        values = [result]
    outcome = Outcome()
    for out, value in enumerate(values):
        kind = step.types[out]
        try:
            value = coerce(value, kind) if kind.name != "any" else value
        except ValueError as error:
            raise TypeError(f"its output {step.outputs[out]} {error}") from None
        outcome.digests.append(_name(step, out, kind, value, outcome))
    return outcome


def _name(step: Step, out: int, kind: Type, value: Any, outcome: Outcome) -> bytes:
    if kind.without_none.is_list and value is not None:
        names = [_name_one(step, f"{step.outputs[out]}[{at}]", item, outcome) for at, item in enumerate(value)]
        outcome.elements = {**(outcome.elements or {}), out: names}
        return list_digest(names)
    return _name_one(step, step.outputs[out], value, outcome)


def _name_one(step: Step, output: str, value: Any, outcome: Outcome) -> bytes:
    size, on_gpu = measure(value)
    outcome.size += size
    name = keys.keyed_digest(step.key or b"", output) if size > BIG or on_gpu else digest(value)
    outcome.values[name] = value
    return name


# -- errors -----------------------------------------------------------------------------------------------------------


def printable(text: str) -> str:
    """A text that can be written as UTF-8: a lone surrogate is told as its escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def hidden(session: Session, error: StepError) -> StepError:
    """The error without the values of secrets."""
    return replace(error, message=session.secrets.hide(error.message), log=session.secrets.hide(error.log))


def explain(step: Step, error: BaseException) -> StepError:
    """An exception as a sentence: what was attempted, where, why, what to do."""
    log = printable("".join(traceback.format_exception(error)))
    what = step.known.spec.type if step.known else "handing over the value"
    field, hint, code = getattr(error, "field", ""), getattr(error, "hint", ""), "node.failed"
    if isinstance(error, FileProblem):
        code = "file.missing" if error.missing else "file.refused"
        return StepError(code, f"{what} at {step.path} cannot run: {error}", step.path, field, hint, log)
    if isinstance(error, isolate.Died):
        return StepError("node.died", f"{what} at {step.path} {error}.", step.path, "", error.hint, log)
    if isinstance(error, NoRoomLeft) or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        reason = str(getattr(error, "strerror", None) or error).rstrip(".")
        said = f"What {what} at {step.path} gave cannot be kept: {reason}."
        return StepError("disk.full", said, step.path, "", hint or _ROOM, log)
    if isinstance(error, MemoryError):
        hint = hint or "Use smaller inputs, or give the run more memory."
        code = "memory.full"
    reason = printable(str(error)).strip() or type(error).__name__
    if not isinstance(error, ValueError | RuntimeError | LookupError | TypeError | OSError | Mutated):
        reason = f"{type(error).__name__}: {reason}"
    if isinstance(error, Unfit):
        reason = f"{error.field} {reason}"
    if isinstance(error, KeyError):
        reason = f"the key {reason} is missing"
    reason = reason.rstrip(".")
    return StepError(code, f"{what} at {step.path} failed: {reason}.", step.path, field, hint, log)
