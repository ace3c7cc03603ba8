"""The process of isolated steps: `python -m graphflow.engine.isolated GB`. Speaks frames on what was its stdout."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import resource
import sys
import threading
import time
import traceback
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from graphflow.engine.isolate import receive, send
from graphflow.nodetype.context import Context, Skip
from graphflow.nodetype.declare import Node
from graphflow.nodetype.ports import Inputs, Lazy
from graphflow.values.codec import decode, encode
from graphflow.values.kinds import Secret


class PipeContext(Context):
    """Progress, sentences and secrets through the parent. Cancelling is the parent's: it ends this process."""

    def __init__(self, reader: IO[bytes], writer: IO[bytes]) -> None:
        self._reader, self._writer = reader, writer

    def progress(self, done: float, total: float, preview: object = None) -> None:
        send(self._writer, "progress", done, total)

    def say(self, message: str) -> None:
        send(self._writer, "say", message)

    def secret(self, secret: Secret) -> str:
        send(self._writer, "secret", secret.name)
        frame = receive(self._reader)
        if frame is None or frame[1] is None:
            raise LookupError(frame[2] if frame else "the engine has gone")
        return str(frame[1])


def _watch(parent: int) -> None:
    """End with the engine, also in the middle of a step."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


def main() -> None:
    """Limit the memory, take over stdout, answer calls until the parent goes."""
    reader = sys.stdin.buffer
    writer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a node prints goes to stderr, not between the frames
    sys.path[:] = json.loads(os.environ.get("GRAPHFLOW_ISOLATED_PATH", "[]")) or sys.path
    limit = int(float(sys.argv[1]) * (1 << 30))
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()
    context = PipeContext(reader, writer)
    while (frame := receive(reader)) is not None:
        _, module, origin, function, body, lazy, more = frame
        try:
            send(writer, "result", encode(_run(context, module, origin, function, decode(body), lazy, more)))
        except Skip as skip:
            send(writer, "skip", str(skip))
        except BaseException as error:
            send(writer, "error", type(error).__name__, str(error), traceback.format_exc())


def _run(
    context: Context,
    module: str,
    origin: str,
    function: str,
    arguments: dict[str, Any],
    lazy: list[str],
    more: list[str],
) -> Any:
    node = getattr(_load(module, origin), function)
    assert isinstance(node, Node)
    for name in lazy:
        arguments[name] = Lazy(*arguments[name])
    for name in more:
        arguments[name] = Inputs(arguments[name])
    if node.signature.context:
        arguments[node.signature.context] = context
    result = node.function(**arguments)
    return dict(result) if node.signature.dynamic_outputs else result


def _load(module: str, origin: str) -> ModuleType:
    root = module.split(".")[0]
    if root not in sys.modules and origin and importlib.util.find_spec(root) is None:
        place = Path(origin)
        inside = [str(place.parent)] if place.name == "__init__.py" else None
        spec = importlib.util.spec_from_file_location(root, place, submodule_search_locations=inside)
        assert spec is not None
        assert spec.loader is not None
        made = importlib.util.module_from_spec(spec)
        sys.modules[root] = made
        spec.loader.exec_module(made)
    return importlib.import_module(module)


if __name__ == "__main__":
    main()
