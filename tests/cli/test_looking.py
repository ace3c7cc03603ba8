"""`nodes`, `doctor`, `completion`, `new-pack`, and values as they are typed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from graphflow.cli.failure import CommandError
from graphflow.cli.values import axes, human, pairs, seconds, size, typed


def test_nodes_lists_every_type_with_what_it_does(cli: Any) -> None:
    done = cli("nodes")
    assert done.code == 0
    assert any(line.split() == ["image.blur", "Blur", "pictures."] for line in done.out.splitlines())


def test_nodes_as_json_is_the_answer_of_list_nodes(cli: Any) -> None:
    told = cli("nodes", "--json").json
    assert set(told) == {"kinds", "nodes"}
    assert told["nodes"]["image.blur"]["inputs"] == [{"name": "image", "type": "image"}]
    assert told["kinds"]["image"]["tensors"] is True


def test_one_type_is_described_with_its_ranges_and_defaults(cli: Any) -> None:
    said = cli("nodes", "image.blur").out
    assert "radius  number, 0 to 512 = 2.0" in said
    assert said.count("In pixels.") == 1


def test_an_unknown_type_is_answered_with_the_nearest(cli: Any) -> None:
    done = cli("nodes", "image.blurr")
    assert done.code == 2
    assert "image.blur" in done.err


def test_a_pack_that_cannot_be_imported_is_listed_with_its_reason(cli: Any, home: Path) -> None:
    (home / "packs").mkdir()
    (home / "packs" / "broken.py").write_text("import there_is_no_such_module\n")
    assert "there_is_no_such_module" in cli("nodes").out
    told = cli("doctor", "--json").json
    assert "there_is_no_such_module" in told["problems"]["broken"]
    assert any("broken" in line for line in told["mend"])


def test_the_doctor_finds_nothing_to_mend(cli: Any, home: Path) -> None:
    done = cli("doctor", "--json")
    assert done.code == 0
    assert done.json["home"]["path"] == str(home)
    assert done.json["libraries"]["torch"].startswith("2.13")
    assert done.json["packs"]["image"]["nodes"] > 10


def test_the_doctor_says_that_the_data_folder_cannot_be_written(
    cli: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("file").write_text("no folder")
    monkeypatch.setenv("GRAPHFLOW_HOME", str(Path("file/home").absolute()))
    done = cli("doctor")
    assert done.code == 74
    assert "CANNOT be written" in done.out


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_knows_commands_and_options(cli: Any, shell: str) -> None:
    script = cli("completion", shell).out
    assert "new-pack" in script
    assert "--sweep" in script


def test_the_completion_of_bash_is_a_script_that_bash_reads(cli: Any) -> None:
    script = cli("completion", "bash").out
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0


def test_a_folder_pack_works_at_once(cli: Any) -> None:
    assert cli("new-pack", "my-own", "--folder").code == 0
    place = cli("doctor", "--json").json["home"]["path"]
    assert cli("nodes", "my_own/").code == 0
    done = cli("run", f"{place}/packs/my_own/workflows/vignette.json", "--out", "made")
    assert done.code == 0
    assert Path("made/vignette.png").exists()


def test_a_new_pack_passes_its_own_tests(cli: Any) -> None:
    assert cli("new-pack", "my-own").code == 0
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", ".", "tests/test_vignette.py"],
        cwd="my-own", env={"PYTHONPATH": ".", "PATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout
    assert " passed" in ran.stdout


@pytest.mark.parametrize("name", ["My Pack", "json-", "1st", "../x"])
def test_a_name_that_will_not_do_is_refused(cli: Any, name: str) -> None:
    assert cli("new-pack", name).code == 2
    assert list(Path().iterdir()) == []


def test_an_existing_folder_is_left_alone(cli: Any) -> None:
    Path("mine").mkdir()
    assert cli("new-pack", "mine").code == 2
    assert list(Path("mine").iterdir()) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("6", 6), ("2.5", 2.5), ("true", True), ("null", None), ('"6"', "6"), ("[1, 2]", [1, 2]), ("six", "six"),
        ("NaN", "NaN"), ("1e999", "1e999"), ("", ""), ("@@home", "@home"), ("{bad", "{bad"), ("a=b", "a=b"),
    ],
)  # fmt: skip
def test_typed_values(text: str, value: object) -> None:
    assert typed(text) == value


def test_the_first_equals_sign_parts_name_and_value() -> None:
    assert pairs("--set", ["a.b=c=d"]) == {"a.b": "c=d"}


def test_axes_are_split_at_commas() -> None:
    assert axes(["a.b=1,two,3.5"]) == {"a.b": [1, "two", 3.5]}


def test_a_value_file_that_is_missing_is_66() -> None:
    with pytest.raises(CommandError) as caught:
        typed("@nowhere.json")
    assert caught.value.exit_code == 66


def test_sizes_are_read_and_written_for_people() -> None:
    assert [size("--to", text) for text in ("500", "1kB", "2.5 MB", "8G", "1GiB")] == [
        500,
        1000,
        2500000,
        8 * 10**9,
        2**30,
    ]
    assert [human(count) for count in (0, 999, 1000, 2.5e6, 20e9, 3e12)] == [
        "0 B", "999 B", "1.0 kB", "2.5 MB", "20.0 GB", "3.0 TB",
    ]  # fmt: skip
    assert [seconds(count) for count in (0, 0.02, 1.5, 42, 200, 7300)] == [
        "0 s", "0.020 s", "1.50 s", "42 s", "3 min 20 s", "2 h 1 min",
    ]  # fmt: skip
