"""What the data folder remembers of runs: runs/ID.json, written before a run starts and when it ends."""

from __future__ import annotations

import json
import os
import secrets
import time
from pathlib import Path
from typing import Any

from graphflow.cli.failure import MISSING, CommandError

KEPT = 200  # runs
_LARGEST = 16 * 1024 * 1024  # bytes of a document: a larger one is refused, and need not be written down first


class Records:
    """The records of a data folder."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "runs"

    def begin(self, request: dict[str, Any], document: bytes) -> None:
        """Write down what is asked for. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if len(document) > _LARGEST:
            return
        record = {
            "run": request["id"], "status": "running", "started": time.time(), "request": request,
            "document": document.decode(errors="surrogateescape"),
        }  # fmt: skip
        self._write(request["id"], record)
        self._prune()

    def end(self, run: str, status: str, result: dict[str, Any]) -> None:
        """Write down how a run ended."""
        record = self._read(run)
        if record is not None:
            self._write(run, {**record, "status": status, "ended": time.time(), "result": result})

    def forget(self, run: str) -> None:
        """A run that did not begin leaves no record."""
        self._path(run).unlink(missing_ok=True)

    def find(self, name: str) -> dict[str, Any]:
        """The record of a run: by its id, the beginning of it, or `last`. Raises CommandError."""
        runs = self._all()
        found = [run for run in runs if run == name] or [run for run in runs if name and run.startswith(name)]
        if name == "last":
            found = runs[:1]
        record = self._read(found[0]) if len(found) == 1 else None
        if record is not None:
            return record
        latest = f"The latest are {', '.join(runs[:5])}." if runs else "No run has been started yet."
        message = f"Several runs begin with {name!r}." if found else f"There is no run {name!r} to resume."
        raise CommandError("run.unknown", MISSING, message, latest)

    def log(self, run: str) -> Path:
        """Where the tracebacks of a run's failed steps stand."""
        return self.folder / f"{run}.log"

    def _path(self, run: str) -> Path:
        return self.folder / f"{run}.json"

    def _all(self) -> list[str]:
        """Ids of all runs, the latest first."""
        if not self.folder.is_dir():
            return []
        found = [path for path in self.folder.glob("*.json") if path.is_file()]
        return [path.stem for path in sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)]

    def _prune(self) -> None:
        for run in self._all()[KEPT:]:
            self._path(run).unlink(missing_ok=True)
            self.log(run).unlink(missing_ok=True)

    def _read(self, run: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads(self._path(run).read_text(encoding="utf-8", errors="surrogateescape"))
        except (OSError, ValueError):
            return None
        return found

    def _write(self, run: str, record: dict[str, Any]) -> None:
        path = self._path(run)
        beside = path.with_name(f"{path.name}.new-{secrets.token_hex(4)}")
        try:
            beside.write_text(json.dumps(record), encoding="utf-8", errors="surrogateescape")
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
