"""File params, files that change, saved files, secrets and grants: what a run may read, and what it puts where."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from graphflow import QUIET, Context, File, Folder, Secret, Session, node
from graphflow.engine.errors import FileMissing, InvalidDocument, NotPermitted

CHANGES: dict[str, Any] = {"path": None, "left": 0, "state": "one"}


@pytest.fixture(autouse=True)
def calm() -> None:
    CHANGES.update(path=None, left=0, state="one")


@node
def read_text(*, file: File) -> str:
    """Read a text; something may write to it meanwhile."""
    text = file.text()
    if CHANGES["left"]:
        CHANGES["left"] -= 1
        CHANGES["path"].write_text(f"changed {CHANGES['left']}")
    return text


@node
def count_files(*, folder: Folder) -> float:
    """Count the files of a folder."""
    return float(len(folder.files))


@node
def shout(text: str) -> str:
    """Make a text loud."""
    return text.upper()


@node
def outside(*, name: str = "x") -> str:
    """Tell outside state; it may change meanwhile."""
    found = CHANGES["state"]
    if CHANGES["left"]:
        CHANGES["left"] -= 1
        CHANGES["state"] += "+"
    return f"{name} {found}"


@outside.fingerprint
def _(name: str) -> str:
    return CHANGES["state"]


@node
def texts(*, values: list[str] = ()) -> list[str]:  # type: ignore[assignment]
    """Give a list."""
    return list(values)


@node(saves=True)
def save_text(text: str, *, name: str = "note") -> File:
    """Make a file."""
    return File.of_bytes(f"{name}.txt", text.encode())


@node(saves=True)
def save_svg(*, name: str = "drawing") -> File:
    """Make a drawing."""
    return File.of_bytes(f"{name}.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')


@node(saves=True)
def save_all(texts: list[str], *, name: str = "page") -> list[File]:
    """Make several files of one name."""
    return [File.of_bytes(f"{name}.txt", text.encode()) for text in texts]


@node
def tell_secret(*, key: Secret = Secret("mine"), ctx: Context = QUIET) -> float:  # noqa: B008
    """Use a secret."""
    ctx.say(f"using {ctx.secret(key)}")
    return float(len(ctx.secret(key)))


@node
def spill_secret(*, key: Secret = Secret("mine"), ctx: Context = QUIET) -> float:  # noqa: B008
    """Fail with a secret in the sentence."""
    raise ValueError(f"the server refused {ctx.secret(key)}")


@node(grants=["network"])
def fetch_nothing() -> str:
    """Need a grant."""
    return "nothing"


NODES = [read_text, count_files, shout, outside, texts, save_text, save_svg, save_all, tell_secret, spill_secret]
NODES += [fetch_nothing]


def old(path: Path, text: str) -> Path:
    """A file that was written a while ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (time.time() - 60, time.time() - 60))
    return path


def begin(bench: Any, tmp_path: Path, **options: Any) -> tuple[Session, Path]:
    """A session, and the place of a workflow beside which files lie."""
    place = tmp_path / "work" / "flow.json"
    place.parent.mkdir(exist_ok=True)
    return bench.session(NODES, **options), place


# -- files that are read -------------------------------------------------------------------------------------------


def test_an_edit_of_a_file_on_disk_computes_its_reader(bench: Any, use: Any, graph: Any, tmp_path: Path) -> None:
    session, place = begin(bench, tmp_path)
    path = old(place.parent / "in.txt", "one")
    document = graph(r=use(read_text, file="in.txt"), s=use(shout, text="r.value"))
    assert bench.run(session, document, place=place).values == {"s.value": "ONE"}
    assert bench.run(session, document, place=place).told == ["step.cached r", "step.cached s"]
    path.write_text("two")
    ran = bench.run(session, document, place=place)
    assert ran.computed == ["r", "s"]
    assert ran.values == {"s.value": "TWO"}


def test_a_file_that_is_touched_but_equal_computes_nothing(bench: Any, use: Any, graph: Any, tmp_path: Path) -> None:
    session, place = begin(bench, tmp_path)
    path = old(place.parent / "in.txt", "one")
    document = graph(r=use(read_text, file="in.txt"))
    bench.run(session, document, place=place)
    path.write_text("one")
    assert bench.run(session, document, place=place).told == ["step.cached r"]


def test_a_file_that_changes_once_while_it_is_read_is_read_again(
    bench: Any, use: Any, graph: Any, tmp_path: Path
) -> None:
    session, place = begin(bench, tmp_path)
    CHANGES.update(path=old(place.parent / "in.txt", "first"), left=1)
    document = graph(r=use(read_text, file="in.txt"), s=use(shout, text="r.value"))
    ran = bench.run(session, document, place=place)
    assert ran.told == ["step.started r", "artifact.changed r", "step.started r", "step.done r", "step.started s",
                        "step.done s"]  # fmt: skip
    assert ran.of("artifact.changed")[0].data == {"file": "the file in.txt"}
    assert ran.values == {"s.value": "CHANGED 0"}


