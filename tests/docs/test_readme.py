"""The README, the tour and the page of the format are followed as a reader would: files saved, commands typed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from graphflow.graph.document import read_document, write_document

ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    "README": ROOT / "README.md",
    "tour": ROOT / "docs" / "tour.md",
    "workflow-format": ROOT / "docs" / "workflow-format.md",
}


@dataclass(frozen=True)
class Block:
    """A fenced block. name: The file that the words before it ask to save it as; empty if none."""

    page: str
    language: str
    line: int
    text: str
    name: str


def _blocks(page: str) -> list[Block]:
    text = PAGES[page].read_text(encoding="utf-8")
    found: list[Block] = []
    for match in re.finditer(r"^```([a-z]+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        before = text[: match.start()].rstrip().rsplit("\n\n", 1)[-1]
        saved = re.search(r"[Ss]ave(?:d)?\s.*?`([\w./-]+\.(?:json|py))`", before, re.DOTALL)
        name = saved[1] if saved and not before.startswith("```") else ""
        found.append(Block(page, match[1], text.count("\n", 0, match.start()) + 1, match[2], name))
    return found


BLOCKS = {page: _blocks(page) for page in PAGES}


@pytest.fixture(scope="module", params=sorted(PAGES))
def reader(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Somebody who goes through a page from top to bottom, in a folder that looks like the repository."""
    folder = tmp_path_factory.mktemp(request.param)
    shutil.copytree(ROOT / "workflows", folder / "workflows")
    return Reader(request.param, folder)


class Reader:
    """Follows a page. Every block is followed once, in order."""

    def __init__(self, page: str, folder: Path) -> None:
        self.page, self.folder, self.home = page, folder, folder / "home"
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.env = {**os.environ, "GRAPHFLOW_HOME": str(self.home), "PATH": path, "COLUMNS": "120"}

    def follow(self, block: Block) -> None:
        if block.name:
            place = (self.home if block.name.startswith("packs/") else self.folder) / block.name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            self._run([sys.executable, "-"], block.text, 0)
        elif block.language == "console":
            for command, answer in _commands(block.text):
                self._type(command, answer)

    def _type(self, command: str, answer: str) -> None:
        if command.startswith("make "):
            makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
            assert re.search(rf"^{command.split()[1]}:", makefile, re.MULTILINE)
            return
        if command.startswith("source "):
            return
        told = re.search(r"# exit code (\d+)$", command)
        given = self._run(["bash", "-c", command], "", int(told[1]) if told else 0)
        assert _matches(answer, given), f"{command}\n--- the page says\n{answer}\n--- it is\n{given}"

    def _run(self, command: list[str], typed: str, code: int) -> str:
        done = subprocess.run(
            command, cwd=self.folder, env=self.env, input=typed, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, f"{command[-1]}\n{done.stdout}{done.stderr}"
        return done.stderr if code else done.stdout


def _commands(text: str) -> list[tuple[str, str]]:
    return [(part.partition("\n")[0], part.partition("\n")[2]) for part in re.split(r"^\$ ", text, flags=re.M)[1:]]


def _matches(wanted: str, given: str) -> bool:
    """Whether a text is what the page says, in which ... stands for anything."""
    pattern = r".*?".join(re.escape(part) for part in wanted.strip().split("..."))
    return not wanted.strip() or re.fullmatch(pattern, given.strip(), re.DOTALL) is not None


def test_a_page_is_followed_from_top_to_bottom(reader: Reader) -> None:
    for block in BLOCKS[reader.page]:
        reader.follow(block)


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_block_is_of_a_language_that_is_followed(page: str) -> None:
    assert {block.language for block in BLOCKS[page]} <= {"json", "python", "console"}
    assert all(block.name for block in BLOCKS[page] if block.language == "json")


@pytest.mark.parametrize(
    "block", [b for page in PAGES for b in BLOCKS[page] if b.language == "json"], ids=lambda b: f"{b.page} {b.name}"
)
def test_a_document_stands_on_the_page_as_graphflow_writes_it(block: Block) -> None:
    document = read_document(block.text)
    assert read_document(write_document(document)) == document
    if block.text.count("\n") > 2:
        assert write_document(document).decode() == block.text


def test_the_readmes_python_writes_the_readmes_document(tmp_path: Path) -> None:
    blocks = BLOCKS["README"]
    document = next(block for block in blocks if block.language == "json")
    build = next(block for block in blocks if block.language == "python" and "Workflow(" in block.text)
    subprocess.run([sys.executable, "-c", build.text], cwd=tmp_path, check=True)
    assert (tmp_path / "first.json").read_text(encoding="utf-8") == document.text
