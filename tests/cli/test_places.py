"""A shelf or a folder for saved files that cannot be used is told before anything runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from graphflow.cli.failure import CommandError
from graphflow.cli.places import check_out, check_shelf

SAVES = {
    "sky": {"type": "image.gradient", "params": {"width": 8, "height": 8}},
    "save": {"type": "image.save", "inputs": {"image": "sky.image"}},
}


@pytest.mark.parametrize("command", [["run", "flow.json"], ["why", "flow.json", "sky"]])
@pytest.mark.parametrize(("shelf", "code"), [("", 2), ("nonsense://x", 2), ("plain", 74), ("plain/below", 74)])
def test_a_bad_shelf_is_told_with_a_cure(cli: Any, write: Any, command: list[str], shelf: str, code: int) -> None:
    write(SAVES)
    Path("plain").write_text("no folder")
    done = cli(*command, "--shelf", shelf, "--json")
    assert done.code == code
    assert "--shelf" in done.json["errors"][0]["hint"]


def test_a_store_whose_library_is_missing_tells_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(CommandError) as told:
        check_shelf("s3://bucket/cache")
    assert told.value.exit_code == 74
    assert "pip install 'graphflow[s3]'" in told.value.errors[0].hint
    assert "--shelf" in told.value.errors[0].hint


@pytest.mark.parametrize("out", ["plain", "plain/below", "x" * 300, "/proc/nowhere"])
def test_a_folder_that_nothing_can_be_saved_in_is_told_before_the_run(cli: Any, write: Any, out: str) -> None:
    name = write(SAVES)
    Path("plain").write_text("no folder")
    done = cli("run", name, "--out", out, "--json")
    assert (done.code, done.json["error"]["code"]) == (74, "out.unwritable")
    assert done.json["errors"][0]["hint"] == "Choose another folder with --out."
    assert cli("cache", "--json").json["ledger"]["steps"] == 0


def test_trying_the_places_makes_nothing(tmp_path: Path) -> None:
    check_out(str(tmp_path / "a" / "b"))
    check_shelf(str(tmp_path / "c"))
    check_shelf(f"file://{tmp_path}/d")
    assert list(tmp_path.iterdir()) == []
