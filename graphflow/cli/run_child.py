"""The process that holds the engine of `graphflow run`, so that a crash in native code is told by its parent.

stdin: one line of JSON (the request), the workflow's bytes, then `cancel`; its end means that the parent is gone.
stdout: lines that begin with a letter: `e` an event, `s` how it stands, `n` a note for people, `r` the result.
What nodes print goes to stderr.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import json
import os
import sys
import threading
import traceback
from pathlib import Path
from typing import IO, Any

from graphflow.cli.failure import envelope_of, internal, of_os_error
from graphflow.cli.reporter import Reporter
from graphflow.cli.shown import plain_values
from graphflow.cli.sweep import sweep
from graphflow.cli.trust import resolve_typed
from graphflow.engine.errors import InvalidDocument, RunError, StepError
from graphflow.engine.inflight import InFlight
from graphflow.engine.result import Result
from graphflow.engine.run import Run
from graphflow.engine.session import Session
from graphflow.graph.document import read_document
from graphflow.graph.problem import DocumentError

_CODES = {"done": 0, "failed": 1, "cancelled": 130}
_EXITS = {"disk.full": 74, "file.missing": 66}


class Worker:
    """One command's work: a run, or those of a sweep."""

    def __init__(self, request: dict[str, Any], document: bytes, pipe: IO[bytes], source: IO[bytes]) -> None:
        self.request = request
        self.data = document
        self.reporter = Reporter(pipe, events=request["events"])
        self.running: Run | None = None
        self.session: Session | None = None
        self.cancelled = False
        threading.Thread(target=self._listen, args=(source,), name="graphflow-orders", daemon=True).start()

    def _listen(self, source: IO[bytes]) -> None:
        """Cancel when told so; and when the parent has gone, which nobody can tell any more."""
        told = source.readline()
        self.cancelled = True
        if self.session is not None and self.running is not None:
            self.session.cancel(self.running)
        if not told or self.session is None:
            os._exit(130)

    def work(self) -> None:
        """Do it, and send the result."""
        request = self.request
        home = Path(request["home"])
        try:
            watch = InFlight(request["watch"])
            self.session = session = Session(
                home, memory=request["memory"], shelf=request["shelf"], roots=request["roots"], watch=watch
            )
            document = _read(self.data)
            typed = resolve_typed(session.types.catalogue, document, request)
            if request["sweep"]:
                result = sweep(self, document, typed)
            else:
                done = self.run(document, typed.inputs, typed.params, typed.trusted)
                result = {**done.as_json(), "executed": done.executed, "exit": exit_of(done)}
                plain_values(session, done.outputs)
            session.close()
            self.reporter.close(result)
        except RunError as error:
            self.reporter.close({**envelope_of(error, request["id"]), "exit": error.exit_code, "began": False})
        except OSError as error:
            told = of_os_error(error, f"use the data folder {home}")
            self.reporter.close({**envelope_of(told, request["id"]), "exit": told.exit_code, "began": False})
        except Exception as error:
            self._write_log("".join(traceback.format_exception(error)))
            told = internal(error, f"Please report it, with the log runs/{request['id']}.log of the data folder.")
            found = {"run": request["id"], "status": "failed", "exit": told.exit_code}
            self.reporter.close({**found, **envelope_of(told, request["id"])})

    def run(
        self,
        document: Any,
        inputs: dict[str, Any],
        params: dict[str, Any],
        trusted: frozenset[str],
        *,
        out: str | None = None,
        run_id: str = "",
        values: bool = False,
    ) -> Result:
        """One run, from beginning to end. Raises RunError before it begins."""
        request, session = self.request, self.session
        assert session is not None
        folder = out or request["out"]
        run = session.submit(
            document, inputs, params, request["targets"], allow=request["allow"], out=folder, saves=folder is None,
            values=values, plain=request["plain"], trusted=trusted, run_id=run_id or request["id"],
            place=request["file"], on_event=self.reporter,
        )  # fmt: skip
        self.running = run
        self.reporter.watch(run)
        if self.cancelled:
            session.cancel(run)
        result = session.wait(run)
        self._log(result.errors)
        return result

    def _log(self, errors: list[StepError]) -> None:
        """Keep the tracebacks of failed steps, which are not shown to people."""
        text = "\n".join(f"{error.message}\n{error.log}" for error in errors if error.log)
        if text:
            self._write_log(text)

    def _write_log(self, text: str) -> None:
        with (
            contextlib.suppress(OSError),
            open(self.request["log"], "a", encoding="utf-8", errors="backslashreplace") as file,
        ):
            file.write(text)


def _read(data: bytes) -> Any:
    try:
        return read_document(data)
    except DocumentError as error:
        raise InvalidDocument(str(error), error.problems) from None


def exit_of(result: Result) -> int:
    """The exit code that a result means."""
    if result.status == "failed" and result.errors and result.errors[0].code in _EXITS:
        return _EXITS[result.errors[0].code]
    return _CODES.get(result.status, 1)


def main() -> None:
    """Work for the parent process."""
    source = sys.stdin.buffer
    request = json.loads(source.readline())
    document = source.read(request["size"])
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # a node that prints must not write between our lines
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    faulthandler.enable(request["crash"])
    Worker(request, document, pipe, source).work()
    sys.stderr.flush()
    # A step that does not heed the cancel, or a library's clean-up, must not keep us.
    os._exit(0)


if __name__ == "__main__":
    main()
