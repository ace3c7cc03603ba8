"""Values as they are typed: --set, --input, --sweep, sizes, grants."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from graphflow.cli.failure import MISSING, CommandError, UsageError

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
GRANTS = ("network", "process", "files")


def pairs(option: str, given: Iterable[str]) -> dict[str, Any]:
    """{name: value} of options like --set NAME=VALUE. Raises UsageError."""
    found: dict[str, Any] = {}
    for text in given:
        name, value = _split(option, text)
        found[name] = typed(value)
    return found


def axes(given: Iterable[str]) -> dict[str, list[Any]]:
    """{path.param: values} of --sweep. A value with a comma is written in JSON: ["a, b", "c"]."""
    found: dict[str, list[Any]] = {}
    for text in given:
        name, value = _split("--sweep", text)
        whole = typed(value)
        found[name] = whole if isinstance(whole, list) else [typed(one) for one in value.split(",")]
        if not found[name]:
            raise UsageError(f"--sweep {name} has no values.", f"Write them after it: --sweep {name}=1,2,3")
    return found


def _split(option: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        wanted = "NAME=VALUE" if option == "--input" else "PATH.PARAM=VALUE"
        raise UsageError(f"{option} wants {wanted}, got {text!r}.", f"For example: {option} soft.radius=6")
    return name, value


def typed(text: str) -> Any:
    """JSON if it reads as JSON, else text; @FILE is the JSON in a file, @@ begins a text with @."""
    if text.startswith("@@"):
        return text[1:]
    if text.startswith("@"):
        return _from_file(text[1:])
    try:
        return json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError):
        return text


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number in JSON")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{text} is too large")
    return value


def _from_file(name: str) -> Any:
    try:
        text = Path(name).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        hint = "Check the path; write @@ for a text that begins with @."
        raise CommandError("file.missing", MISSING, f"The file {name!r} cannot be read: {reason}.", hint) from None
    try:
        return json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"The file {name!r} holds no JSON: {error}.", "A value after @ is read from a JSON file."
        ) from None


def size(option: str, text: str | None) -> int | None:
    """Bytes of a size such as 500MB, 8G, 2GiB. Raises UsageError."""
    if text is None:
        return None
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?\s*", text, re.IGNORECASE)
    if match is None:
        raise UsageError(f"{option} wants a size, got {text!r}.", f"For example: {option} 500MB, {option} 8GB")
    return int(float(match[1]) * _UNITS[(match[2] or "").lower()])


def counted(count: int, word: str) -> str:
    """A number with its word: 1 node, 2 nodes."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def human(count: float) -> str:
    """Bytes for people: 1.5 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def seconds(count: float) -> str:
    """A time for people: 0.12 s, 3 min 20 s."""
    if count < 0.0005:
        return "0 s"
    if count < 60:
        return f"{count:.3f} s" if count < 0.1 else f"{count:.2f} s" if count < 10 else f"{count:.0f} s"
    minutes, rest = divmod(round(count), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def grants(given: Iterable[str]) -> list[str]:
    """The grants of --allow network,files. Raises UsageError for one that does not exist."""
    found = [one.strip() for text in given for one in text.split(",") if one.strip()]
    for one in found:
        if one not in GRANTS:
            raise UsageError(f"There is no grant {one!r}.", f"The grants are {', '.join(GRANTS)}.")
    return found
