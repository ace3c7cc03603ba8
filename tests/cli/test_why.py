"""`graphflow why`: each reason, from what people do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from PIL import Image as Pictures

CHAIN = {
    "a": {"type": "odd/add", "params": {"x": 1}},
    "b": {"type": "odd/add", "inputs": {"x": "a.value"}},
    "c": {"type": "odd/add", "inputs": {"x": "b.value"}},
}


def told(cli: Any, *arguments: str) -> tuple[str, list[str]]:
    done = cli("why", *arguments, "--json")
    assert done.code == 0
    (step,) = done.json["steps"]
    return step["state"], [reason["code"] for reason in step["reasons"]]


def test_a_step_that_never_ran_is_new(cli: Any, write: Any, odd: str) -> None:
    assert told(cli, write(CHAIN), "a") == ("to do", ["NEW"])


def test_a_cached_step_says_since_when_and_what_it_cost(cli: Any, write: Any, odd: str) -> None:
    name = write(CHAIN)
    cli("run", name)
    assert told(cli, name, "c") == ("cached", ["NEW"])
    said = cli("why", name, "c").out
    assert said.startswith("c is cached since 20")
    assert "it took" in said


def test_a_changed_param_is_named_before_and_after_the_run(cli: Any, write: Any, odd: str) -> None:
    cli("run", write(CHAIN))
    name = write({**CHAIN, "a": {"type": "odd/add", "params": {"x": 50}}})
    assert told(cli, name, "a") == ("to do", ["PARAM(x)"])
    assert told(cli, name, "b") == ("perhaps", ["INPUT(x)"])
    cli("run", name)
    assert told(cli, name, "a") == ("cached", ["PARAM(x)"])
    assert told(cli, name, "b") == ("cached", ["INPUT(x)"])


def test_a_param_may_be_tried_on_the_command_line(cli: Any, write: Any, odd: str) -> None:
    name = write(CHAIN)
    cli("run", name)
    assert told(cli, name, "b", "--set", "b.y=5") == ("to do", ["PARAM(y)"])


def test_a_step_behind_another_names_what_runs_first(cli: Any, write: Any, odd: str) -> None:
    name = write(CHAIN)
    cli("run", name)
    (step,) = cli("why", name, "c", "--set", "a.x=7", "--json").json["steps"]
    assert (step["state"], step["after"]) == ("perhaps", ["a"])


def test_edited_code_is_told(cli: Any, write: Any, odd: str, home: Path) -> None:
    name = write(CHAIN)
    cli("run", name)
    pack = home / "packs" / "odd.py"
    pack.write_text(pack.read_text().replace("return x + y", "return x + y + 10"))
    assert told(cli, name, "a") == ("to do", ["CODE"])


def test_an_impure_step_is_told(cli: Any, write: Any, odd: str) -> None:
    assert told(cli, write({"bad": {"type": "odd/crash"}}), "bad") == ("to do", ["IMPURE"])


def test_a_file_with_other_content_is_told(cli: Any, write: Any) -> None:
    Pictures.new("RGB", (4, 4), "red").save("p.png")
    name = write({"load": {"type": "image.load", "params": {"file": "p.png"}}})
    cli("run", name)
    Pictures.new("RGB", (4, 4), "blue").save("p.png")
    assert told(cli, name, "load") == ("to do", ["PARAM(file)"])


def test_a_value_that_was_trimmed_is_rebuilt_and_told(cli: Any, write: Any, home: Path) -> None:
    name = write(
        {
            "noise": {"type": "image.noise", "params": {"width": 256, "height": 256}},
            "soft": {"type": "image.blur", "inputs": {"image": "noise.image"}, "params": {"radius": 1}},
        }
    )
    cli("run", name, "--target", "noise")
    cli("run", name)
    for entry in (home / "shelf").glob("*/*"):
        os.unlink(entry)
    (step,) = cli("why", name, "noise", "--json").json["steps"]
    assert (step["state"], step["kept"]) == ("cached", False)
    cli("run", name, "--set", "soft.radius=2")
    assert told(cli, name, "noise") == ("cached", ["EVICTED"])


def test_why_itself_changes_nothing(cli: Any, write: Any, odd: str) -> None:
    name = write(CHAIN)
    cli("run", name)
    first = cli("why", name, "a").out
    cli("why", name, "a", "--set", "a.x=9")
    assert cli("why", name, "a").out == first


def test_a_list_that_is_mapped_is_explained_element_by_element(cli: Any, write: Any, odd: str) -> None:
    name = write(
        {
            "list": {"type": "number.range", "params": {"count": 3}},
            "each": {"type": "odd/twice", "inputs": {"x": "list.value"}},
        }
    )
    cli("run", name)
    steps = cli("why", name, "each", "--json").json["steps"]
    assert [(step["path"], step["state"]) for step in steps] == [(f"each[{at}]", "cached") for at in range(3)]
    assert "each stands for 3 steps: 3 cached" in cli("why", name, "each").out
    assert told(cli, name, "each[1]") == ("cached", ["NEW"])


def test_a_step_that_does_not_exist_is_65_with_what_there_is(cli: Any, write: Any, odd: str) -> None:
    done = cli("why", write(CHAIN), "d")
    assert done.code == 65
    assert "to do:" in done.err
