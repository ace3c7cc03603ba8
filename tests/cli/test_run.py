"""`graphflow run`: results, progress, values, files, records."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pictures

PICTURE = {
    "sky": {"type": "image.gradient", "params": {"width": 32, "height": 16}},
    "soft": {"type": "image.blur", "inputs": {"image": "sky.image"}, "params": {"radius": 1}},
    "save": {"type": "image.save", "inputs": {"image": "soft.image"}, "params": {"name": "sky"}},
}
TEXT = {
    "a": {"type": "text.literal", "params": {"text": "one"}},
    "b": {"type": "text.literal", "params": {"text": "two"}},
    "all": {"type": "text.join", "inputs": {"texts": ["a.value", "b.value"]}, "params": {"separator": "-"}},
}


def test_run_ends_with_the_files_and_the_run(cli: Any, write: Any) -> None:
    done = cli("run", write(PICTURE), "--out", "made")
    assert done.code == 0
    assert "made/sky.png" in done.out.splitlines()
    assert done.out.splitlines()[-1].startswith("done in ")
    with Pictures.open("made/sky.png") as made:
        assert made.size == (32, 16)


def test_a_second_run_computes_nothing_and_writes_the_same_file_elsewhere(cli: Any, write: Any) -> None:
    name = write(PICTURE)
    first = cli("run", name, "--out", "one", "--json").json
    second = cli("run", name, "--out", "two", "--json").json
    assert (first["executed"], second["executed"]) == (3, 0)
    assert {node["status"] for node in second["nodes"].values()} == {"cached"}
    assert Path("one/sky.png").read_bytes() == Path("two/sky.png").read_bytes()


def test_json_is_one_object_with_all_that_the_design_names(cli: Any, write: Any) -> None:
    done = cli("run", write(TEXT), "--json")
    told = json.loads(done.out)  # exactly one object, nothing else
    assert (told["status"], told["errors"], told["files"]) == ("done", [], [])
    assert told["nodes"]["all"]["outputs"]["value"]["kind"] == "text"
    assert told["outputs"]["all.value"]["value"] == "one-two"
    assert done.err == ""


def test_events_are_lines_of_json_and_the_result_comes_last(cli: Any, write: Any) -> None:
    lines = [json.loads(line) for line in cli("run", write(TEXT), "--events").out.splitlines()]
    assert (lines[0]["event"], lines[-2]["event"]) == ("run.started", "run.done")
    assert sorted(line["path"] for line in lines[:-1] if line["event"] == "step.done") == ["a", "all", "b"]
    assert lines[-1]["status"] == "done"


def test_a_plain_output_is_shown(cli: Any, write: Any) -> None:
    assert "all.value = one-two" in cli("run", write(TEXT)).out.splitlines()


def test_nothing_but_text_is_written_where_there_is_no_terminal(cli: Any, write: Any) -> None:
    done = cli("run", write(PICTURE))
    assert "\x1b" not in done.out + done.err
    assert "\r" not in done.out + done.err


def test_a_value_is_json_if_it_reads_as_json_else_text(cli: Any, write: Any) -> None:
    done = cli("run", write(TEXT), "--set", "a.text=three", "--set", 'b.text="4"', "--json")
    assert done.json["outputs"]["all.value"]["value"] == "three-4"


def test_a_value_may_stand_in_a_file(cli: Any, write: Any) -> None:
    Path("value.json").write_text('"from a file"')
    done = cli("run", write(TEXT), "--set", "a.text=@value.json", "--json")
    assert done.json["outputs"]["all.value"]["value"] == "from a file-two"


def test_inputs_of_the_interface_are_given_by_name(cli: Any, write: Any) -> None:
    interface = {"inputs": {"first": {"to": ["a.text"]}}, "outputs": {"result": "all.value"}}
    done = cli("run", write(TEXT, interface=interface), "--input", "first=zero", "--json")
    assert done.json["outputs"]["result"]["value"] == "zero-two"


def test_a_target_runs_only_what_it_needs(cli: Any, write: Any) -> None:
    done = cli("run", write(TEXT), "--target", "a", "--json")
    assert list(done.json["nodes"]) == ["a"]


def test_a_saved_picture_carries_its_workflow_unless_it_is_plain(cli: Any, write: Any) -> None:
    name = write(PICTURE)
    cli("run", name, "--set", "soft.radius=3", "--out", "made")
    carried = cli("inspect", "made/sky.png", "--json").json["workflow"]
    assert carried["nodes"]["soft"]["params"] == {"radius": 3}
    cli("run", name, "--out", "plain", "--plain")
    assert cli("inspect", "plain/sky.png").code == 65


def test_inspect_writes_a_workflow_that_runs_to_the_same_picture(cli: Any, write: Any) -> None:
    cli("run", write(PICTURE), "--out", "made")
    assert cli("inspect", "made/sky.png", "--out", "again.json").code == 0
    done = cli("run", "again.json", "--out", "again", "--json").json
    assert done["executed"] == 0
    with Pictures.open("again/sky.png") as again, Pictures.open("made/sky.png") as made:
        assert again.tobytes() == made.tobytes()


def test_a_typed_file_is_relative_to_the_folder_that_one_is_in(cli: Any, write: Any, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    Pictures.new("RGB", (3, 2)).save("here.png")
    Pictures.new("RGB", (5, 4)).save(elsewhere / "there.png")
    nodes = {"load": {"type": "image.load", "params": {"file": "here.png"}}}
    (tmp_path / "flows").mkdir()
    name = write(nodes, str(tmp_path / "flows" / "flow.json"))
    assert cli("run", name).code == 66  # beside the workflow there is none
    assert cli("run", name, "--set", "load.file=here.png").code == 0
    assert cli("run", name, "--set", f"load.file={elsewhere}/there.png").code == 0
    assert cli("run", name, "--root", ".").code == 0


def test_a_path_outside_needs_a_grant_when_it_was_not_typed(cli: Any, write: Any, tmp_path: Path) -> None:
    Pictures.new("RGB", (3, 2)).save(tmp_path / "secret.png")
    name = write({"load": {"type": "image.load", "params": {"file": str(tmp_path / "secret.png")}}})
    refused = cli("run", name, "--json")
    assert (refused.code, refused.json["errors"][0]["code"]) == (77, "file.refused")
    assert cli("run", name, "--allow", "files").code == 0


def test_a_missing_file_names_node_and_field(cli: Any, write: Any) -> None:
    done = cli("run", write({"load": {"type": "image.load", "params": {"file": "gone.png"}}}), "--json")
    assert done.code == 66
    assert (done.json["errors"][0]["node"], done.json["errors"][0]["field"]) == ("load", "file")
    assert done.json["errors"][0]["hint"]


def test_a_failed_node_ends_with_1_and_the_others_are_kept(cli: Any, write: Any, odd: str) -> None:
    name = write({"bad": {"type": "odd/boom"}, "good": {"type": "odd/add"}})
    done = cli("run", name)
    assert done.code == 1
    assert "error: odd/boom at bad failed: x is wrong; take another." in done.err
    told = cli("run", name, "--json").json
    assert told["error"]["code"] == "node.failed"
    assert {node: one["status"] for node, one in told["nodes"].items()} == {"bad": "failed", "good": "cached"}


def test_the_traceback_of_a_failed_node_is_kept_in_the_data_folder(cli: Any, write: Any, odd: str, home: Path) -> None:
    told = cli("run", write({"bad": {"type": "odd/boom"}}), "--json").json
    assert "Traceback" not in json.dumps(told)
    assert "raise ValueError" in (home / "runs" / f"{told['run']}.log").read_text()


def test_what_a_node_prints_goes_to_stderr(cli: Any, write: Any, odd: str) -> None:
    done = cli("run", write({"sum": {"type": "odd/add", "params": {"x": 4}}}), "--json")
    assert json.loads(done.out)["status"] == "done"
    assert "adding 4" in done.err


def test_a_run_is_recorded_and_resumed_under_its_own_id(cli: Any, write: Any, home: Path) -> None:
    told = cli("run", write(TEXT), "--set", "a.text=kept", "--json").json
    record = json.loads((home / "runs" / f"{told['run']}.json").read_text())
    assert (record["status"], record["request"]["params"]) == ("done", {"a.text": "kept"})
    Path("flow.json").unlink()  # the record holds the workflow
    again = cli("resume", told["run"][:6], "--json").json
    assert (again["run"], again["executed"]) == (told["run"], 0)
    assert again["outputs"]["all.value"]["value"] == "kept-two"


def test_a_run_that_is_not_known_cannot_be_resumed(cli: Any) -> None:
    assert cli("resume", "nothing").code == 66


def test_a_workflow_that_never_began_leaves_no_record(cli: Any, write: Any, home: Path) -> None:
    assert cli("run", write({"x": {"type": "no.such"}})).code == 65
    assert list((home / "runs").glob("*.json")) == []


def test_a_workflow_is_read_from_stdin(write: Any) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "graphflow", "run", "-", "--json"],
        input=json.dumps({"graphflow": 1, "nodes": TEXT}), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(ran.stdout)["status"] == "done"


def test_a_reader_that_has_seen_enough_is_no_error(home: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run([sys.executable, "-m", "graphflow", "nodes"], stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_cached_run_imports_no_torch(cli: Any, write: Any) -> None:
    name = write(PICTURE)
    cli("run", name, "--out", "made")
    code = "import sys; sys.modules['torch'] = None; from graphflow.cli import run_child; run_child.main()"
    request = {
        "id": "x", "file": str(Path(name).absolute()), "cwd": os.getcwd(), "inputs": {}, "params": {}, "targets": [],
        "sweep": {}, "allow": [], "out": str(Path("again").absolute()), "plain": False, "roots": [], "memory": None,
        "shelf": None, "home": os.environ["GRAPHFLOW_HOME"], "events": False, "log": "log",
    }  # fmt: skip
    with open("shared", "w+b") as shared:
        shared.truncate(1 << 20)
        files = {"watch": shared.fileno(), "crash": shared.fileno(), "size": Path(name).stat().st_size}
        child = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[shared.fileno()]
        )
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps({**request, **files}).encode() + b"\n" + Path(name).read_bytes())
        child.stdin.flush()
        told = json.loads(child.stdout.read().splitlines()[-1][1:])
        child.wait()
        child.stdin.close()
        child.stdout.close()
    assert (told["exit"], told["executed"]) == (0, 0)
    assert Path("again/sky.png").exists()


@pytest.mark.parametrize("wrong", [["--set", "a.text"], ["--memory", "much"], ["--allow", "all"], ["--timeout", "0"]])
def test_wrong_arguments_are_told_with_code_2(cli: Any, write: Any, wrong: list[str]) -> None:
    done = cli("run", write(TEXT), *wrong, "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "usage")
