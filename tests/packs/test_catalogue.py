"""The catalogue is made by child processes, so that a bad pack is only a missing pack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil
import pytest

from graphflow.packs import catalogue, child
from graphflow.packs.catalogue import Installed, load
from graphflow.values.kind import FAMILIES

Write = Callable[[str, str], Path]

NODE = '''
from graphflow import node


@node
def scale(value: float, *, factor: float = 2.0) -> float:
    """Scale a number."""
    return value * factor
'''

# A pack's source, and what its problem says.
BAD = {
    "leaves": ("exit(3)", "SystemExit: 3"),
    "ends": ("import os; os._exit(3)", "ended the process with exit code 3"),
    "ends_well": ("import os; os._exit(0)", "ended the process with exit code 0"),
    "crashes": ("import ctypes; ctypes.string_at(0)", "died of SIGSEGV"),
    "aborts": ("import os; print('farewell', flush=True); os.abort()", "died of SIGABRT. It printed last: farewell"),
    "raises": ("raise RuntimeError('no such luck')", "RuntimeError: no such luck (packs/raises.py, line 1)"),
    "lacks": ("import no_such_library", "No module named 'no_such_library'"),
    "broken": ("def (", "SyntaxError: invalid syntax (packs/broken.py, line 1)"),
    "recurses": ("def f(): f()\nf()", "RecursionError"),
    "floods": ("while True: print('x' * 1000)", "printed more than 1 MB"),
    "twice": (NODE + NODE, "declares two nodes of this name; rename one"),
    "spoils": ("import msgspec; msgspec.json.encode = lambda *a: b'{'", "damaged the answer"),
    "empties": ("import msgspec; msgspec.json.encode = lambda *a: b'{}'", "damaged the answer"),
    "interrupts": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "misdeclares": (NODE.replace("factor: float = 2.0", "factor"), "has no annotation"),
    "nameless": (NODE.replace("value: float", "value: Unknown"), "Unknown"),
}
# What a pack may do while it is imported without being a bad one.
GOOD = {
    "plain": "",
    "prints": "print('hello\\n' * 1000)",
    "forks": "import os; os.fork()",
    "starts": "import subprocess; subprocess.Popen(['sleep', '61.5'])",
    "threads": "import threading, time; threading.Thread(target=time.sleep, args=(60,)).start()",
    "moves": "import os; os.chdir('/')",
    "closes": "import os; os.closerange(0, 3)",
}


@pytest.fixture(scope="module")
def bundled() -> Installed:
    """What is there without a data folder."""
    return load(None)


@pytest.fixture
def mixed(home: Path, write: Write, bundled: Installed) -> Installed:
    """A folder of packs of which one half is bad."""
    for name, (text, _) in BAD.items():
        write(f"{name}.py", text)
    for name, text in GOOD.items():
        write(f"{name}.py", f"{text}\n{NODE}")
    return load(home)


def test_a_bad_pack_is_listed_with_its_reason_and_harms_no_other(mixed: Installed, bundled: Installed) -> None:
    told = mixed.catalogue.problems
    assert {name: told.get(name, "") for name, (_, said) in BAD.items() if said not in told.get(name, "")} == {}
    assert set(told) == {*BAD, *bundled.catalogue.problems}
    assert {f"{name}/scale" for name in GOOD} <= set(mixed.catalogue.nodes)
    assert not {f"{name}/scale" for name in BAD} & set(mixed.catalogue.nodes)
    assert bundled.catalogue.nodes.items() <= mixed.catalogue.nodes.items()
    assert not any("61.5" in " ".join(p.info["cmdline"] or ()) for p in psutil.process_iter(["cmdline"]))
    assert not any(str(Path.home()) in said or "/tmp/" in said for said in told.values())


def test_a_pack_whose_import_takes_too_long_is_ended(home: Path, write: Write, bundled: Installed) -> None:
    write("sleeps.py", "import time; print('zzz', flush=True); time.sleep(50)")
    begun = time.monotonic()
    made = load(home, seconds=1.0)
    assert made.catalogue.problems["sleeps"] == "Its import took longer than 1 s. It printed last: zzz"
    assert time.monotonic() - begun < 30


def test_a_pack_that_holds_its_output_open_in_another_session_does_not_hold_us(
    home: Path, write: Write, bundled: Installed
) -> None:
    started = "import subprocess; subprocess.Popen(['sleep', '62.5'], start_new_session=True)"
    write("daemon.py", f"{started}\n{NODE}")
    begun = time.monotonic()
    try:
        assert "daemon/scale" in load(home).catalogue.nodes
        assert time.monotonic() - begun < 30
    finally:
        for process in psutil.process_iter(["cmdline"]):
            if process.info["cmdline"] == ["sleep", "62.5"]:
                process.kill()


def test_the_bundled_packs_are_all_there(bundled: Installed) -> None:
    assert bundled.catalogue.problems == {}
    assert {"image", "mask", "text", "number", "flow", "io", "convert"} <= set(bundled.catalogue.packs)
    assert bundled.catalogue.find("convert.mask_to_image") is not None
    assert bundled.catalogue.conversions[("mask", "image")] == "convert.mask_to_image"
    assert set(bundled.codes) == set(bundled.catalogue.nodes)
    assert "torch" in bundled.libraries["image"]


def test_kinds_stand_in_the_catalogue_with_their_colours(home: Path, write: Write, bundled: Installed) -> None:
    write(
        "graphs.py",
        '''
        from dataclasses import dataclass
        from graphflow import kind, node

        @kind(family="mesh")
        @dataclass(frozen=True)
        class Lattice:
            """A lattice of points."""
            size: int

        @node
        def lattice(*, size: int = 3) -> Lattice:
            """A lattice."""
            return Lattice(size)
        ''',
    )
    made = load(home)
    kind = made.catalogue.kinds["lattice"]
    assert (kind.family, kind.dark, kind.light) == ("mesh", *FAMILIES["mesh"])
    assert kind.about == "A lattice of points."
    assert made.makers["lattice"] == "graphs"
    assert made.catalogue.nodes["graphs/lattice"].outputs[0].type == "lattice"
    image = bundled.catalogue.kinds["image"]
    assert (image.dark, image.light, image.tensors) == (*FAMILIES["image"], True)


def test_a_module_that_fails_costs_its_own_nodes_only(home: Path, write: Write, bundled: Installed) -> None:
    write("acme/__init__.py", "LIBRARIES = ('numpy',)\n__version__ = '1.2'")
    write("acme/good.py", NODE)
    write("acme/bad.py", f"{NODE}\nraise ValueError('not today')")
    write("acme/deep/further.py", NODE)
    write("acme/not-a-module.py", "exit()")
    made = load(home)
    assert {name for name in made.catalogue.nodes if name.startswith("acme/")} == {
        "acme/good.scale", "acme/deep.further.scale",
    }  # fmt: skip
    assert made.catalogue.problems["acme"] == ("acme.bad cannot be used: ValueError: not today (acme/bad.py, line 10).")
    assert made.catalogue.packs["acme"] == "1.2"
    assert made.libraries["acme"] == ["numpy"]


def test_two_packs_that_register_one_kind_are_both_told_and_the_first_is_kept(
    home: Path, write: Write, bundled: Installed
) -> None:
    text = """
        from dataclasses import dataclass
        from graphflow import kind

        @kind
        @dataclass(frozen=True)
        class Lattice:
            '''Of {name}.'''
            size: int
    """
    for name in ("one", "two"):
        write(f"{name}.py", text.format(name=name))
    made = load(home)
    assert made.catalogue.kinds["lattice"].about == "Of one."
    assert "the pack two too" in made.catalogue.problems["one"]
    assert "the pack one too" in made.catalogue.problems["two"]


def test_two_packs_that_declare_one_type_are_both_told_and_the_first_is_kept(
    home: Path, write: Write, bundled: Installed
) -> None:
    write("one.py", NODE)
    records = load(home).records
    two = msgspec.structs.replace(records["one"], packs={"two": records["one"].packs["one"]})
    made = catalogue.merge({**records, "two": two}, {})
    assert made.catalogue.nodes["one/scale"].module == "one"
    assert made.catalogue.problems == {
        "one": "The node type one/scale is declared by the pack two too; this one is kept.",
        "two": "The node type one/scale is declared by the pack one too, whose one is kept.",
    }


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("json.py", "A Python module named json is installed already"),
        ("numpy/__init__.py", "A Python module named numpy is installed already"),
        ("image.py", "Another pack is named image"),
        ("old-blur.py", "cannot be imported; name it with letters, digits and _"),
        ("bare/blur.py", "has no __init__.py"),
        ("project/pyproject.toml", "install it with pip"),
    ],
)
def test_a_name_that_cannot_be_a_pack_is_told(
    home: Path, write: Write, bundled: Installed, name: str, said: str
) -> None:
    write(name, "")
    pack = name.split("/")[0].removesuffix(".py")
    assert said in load(home).catalogue.problems[pack]


def test_hidden_files_and_others_are_no_packs(home: Path, write: Write, bundled: Installed) -> None:
    for name in (".hidden.py", "_private.py", "readme.md", "__pycache__/x.py"):
        write(name, "exit()")
    assert load(home).catalogue.problems == bundled.catalogue.problems


def test_a_data_folder_without_packs_has_the_bundled_ones(tmp_path: Path, bundled: Installed) -> None:
    assert load(tmp_path / "nowhere").catalogue.nodes == bundled.catalogue.nodes


# -- remembered ------------------------------------------------------------------------------------------------------


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, bundled: Installed) -> list[list[str]]:
    """The packs of each child process that was started."""
    asked: list[list[str]] = []
    scan = child.scan_in_child

    def count(packs: dict[str, list[str]], *rest: object) -> object:
        asked.append(sorted(packs))
        return scan(packs, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(child, "scan_in_child", count)
    return asked


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a new process."""
    monkeypatch.setattr(catalogue, "_made", {})


