"""Values that a terminal can show: texts, numbers and small JSON among the outputs of a run."""

from __future__ import annotations

import itertools
import json
from typing import Any

from graphflow.cache.key import bytes_of
from graphflow.engine.session import Session
from graphflow.values.types import PLAIN, parse

_ROOM = 64 * 1024  # bytes of JSON: what is larger is only named
_SHOWN = 1000  # outputs: of a document with more, the others are only named


def plain_values(session: Session, outputs: dict[str, dict[str, Any]]) -> None:
    """Put `value` beside the digest of each output that is plain."""
    for output in itertools.islice(outputs.values(), _SHOWN):
        kind = parse(output["kind"]).without_none
        element = kind.element if kind.is_list else kind
        if not all(option.name in PLAIN and option.name != "any" for option in element.options):
            continue
        found = _value(session, bytes_of(output["digest"]), kind.is_list)
        if found is not None and _fits(found[0]):
            output["value"] = found[0]


def _fits(value: Any) -> bool:
    """Whether JSON can hold it, which has no NaN, no infinity and no integer beyond Python's limit of digits."""
    try:
        return len(json.dumps(value, default=str, allow_nan=False)) <= _ROOM
    except ValueError:
        return False


def _value(session: Session, name: bytes, is_list: bool) -> tuple[Any] | None:
    if not is_list:
        return session.fetch.value(name)
    elements = session.fetch.elements(name)
    if elements is None:
        return None
    values = [session.fetch.value(one) for one in elements]
    return None if None in values else ([one[0] for one in values if one is not None],)
