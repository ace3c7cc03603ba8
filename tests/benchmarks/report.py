"""What a benchmark gives: tables to read, figures to keep, and the targets that it was to meet."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Table:
    """Rows of text or numbers below a header. notes: Sentences below it."""

    title: str
    header: list[str]
    rows: list[list[Any]]
    notes: list[str] = field(default_factory=list)


@dataclass
class Target:
    """What was asked for, what was measured, and whether that will do."""

    asked: str
    measured: str
    met: bool


@dataclass
class Report:
    """What one benchmark found."""

    name: str
    about: str
    tables: list[Table]
    targets: list[Target]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def markdown(self) -> str:
        parts = [f"## {self.name}", self.about]
        for table in self.tables:
            parts += [f"### {table.title}" if len(self.tables) > 1 else "", _rows(table.header, table.rows)]
            parts += ["\n".join(f"- {note}" for note in table.notes)]
        parts.append(_rows(["asked for", "measured", ""], [[t.asked, t.measured, _met(t)] for t in self.targets]))
        return "\n\n".join(part for part in parts if part) + "\n"


def _met(target: Target) -> str:
    return "met" if target.met else "**missed**"


def _rows(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    lines += [f"| {' | '.join(shown(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines)


def shown(cell: Any) -> str:
    """A cell as people read it: three digits, a dash for what there is not."""
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"
    return str(cell)


def at_most(asked: str, measured: float | None, limit: float, unit: str) -> Target:
    """A target that is met by staying below a limit."""
    told = "not measured" if measured is None else f"{shown(measured)} {unit}".strip()
    return Target(asked, told, measured is not None and measured <= limit)


def at_least(asked: str, measured: float, limit: float, unit: str = "") -> Target:
    """A target that is met by reaching a limit."""
    return Target(asked, f"{shown(measured)} {unit}".strip(), measured >= limit)


def median(values: Iterable[float]) -> float:
    return float(statistics.median(values))
