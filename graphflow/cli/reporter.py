"""Tells the parent process how a run stands. What the engine's threads do here must cost them next to nothing."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from typing import IO, Any

import msgspec

from graphflow.engine.events import Event
from graphflow.engine.run import Run

_TICK = 0.05  # seconds between two tellings
_SHOWN = 8  # running steps that are told
_NOTES = {"step.failed", "step.said", "cache.corrupt", "artifact.changed", "drift"}


class Reporter:
    """Listens to events, and sends them, or a summary of them, from a thread of its own."""

    def __init__(self, pipe: IO[bytes], *, events: bool) -> None:
        self._pipe = pipe
        self._events = events
        self._waiting: deque[Event] = deque()
        self._running: dict[str, list[Any]] = {}  # path: [began, done, total]
        self._done = self._cached = self._failed = 0
        self._run: Run | None = None
        self._label = ""
        self._last: object = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="graphflow-report", daemon=True)
        self._thread.start()

    def __call__(self, event: Event) -> None:
        """An event, in order, from any of the engine's threads."""
        kind = event.kind
        if self._events or kind in _NOTES:
            self._waiting.append(event)
        if kind == "step.started":
            self._running[event.path] = [time.monotonic(), 0, 0]
        elif kind == "step.done":
            self._done += 1
            self._running.pop(event.path, None)
        elif kind == "step.cached":
            self._cached += 1
            self._running.pop(event.path, None)
        elif kind == "step.progress":
            found = self._running.get(event.path)
            if found is not None:
                found[1:] = event.data["done"], event.data["total"]
        elif kind in ("step.failed", "step.skipped", "step.cancelled"):
            self._failed += 1
            self._running.pop(event.path, None)

    def watch(self, run: Run) -> None:
        """The run that the events are of; its open steps are what is left."""
        self._run = run

    def name(self, label: str) -> None:
        """Of a sweep: which of its runs goes on."""
        self._label = label
        self._running.clear()

    def close(self, result: dict[str, Any]) -> None:
        """Send what waits, then the result, which is the last line."""
        self._closing.set()
        self._thread.join()
        self._send(b"r", json.dumps(result, default=str).encode())

    def _serve(self) -> None:
        while not self._closing.wait(_TICK):
            self._tell()
        self._tell()

    def _tell(self) -> None:
        lines: list[bytes] = []
        for _ in range(len(self._waiting)):
            event = self._waiting.popleft()
            body = _encoded({**event.as_json(), **({"sweep": self._label} if self._label else {})})
            if self._events:
                lines.append(b"e" + body + b"\n")
            if event.kind in _NOTES:
                lines.append(b"n" + body + b"\n")
        if lines:
            self._pipe.write(b"".join(lines))
        state = self._state()
        if state != self._last:
            self._last = state
            self._send(b"s", _encoded(state))

    def _state(self) -> dict[str, Any]:
        now = time.monotonic()
        running = sorted(self._running.items(), key=lambda pair: pair[1][0])[:_SHOWN]
        run = self._run
        left = run.open if run is not None else 0
        return {
            "done": self._done, "cached": self._cached, "failed": self._failed, "left": left, "label": self._label,
            "running": [[path, round(now - began, 1), done, total] for path, (began, done, total) in running],
        }  # fmt: skip

    def _send(self, letter: bytes, body: bytes) -> None:
        self._pipe.write(letter + body + b"\n")


def _encoded(told: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(told)
    except UnicodeEncodeError:  # half a surrogate pair in a text, which json writes as an escape
        return json.dumps(told).encode()
