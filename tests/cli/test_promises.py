"""S8, S11, S12, O1: opening runs nothing, bad packs are missing packs, expressions are arithmetic, errors explain."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pil

from graphflow.engine.errors import RunError
from graphflow.engine.session import Session
from graphflow.graph.embed import embed

ROOT = Path(__file__).resolve().parents[2]
MARK = "mark"


# -- S8: opening is not running ---------------------------------------------------------------------------------------

WATCHED = """
import json, sys
seen = []
kinds = ("subprocess.Popen", "os.fork", "os.exec", "os.posix_spawn", "os.system", "socket.", "open")
sys.addaudithook(lambda event, values: seen.append((event, str(values[0]))) if event.startswith(kinds) else None)
from graphflow.cli.main import main
code = main(sys.argv[1:])
print(json.dumps([code, seen]))
"""


def watched(*command: str) -> tuple[int, list[tuple[str, str]]]:
    """The exit code of a command, and the processes, sockets and files that it opened."""
    done = subprocess.run([sys.executable, "-c", WATCHED, *command], capture_output=True, text=True, check=True)
    code, seen = json.loads(done.stdout.splitlines()[-1])
    return code, [tuple(one) for one in seen]


def hostile(write: Any, tmp_path: Path) -> str:
    """A workflow that would read, fetch, crash and write, if it were run; and that has mistakes as well."""
    (tmp_path / "private-words.txt").write_text("hidden")
    nodes = {
        "page": {"type": "io.fetch", "params": {"url": "http://127.0.0.1:9/x"}},
        "file": {"type": "io.file", "params": {"file": str(tmp_path / "private-words.txt")}},
        "far": {"type": "io.file", "params": {"file": "../private-words.txt"}},
        "bad": {"type": "odd/crash"},
        "dots": {"type": "number.expression", "params": {"expression": "__import__('os').system('touch mark')"}},
        "wild": {"type": "text.wildcards", "params": {"text": "{a|b}"}},
        "none": {"type": "odd/none", "inputs": {"x": "zz.value"}},
    }
    return str(write(nodes))


def test_validating_a_hostile_file_opens_nothing_but_itself_and_starts_no_process(
    write: Any, odd: str, cli: Any, tmp_path: Path
) -> None:
    watched("nodes")
    code, seen = watched("validate", hostile(write, tmp_path), "--json")
    assert code == 65
    assert [one for one in seen if not one[0].startswith("open")] == []
    assert [
        path for _, path in seen if "private-words" in path or path.startswith(("/etc/passwd", "/proc/self/environ"))
    ] == []
    assert any(path.endswith("flow.json") for _, path in seen)
    assert not Path(MARK).exists()


def test_inspecting_a_picture_that_carries_it_does_neither(write: Any, odd: str, cli: Any, tmp_path: Path) -> None:
    text = Path(hostile(write, tmp_path)).read_bytes()
    Pil.new("RGB", (4, 4)).save("plain.png")
    Path("carried.png").write_bytes(embed(Path("plain.png").read_bytes(), "image/png", text.decode()))
    code, seen = watched("inspect", "carried.png", "--json")
    assert code == 0
    assert [one for one in seen if not one[0].startswith("open")] == []
    assert [path for _, path in seen if "private-words" in path] == []


def test_a_new_pack_is_looked_at_by_one_child_process_and_that_is_seen(write: Any, odd: str, home: Path) -> None:
    code, seen = watched("validate", str(write({"a": {"type": "odd/add"}})), "--json")
    assert code == 0
    started = [path for event, path in seen if event == "subprocess.Popen"]
    assert len(started) == 1, "the bundled packs are known already, so that only the new one is looked at"
    assert [one for one in seen if one[0].startswith(("socket.connect", "socket.bind", "os.system"))] == []


# -- S11: a bad pack is only a missing pack ---------------------------------------------------------------------------

BAD = {
    "exits": "import os; os._exit(3)",
    "crashes": "import ctypes; ctypes.string_at(0)",
    "floods": "while True: print('x' * 1000)",
    "raises": "raise RuntimeError('no such luck')",
    "broken": "def (",
}


def test_bad_packs_are_listed_with_their_reasons_and_the_good_run(cli: Any, write: Any, odd: str, home: Path) -> None:
    for name, text in BAD.items():
        (home / "packs" / f"{name}.py").write_text(text)
    done = cli("nodes", "--json")
    assert done.code == 0
    assert {"odd/add", "image.blur"} <= set(done.json["nodes"])
    told = done.err
    for reason in ("exit code 3", "SIGSEGV", "printed more than 1 MB", "no such luck", "SyntaxError"):
        assert reason in told
    assert cli("run", write({"a": {"type": "odd/add"}})).code == 0
    done = cli("run", write({"a": {"type": "raises/scale"}, "b": {"type": "odd/add"}}), "--json")
    assert done.code == 65
    assert "no such luck" in json.dumps(done.json["errors"])
    assert "Traceback" not in done.err


# -- S12: expressions are arithmetic ----------------------------------------------------------------------------------

ESCAPES = [
    "__import__('os').system('touch mark')", "open('mark', 'w')", "().__class__.__bases__[0].__subclasses__()",
    "(lambda: 1)()", "[x for x in (1, 2)]", "a.real", "a[0]", "f'{a}'", "exec('1')", "print(1)", "9**9**9**9",
    "2**100000000", "1 << 99999999", "'a' * 999999999", "abs.__self__", "a := 1", "yield", "min.__class__",
    "(" * 5000 + "1" + ")" * 5000, "1+" * 50000 + "1", "max(" * 300 + "1" + ")" * 300, "a if b", "", "\x00", "é", "{}",
    "...", "globals()", "clamp(1, 2)", "1/0", "0**-1", "sqrt(-1)", "-" * 100000 + "1", "1e308*10", "factorial(99999)",
    "a;b",
]  # fmt: skip


@pytest.fixture(scope="module")
def quick() -> Iterator[Session]:
    with Session(None) as session:
        yield session


@pytest.mark.parametrize("text", ESCAPES, ids=range(len(ESCAPES)))
def test_no_expression_is_anything_but_arithmetic(quick: Session, home: Path, text: str) -> None:
    node = {"type": "number.expression", "params": {"expression": text}}
    try:
        blamed = [one.node for one in quick.run({"graphflow": 1, "nodes": {"e": node}}).errors]
    except RunError as error:
        blamed = [one.node for one in error.errors if one.hint]
    assert set(blamed) == {"e"}
    assert not Path(MARK).exists()


@pytest.mark.parametrize(
    ("text", "value"), [("2 * 3 + 1", 7.0), ("2**10 % 7", 2.0), ("clamp(5, 0, 3)", 3.0), ("-pi < 0", 1.0)]
)
def test_arithmetic_is_worked_out(quick: Session, text: str, value: float) -> None:
    node = {"type": "number.expression", "params": {"expression": text}}
    assert quick.run({"graphflow": 1, "nodes": {"e": node}}).values["e.number"] == value


# -- grants and O1 ----------------------------------------------------------------------------------------------------


def test_a_grant_that_was_not_given_is_77_and_with_it_the_run_begins(cli: Any, write: Any) -> None:
    name = write({"page": {"type": "io.fetch", "params": {"url": "http://127.0.0.1:9/x"}}})
    done = cli("run", name, "--json")
    assert (done.code, done.json["error"]["code"]) == (77, "grant.needed")
    assert [(error["node"], "--allow network" in error["hint"]) for error in done.json["errors"]] == [("page", True)]
    done = cli("run", name, "--allow", "network", "--json")
    assert (done.code, done.json["errors"][0]["node"]) == (1, "page")
    assert "127.0.0.1" in done.json["errors"][0]["message"]
    assert cli("validate", name).code == 0


def failures(write: Any) -> dict[str, tuple[int, list[str]]]:
    """{what: (the exit code, the command)}."""
    Path("broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnot")
    return {
        "no file": (66, ["run", "missing.json"]),
        "no picture": (66, ["run", write({"a": {"type": "image.load", "params": {"file": "no.png"}}}, "a.json")]),
        "broken": (1, ["run", write({"a": {"type": "image.load", "params": {"file": "broken.png"}}}, "b.json")]),
        "outside": (77, ["run", write({"a": {"type": "image.load", "params": {"file": "/etc/passwd"}}}, "c.json")]),
        "raises": (1, ["run", write({"a": {"type": "odd/boom"}}, "d.json")]),
        "crashes": (1, ["run", write({"a": {"type": "odd/crash"}}, "e.json")]),
        "unknown": (65, ["run", write({"a": {"type": "odd/bom"}}, "f.json")]),
        "range": (65, ["validate", write({"a": {"type": "image.blur", "params": {"radius": 1e9}}}, "g.json")]),
        "timeout": (124, ["run", write({"a": {"type": "odd/wait"}}, "h.json"), "--timeout", "0.7"]),
        "usage": (2, ["run", "h.json", "--set", "nonsense"]),
        "target": (65, ["run", "d.json", "--target", "zz"]),
        "set": (65, ["run", "d.json", "--set", "zz.x=1"]),
        "input": (65, ["run", "d.json", "--input", "zz=1"]),
        "inspect": (65, ["inspect", "broken.png"]),
        "why": (65, ["why", "d.json", "zz"]),
        "resume": (66, ["resume", "nothing"]),
    }


def test_every_failure_explains_itself(cli: Any, write: Any, odd: str, home: Path) -> None:
    for what, (code, command) in failures(write).items():
        done = cli(*command, "--json")
        told = done.json
        assert (what, done.code) == (what, code)
        assert {"code", "message", "request_id"} <= set(told["error"])
        assert all(told["error"].values()), what
        assert told["errors"], what
        for error in told["errors"]:
            assert set(error) == {"code", "pointer", "node", "field", "message", "hint"}, what
            assert error["code"], what
            assert error["message"].rstrip().endswith((".", "?", "!")), (what, error)
            said = f"{error['message']} {error['hint']}"
            assert not any(word in said for word in ("Traceback", 'File "', "site-packages", str(ROOT))), (what, said)
        if what not in ("raises", "broken"):
            assert all(error["hint"] for error in told["errors"]), (what, told)
        assert "Traceback" not in done.out, what


def test_the_log_has_the_traceback_that_is_not_shown(cli: Any, write: Any, odd: str, home: Path) -> None:
    done = cli("run", write({"a": {"type": "odd/boom"}}))
    assert "Traceback" not in done.err
    [log] = (home / "runs").glob("*.log")
    assert "ValueError: x is wrong" in log.read_text()
