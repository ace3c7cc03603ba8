"""The words of problems: types with their article, lists of names, and the nearest of the names that exist."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence
from itertools import islice

from graphflow.values.types import NONE, Type

_SHOWN = 12  # names in one sentence
_LOOKED_AT = 5_000  # names compared with a wrong one
_ASKED = 30  # wrong names for which the nearest are sought, so that a hostile document costs no minutes


def a_type(kind: Type) -> str:
    """A type as a sentence names it: "an image", "a number or nothing"."""
    return " or ".join("nothing" if o == NONE else article(str(o)) for o in kind.options)


def article(noun: str) -> str:
    """The noun with "a" or "an"."""
    return f"an {noun}" if noun[:1] in "aeiou" else f"a {noun}"


def listed(names: Collection[str], empty: str = "none") -> str:
    """Names with commas; a long list is cut."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(islice(names, _SHOWN)) + more if names else empty


def chain(names: Sequence[str]) -> str:
    """Names with arrows between them; the middle of a very long chain is left out."""
    if len(names) > 60:
        names = [*names[:40], f"... ({len(names) - 60} more) ...", *names[-20:]]
    return " → ".join(names)


class Nearest:
    """Finds the names that look like a wrong one; after some thirty it only lists what there is."""

    def __init__(self) -> None:
        self.left = _ASKED

    def names(self, wrong: str, known: Iterable[str], count: int = 3) -> list[str]:
        """At most `count` names that look like the wrong one, the best first."""
        if self.left <= 0:
            return []
        self.left -= 1
        wrong = wrong[:200]
        near: list[str] = []
        for name in known:
            if abs(len(name) - len(wrong)) <= max(3, len(wrong) // 2):
                near.append(name)
                if len(near) >= _LOOKED_AT:
                    break
        return difflib.get_close_matches(wrong, near, count, 0.6)

    def hint(self, wrong: str, known: Collection[str], what: str) -> str:
        """ "Did you mean ...?", or the list of what there is."""
        if near := self.names(wrong, known):
            return f"Did you mean {' or '.join(near)}?"
        return f"The {what} are: {listed(known)}." if known else f"There are no {what}."
