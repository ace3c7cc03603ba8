"""JSON in and out: any value, and tables as rows."""

from __future__ import annotations

import json
from typing import Annotated, Any, NoReturn, cast

from graphflow import File, Json, Range, Table, node
from graphflow_nodes.io.csv import with_ending
from graphflow_nodes.io.file import text_of


@node(title="Load JSON")
def load_json(*, file: File) -> Json:
    """Read a JSON file; one that ends in .jsonl or .ndjson gives a list with a value for each line.

    file: A file in UTF-8 of at most 16 MiB; NaN, numbers beyond 64 bits and keys given twice are refused.
    """
    return _read(file)


@node(title="Load JSON table")
def load_json_table(*, file: File) -> Table:
    """Read a JSON file as a table, its columns in the order of the file.

    file: A list of objects (rows; a missing cell is null) or an object of lists (columns); or JSON lines.
    """
    value = cast(Any, _read(file))
    if isinstance(value, list) and all(isinstance(row, dict) for row in value):
        return Table.of_rows(value)
    if isinstance(value, dict) and all(isinstance(cells, list) for cells in value.values()):
        return Table({name: tuple(cells) for name, cells in value.items()})
    raise ValueError(f"{file.name} is no table: a table is a list of objects or an object of lists.")


@node(saves=True, title="Save JSON")
def save_json(value: Json, *, name: str = "data", indent: Annotated[int, Range(0, 8)] = 2) -> File:
    """Save a value as a JSON file, the keys of objects in alphabetical order.

    name: The file's name; without an ending it gets .json.
    indent: Spaces for each level; 0 writes all on one line.
    """
    return _written(value, name, indent, sort=True)


@node(saves=True, title="Save JSON table")
def save_json_table(table: Table, *, name: str = "table", indent: Annotated[int, Range(0, 8)] = 2) -> File:
    """Save a table as a JSON file: a list with an object for each row, columns in their order.

    name: The file's name; without an ending it gets .json.
    indent: Spaces for each level; 0 writes all on one line.
    """
    return _written(list(table.rows), name, indent, sort=False)


def _written(value: Any, name: str, indent: int, *, sort: bool) -> File:
    spaces, marks = (indent, (",", ": ")) if indent else (None, (",", ":"))
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=spaces, separators=marks, sort_keys=sort)
    except ValueError:
        raise ValueError("JSON has no NaN and no infinity; the value holds one and cannot be saved as JSON.") from None
    except TypeError as error:
        raise ValueError(f"The value cannot be saved as JSON: {error}.") from None
    return File.of_bytes(with_ending(name, ".json"), (text + "\n").encode(), "application/json")


def _read(file: File) -> Json:
    text = text_of(file)
    if not file.name.lower().endswith((".jsonl", ".ndjson")):
        return _parse(text, file.name, 1)
    rows = [(number, row) for number, row in enumerate(text.split("\n"), 1) if row.strip()]
    return [_parse(row, file.name, number) for number, row in rows]


def _parse(text: str, name: str, line: int) -> Json:
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse, parse_float=_float)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate is no character and cannot be stored
        return cast(Json, value)
    except json.JSONDecodeError as error:
        at = line + error.lineno - 1
        raise ValueError(f"{name} is no JSON: {error.msg} at line {at}, column {error.colno}.") from None
    except RecursionError:
        raise ValueError(f"{name} is nested too deeply, from line {line} on.") from None
    except UnicodeEncodeError:
        raise ValueError(f"{name} holds half of a surrogate pair, from line {line} on; write the whole pair.") from None
    except ValueError as error:
        raise ValueError(f"{name} is no plain JSON, from line {line} on: {error}.") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:80]!r} is given twice in one object")
    return made


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"the number {text[:40]} is too large for 64 bits")
    return number


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
