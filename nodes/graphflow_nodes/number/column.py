"""Numbers out of a table."""

from __future__ import annotations

from graphflow import QUIET, Context, Table, node


@node
def column(table: Table, *, name: str = "", ctx: Context = QUIET) -> list[float]:
    """Take one column of a table as numbers; empty cells are left out.

    name: The column's name; empty takes the first column that holds numbers alone.
    """
    columns = table.columns
    if name and name not in columns:
        raise ValueError(f"The table has no column {name!r}; it has {', '.join(columns) or 'none'}.")
    chosen = name or next((called for called, cells in columns.items() if _are_numbers(cells)), "")
    if not chosen:
        raise ValueError(
            "The table has no column that holds numbers alone; name one, or read the file with numbers on."
        )
    cells = columns[chosen]
    wrong = next((cell for cell in cells if not _is_number(cell)), None)
    if wrong is not None:
        raise ValueError(f"The column {chosen!r} holds {wrong!r}, which is no number; choose another column.")
    found = [float(cell) for cell in cells if cell is not None]
    if len(found) < len(cells):
        ctx.say(f"{len(cells) - len(found)} empty cells of {chosen} are left out.")
    return found


def _is_number(cell: object) -> bool:
    return cell is None or (isinstance(cell, int | float) and not isinstance(cell, bool))


def _are_numbers(cells: tuple[object, ...]) -> bool:
    return all(map(_is_number, cells)) and any(cell is not None for cell in cells)
