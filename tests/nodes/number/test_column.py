"""A column of a table as numbers."""

from __future__ import annotations

import pytest

from graphflow import Table
from graphflow_nodes.number.column import column

TABLE = Table({"place": ("a", "b", "c"), "height": (1, 2.5, None), "sure": (True, False, True)})


def test_a_named_column_is_given_as_numbers_without_its_empty_cells() -> None:
    assert column(TABLE, name="height") == [1.0, 2.5]


def test_without_a_name_the_first_column_of_numbers_is_taken() -> None:
    assert column(TABLE) == [1.0, 2.5]


def test_a_name_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(ValueError, match="no column 'depth'; it has place, height, sure"):
        column(TABLE, name="depth")


@pytest.mark.parametrize(("name", "cell"), [("place", "'a'"), ("sure", "True")])
def test_a_column_of_other_things_is_refused_with_its_first_cell(name: str, cell: str) -> None:
    with pytest.raises(ValueError, match=f"holds {cell}"):
        column(TABLE, name=name)


def test_a_table_without_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="no column that holds numbers"):
        column(Table({"place": ("a",), "empty": (None,)}))
