"""How a run goes, on stderr: bars on a terminal, plain lines elsewhere, nothing with --json."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from graphflow.cli.failure import paint
from graphflow.cli.values import seconds

_EVERY = 10.0  # seconds between two plain lines about what is running


class Quiet:
    """Shows nothing; passes on events (--events), and what nodes print."""

    def state(self, told: dict[str, Any]) -> None:
        """How the run stands."""

    def note(self, told: dict[str, Any]) -> None:
        """Something that people want to know."""

    def event(self, line: bytes) -> None:
        """An event, as JSON."""
        sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()

    def printed(self, line: str) -> None:
        """A line that a node printed."""
        print(line, file=sys.stderr)


class Plain(Quiet):
    """A line now and then about what is running, for logs; no control codes."""

    def __init__(self) -> None:
        self._next = time.monotonic() + _EVERY

    def state(self, told: dict[str, Any]) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY
        running = ", ".join(_running(*one) for one in told["running"])
        print(f"{_label(told)}{_counts(told)}{'; running ' + running if running else ''}", file=sys.stderr)

    def note(self, told: dict[str, Any]) -> None:
        if text := sentence(told):
            print(text, file=sys.stderr)


class Bars(Quiet):
    """A bar for each running step and one line for the whole, at the foot of the terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

        self.console = Console(stderr=True, highlight=False)
        self._progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(bar_width=24),
            TextColumn("{task.fields[told]}", markup=False), console=self.console, transient=True,
        )  # fmt: skip
        self._whole = self._progress.add_task("", total=None, told="starting")
        self._bars: dict[str, Any] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin to draw."""
        self._progress.start()

    def stop(self) -> None:
        """Leave the terminal as it was."""
        self._progress.stop()

    def state(self, told: dict[str, Any]) -> None:
        with self._lock:
            finished = told["done"] + told["cached"]
            total = finished + told["failed"] + told["left"]
            self._progress.update(
                self._whole,
                description=told["label"] or "all",
                completed=finished,
                total=total or None,
                told=_counts(told),
            )
            running = {path: (took, done, count) for path, took, done, count in told["running"]}
            for path in set(self._bars) - set(running):
                self._progress.remove_task(self._bars.pop(path))
            for path, (took, done, count) in running.items():
                if path not in self._bars:
                    self._bars[path] = self._progress.add_task(path, total=None, told="")
                words = f"{seconds(took)}  {done:g}/{count:g}" if count else seconds(took)
                self._progress.update(self._bars[path], completed=done, total=count or None, told=words)

    def note(self, told: dict[str, Any]) -> None:
        if text := sentence(told):
            self.console.print(text, markup=False)

    def printed(self, line: str) -> None:
        self.console.print(line, markup=False)


def sentence(told: dict[str, Any]) -> str:
    """A note as a line; a failure is told at the end, with its cure, and here only named."""
    path, kind = told["path"], told["event"]
    if kind == "step.said":
        return f"{path}: {told['message']}"
    if kind == "step.failed":
        return f"{paint('failed', '31')} {path}; going on with what does not need it"
    if kind == "cache.corrupt":
        return f"The cache held a damaged entry ({told.get('message', '')}); it is computed again."
    if kind == "drift":
        return f"{path} was computed again and gave another value than before."
    if kind == "artifact.changed":
        return f"{path}: a file changed while it was used; trying once more."
    return ""


def _counts(told: dict[str, Any]) -> str:
    failed = f", {told['failed']} failed" if told["failed"] else ""
    return f"{told['done']:,} done, {told['cached']:,} cached, {told['left']:,} left{failed}"


def _running(path: str, took: float, done: float, total: float) -> str:
    return f"{path} ({seconds(took)}, {done:g}/{total:g})" if total else f"{path} ({seconds(took)})"


def _label(told: dict[str, Any]) -> str:
    return f"{told['label']}: " if told["label"] else ""


@contextmanager
def display(*, quiet: bool) -> Generator[Quiet]:
    """What fits the place where stderr goes."""
    if quiet:
        yield Quiet()
    elif not sys.stderr.isatty():
        yield Plain()
    else:
        bars = Bars()
        bars.start()
        try:
            yield bars
        finally:
            bars.stop()
