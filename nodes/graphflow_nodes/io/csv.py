"""Tables in and out as CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any, Literal

from graphflow import QUIET, Context, File, Table, node
from graphflow_nodes.io.file import text_of

_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
_WHOLE = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})\Z", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_SNIFFED_ROWS = 50


@node(title="Load CSV")
def load_csv(
    *,
    file: File,
    delimiter: Literal["auto", "comma", "semicolon", "tab", "bar"] = "auto",
    header: bool = True,
    numbers: bool = True,
    encoding: str = "utf-8",
    ctx: Context = QUIET,
) -> Table:
    """Read a CSV file as a table.

    file: The file; a byte order mark and blank lines are left out.
    delimiter: What stands between two cells; auto finds it from the first lines.
    header: The first line names the columns; else they are called column 1, column 2 and so on.
    numbers: Read columns that hold only numbers as numbers, their empty cells as nothing; 007 stays a text.
    encoding: How its bytes stand for characters, such as utf-8 or cp1252.
    """
    text = text_of(file, encoding)
    mark = _sniff(text) if delimiter == "auto" else _DELIMITERS[delimiter]
    rows = _rows(text, mark, file.name)
    if not rows:
        return Table({})
    names = [cell.strip() for cell in rows[0][1]] if header else [""] * len(rows[0][1])
    called = _distinct(names)
    if header and called != names:
        ctx.say(f"{file.name} has columns without a name or with the same one; they are called {', '.join(called)}.")
    body = rows[1:] if header else rows
    for line, cells in body:
        if len(cells) != len(called):
            raise ValueError(
                f"Line {line} of {file.name} has {len(cells)} cells where the first has {len(called)}; "
                "mend the line, or choose another delimiter."
            )
    columns = zip(*(cells for _, cells in body)) if body else ((),) * len(called)
    read = _typed if numbers else tuple
    return Table({name: read(cells) for name, cells in zip(called, columns, strict=True)})


@node(saves=True, title="Save CSV")
def save_csv(
    table: Table,
    *,
    name: str = "table",
    delimiter: Literal["comma", "semicolon", "tab", "bar"] = "comma",
    header: bool = True,
    bom: bool = False,
) -> File:
    """Save a table as a CSV file in UTF-8.

    name: The file's name; without an ending it gets .csv.
    delimiter: What stands between two cells.
    header: Write the names of the columns on the first line.
    bom: Begin with a byte order mark, which older versions of Excel need to read UTF-8.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=_DELIMITERS[delimiter], lineterminator="\n")
    if header:
        writer.writerow(table.columns)
    for number, row in enumerate(zip(*table.columns.values(), strict=True), 1):
        writer.writerow([_cell(cell, column, number) for column, cell in zip(table.columns, row, strict=True)])
    return File.of_bytes(with_ending(name, ".csv"), out.getvalue().encode("utf-8-sig" if bom else "utf-8"), "text/csv")


def with_ending(name: str, ending: str) -> str:
    """A file name with an ending of its own, or else with the one given."""
    return name if "." in name.replace("\\", "/").split("/")[-1].strip(".") else name + ending


def _rows(text: str, delimiter: str, name: str) -> list[tuple[int, list[str]]]:
    """The rows that are not blank, each with the line where it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            if cells:
                rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f"{name} is no CSV from line {line} on: {error}.") from None
    return rows


def _sniff(text: str) -> str:
    """The delimiter that cuts the first lines into the most cells, the same number in each; a comma if none does."""
    best, most = ",", 1
    for mark in _DELIMITERS.values():
        reader = csv.reader(io.StringIO(text[: 1 << 16], newline=""), delimiter=mark)
        widths: list[int] = []
        try:
            for cells in reader:
                if cells:
                    widths.append(len(cells))
                if len(widths) == _SNIFFED_ROWS:
                    break
        except csv.Error:
            continue  # a line that this delimiter cannot cut speaks against it
        if len(widths) > 1 and len(text) > 1 << 16 and len(widths) < _SNIFFED_ROWS:
            widths.pop()  # the sample may end within its last row
        if widths and min(widths) == max(widths) > most:
            best, most = mark, widths[0]
    return best


def _distinct(names: list[str]) -> list[str]:
    """The names, each once and none empty."""
    taken = {name for name in names if name}
    made: dict[str, None] = {}
    for index, name in enumerate(names, 1):
        base = name or f"column {index}"
        called, count = base, 2
        while called in made or (called != name and called in taken):
            called, count = f"{base} {count}", count + 1
        made[called] = None
    return list(made)


def _typed(cells: tuple[str, ...]) -> tuple[Any, ...]:
    filled = [cell.strip() for cell in cells if cell.strip()]
    if filled and all(_WHOLE.match(cell) for cell in filled):
        return tuple(int(cell) if cell.strip() else None for cell in cells)
    if filled and all(_NUMBER.match(cell) and abs(float(cell)) != float("inf") for cell in filled):
        return tuple(float(cell) if cell.strip() else None for cell in cells)
    return tuple(cells)


def _cell(cell: Any, column: str, row: int) -> Any:
    if cell is None or (isinstance(cell, str | int | float) and not isinstance(cell, bool)):
        return cell
    try:
        return json.dumps(cell, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    except TypeError:
        raise ValueError(
            f"Row {row} of the column {column!r} holds a {type(cell).__name__}, which CSV cannot hold; drop the column."
        ) from None
