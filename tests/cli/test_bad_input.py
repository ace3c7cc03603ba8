"""Whatever is given to `run` and `validate` is answered with 65, the envelope and a hint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

BROKEN = {
    "empty": b"",
    "binary": bytes(range(256)) * 8,
    "truncated": b'{"graphflow": 1, "nodes": {"a": {"type": "text.li',
    "brackets": b"[" * 100_000,
    "a list": b"[]",
    "a later version": b'{"graphflow": 99, "nodes": {}}',
    "no number": b'{"graphflow": 1, "nodes": {"a": {"type": "image.blur", "params": {"radius": NaN}}}}',
    "too large a number": b'{"graphflow": 1, "nodes": {"a": {"type": "image.blur", "params": {"radius": 1e999}}}}',
    "a key twice": b'{"graphflow": 1, "nodes": {}, "nodes": {}}',
    "a link to nowhere": b'{"graphflow": 1, "nodes": {"a": {"type": "image.blur", "inputs": {"image": "b.image"}}}}',
    "an unknown type": b'{"graphflow": 1, "nodes": {"a": {"type": "image.blurr"}}}',
}


@pytest.mark.parametrize("command", ["run", "validate"])
@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_workflow_is_65_with_the_envelope_and_a_hint(cli: Any, home: Path, command: str, what: str) -> None:
    Path("flow.json").write_bytes(BROKEN[what])
    done = cli(command, "flow.json", "--json")
    assert done.code == 65
    assert set(done.json["error"]) == {"code", "message", "request_id"}
    assert set(done.json["errors"][0]) == {"code", "pointer", "node", "field", "message", "hint"}
    assert any(error["hint"] for error in done.json["errors"])


def test_a_million_nodes_are_refused(cli: Any, home: Path) -> None:
    nodes = ",".join(f'"n{at}":{{"type":"t"}}' for at in range(1_000_000))
    Path("flow.json").write_text(f'{{"graphflow":1,"nodes":{{{nodes}}}}}')
    assert cli("validate", "flow.json").code == 65


def test_a_workflow_that_is_not_there_is_66_and_names_what_is_near(cli: Any, write: Any) -> None:
    write({}, "portrait.json")
    for command in ("run", "validate"):
        done = cli(command, "potrait.json")
        assert done.code == 66
        assert "portrait.json" in done.err


def test_a_sound_workflow_is_0(cli: Any, write: Any) -> None:
    name = write({"a": {"type": "text.literal"}})
    assert cli("validate", name).out == "The workflow is sound: 1 node.\n"
    assert cli("validate", name, "--json").json == {"ok": True, "nodes": 1, "grants": {}, "errors": []}


def test_errors_fit_one_screen(cli: Any, write: Any) -> None:
    done = cli("validate", write({f"n{at}": {"type": "no.such"} for at in range(50)}))
    assert done.err.count("error:") == 20
    assert done.err.endswith("... and 30 more.\n")


def test_all_problems_are_in_the_envelope(cli: Any, write: Any) -> None:
    done = cli("validate", write({f"n{at}": {"type": "no.such"} for at in range(50)}), "--json")
    assert len(done.json["errors"]) == 50


def test_an_error_says_what_where_and_what_to_do(cli: Any, write: Any) -> None:
    done = cli("run", write({"a": {"type": "number.number", "params": {"value": "many"}}}))
    assert done.code == 65
    assert "a.value" in done.err
    assert "where: /nodes/a/params/value" in done.err
    assert "to do: " in done.err


@pytest.mark.parametrize("command", [["run", "flow.json"], ["cache", "stats"], ["why", "flow.json", "a"]])
def test_a_data_folder_that_cannot_be_used_is_74(
    cli: Any, write: Any, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    write({"a": {"type": "text.literal"}})
    Path("file").write_text("no folder")
    monkeypatch.setenv("GRAPHFLOW_HOME", str(Path("file/home").absolute()))
    done = cli(*command, "--json")
    assert done.code == 74
    assert "GRAPHFLOW_HOME" in done.json["errors"][0]["hint"]


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["run"], ["run", "x.json", "--nonsense"]])
def test_wrong_usage_is_2(cli: Any, arguments: list[str]) -> None:
    assert cli(*arguments).code == 2
    told = cli(*arguments, "--json")
    assert (told.code, json.loads(told.out)["error"]["code"]) == (2, "usage")


def test_help_and_version_are_0(cli: Any) -> None:
    assert "exit codes" in cli("--help").out
    assert cli("--version").out.startswith("graphflow ")
    assert cli("run", "--help").code == 0
