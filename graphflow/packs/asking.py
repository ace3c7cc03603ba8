"""What a satellite is given, and what it may answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphflow.nodetype.signature import type_of_hint
from graphflow.nodetype.spec import NodeSpec
from graphflow.values.types import parse


def given(spec: NodeSpec, asked: Iterable[str], params: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the params that a satellite asks for; the default where none is given."""
    found: dict[str, Any] = {}
    for name in asked:
        known = spec.param(name)
        if name in params:
            found[name] = params[name]
        elif known is not None and not known.required:
            found[name] = known.default
        else:
            raise ValueError(f"{spec.type} needs its param {name!r} here; give it a value")
    return found


def ports_of(spec: NodeSpec, role: str, told: Any) -> dict[str, str]:
    """What `inputs` or `outputs` of a node returned as {name: type text}. Raises ValueError if these are no ports."""
    if not isinstance(told, Mapping):
        raise ValueError(f"@{spec.function}.{role} must return {{name: kind}}, not {type(told).__name__}")
    found: dict[str, str] = {}
    for name, kind in told.items():
        if not isinstance(name, str) or not name:
            raise ValueError(f"@{spec.function}.{role} names a port {name!r}; names are text")
        at = f"@{spec.function}.{role}, port {name}"
        found[name] = str(parse(kind) if isinstance(kind, str) else type_of_hint(at, kind))
    return found
