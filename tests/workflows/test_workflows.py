"""Every example workflow and every example of the nodes' pages runs, and runs again computing nothing.

The workflows run where they lie beside pictures of 96 pixels, with the values of tiny.json; the engine digests each
step's inputs again, so that a node that writes into what it was given is found.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow

from graphflow.engine.result import Result
from graphflow.engine.session import Session
from graphflow.graph.document import read_document, write_document

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = ROOT / "workflows"
EXAMPLES = ROOT / "docs" / "nodes" / "examples"
NAMES = sorted(path.stem for path in WORKFLOWS.glob("*.json"))
TINY: dict[str, Any] = json.loads((Path(__file__).parent / "tiny.json").read_text(encoding="utf-8"))
SIDE = 96

# Need a network, or say how long the run took.
OUTSIDE = {"io.fetch", "io.secret"}
ANEW = {"flow.elapsed"}


def _types(path: Path) -> set[str]:
    document = json.loads(path.read_text(encoding="utf-8"))
    graphs = [document, *document.get("subgraphs", {}).values()]
    return {node["type"] for graph in graphs for node in graph["nodes"].values()}


SNIPPETS = sorted(path.stem for path in EXAMPLES.glob("*.*.json") if not _types(path) & OUTSIDE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workflows as they are, beside their inputs with every picture made small."""
    made = tmp_path_factory.mktemp("examples") / "workflows"
    shutil.copytree(WORKFLOWS, made, ignore=shutil.ignore_patterns("pictures"))
    for path in made.rglob("*.jpg"):
        with Pillow.open(path) as picture:
            picture.thumbnail((SIDE, SIDE))
            picture.save(path)
    return made


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def session(home: Path) -> Iterator[Session]:
    with Session(home, threads=2, checks_inputs=True) as session:
        yield session


@pytest.fixture(scope="module")
def later(home: Path) -> Iterator[Session]:
    """Another session on the same data folder, which has nothing in memory."""
    with Session(home, threads=2) as session:
        yield session


@pytest.fixture(scope="module")
def run(session: Session, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Result]:
    """Run an example once; the tests of one name share its result."""
    results: dict[str, Result] = {}

    def once(name: str) -> Result:
        if name not in results:
            results[name] = session.run(folder / f"{name}.json", **TINY[name], out=tmp_path_factory.mktemp(name))
        return results[name]

    return once


def _files(result: Result) -> dict[str, bytes]:
    return {saved.name: Path(saved.path).read_bytes() for saved in result.files}


@pytest.mark.parametrize("name", NAMES)
def test_an_example_tells_people_what_it_takes_and_gives(name: str) -> None:
    document = json.loads((WORKFLOWS / f"{name}.json").read_text(encoding="utf-8"))
    assert len(document["title"]) > 8
    assert len(document["about"]) > 60
    assert document["interface"]["outputs"]
    inputs = document["interface"]["inputs"]
    assert inputs
    assert [at for at, entry in inputs.items() if not entry.get("title") or "default" not in entry] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_node_of_an_example_has_its_own_place_on_the_canvas(name: str) -> None:
    document = json.loads((WORKFLOWS / f"{name}.json").read_text(encoding="utf-8"))
    for graph in (document, *document.get("subgraphs", {}).values()):
        places = {at: (place["x"], place["y"]) for at, place in graph["view"]["nodes"].items()}
        assert places.keys() == graph["nodes"].keys()
        assert len(set(places.values())) == len(places)
        for at, node in graph["nodes"].items():
            for link in node.get("inputs", {}).values():
                for one in link if isinstance(link, list) else [link]:
                    assert places[one.split(".")[0]][0] < places[at][0], f"{one} stands to the right of {at}"


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_written_as_the_engine_writes_it(name: str) -> None:
    data = (WORKFLOWS / f"{name}.json").read_bytes()
    assert write_document(read_document(data)) == data


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_a_small_picture_of_its_result(name: str) -> None:
    path = WORKFLOWS / "pictures" / f"{name}.webp"
    assert path.stat().st_size < 150_000
    with Pillow.open(path) as picture:
        assert picture.width >= 600


def test_the_examples_and_what_they_read_stay_small() -> None:
    assert sum(path.stat().st_size for path in WORKFLOWS.rglob("*") if path.is_file()) < 4_000_000


def test_the_page_that_shows_the_examples_is_fresh() -> None:
    command = [sys.executable, str(ROOT / "docs" / "make_pictures.py"), "--check"]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_there_are_small_inputs_for_each_example_and_for_no_other() -> None:
    assert sorted(TINY) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_an_example_runs_and_writes_its_files(name: str, run: Callable[[str], Result]) -> None:
    result = run(name)
    assert [error.message for error in result.errors] == []
    assert result.status == "done"
    assert result.executed > 0
    files = _files(result)
    assert files
    assert all(files.values())


@pytest.mark.parametrize("name", NAMES)
def test_an_example_runs_again_after_a_restart_computing_nothing(
    name: str, run: Callable[[str], Result], later: Session, folder: Path, tmp_path: Path
) -> None:
    first = run(name)
    again = later.run(folder / f"{name}.json", **TINY[name], out=tmp_path / "elsewhere")
    assert again.status == "done"
    assert again.executed == 0
    assert again.outputs == first.outputs
    assert {str(Path(saved.path).parent) for saved in again.files} == {str(tmp_path / "elsewhere")}
    assert _files(again) == _files(first)


@pytest.mark.parametrize("name", SNIPPETS)
def test_an_example_of_a_nodes_page_runs_and_runs_again_computing_nothing(
    name: str, session: Session, later: Session, tmp_path: Path
) -> None:
    first = session.run(EXAMPLES / f"{name}.json", out=tmp_path / "first")
    assert [error.message for error in first.errors] == []
    assert first.status == "done"
    again = later.run(EXAMPLES / f"{name}.json", out=tmp_path / "again")
    if not _types(EXAMPLES / f"{name}.json") & ANEW:
        assert again.executed == 0
        assert again.outputs == first.outputs
        assert _files(again) == _files(first)


@pytest.mark.parametrize("name", sorted({path.stem for path in EXAMPLES.glob("*.*.json")} - set(SNIPPETS)))
def test_an_example_that_needs_the_outside_asks_for_consent_first(name: str, session: Session) -> None:
    with pytest.raises(Exception, match="network"):
        session.run(EXAMPLES / f"{name}.json")
