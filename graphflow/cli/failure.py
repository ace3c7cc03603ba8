"""How a command fails: one exception with its exit code, told as one screen of text or as the error envelope."""

from __future__ import annotations

import errno
import json
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from graphflow.engine.errors import RunError, StepError

OK, FAILED, USAGE, INVALID, MISSING, IN_USE, INTERNAL, IO, INTERRUPTED, DENIED, TIMEOUT, CANCELLED = (
    0, 1, 2, 65, 66, 69, 70, 74, 75, 77, 124, 130,
)  # fmt: skip

SHOWN = 20  # errors on one screen
ROOM = (errno.ENOSPC, errno.EDQUOT)


class CommandError(RunError):
    """A command that cannot do what was asked. message: A sentence. exit_code: As in `graphflow --help`."""

    def __init__(
        self, code: str, exit_code: int, message: str, hint: str = "", *, node: str = "", field: str = ""
    ) -> None:
        super().__init__(message, [StepError(code, message, node, field, hint)])
        self.code, self.exit_code = code, exit_code


class UsageError(CommandError):
    """Arguments that make no sense."""

    def __init__(self, message: str, hint: str = "", usage: str = "") -> None:
        super().__init__("usage", USAGE, message, hint)
        self.usage = usage


def of_os_error(error: OSError, attempted: str) -> CommandError:
    """What an operating system's refusal means for a command. attempted: What was tried, as in `write the file x`."""
    reason = error.strerror or str(error)
    if error.errno in ROOM or "disk is full" in reason:
        return CommandError(
            "disk.full", IO, f"The disk is full: could not {attempted}.",
            "Free some space, or trim the cache with `graphflow cache trim`, then run again.",
        )  # fmt: skip
    if "locked" in reason:
        return CommandError(
            "home.busy", IN_USE, f"Could not {attempted}: {reason}.",
            "Another process is using the data folder; try again when it is done.",
        )  # fmt: skip
    hint = "Check the rights of the folder, or name another data folder with GRAPHFLOW_HOME."
    return CommandError("io.failed", IO, f"Could not {attempted}: {reason}.", hint)


def internal(error: Exception, hint: str) -> CommandError:
    """What nobody foresaw."""
    return CommandError("internal", INTERNAL, f"This is a fault in graphflow: {type(error).__name__}: {error}.", hint)


def envelope(code: str, message: str, errors: Sequence[Mapping[str, Any]], request_id: str = "") -> dict[str, Any]:
    """The error envelope, as the server sends it too."""
    request_id = request_id or secrets.token_hex(8)
    return {"error": {"code": code, "message": message, "request_id": request_id}, "errors": list(errors)}


def envelope_of(error: RunError, request_id: str = "") -> dict[str, Any]:
    """The envelope of an error that was raised."""
    return envelope(error.code, str(error), [one.as_json() for one in error.errors], request_id)


def tell(errors: Sequence[Mapping[str, Any]], message: str = "") -> None:
    """Print errors on stderr: what, where, why and what to do; so many as fit one screen."""
    if not errors and message:
        _line(message, "", "")
    for one in errors[:SHOWN]:
        _line(str(one.get("message", "")), _place(one), str(one.get("hint", "")))
    if len(errors) > SHOWN:
        print(f"... and {len(errors) - SHOWN:,} more.", file=sys.stderr)


def _line(message: str, place: str, hint: str) -> None:
    print(f"{paint('error:', '1;31')} {message}", file=sys.stderr)
    if place:
        print(f"  where: {place}", file=sys.stderr)
    if hint:
        print(f"  to do: {hint}", file=sys.stderr)


def _place(one: Mapping[str, Any]) -> str:
    """Node, field and pointer, as far as the message does not name them itself."""
    node, field, pointer = one.get("node", ""), one.get("field", ""), one.get("pointer", "")
    place = f"{node}.{field}" if node and field else node or field
    message = str(one.get("message", ""))
    if pointer and not (node and pointer == f"/nodes/{node}"):
        return f"{place} ({pointer})" if place and place not in message else str(pointer)
    return "" if not place or place in message else str(place)


def paint(text: str, style: str) -> str:
    """Text in a colour, if stderr is a terminal that shows colours and NO_COLOR is not set."""
    if not sys.stderr.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\x1b[{style}m{text}\x1b[0m"


def print_json(value: object) -> None:
    """One JSON object on one line of stdout."""
    # A terminal that is not UTF-8 gets escapes. Half a surrogate pair, too, is an escape: JSON reads it as \udc80.
    plain = not (sys.stdout.encoding or "utf-8").lower().replace("-", "").startswith("utf8")
    text = json.dumps(value, ensure_ascii=plain, separators=(", ", ": "), default=str)
    print(text.encode(errors="backslashreplace").decode(), flush=True)
