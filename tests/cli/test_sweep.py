"""`run --sweep`: a grid of runs, a table, a contact sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image as Pictures

from graphflow.cli.sweep import file_name, grid

PICTURE = {
    "sky": {"type": "image.gradient", "params": {"width": 20, "height": 10}},
    "soft": {"type": "image.blur", "inputs": {"image": "sky.image"}},
    "save": {"type": "image.save", "inputs": {"image": "soft.image"}, "params": {"name": "sky"}},
}


def test_several_axes_make_a_grid_in_order() -> None:
    points = grid({"soft.radius": [1, 2], "sky.angle": [0, 90]})
    assert [label for label, _ in points] == [
        "radius=1,angle=0", "radius=1,angle=90", "radius=2,angle=0", "radius=2,angle=90",
    ]  # fmt: skip
    assert points[1][1] == {"soft.radius": 1, "sky.angle": 90}


def test_params_of_one_name_are_told_apart_by_their_node() -> None:
    assert [label for label, _ in grid({"a.x": [1], "b.x": [2]})] == ["a.x=1,b.x=2"]


def test_a_label_never_leads_out_of_its_folder() -> None:
    assert file_name("name=../../x") == "name=..-..-x"


def test_each_point_saves_into_its_own_folder_and_a_sheet_shows_all(cli: Any, write: Any) -> None:
    done = cli("run", write(PICTURE), "--sweep", "soft.radius=0,1,2", "--sweep", "sky.angle=0,90", "--out", "made")
    assert done.code == 0
    folders = sorted(path.name for path in Path("made").iterdir() if path.is_dir())
    assert folders == [f"radius={radius},angle={angle}" for radius in (0, 1, 2) for angle in (0, 90)]
    with Pictures.open("made/sweep.png") as sheet:
        # Two columns of 20 pixels with three gaps of 8; three rows, each with a label below its picture.
        assert sheet.width == 2 * 20 + 3 * 8
        assert sheet.height > 3 * 10 + 4 * 8
    assert "made/sweep.png" in done.out.splitlines()


def test_a_sweep_computes_what_its_points_share_once(cli: Any, write: Any) -> None:
    told = cli("run", write(PICTURE), "--sweep", "soft.radius=0,1,2", "--target", "soft", "--json").json
    assert (told["status"], [row["executed"] for row in told["sweep"]]) == ("done", [2, 1, 1])
    assert [row["values"] for row in told["sweep"]] == [{"soft.radius": 0}, {"soft.radius": 1}, {"soft.radius": 2}]


def test_the_table_shows_what_was_swept_and_what_came_of_it(cli: Any, write: Any) -> None:
    name = write({"say": {"type": "text.literal"}})
    lines = [line.split() for line in cli("run", name, "--sweep", "say.text=one,two").out.splitlines()]
    assert lines[0] == ["say.text", "status", "seconds", "say.value"]
    assert [(line[0], line[1], line[-1]) for line in lines[1:3]] == [("one", "done", "one"), ("two", "done", "two")]


def test_a_value_with_a_comma_is_written_as_json(cli: Any, write: Any) -> None:
    name = write({"say": {"type": "text.literal"}})
    told = cli("run", name, "--sweep", 'say.text=["a, b", "c"]', "--json").json
    assert [row["outputs"]["say.value"]["value"] for row in told["sweep"]] == ["a, b", "c"]


def test_a_point_that_fails_does_not_stop_the_others(cli: Any, write: Any, odd: str) -> None:
    name = write({"e": {"type": "odd/boom"}})
    done = cli("run", name, "--sweep", "e.x=1,2", "--json")
    assert (done.code, len(done.json["sweep"]), len(done.json["errors"])) == (1, 2, 2)


def test_an_unknown_param_is_65_before_anything_runs(cli: Any, write: Any) -> None:
    assert cli("run", write(PICTURE), "--sweep", "soft.radios=1,2").code == 65


def test_one_wrong_value_is_told_before_the_first_point_is_computed(cli: Any, write: Any) -> None:
    done = cli("run", write(PICTURE), "--sweep", "soft.radius=1,many", "--out", "made", "--json")
    assert done.code == 65
    assert not Path("made").exists()
    assert cli("cache", "--json").json["ledger"]["steps"] == 0


def test_an_input_of_the_workflow_is_swept_by_its_name(cli: Any, write: Any) -> None:
    name = write({"say": {"type": "text.literal"}}, interface={"inputs": {"word": {"to": ["say.text"]}}})
    told = cli("run", name, "--sweep", "word=one,two", "--json").json
    assert [row["values"] for row in told["sweep"]] == [{"word": "one"}, {"word": "two"}]
    assert [row["outputs"]["say.value"]["value"] for row in told["sweep"]] == ["one", "two"]
    assert cli("run", name, "--sweep", "word=one,two", "--input", "word=three").code == 2


def test_an_input_that_is_given_with_set_is_sent_to_input(cli: Any, write: Any) -> None:
    name = write({"say": {"type": "text.literal"}}, interface={"inputs": {"word": {"to": ["say.text"]}}})
    done = cli("run", name, "--set", "word=one", "--json")
    assert done.code == 2
    assert done.json["error"]["message"] == "word is an input of the workflow; give it with --input word=one."
