"""What is wrong with a document: one record a problem, and the error that carries them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a document.

    code: Dotted lower case, such as `link.kind`. message: A sentence. pointer: A JSON pointer into the document. node:
    The path of the node (`soft`, or `#name/inner` in a subgraph). field: The input, param or key. hint: What to do.
    """

    code: str
    message: str
    pointer: str = ""
    node: str = ""
    field: str = ""
    hint: str = ""

    def as_json(self) -> dict[str, str]:
        """The record as it stands in the `errors` of the error envelope."""
        # Written out: a document may have a hundred thousand problems, and dataclasses.asdict takes 50 µs for each.
        return {
            "code": self.code, "pointer": self.pointer, "node": self.node, "field": self.field,
            "message": self.message, "hint": self.hint,
        }  # fmt: skip


class DocumentError(ValueError):
    """A document cannot be read or written. `problems` holds at least one record."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__(self.problems[0].message + more)


def pointer(*tokens: str | int) -> str:
    """The JSON pointer (RFC 6901) of a path of keys and indexes."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)
