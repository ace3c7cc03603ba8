"""Secrets: the environment first, then a file that only its owner may read. Values enter no key, log or event."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from graphflow.cache.shelf import write_whole

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}\Z")


class Secrets:
    """The secrets of a data folder."""

    def __init__(self, home: Path | None) -> None:
        self._path = home / "secrets.json" if home is not None else None
        self._read: set[str] = set()

    def read(self, name: str) -> str:
        """The value of a secret. Raises LookupError, naming it, if it is not set."""
        value = os.environ.get(f"GRAPHFLOW_SECRET_{name.upper()}") or self._kept().get(name)
        if value is None:
            raise LookupError(
                f"the secret {name!r} is not set; run `graphflow secret set {name}` "
                f"or set GRAPHFLOW_SECRET_{name.upper()}"
            )
        self._read.add(value)
        return value

    def names(self) -> list[str]:
        """The names of the secrets that are kept."""
        return sorted(self._kept())

    def put(self, name: str, value: str | None) -> None:
        """Keep a secret, or forget it (None). Raises ValueError for a name that will not do."""
        if not _NAME.match(name):
            raise ValueError(f"{name!r} is no name for a secret: use letters, digits and _, a letter first.")
        if self._path is None:
            raise ValueError("A session without a data folder keeps no secrets.")
        kept = self._kept()
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = value
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._path, json.dumps(kept, indent=1).encode(), mode=0o600)

    def hide(self, text: str) -> str:
        """A text without the values of secrets that were read."""
        for value in sorted(self._read, key=len, reverse=True):
            if len(value) >= 4:
                text = text.replace(value, "***")
        return text

    def _kept(self) -> dict[str, str]:
        if self._path is None or not self._path.exists():
            return {}
        found: dict[str, str] = json.loads(self._path.read_text())
        return found
