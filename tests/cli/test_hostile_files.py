"""S3, S5, S7: no path leaves its root, bombs fail their node, no file runs code."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pil

from graphflow.engine.errors import RunError
from graphflow.engine.session import Session

ROOT = Path(__file__).resolve().parents[2]


# -- S3: no path leaves its root --------------------------------------------------------------------------------------

OUTSIDE = [
    "../secret.txt", "../nothing.txt", "../../etc/passwd", "/etc/passwd", "/no/such/file", "link.txt",
    "folder/../../secret.txt",     "folder/link/secret.txt",
    "..\\secret.txt", "C:/secret.txt", "file:///etc/passwd", "~/secret.txt", "a\x00b", "",
    "./../secret.txt", "/proc/self/environ", "\u2025/secret.txt", "http://127.0.0.1/x",
]  # fmt: skip


@pytest.fixture
def fenced(home: Path, tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("hidden words")
    Path("inside.txt").write_text("open words")
    Path("folder").mkdir()
    Path("folder/deep.txt").write_text("deep words")
    Path("link.txt").symlink_to(tmp_path / "secret.txt")
    Path("near.txt").symlink_to("inside.txt")
    Path("folder/link").symlink_to(tmp_path)
    return tmp_path


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_path_of_a_document_leaves_its_root(write: Any, fenced: Path, path: str) -> None:
    name = write({"a": {"type": "io.file", "params": {"file": path}}})
    with Session(fenced / "home") as session, pytest.raises(RunError) as caught:
        session.run(name, allow=[])
    [error] = caught.value.errors
    assert (error.node, error.field) == ("a", "file")
    assert error.hint
    assert "hidden" not in str(caught.value)


def test_outside_the_root_what_exists_and_what_does_not_are_answered_alike(cli: Any, write: Any, fenced: Path) -> None:
    told: list[tuple[int, str]] = []
    for path in ("../secret.txt", "../secrets.txt", str(fenced / "secret.txt"), str(fenced / "secretz.txt")):
        done = cli("run", write({"a": {"type": "io.file", "params": {"file": path}}}), "--json")
        told.append((done.code, done.json["errors"][0]["message"].replace(path, "PATH")))
    assert {code for code, _ in told} == {77}
    assert len(set(told)) == 1


@pytest.mark.parametrize("path", ["inside.txt", "./inside.txt", "folder/deep.txt", "folder/../inside.txt", "near.txt"])
def test_a_path_inside_the_root_is_read(write: Any, fenced: Path, path: str) -> None:
    name = write({"a": {"type": "io.file", "params": {"file": path}}})
    with Session(fenced / "home") as session:
        assert session.run(name).status == "done"


def test_a_saved_file_s_name_never_leads_out_of_its_folder(cli: Any, write: Any, tmp_path: Path) -> None:
    for at, name in enumerate(("../up", "/abs", "..", "con\x00")):
        save = {"type": "io.save_json", "inputs": {"value": "t.value"}, "params": {"name": name}}
        nodes = {"t": {"type": "text.literal"}, "s": save}
        done = cli("run", write(nodes), "--out", f"out{at}", "--json")
        for file in done.json.get("files", []):
            assert Path(file["path"]).resolve().parent == (Path.cwd() / f"out{at}").resolve()
    made = {path.name for path in tmp_path.rglob("*") if path.is_file() and "home" not in path.parts}
    assert not {"up.json", "abs.json"} & {path.name for path in tmp_path.iterdir()}
    assert made


# -- S5: bombs defuse -------------------------------------------------------------------------------------------------


def png(width: int, height: int, body: bytes, extra: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def gif_of(frames: int) -> bytes:
    one = b"\x21\xf9\x04\x00\x00\x00\x00\x00" + b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"
    return b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff" + one * frames + b";"


BOMBS = {
    "pixels": png(60_000, 60_000, zlib.compress(bytes(1_000_000))),
    "ratio": png(100_000, 2, zlib.compress(bytes(200_004))),
    "text": png(2, 2, zlib.compress(bytes(6)), chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(100_000_000)))),
    "chunks": png(2, 2, zlib.compress(bytes(6)), chunk(b"tEXt", b"a\0") * 150_000),
    "frames": gif_of(20_000),
    "ppm": b"P6 999999999 999999999 255\n",
    "no picture": b"\x80\x04cposix\nsystem\n",
    "empty": b"",
}


@pytest.mark.parametrize("what", BOMBS)
def test_a_picture_that_is_a_bomb_fails_its_node_with_a_sentence(write: Any, home: Path, what: str) -> None:
    Path("bomb.png").write_bytes(BOMBS[what])
    with Session(home) as session:
        done = session.run(write({"a": {"type": "image.load", "params": {"file": "bomb.png", "frame": "all"}}}))
    assert done.status == "failed"
    [error] = done.errors
    assert (error.code, error.node) == ("node.failed", "a")
    assert "bomb.png" in error.message


def test_a_bomb_ends_the_run_with_1(cli: Any, write: Any) -> None:
    Path("bomb.png").write_bytes(BOMBS["pixels"])
    done = cli("run", write({"a": {"type": "image.load", "params": {"file": "bomb.png"}}}), "--json")
    assert (done.code, done.json["errors"][0]["node"]) == (1, "a")


def test_pictures_that_are_large_and_no_bombs_are_loaded(write: Any, home: Path) -> None:
    Pil.new("RGB", (3000, 2000)).save("large.png")
    Pil.new("L", (1000, 1)).save("flat.png")
    for name in ("large.png", "flat.png"):
        with Session(home) as session:
            assert session.run(write({"a": {"type": "image.load", "params": {"file": name}}})).status == "done"


# -- S7: files cannot run code ----------------------------------------------------------------------------------------


def test_nothing_here_reads_pickles() -> None:
    words = (
        "import pickle", "torch.load(", "import marshal", "import shelve", "import dill",
        "allow_pickle=True", "eval(", "exec(",
    )  # fmt: skip
    found = {
        f"{path.relative_to(ROOT)}: {word}"
        for folder in ("graphflow", "nodes")
        for path in (ROOT / folder).rglob("*.py")
        for word in words
        for line in path.read_text().splitlines()
        if word in line and not line.strip().startswith(("#", '"'))
        and not any(before + word in line for before in ("literal_", "_", ".", "safe_"))
    }  # fmt: skip
    assert found == set()