def test_nothing_is_imported_again_while_no_file_changes(
    home: Path, write: Write, counted: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("one.py", NODE)
    first = load(home)
    assert counted == [["one"]]
    assert load(home, first) is first
    assert load(home).catalogue == first.catalogue
    forget(monkeypatch)
    assert load(home).catalogue == first.catalogue
    assert counted.count(["one"]) == 1


def test_only_the_pack_whose_file_changed_is_imported_again(home: Path, write: Write, counted: list[list[str]]) -> None:
    write("one.py", NODE)
    write("two/__init__.py", "")
    write("two/nodes.py", NODE)
    load(home)
    counted.clear()
    write("two/nodes.py", NODE.replace("Scale a number", "Multiply a number"))
    made = load(home)
    assert counted == [["two"]]
    assert made.catalogue.nodes["two/nodes.scale"].about == "Multiply a number."
    write("two/more.py", NODE)
    assert "two/more.scale" in load(home).catalogue.nodes
    (home / "packs/two/more.py").unlink()
    assert "two/more.scale" not in load(home).catalogue.nodes
    assert counted == [["two"]] * 3


def test_an_edit_of_the_same_size_in_the_same_second_is_seen(home: Path, write: Write, bundled: Installed) -> None:
    path = write("one.py", NODE)
    when = 1_700_000_000_000_000_000
    os.utime(path, ns=(when, when))
    first = load(home)
    write("one.py", NODE.replace("= 2.0", "= 3.0"))
    os.utime(path, ns=(when + 1000, when + 1000))
    again = load(home, first).catalogue.nodes["one/scale"]
    assert [param.default for param in again.params] == [3.0]


def test_a_pack_that_fails_is_not_tried_at_every_start(home: Path, write: Write, counted: list[list[str]]) -> None:
    write("bad.py", "import os; os._exit(1)")
    assert "exit code 1" in load(home).catalogue.problems["bad"]
    assert "exit code 1" in load(home).catalogue.problems["bad"]
    assert counted == [["bad"]]


def test_a_pack_that_fails_is_tried_again_once_something_was_installed(
    home: Path, write: Write, counted: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("bad.py", "import no_such_library")
    load(home)
    monkeypatch.setattr(catalogue, "_sites", lambda: [1])
    load(home)
    assert counted == [["bad"]] * 2


def test_a_pack_that_took_too_long_is_tried_again_after_an_hour(
    home: Path, write: Write, counted: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("bad.py", "import os; os._exit(1)")
    load(home)
    later = time.time() + catalogue.RETRY + 1
    monkeypatch.setattr(catalogue.time, "time", lambda: later)
    load(home)
    assert counted == [["bad"]] * 2


def test_a_damaged_memory_of_the_catalogue_is_made_anew(
    home: Path, write: Write, bundled: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("one.py", NODE)
    load(home)
    files = sorted((home / "catalogue").glob("*.json"))
    assert any(path.name.startswith("one-") for path in files)
    for path in files:
        path.write_bytes(path.read_bytes()[:-20])
    forget(monkeypatch)
    assert "one/scale" in load(home).catalogue.nodes
    assert all(json.loads(path.read_bytes()) for path in files)


def test_reading_the_catalogue_imports_neither_packs_nor_heavy_libraries(home: Path, write: Write) -> None:
    write("one.py", NODE)
    code = (
        "import sys, pathlib; from graphflow.packs.registry import Registry; "
        "r = Registry.open(pathlib.Path(sys.argv[1])); r.code_digest('one/scale'); r.salt('image.blur'); "
        "assert 'one/scale' in r.catalogue.nodes; "
        "print(sorted({'torch', 'numpy', 'PIL', 'one', 'graphflow_nodes', 'pydantic'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
