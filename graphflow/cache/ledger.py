"""The ledger: every trace, append-only, in SQLite beside small values, manifests and the digests of known files.

Nothing here is synced to disk: a row lost to a power cut is a step computed again. Rows carry checks of their own.
Several processes may share one ledger.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from blake3 import blake3

from graphflow.cache.trace import Trace, pack, unpack

BATCH_ROWS = 512
BATCH_SECONDS = 0.010  # rows wait at most so long before they are committed
BATCH_WORK = 0.001  # seconds of computation at risk in an uncommitted batch
_LOOK = 0.020  # seconds between looks at whether another process wrote
_IN = 500  # keys asked for in one query

_SCHEMA = """
CREATE TABLE IF NOT EXISTS trace (id INTEGER PRIMARY KEY, k INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS trace_k ON trace (k);
CREATE TABLE IF NOT EXISTS value (id INTEGER PRIMARY KEY, d INTEGER NOT NULL, digest BLOB NOT NULL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS value_d ON value (d);
CREATE TABLE IF NOT EXISTS manifest (document BLOB PRIMARY KEY, body BLOB NOT NULL, previous BLOB);
CREATE TABLE IF NOT EXISTS cost (digest TEXT PRIMARY KEY, seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS file (place TEXT PRIMARY KEY, stat BLOB NOT NULL, digest BLOB NOT NULL);
"""


# What waits for a commit: key, packed trace, small values.
_Row = tuple[bytes, bytes, list[tuple[bytes, bytes]]]


class LedgerError(OSError):
    """The ledger cannot be written; the disk may be full."""


class Manifest(msgspec.Struct, array_like=True):
    """{key: outputs} of a document's last run, and each step's path: it answers the unchanged case at once.

    A copy of traces: it may be stale, it cannot be wrong.
    """

    paths: list[str]
    keys: list[bytes]
    outputs: list[list[bytes]]
    rebuilds: list[float]
    time: float = 0.0


_manifest_decoder = msgspec.msgpack.Decoder(Manifest)


def _short(name: bytes) -> int:
    # An index on 64 bits costs a third of one on the whole digest; the whole one is compared after the look-up.
    return int.from_bytes(name[-8:], "big", signed=True)


def _whole(body: Any) -> bool:
    """Whether a row's body is what its check says."""
    return isinstance(body, bytes) and blake3(body[8:]).digest(8) == body[:8]


class Ledger:
    """Traces by key. `path=None` keeps nothing: the session's own memory is then all there is."""

    def __init__(self, path: Path | None, on_corrupt: Callable[[str], None] | None = None) -> None:
        self.path = path
        self._on_corrupt = on_corrupt or (lambda message: None)
        self._lock = threading.Lock()
        self._rows: deque[_Row] = deque()
        self._fresh: dict[bytes, bytes] = {}  # small values that wait for their commit
        self._work = 0.0
        self._oldest = 0.0
        self._db = self._open() if path is not None else None
        # A ledger that was empty when it was opened holds what this process put there, as long as nobody else writes.
        self._version: int | None = None
        self._looked = 0.0
        if self._db is not None and self._query("SELECT 1 FROM trace LIMIT 1", ()) == []:
            self._version = self._data_version()

    def only_ours(self) -> bool:
        """Whether every trace here was appended by this object; looked at again every 20 ms."""
        if self._version is None:
            return False
        now = time.monotonic()
        if now - self._looked > _LOOK:
            self._looked = now
            if self._data_version() != self._version:
                self._version = None
        return self._version is not None

    def _data_version(self) -> int:
        return int(self._query("PRAGMA data_version", ())[0][0])

    def _open(self) -> sqlite3.Connection:
        assert self.path is not None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise LedgerError(f"The ledger {self.path.name} cannot be opened: {error}.") from error
            self._set_aside(error)
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(str(self.path), check_same_thread=False, isolation_level=None, timeout=30.0)
        db.text_factory = bytes  # no row, however damaged, fails to be read
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=OFF")
        db.execute("PRAGMA wal_autocheckpoint=10000")
        db.execute("PRAGMA cache_size=-65536")
        db.executescript(_SCHEMA)
        return db

    def _set_aside(self, error: Exception) -> None:
        """A file that is no database any more is kept under another name; a new one begins empty."""
        assert self.path is not None
        self._on_corrupt(f"The ledger was damaged ({error}); a new one begins, the old one is kept beside it.")
        aside = self.path.with_name(f"{self.path.name}.corrupt-{int(time.time())}")
        self.path.rename(aside)
        for suffix in ("-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    # -- reading ----------------------------------------------------------------------------------------------------

    def find(self, keys: list[bytes]) -> dict[bytes, Trace]:
        """The newest trace of each key that is known. A damaged row is told and passed over."""
        found: dict[bytes, Trace] = {}
        if self._db is None:
            return found
        for at in range(0, len(keys), _IN):
            chunk = keys[at : at + _IN]
            marks = ",".join("?" * len(chunk))
            sql = f"SELECT id, k, body FROM trace WHERE k IN ({marks}) ORDER BY id"
            rows = self._query(sql, [_short(key) for key in chunk])
            by_short: dict[Any, list[tuple[int, Any]]] = {}
            for row, short, body in rows:
                by_short.setdefault(short, []).append((row, body))
            if by_short:
                self._match(chunk, by_short, found)
        return found

    def _match(self, keys: list[bytes], by_short: dict[Any, list[tuple[int, Any]]], found: dict[bytes, Trace]) -> None:
        for key in keys:
            for row, body in by_short.get(_short(key), ()):
                trace = self._unpacked(key, row, body)
                if trace is not None:
                    found[key] = trace

    def _unpacked(self, key: bytes, row: int, body: Any) -> Trace | None:
        # A flipped bit may also make a number or nothing of what was bytes.
        try:
            return unpack(key, body)
        except (ValueError, TypeError, msgspec.DecodeError):
            self._on_corrupt("A trace in the ledger was damaged and is dropped.")
            self._drop("trace", row)
            return None

    def _drop(self, table: str, row: int) -> None:
        """Take a damaged row out, so that it is told once. One that cannot be written stays, and is told again."""
        with contextlib.suppress(LedgerError):
            self._write(f"DELETE FROM {table} WHERE id = ?", (row,))

    def history(self, key: bytes) -> list[Trace]:
        """Every trace of a key, the oldest first."""
        rows = self._query("SELECT id, body FROM trace WHERE k = ? ORDER BY id", [_short(key)])
        found: list[Trace] = []
        for row, body in rows:
            trace = self._unpacked(key, row, body)
            if trace is not None:
                found.append(trace)
        return found

    def value(self, digest: bytes) -> bytes | None:
        """A small value's entry. Damaged ones are told and passed over."""
        if self._db is None:
            return None
        waiting = self._fresh.get(digest)
        if waiting is not None:
            return waiting
        for row, known, body in self._query("SELECT id, digest, body FROM value WHERE d = ?", [_short(digest)]):
            if known != digest:
                continue
            if _whole(body):
                return bytes(body[8:])
            self._on_corrupt("A small value in the ledger was damaged and is dropped.")
            self._drop("value", row)
        return None

    def manifest(self, document: bytes, previous: bool = False) -> Manifest | None:
        """What the document's last run named; or, of `previous`, the run before it that differed."""
        column = "previous" if previous else "body"
        rows = self._query(f"SELECT {column} FROM manifest WHERE document = ?", [document])
        if not rows or rows[0][0] is None:
            return None
        body = rows[0][0]
        if not _whole(body):
            self._on_corrupt("A manifest in the ledger was damaged and is dropped.")
            return None
        return _manifest_decoder.decode(body[8:])

    def file_digest(self, place: str, stat: bytes) -> bytes | None:
        """The digest of a file as it was seen, if its stat is still the same."""
        rows = self._query("SELECT stat, digest FROM file WHERE place = ?", [place])
        return rows[0][1] if rows and rows[0][0] == stat else None

    def _query(self, sql: str, values: Iterable[object]) -> list[tuple[Any, ...]]:
        with self._lock:
            if self._db is None:
                return []
            try:
                return self._db.execute(sql, tuple(values)).fetchall()  # type: ignore[arg-type]
            except sqlite3.DatabaseError as error:
                if not isinstance(error, sqlite3.OperationalError) or "malformed" in str(error):
                    self._restart(error)
                    return []
                raise LedgerError(f"The ledger cannot be read: {error}.") from error

    def _restart(self, error: Exception) -> None:
        if self._db is not None:
            self._db.close()
        self._set_aside(error)
        self._db = self._connect()

    # -- writing ----------------------------------------------------------------------------------------------------

    def append(self, key: bytes, trace: Trace, small: list[tuple[bytes, bytes]]) -> None:
        """Put a trace and its small values in the next batch."""
        if self._db is None:
            return
        if not self._rows:
            self._oldest = time.monotonic()
        self._fresh.update(small)
        self._rows.append((key, pack(key, trace), small))
        self._work += trace.seconds

    @property
    def waiting(self) -> bool:
        """Whether rows wait for their commit."""
        return bool(self._rows)

    @property
    def due(self) -> bool:
        """Whether the rows that wait should be committed now: many, dear, or old."""
        return bool(self._rows) and (
            len(self._rows) >= BATCH_ROWS
            or self._work >= BATCH_WORK
            or time.monotonic() - self._oldest >= BATCH_SECONDS
        )

    def flush(self) -> None:
        """Commit what waits. Raises LedgerError when the disk does not take it."""
        if not self._rows:
            return
        with self._lock:
            # Popped one by one: another thread may append meanwhile, and must lose nothing.
            batch = [self._rows.popleft() for _ in range(len(self._rows))]
            self._work = 0.0
            if self._db is not None:
                self._commit(batch)
            for _, _, small in batch:
                for digest, _ in small:
                    self._fresh.pop(digest, None)

    def _commit(self, batch: list[_Row]) -> None:
        try:
            self._insert(batch)
        except sqlite3.OperationalError as error:
            raise LedgerError(f"The ledger cannot be written: {error}.") from error
        except sqlite3.DatabaseError as error:
            self._restart(error)
            self._insert(batch)

    def _insert(self, batch: list[_Row]) -> None:
        assert self._db is not None
        small = [pair for row in batch for pair in row[2]]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(
                "INSERT INTO trace (k, body) VALUES (?, ?)", [(_short(row[0]), row[1]) for row in batch]
            )
            if small:
                self._db.executemany(
                    "INSERT INTO value (d, digest, body) VALUES (?, ?, ?)",
                    [(_short(d), d, blake3(b).digest(8) + b) for d, b in small],
                )
            self._db.execute("COMMIT")
        except sqlite3.Error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def save_manifest(self, document: bytes, manifest: Manifest) -> None:
        """Keep what a run named; what stood before becomes `previous`."""
        body = msgspec.msgpack.encode(manifest)
        self._write(
            "INSERT INTO manifest (document, body) VALUES (?, ?) ON CONFLICT (document) "
            "DO UPDATE SET previous = body, body = excluded.body",
            (document, blake3(body).digest(8) + body),
        )

    def save_file_digest(self, place: str, stat: bytes, digest: bytes) -> None:
        """Remember a file's digest by what its stat was."""
        self._write("INSERT OR REPLACE INTO file (place, stat, digest) VALUES (?, ?, ?)", (place, stat, digest))

    def save_cost(self, digest: str, seconds: float) -> None:
        """Remember what an entry on disk costs to rebuild, for the day when the shelf is trimmed."""
        self._write("INSERT OR REPLACE INTO cost (digest, seconds) VALUES (?, ?)", (digest, seconds))

    def costs(self) -> dict[str, float]:
        """{digest text: seconds to rebuild} of entries on disk."""
        rows = self._query("SELECT digest, seconds FROM cost", ())
        return {bytes(name).decode(errors="replace"): seconds for name, seconds in rows if isinstance(seconds, float)}

    def _write(self, sql: str, values: tuple[object, ...]) -> None:
        with self._lock:
            if self._db is None:
                return
            try:
                self._db.execute(sql, values)  # type: ignore[arg-type]
            except sqlite3.Error as error:
                raise LedgerError(f"The ledger cannot be written: {error}.") from error

    # -- upkeep -----------------------------------------------------------------------------------------------------

    def traces(self) -> Iterator[Trace]:
        """Every trace that can be read, the oldest first, for `cache stats`."""
        at = 0
        while rows := self._query("SELECT id, body FROM trace WHERE id > ? ORDER BY id LIMIT 5000", [at]):
            for number, body in rows:
                at = int(number)
                trace = self._unpacked(body[8:40] if isinstance(body, bytes) else b"", at, body)
                if trace is not None:
                    yield trace

    def trim_values(self, limit: int) -> tuple[int, int]:
        """Remove the oldest small values until at most `limit` bytes are left; (values, bytes) removed."""
        ((total,),) = self._query("SELECT coalesce(sum(length(body)), 0) FROM value", ()) or [(0,)]
        removed = freed = last = 0
        if total > limit:
            for row, size in self._query("SELECT id, length(body) FROM value ORDER BY id", ()):
                if total - freed <= limit:
                    break
                removed, freed, last = removed + 1, freed + size, row
            self._write("DELETE FROM value WHERE id <= ?", (last,))
        return removed, freed

    def value_sizes(self) -> dict[bytes, int]:
        """{digest: bytes} of the small values."""
        return {row[0]: int(row[1]) for row in self._query("SELECT digest, length(body) FROM value", ())}

    def counts(self) -> dict[str, int]:
        """Rows and bytes, for `cache stats`."""
        if self._db is None:
            return {"traces": 0, "values": 0, "bytes": 0}
        (traces,) = self._query("SELECT max(id) FROM trace", ())[0]
        (values,) = self._query("SELECT count(*) FROM value", ())[0]
        size = sum(p.stat().st_size for s in ("", "-wal") if (p := Path(f"{self.path}{s}")).exists())
        return {"traces": int(traces or 0), "values": int(values), "bytes": size}  # type: ignore[call-overload]

    def clear(self) -> None:
        """Forget every trace, value, manifest and file."""
        if self._db is None:
            return
        with self._lock:
            for table in ("trace", "value", "manifest", "file", "cost"):
                self._db.execute(f"DELETE FROM {table}")
            self._db.execute("VACUUM")

    def close(self) -> None:
        """Commit what waits and let the file go."""
        try:
            self.flush()
        finally:
            with self._lock:  # threads whose step nobody waits for may still read
                db, self._db = self._db, None
                if db is not None:
                    db.close()
