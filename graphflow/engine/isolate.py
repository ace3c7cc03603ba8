"""Steps of `isolate=True`: a process of their own, with limits of memory and time, kept warm between steps."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import struct
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec

from graphflow.engine.context import StepContext
from graphflow.nodetype.context import Cancelled, Skip
from graphflow.nodetype.declare import Node
from graphflow.nodetype.ports import Inputs, Lazy
from graphflow.values.codec import decode, encode
from graphflow.values.kinds import Secret

if TYPE_CHECKING:
    from graphflow.engine.flight import Flight
    from graphflow.engine.session import Session

_size = struct.Struct("<Q")
_POLL = 0.05  # seconds between looks at whether the run was cancelled
_TAIL = 20  # lines of a dead process's stderr that are told


class Died(Exception):
    """The process of an isolated step died, or was ended at a limit."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class Failed(Exception):
    """The node raised in its own process; the message is its exception's."""


def send(pipe: IO[bytes], *frame: Any) -> None:
    """Write one frame."""
    body = msgspec.msgpack.encode(frame)
    pipe.write(_size.pack(len(body)) + body)
    pipe.flush()


def receive(pipe: IO[bytes]) -> list[Any] | None:
    """Read one frame; None at the end of the stream."""
    head = pipe.read(_size.size)
    if len(head) < _size.size:
        return None
    body = pipe.read(_size.unpack(head)[0])
    found: list[Any] = msgspec.msgpack.decode(body)
    return found


class Process:
    """A child that runs isolated steps one after the other."""

    def __init__(self, gb: float) -> None:
        self.gb = gb
        self.turn = 0
        environment = {**os.environ, "GRAPHFLOW_ISOLATED_PATH": json.dumps(sys.path)}
        self.child = subprocess.Popen(
            [sys.executable, "-m", "graphflow.engine.isolated", str(gb)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
        )  # fmt: skip
        self.tail: deque[str] = deque(maxlen=_TAIL)
        self.frames: queue.SimpleQueue[list[Any] | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, name="graphflow-isolated-stderr", daemon=True).start()
        threading.Thread(target=self._receive, name="graphflow-isolated-stdout", daemon=True).start()

    def _listen(self) -> None:
        assert self.child.stderr is not None
        with self.child.stderr as lines:
            for line in lines:
                self.tail.append(line.decode(errors="replace").rstrip()[:500])

    def _receive(self) -> None:
        """Take every frame as it comes; None after the last one, or after one that is none."""
        assert self.child.stdout is not None
        try:
            with self.child.stdout as pipe:
                while (frame := receive(pipe)) is not None:
                    self.frames.put(frame)
        except (OSError, ValueError, msgspec.DecodeError) as error:
            self.tail.append(f"its pipe broke ({error})")
        self.frames.put(None)

    def kill(self) -> None:
        self.child.kill()
        self.child.wait()
        if self.child.stdin is not None:
            with contextlib.suppress(OSError):  # what it was still to be sent goes nowhere
                self.child.stdin.close()

    def reason(self) -> str:
        """Of what the child died."""
        code = self.child.wait()
        if code < 0:
            return f"died of {signal.Signals(-code).name}"
        return f"left with exit code {code}"


class Pool:
    """Warm processes, by their memory limit."""

    def __init__(self) -> None:
        self._idle: list[Process] = []
        self._lock = threading.Lock()
        self._turn = 0  # processes of an earlier one hold modules that were edited since

    def take(self, gb: float) -> Process:
        with self._lock:
            self._idle = [process for process in self._idle if process.child.poll() is None]
            for process in self._idle:
                if process.gb == gb:
                    self._idle.remove(process)
                    return process
            turn = self._turn
        made = Process(gb)
        made.turn = turn
        return made

    def give_back(self, process: Process) -> None:
        with self._lock:
            if process.turn == self._turn:
                self._idle.append(process)
                return
        process.kill()

    def close(self) -> None:
        """End the idle processes; those at work end when they are given back."""
        with self._lock:
            self._turn += 1
            for process in self._idle:
                process.kill()
            self._idle.clear()


def call(
    session: Session, flight: Flight, node: Node[..., Any], arguments: dict[str, Any], context: StepContext
) -> Any:
    """Run a node's function in a process of its own. Raises Died, Failed, Skip or Cancelled."""
    known = flight.step.known
    assert known is not None
    gb, seconds = known.spec.memory_gb or 8.0, known.spec.seconds or 600.0
    process = session.processes.take(gb)
    try:
        result = _talk(process, node, arguments, context, seconds)
    except (Died, Cancelled, OSError):
        process.kill()
        raise
    except BaseException:
        session.processes.give_back(process)
        raise
    session.processes.give_back(process)
    return result


def _talk(
    process: Process, node: Node[..., Any], arguments: dict[str, Any], context: StepContext, seconds: float
) -> Any:
    stdin = process.child.stdin
    assert stdin is not None
    module = sys.modules[node.function.__module__]
    lazy = [name for name, value in arguments.items() if isinstance(value, Lazy)]
    plain = {name: _plain(value) for name, value in arguments.items()}
    more = [name for name, value in arguments.items() if isinstance(value, Inputs)]
    until = time.monotonic() + seconds
    try:
        send(stdin, "call", module.__name__, _origin(module), node.function.__name__, encode(plain), lazy, more)
    except BrokenPipeError:
        raise Died(process.reason(), "Run it again; the process was gone before the step began.") from None
    while True:
        context.check()
        if time.monotonic() > until:
            raise Died(f"took longer than its limit of {seconds:g} s", "Give it less to do, or raise its limit.")
        try:
            frame = process.frames.get(timeout=_POLL)
        except queue.Empty:
            continue
        if frame is None:
            said = "; ".join(list(process.tail)[-3:])
            reason = process.reason()
            raise Died(reason + (f" ({said})" if said else ""), "Look at the node's native code or its memory limit.")
        match frame:
            case ["result", body]:
                return decode(body)
            case ["error", kind, message, log]:
                process.tail.append(log)
                raise (MemoryError(message) if kind == "MemoryError" else Failed(f"{kind}: {message}"))
            case ["skip", message]:
                raise Skip(message)
            case ["progress", done, total]:
                context.progress(done, total)
            case ["say", message]:
                context.say(message)
            case ["secret", name]:
                send(stdin, "secret", *_secret(context, name))
            case _:
                raise Died(f"spoke out of turn ({frame[:1]})", "The node must not write to the engine's own pipe.")


def _secret(context: StepContext, name: str) -> tuple[str | None, str]:
    try:
        return context.secret(Secret(name)), ""
    except LookupError as error:
        return None, str(error)


def _plain(value: Any) -> Any:
    if isinstance(value, Lazy):
        return [value.value] if value.present else []
    return dict(value) if isinstance(value, Inputs) else value


def _origin(module: Any) -> str:
    """Where the root package of a module lies, for packs that stand on no search path."""
    root = sys.modules[module.__name__.split(".")[0]]
    place = getattr(root, "__file__", None)
    return str(Path(place)) if place else ""
