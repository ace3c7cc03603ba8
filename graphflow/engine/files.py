"""The files that a run reads: one resolver of paths for all, and digests remembered by stat.

A path in a document is relative to the workflow's folder, then to GRAPHFLOW_HOME's inputs and outputs, then to the
`--root` folders. What lies elsewhere needs the grant `files`, and is answered alike whether it exists or not.
"""

from __future__ import annotations

import os
import re
import struct
import time
from collections.abc import Iterable
from pathlib import Path

from graphflow.cache.ledger import Ledger
from graphflow.values.digest import content_digest
from graphflow.values.kinds import File, Folder, media_type_of

FOLDER_FILES = 100_000  # files below a folder param
_RECENT = 2_000_000_000  # ns: a file written so lately may change again within one tick of the clock
_stat = struct.Struct(">QQQQQ")


class PathRefused(Exception):
    """A path that a run may not read, or that leads to no file. `missing` tells which."""

    def __init__(self, message: str, hint: str, *, missing: bool) -> None:
        super().__init__(message)
        self.hint = hint
        self.missing = missing


class Files:
    """Resolves the paths of one run.

    roots: Folders that it may read from, in order. trusted: Absolute paths that were typed at the command line. free:
    Whether the grant `files` was given.
    """

    def __init__(self, ledger: Ledger, roots: Iterable[Path], trusted: Iterable[str] = (), free: bool = False) -> None:
        self._ledger = ledger
        self._roots = [Path(root) for root in roots]
        self._trusted = set(trusted)
        self._free = free

    def resolve(self, text: str) -> Path:
        """The file or folder of a path text. Raises PathRefused."""
        if problem := _suspect(text):
            raise PathRefused(f"The path {text[:200]!r} {problem}.", "Write a plain relative path.", missing=False)
        if os.path.isabs(text):
            if not (self._free or text in self._trusted or self._inside(Path(text))):
                raise self._outside(text)
            if not os.path.exists(text):
                raise self._missing(text)
            return Path(text)
        for root in self._roots:
            path = root / text
            if self._inside(path) and path.exists():
                return path
            if not self._inside(path) and self._free and path.exists():
                return path
        if any(not self._inside(root / text) for root in self._roots) and not self._free:
            raise self._outside(text)
        raise self._missing(text)

    def _inside(self, path: Path) -> bool:
        # The real path: neither .. nor a symbolic link leaves the root.
        real = os.path.realpath(path)
        return any(real == r or real.startswith(r + os.sep) for r in (os.path.realpath(root) for root in self._roots))

    def _outside(self, text: str) -> PathRefused:
        return PathRefused(
            f"The path {text[:200]!r} leads outside the folders that this run may read.",
            "Put the file beside the workflow or into the data folder's inputs, name its folder with --root, "
            "or give the grant with --allow files.",
            missing=False,
        )

    def _missing(self, text: str) -> PathRefused:
        beside = self._roots[0].name if self._roots else "no folder"
        return PathRefused(
            f"There is no file {text[:200]!r}, neither beside the workflow ({beside}) nor in the data folder's inputs.",
            "Check the name, or give another file with --set or --input.",
            missing=True,
        )

    def file(self, path: Path) -> tuple[File, bytes]:
        """A file by content, and its stat; an unchanged one costs one look at its stat. Raises OSError."""
        seen = stat_of(path)
        known = self._ledger.file_digest(str(path), seen) if _settled(path) else None
        if known is None:
            known = content_digest(path.read_bytes())
            if stat_of(path) != seen:
                raise PathRefused(
                    f"The file {path.name} changed while it was read.", "Run again once it is whole.", missing=False
                )
            if _settled(path):
                self._ledger.save_file_digest(str(path), seen, known)
        return File(path.name, media_type_of(path.name), path.stat().st_size, known.hex(), path), seen

    def folder(self, path: Path) -> tuple[Folder, bytes]:
        """The files below a folder, and a stat of all of them. Hidden ones and links that lead out are left out."""
        found: list[File] = []
        stats: list[bytes] = []
        root = os.path.realpath(path)
        for place, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                one = Path(place) / name
                if name.startswith(".") or not one.is_file() or not os.path.realpath(one).startswith(root + os.sep):
                    continue
                file, seen = self.file(one)
                found.append(File(str(one.relative_to(path)), file.media_type, file.size, file.digest, one))
                stats.append(seen)
                if len(found) > FOLDER_FILES:
                    raise PathRefused(
                        f"The folder {path.name} holds more than {FOLDER_FILES:,} files.",
                        "Name a folder further down.",
                        missing=False,
                    )
        return Folder(path.name, tuple(sorted(found, key=lambda f: f.name))), content_digest(b"".join(sorted(stats)))

    def look(self, path: str) -> bytes:
        """The stat of a file or folder as it is now; empty if it has gone."""
        try:
            place = Path(path)
            return self.folder(place)[1] if place.is_dir() else stat_of(place)
        except (OSError, PathRefused):
            return b""


def stat_of(path: Path) -> bytes:
    """Device, inode, size and both times of a file. Raises OSError."""
    seen = os.stat(path)
    mask = (1 << 64) - 1
    return _stat.pack(seen.st_dev, seen.st_ino & mask, seen.st_size, seen.st_mtime_ns & mask, seen.st_ctime_ns & mask)


def _settled(path: Path) -> bool:
    return time.time_ns() - os.stat(path).st_mtime_ns > _RECENT


def _suspect(text: str) -> str | None:
    if not text:
        return "is empty"
    if "\x00" in text or any(ord(c) < 32 for c in text):
        return "holds control characters"
    if "\\" in text:
        return "holds a backslash; use forward slashes"
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text):
        return "names a drive or a scheme"
    if text.startswith("~"):
        return "begins with ~"
    return None