def test_a_file_that_goes_on_changing_fails_its_step_and_nothing_is_stored(
    bench: Any, use: Any, graph: Any, tmp_path: Path
) -> None:
    session, place = begin(bench, tmp_path)
    path = old(place.parent / "in.txt", "first")
    CHANGES.update(path=path, left=2)
    document = graph(r=use(read_text, file="in.txt"), s=use(shout, text="r.value"))
    ran = bench.run(session, document, place=place)
    assert ran.told == ["step.started r", "artifact.changed r", "step.started r", "artifact.changed r", "step.failed r",
                        "step.skipped s"]  # fmt: skip
    assert ran.result.errors[0].code == "artifact.changed"
    path.write_text("first")
    assert bench.run(session, document, place=place).computed == ["r", "s"]


def test_outside_state_that_changes_while_a_step_runs_is_found(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    CHANGES["left"] = 1
    ran = bench.run(session, graph(o=use(outside)))
    assert ran.told == ["step.started o", "artifact.changed o", "step.started o", "step.done o"]
    assert ran.values == {"o.value": "x one+"}


def test_a_fingerprint_that_changed_between_runs_computes_its_step(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    bench.run(session, graph(o=use(outside)))
    assert bench.run(session, graph(o=use(outside))).told == ["step.cached o"]
    CHANGES["state"] = "two"
    assert bench.run(session, graph(o=use(outside))).values == {"o.value": "x two"}


def test_a_folder_is_named_by_what_lies_in_it(bench: Any, use: Any, graph: Any, tmp_path: Path) -> None:
    session, place = begin(bench, tmp_path)
    old(place.parent / "all" / "a.txt", "a")
    old(place.parent / "all" / "deep" / "b.txt", "b")
    old(place.parent / "all" / ".hidden", "h")
    document = graph(c=use(count_files, folder="all"))
    assert bench.run(session, document, place=place).values == {"c.value": 2.0}
    old(place.parent / "all" / "c.txt", "c")
    assert bench.run(session, document, place=place).values == {"c.value": 3.0}


def test_the_data_folder_and_further_roots_are_looked_through_in_order(
    bench: Any, use: Any, graph: Any, tmp_path: Path
) -> None:
    session, place = begin(bench, tmp_path, roots=[tmp_path / "further"])
    old(tmp_path / "further" / "a.txt", "further")
    document = graph(r=use(read_text, file="a.txt"))
    assert bench.run(session, document, place=place).values == {"r.value": "further"}
    old(bench.home / "inputs" / "a.txt", "inputs")
    assert bench.run(session, document, place=place).values == {"r.value": "inputs"}
    old(place.parent / "a.txt", "beside")
    assert bench.run(session, document, place=place).values == {"r.value": "beside"}


@pytest.mark.parametrize(
    "text", ["../secret.txt", "sub/../../secret.txt", "/etc/hostname", "out/secret.txt", "ABSOLUTE"]
)
def test_no_path_leaves_its_root_and_the_reply_tells_nothing(
    text: str, bench: Any, use: Any, graph: Any, tmp_path: Path
) -> None:
    session, place = begin(bench, tmp_path)
    (place.parent / "sub").mkdir()
    (place.parent / "out").symlink_to(tmp_path / "elsewhere")
    text = str(tmp_path / "secret.txt") if text == "ABSOLUTE" else text
    document = graph(r=use(read_text, file=text))
    replies = []
    for _ in range(2):
        with pytest.raises(NotPermitted) as refused:
            bench.run(session, document, place=place)
        replies.append([error.as_json() for error in refused.value.errors])
        old(tmp_path / "secret.txt", "secret")
        old(tmp_path / "elsewhere" / "secret.txt", "secret")
    assert replies[0] == replies[1]
    assert replies[0][0]["code"] == "file.refused"
    assert (replies[0][0]["node"], replies[0][0]["field"]) == ("r", "file")


@pytest.mark.parametrize("text", ["a\x00b.txt", "sub\\a.txt", "C:/a.txt", "file:///etc/passwd", "~/a.txt", ""])
def test_paths_that_are_no_plain_paths_are_refused(text: str, bench: Any, use: Any, graph: Any, tmp_path: Path) -> None:
    session, place = begin(bench, tmp_path)
    with pytest.raises((NotPermitted, InvalidDocument)):
        bench.run(session, graph(r=use(read_text, file=text)), place=place)


def test_a_path_outside_may_be_read_with_the_grant_or_when_it_was_typed(
    bench: Any, use: Any, graph: Any, tmp_path: Path
) -> None:
    session, place = begin(bench, tmp_path)
    path = old(tmp_path / "elsewhere" / "a.txt", "far")
    document = graph(r=use(read_text, file=str(path)))
    assert bench.run(session, document, place=place, allow=["files"]).values == {"r.value": "far"}
    assert bench.run(session, document, place=place, trusted=[str(path)]).values == {"r.value": "far"}


def test_every_missing_file_is_told_before_anything_runs(bench: Any, use: Any, graph: Any, tmp_path: Path) -> None:
    session, place = begin(bench, tmp_path)
    with pytest.raises(FileMissing) as missing:
        bench.run(session, graph(r=use(read_text, file="no.txt"), q=use(read_text, file="nor.txt")), place=place)
    assert [(error.node, error.field) for error in missing.value.errors] == [("q", "file"), ("r", "file")]


# -- files that are saved ------------------------------------------------------------------------------------------


def test_a_saved_file_is_replaced_under_out_and_saved_when_cached(
    bench: Any, use: Any, graph: Any, tmp_path: Path
) -> None:
    session = bench.session(NODES)
    document = graph(t=use(texts, values=["hi"]), j=use(shout, text="t.value"), s=use(save_all, texts="j.value"))
    ran = bench.run(session, document, out=tmp_path / "out")
    assert [saved.name for saved in ran.result.files] == ["page.txt"]
    assert (tmp_path / "out" / "page.txt").read_text() == "HI"
    (tmp_path / "out" / "page.txt").write_text("old")
    again = bench.run(bench.restarted(session, NODES), document, out=tmp_path / "out")
    assert again.computed == []
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["page.txt"]
    assert (tmp_path / "out" / "page.txt").read_text() == "HI"


def test_without_out_a_name_is_numbered(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    document = graph(t=use(outside), s=use(save_text, text="t.value", name="note"))
    for _ in range(3):
        bench.run(session, document, saves=True)
    folder = next((bench.home / "outputs").iterdir())
    assert sorted(path.name for path in folder.iterdir()) == ["note-2.txt", "note-3.txt", "note.txt"]


def test_elements_of_lists_are_numbered(bench: Any, use: Any, graph: Any, tmp_path: Path) -> None:
    session = bench.session(NODES)
    document = graph(
        t=use(texts, values=["a", "b"]), s=use(save_text, text="t.value"), m=use(save_all, texts="t.value")
    )
    ran = bench.run(session, document, out=tmp_path / "out")
    found = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert found == {"note-00.txt": "a", "note-01.txt": "b", "page-00.txt": "a", "page-01.txt": "b"}
    assert sorted(saved.name for saved in ran.result.files) == sorted(found)


def test_a_saved_drawing_carries_its_workflow_unless_plain(bench: Any, use: Any, graph: Any, tmp_path: Path) -> None:
    session = bench.session(NODES)
    document = graph(s=use(save_svg, name="a"))
    bench.run(session, document, out=tmp_path / "out")
    plain = bench.run(session, document, out=tmp_path / "plain", plain=True)
    assert b"graphflow" in (tmp_path / "out" / "a.svg").read_bytes()
    assert b"graphflow" not in (tmp_path / "plain" / "a.svg").read_bytes()
    assert plain.computed == []


def test_a_name_that_leads_elsewhere_stays_in_the_folder(bench: Any, use: Any, graph: Any, tmp_path: Path) -> None:
    session = bench.session(NODES)
    ran = bench.run(session, graph(s=use(save_svg, name="../../evil")), out=tmp_path / "out")
    assert [path.parent for path in (tmp_path / "out").iterdir()] == [tmp_path / "out"]
    assert ran.status == "done"
    assert not list(tmp_path.glob("evil*"))


# -- secrets and grants --------------------------------------------------------------------------------------------


def test_a_secret_stands_in_no_event_error_key_or_file(bench: Any, use: Any, graph: Any, tmp_path: Path) -> None:
    session = bench.session(NODES)
    session.secrets.put("mine", "pa55-w0rd")
    document = graph(t=use(tell_secret), s=use(spill_secret), d=use(save_svg))
    ran = bench.run(session, document, out=tmp_path / "out")
    assert ran.values["t.value"] == 9.0
    assert ran.messages == [f"{spill_secret.type} at s failed: the server refused ***."]
    assert [event.data["message"] for event in ran.of("step.said")] == ["using ***"]
    assert "pa55-w0rd" not in repr(ran.events) + repr(ran.result.as_json()) + repr(ran.result.errors)
    bench.close(session)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "secrets.json"]
    assert not any(b"pa55-w0rd" in path.read_bytes() for path in files)
    assert (bench.home / "secrets.json").stat().st_mode & 0o077 == 0


def test_another_value_of_a_secret_is_the_same_key(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    session.secrets.put("mine", "one")
    bench.run(session, graph(t=use(tell_secret)))
    session.secrets.put("mine", "another")
    assert bench.run(session, graph(t=use(tell_secret))).told == ["step.cached t"]


def test_a_secret_that_is_not_set_is_named(bench: Any, use: Any, graph: Any) -> None:
    ran = bench.run(bench.session(NODES), graph(t=use(tell_secret)))
    assert "the secret 'mine' is not set; run `graphflow secret set mine`" in ran.messages[0]


def test_a_grant_is_needed_also_when_the_value_is_cached(bench: Any, use: Any, graph: Any) -> None:
    session = bench.session(NODES)
    document = graph(f=use(fetch_nothing))
    with pytest.raises(NotPermitted, match="network"):
        bench.run(session, document)
    assert bench.run(session, document, allow=["network"]).values == {"f.value": "nothing"}
    with pytest.raises(NotPermitted, match="network"):
        bench.run(session, document)
