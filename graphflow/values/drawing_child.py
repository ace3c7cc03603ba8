"""The process in which `drawing` has SVG and charts drawn; ends after one request. Run by `python -m`."""

from __future__ import annotations

import os
import sys
from typing import Any

import msgspec

MEMORY_LIMIT = 2 << 30  # bytes, for SVG; the engine that runs charts bounds its own heap


def main() -> None:
    """Read one request from standard input, draw it, write [problem, result] to standard output."""
    task, content = msgspec.msgpack.decode(sys.stdin.buffer.read())
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever the renderer prints must not stand in the answer
    try:
        made: Any = _svg(content) if task == "svg" else _plot(content)
        reply = [None, made]
    except (RuntimeError, ValueError) as error:
        reply = [_reason(str(error)), None]
    with answer:
        answer.write(msgspec.msgpack.encode(reply))


def _svg(sources: list[str]) -> list[bytes]:
    import vl_convert

    _limit_memory()
    return [vl_convert.svg_to_png(source, 1.0, 72) for source in sources]


def _plot(spec: str) -> str:
    import vl_convert

    return vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the time limit holds there
        return
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_LIMIT, MEMORY_LIMIT))


def _reason(text: str) -> str:
    """The first lines of the renderer's message, without its stack."""
    lines = [line.strip() for line in text.split("Stack backtrace")[0].splitlines()]
    kept = [line for line in lines if line and not line.startswith("at ")]
    return " ".join(kept)[:300].rstrip(". ") or "the renderer gave no reason"


if __name__ == "__main__":
    main()
