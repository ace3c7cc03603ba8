"""A child process that must not harm us: limited in time and in what it prints, ended with all that it started."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from graphflow.packs.discover import Place
from graphflow.packs.loading import without_paths
from graphflow.packs.scan import Request, Scanned

SECONDS = 20.0
PRINTED = 1 << 20  # bytes that an import may print
RESULT = 64 << 20  # bytes that a result may have
_TAIL = 4096  # bytes of what was printed last, kept to tell
_POLL = 0.05


class ScanError(Exception):
    """Packs could not be imported by a child; the message says how it ended, with the last lines that it printed."""


def scan_in_child(
    packs: Mapping[str, Sequence[str]], home: Mapping[str, Place], seconds: float = SECONDS
) -> dict[str, Scanned]:
    """Import packs in a child process and read what they declare. Raises ScanError if it did not live to tell."""
    with tempfile.TemporaryDirectory(prefix="graphflow-scan-") as folder:
        asked, told = Path(folder, "request.json"), Path(folder, "result.json")
        request = Request({name: list(modules) for name, modules in packs.items()}, dict(home), str(told))
        asked.write_bytes(msgspec.json.encode(request))
        # The same path as ours, in the same order; -P: nothing from the folder that we happen to stand in.
        path = os.pathsep.join(place or os.getcwd() for place in sys.path)
        problem, printed = _watch(
            [sys.executable, "-P", "-m", "graphflow.packs.scan", str(asked)],
            {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"},
            seconds,
        )
        if problem:
            raise ScanError(problem + _last_lines(printed))
        try:
            if told.stat().st_size > RESULT:
                raise ScanError("What it declares is more than 64 MB.")
            found = msgspec.json.decode(told.read_bytes(), type=dict[str, Scanned])
        except FileNotFoundError:
            raise ScanError("Its import ended the process with exit code 0." + _last_lines(printed)) from None
        except msgspec.MsgspecError as error:
            raise ScanError(f"Its import damaged the answer of the child process ({error}).") from None
        whole = all({spec.type for spec in s.nodes} == s.codes.keys() for s in found.values())
        if found.keys() != packs.keys() or not whole:
            raise ScanError("Its import damaged the answer of the child process.")
        return found


def _watch(command: list[str], environment: Mapping[str, str], seconds: float) -> tuple[str | None, bytes]:
    """Run a command to its end or its limits: what went wrong, if anything, and what it printed last."""
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
        start_new_session=True,
    )  # fmt: skip
    assert child.stdout is not None
    tail, printed, until = b"", 0, time.monotonic() + seconds
    try:
        open_ = True
        while True:
            ended = child.poll() is not None
            # Once the child has ended, only what is already in the pipe: what it started may hold the pipe open.
            ready = open_ and bool(select.select([child.stdout], [], [], 0 if ended else _POLL)[0])
            data = os.read(child.stdout.fileno(), 1 << 16) if ready else b""
            open_ = open_ and not (ready and not data)
            tail, printed = (tail + data)[-_TAIL:], printed + len(data)
            if printed > PRINTED:
                return "Its import printed more than 1 MB.", tail
            if ended and not data:
                return _ending(child.returncode), tail
            if not ended and time.monotonic() > until:
                return f"Its import took longer than {seconds:g} s.", tail
            if not open_ and not ended:
                time.sleep(_POLL / 5)
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)  # all that it started, too
        child.wait()
        child.stdout.close()


def _ending(code: int) -> str | None:
    if code == 0:
        return None
    if code < 0:
        return f"Its import died of {signal.Signals(-code).name}."
    return f"Its import ended the process with exit code {code}."


def _last_lines(printed: bytes) -> str:
    text = without_paths(printed.decode(errors="replace"))
    lines = [line.strip()[:200] for line in text.splitlines() if line.strip()]
    return " It printed last: " + " | ".join(lines[-3:]) if lines else ""
