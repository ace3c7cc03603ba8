"""The parent's side of a run: starts the process that holds the engine, listens, cancels, and tells of what it died."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Protocol

from graphflow.cli.failure import CANCELLED, FAILED, INTERNAL, INTERRUPTED, TIMEOUT, envelope
from graphflow.engine.errors import StepError
from graphflow.engine.inflight import SIZE, InFlight, Working

_GRACE = 1.0  # seconds that a cancelled child has to answer
_TAIL = 20  # lines of its stderr that are told of a child that died


class Listener(Protocol):
    """Who shows what the child tells."""

    def state(self, told: dict[str, Any]) -> None: ...
    def note(self, told: dict[str, Any]) -> None: ...
    def event(self, line: bytes) -> None: ...
    def printed(self, line: str) -> None: ...


class Child:
    """A process that runs one request."""

    def __init__(self, request: dict[str, Any], document: bytes, listener: Listener) -> None:
        self.listener = listener
        self.stopped = 0  # the exit code of whatever stopped it: cancelled, timeout, interrupted
        self._kill_at: float | None = None
        self._request = request
        self._result: dict[str, Any] | None = None
        self._tail: deque[str] = deque(maxlen=_TAIL)
        # Without a name from the start: nothing is left behind, whoever dies.
        self._shared = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the child)
        self._shared.truncate(SIZE)
        # Where Python writes which thread met a signal.
        self._crash = tempfile.TemporaryFile()  # noqa: SIM115
        self._watch = InFlight(self._shared.fileno())
        self._process = subprocess.Popen(
            [sys.executable, "-m", "graphflow.cli.run_child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
            pass_fds=[self._shared.fileno(), self._crash.fileno()],
            start_new_session=True,  # Ctrl-C is for us, who pass it on
        )  # fmt: skip
        self._ears = threading.Thread(target=self._listen, name="graphflow-child-stderr", daemon=True)
        self._ears.start()
        files = {"watch": self._shared.fileno(), "crash": self._crash.fileno()}
        self._send(json.dumps({**request, **files, "size": len(document)}).encode() + b"\n")
        self._send(document)

    def _send(self, data: bytes) -> None:
        assert self._process.stdin is not None
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._process.stdin.write(rest) :]
        except BrokenPipeError:
            return  # it died; what it died of is told at the end

    def _listen(self) -> None:
        assert isinstance(self._process.stderr, io.RawIOBase)
        with io.BufferedReader(self._process.stderr) as stream:
            for line in stream:
                text = line.decode(errors="replace").rstrip("\r\n")
                self._tail.append(text[:500])
                self.listener.printed(text)

    def stop(self, code: int) -> None:
        """Cancel the run, or, if that was asked for before, end the process."""
        if self.stopped:
            self._kill_at = 0.0
            return
        self.stopped = code
        self._kill_at = time.monotonic() + _GRACE
        self._send(b"cancel\n")

    def wait(self, timeout: float | None) -> dict[str, Any]:
        """Listen until the end; the result, or the error envelope, with `exit`."""
        until = None if timeout is None else time.monotonic() + timeout
        assert self._process.stdout is not None
        selector = selectors.DefaultSelector()
        selector.register(self._process.stdout, selectors.EVENT_READ)
        parts: list[bytes] = []  # of a line that is not whole yet
        while True:
            now = time.monotonic()
            if until is not None and now >= until and not self.stopped:
                self.stop(TIMEOUT)
            if self._kill_at is not None and now >= self._kill_at:
                self._process.kill()
                self._kill_at = None
            if not selector.select(0.05):
                continue
            data = os.read(self._process.stdout.fileno(), 1 << 20)
            if not data:
                break
            *lines, rest = data.split(b"\n")
            for line in lines:
                self._line(b"".join([*parts, line]))
                parts = []
            parts.append(rest)
        selector.close()
        return self._ended()

    def _line(self, line: bytes) -> None:
        letter, body = line[:1], line[1:]
        if letter == b"e":
            self.listener.event(body)
        elif letter == b"s":
            self.listener.state(json.loads(body))
        elif letter == b"n":
            self.listener.note(json.loads(body))
        elif letter == b"r":
            self._result = json.loads(body)

    def _ended(self) -> dict[str, Any]:
        code = self._process.wait()
        self._ears.join(_GRACE)  # unless a process that a node left behind still holds the pipe
        working = self._watch.read()
        self._watch.close()
        self._shared.close()
        self._crash.seek(0)
        crash = self._crash.read().decode(errors="replace")
        self._crash.close()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        if self.stopped:
            return self._cut_short()
        if self._result is not None:
            return self._result
        return self._died(code, _blamed(working, crash), crash)

    def _cut_short(self) -> dict[str, Any]:
        run, result = self._request["id"], self._result
        if result is not None and result.get("exit") not in (CANCELLED, None):
            return result  # it ended by itself at the same moment
        resume = f"What was finished is kept: graphflow resume {run}"
        if self.stopped == TIMEOUT:
            error = StepError("run.timeout", "The time that --timeout gave was over.", hint=resume)
        elif self.stopped == INTERRUPTED:
            error = StepError("run.interrupted", "The run was interrupted.", hint=resume)
        else:
            error = StepError("run.cancelled", "The run was cancelled.", hint=resume)
        found = {"run": run, "status": "cancelled", **(result or {})}
        return {**found, **envelope(error.code, error.message, [error.as_json()], run), "exit": self.stopped}

    def _died(self, code: int, working: list[Working], crash: str) -> dict[str, Any]:
        """The envelope of a process that ended without a result: which nodes were at work, and the signal."""
        of = f"died of {_signal_name(-code)}" if code < 0 else f"left with exit code {code}"
        if code in (-signal.SIGKILL, -signal.SIGTERM) and not working:
            error = StepError("run.interrupted", f"The engine's process {of}.", hint=self._resume())
            return self._failed(error.code, [error], INTERRUPTED, crash)
        if not working:
            said = f"The engine's process {of} while no node was at work."
            return self._failed("internal", [StepError("internal", said, hint=self._resume())], INTERNAL, crash)
        hint = f"{_cure(code)} {self._resume()}"
        errors: list[StepError] = []
        for one in working:
            what = f"{one.type or 'Saving'} at {one.path}"
            said = f"{what} {of}." if len(working) == 1 else f"{what} was at work when the process {of}."
            errors.append(StepError("node.died", said, one.path, "", hint))
        return self._failed("node.died", errors, FAILED, crash)

    def _resume(self) -> str:
        return f"What was finished is kept: graphflow resume {self._request['id']}"

    def _failed(self, code: str, errors: list[StepError], exit_code: int, crash: str) -> dict[str, Any]:
        run = self._request["id"]
        log = "\n".join([*(one.message for one in errors), *self._tail, crash])
        with (
            contextlib.suppress(OSError),
            open(self._request["log"], "a", encoding="utf-8", errors="backslashreplace") as file,
        ):
            file.write(log)
        return {
            "run": run, "status": "failed", "exit": exit_code,
            **envelope(code, errors[0].message, [one.as_json() for one in errors], run),
        }  # fmt: skip


def _blamed(working: list[Working], crash: str) -> list[Working]:
    """The step whose thread met the signal, if Python could still write that down; else all that were at work."""
    found = re.search(r"Current thread 0x([0-9a-f]+)", crash)
    blamed = [one for one in working if found is not None and one.thread == int(found[1], 16)]
    return blamed or working


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _cure(code: int) -> str:
    if code >= 0:
        return "The node, or a library that it calls, ended the process; try other inputs."
    if code == -signal.SIGKILL:
        return "Perhaps memory ran out: use smaller inputs, or --memory."
    return "The fault lies in native code that the node calls; try other inputs, or isolate=True for the node."


@contextmanager
def signals(stop: Callable[[int], None]) -> Generator[None]:
    """While this lasts, Ctrl-C cancels, and being told to end interrupts."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    wanted = {signal.SIGINT: CANCELLED, signal.SIGTERM: INTERRUPTED, signal.SIGHUP: INTERRUPTED}
    before = {number: signal.signal(number, lambda got, _: stop(wanted[signal.Signals(got)])) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
