"""`graphflow cache` and `graphflow secret`."""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest

PICTURE = {
    "sky": {"type": "image.gradient", "params": {"width": 256, "height": 256}},
    "say": {"type": "text.literal", "params": {"text": "hello"}},
}


def test_an_empty_cache_holds_nothing(cli: Any) -> None:
    told = cli("cache", "--json").json
    assert (told["ledger"]["steps"], told["shelf"]["entries"], told["types"]) == (0, 0, {})


def test_stats_tell_what_fills_the_cache_by_type_and_kind(cli: Any, write: Any) -> None:
    cli("run", write(PICTURE))
    told = cli("cache", "stats", "--json").json
    assert {name: row["steps"] for name, row in told["types"].items()} == {"image.gradient": 1, "text.literal": 1}
    assert (told["kinds"]["image"]["entries"], told["kinds"]["text"]["entries"]) == (1, 1)
    assert told["kinds"]["image"]["bytes"] == told["shelf"]["bytes"] >= 256 * 256 * 4
    assert told["shelf"]["limit"] > 0
    said = cli("cache").out
    assert "image.gradient" in said
    assert "shelf" in said


def test_trim_removes_values_but_no_traces(cli: Any, write: Any) -> None:
    name = write(PICTURE)
    cli("run", name)
    # The picture on the shelf, and the text in the ledger.
    assert cli("cache", "trim", "--to", "0", "--json").json["removed"] == 2
    assert cli("cache", "--json").json["shelf"]["bytes"] == 0
    assert cli("run", name, "--json").json["executed"] == 0  # its name is still known, and nobody asks for its bytes


def test_clear_forgets_everything(cli: Any, write: Any) -> None:
    name = write(PICTURE)
    cli("run", name)
    assert cli("cache", "clear").code == 0
    assert cli("cache", "--json").json["ledger"]["steps"] == 0
    assert cli("run", name, "--json").json["executed"] == 2


def test_a_size_that_is_none_is_wrong_usage(cli: Any) -> None:
    assert cli("cache", "trim", "--to", "much").code == 2


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_secret_is_kept_where_only_its_owner_reads(cli: Any, typed: Any, home: Path) -> None:
    typed("hush\n")
    done = cli("secret", "set", "token")
    assert done.code == 0
    assert "hush" not in done.out + done.err
    assert stat.S_IMODE((home / "secrets.json").stat().st_mode) == 0o600
    assert json.loads((home / "secrets.json").read_text()) == {"token": "hush"}
    assert cli("secret", "list", "--json").json == {"secrets": ["token"]}


def test_a_secret_is_removed(cli: Any, typed: Any) -> None:
    typed("hush")
    cli("secret", "set", "token")
    assert cli("secret", "remove", "token").code == 0
    assert cli("secret", "list", "--json").json == {"secrets": []}
    assert cli("secret", "remove", "token").code == 66


def test_a_secret_without_a_value_or_with_a_wrong_name_is_refused(cli: Any, typed: Any) -> None:
    typed("")
    assert cli("secret", "set", "token").code == 2
    typed("hush")
    assert cli("secret", "set", "../token").code == 2
