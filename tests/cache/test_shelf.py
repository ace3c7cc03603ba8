"""Entries on disk and on a shared shelf: whole, or not at all."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest

from graphflow.cache.key import keyed_digest
from graphflow.cache.shelf import CorruptEntry, DiskShelf, RemoteShelf, write_whole

NAMES = [bytes([7]) * 32, keyed_digest(b"k" * 32, "image")]


@pytest.fixture(params=["disk", "remote", "memory store"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "disk":
        return DiskShelf(tmp_path / "shelf")
    if request.param == "remote":
        return RemoteShelf(str(tmp_path / "shared"))
    return RemoteShelf(f"memory://graphflow-test-{tmp_path.name}")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("body", [b"", b"x", b"y" * 100_000])
def test_what_is_put_is_read_back(name: bytes, body: bytes, shelf: Any) -> None:
    assert shelf.get(name) is None
    assert not shelf.has(name)
    shelf.put(name, body)
    assert shelf.has(name)
    assert shelf.get(name) == body
    shelf.put(name, body)
    assert shelf.get(name) == body


def test_every_flipped_bit_of_an_entry_is_found(tmp_path: Path) -> None:
    shelf = DiskShelf(tmp_path / "shelf")
    dice = random.Random(6)
    name = NAMES[0]
    shelf.put(name, b"some body" * 50)
    whole = shelf.path(name).read_bytes()
    for _ in range(500):
        torn = bytearray(whole)
        torn[dice.randrange(len(torn))] ^= 1 << dice.randrange(8)
        shelf.path(name).write_bytes(bytes(torn))
        with pytest.raises(CorruptEntry):
            shelf.get(name)
        assert not shelf.has(name)  # dropped


def test_a_damaged_entry_of_a_shared_shelf_is_dropped(tmp_path: Path) -> None:
    shelf = RemoteShelf(str(tmp_path))
    shelf.put(NAMES[0], b"body")
    path = next(path for path in tmp_path.rglob("*") if path.is_file())
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CorruptEntry):
        shelf.get(NAMES[0])
    assert not shelf.has(NAMES[0])
    shelf.put(NAMES[0], b"body")
    assert shelf.get(NAMES[0]) == b"body"


def test_traces_stand_on_a_shared_shelf_as_json(tmp_path: Path) -> None:
    shelf = RemoteShelf(str(tmp_path))
    assert shelf.get_trace(b"k" * 32) is None
    shelf.put_trace(b"k" * 32, b"{}")
    assert shelf.get_trace(b"k" * 32) == b"{}"
    assert [path.suffix for path in tmp_path.rglob("*") if path.is_file()] == [".json"]


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "entry"
    path.write_bytes(b"before")

    def broken(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"after")
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("entry", b"before")]


def test_entries_are_told_with_their_sizes_and_temporary_files_are_not(tmp_path: Path) -> None:
    shelf = DiskShelf(tmp_path / "shelf")
    for name in NAMES:
        shelf.put(name, b"12345")
    shelf.path(NAMES[0]).with_name("x.new-1").write_bytes(b"half")
    assert sorted(size for _, size, _ in shelf.entries()) == [37, 37]
    assert any(text.startswith("k:") for text, _, _ in shelf.entries())
    shelf.remove(NAMES[0])
    shelf.remove(NAMES[0])
    assert len(list(shelf.entries())) == 1
