"""What a file is called."""

from __future__ import annotations

import pytest

from graphflow import File
from graphflow_nodes.io.name import name


@pytest.mark.parametrize(
    ("called", "stem", "ending"),
    [("a b.JPG", "a b", ".jpg"), ("a.tar.gz", "a.tar", ".gz"), ("README", "README", ""), (".profile", ".profile", "")],
)
def test_a_name_is_taken_apart_at_its_last_dot(called: str, stem: str, ending: str) -> None:
    assert name(File.of_bytes(called, b"12345")) == (called, stem, ending, 5)
