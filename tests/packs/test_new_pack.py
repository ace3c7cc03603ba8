"""The pack that `graphflow new-pack` writes works as it stands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from graphflow.packs.new_pack import new_pack
from graphflow.packs.registry import Registry


def run(*command: str, cwd: Path, **environment: str) -> str:
    """A command's output; the test fails with all that it printed if it fails."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    ran = subprocess.run(
        command, cwd=cwd, env={**bare, **environment}, capture_output=True, text=True, check=False, timeout=200
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return new_pack("my-filters", tmp_path)


def test_a_new_pack_has_all_its_parts(project: Path) -> None:
    assert project.name == "my-filters"
    assert sorted(str(path.relative_to(project)) for path in project.rglob("*") if path.is_file()) == [
        ".gitignore",
        "README.md",
        "my_filters/__init__.py",
        "my_filters/vignette.py",
        "pyproject.toml",
        "tests/test_vignette.py",
        "workflows/vignette.json",
    ]
    texts = [path.read_text(encoding="utf-8") for path in project.rglob("*") if path.is_file()]
    assert not any(word in text for text in texts for word in ("PACKAGE", "OWNER", "NAME"))


def test_a_new_pack_passes_its_own_tests_where_it_stands(project: Path) -> None:
    assert "5 passed" in run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=project)


def test_a_new_pack_is_written_in_the_house_s_style(project: Path) -> None:
    run(
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--line-length=120",
        "--select=E,F,I,UP,B,RUF",
        ".",
        cwd=project,
    )
    run(sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=120", "--check", ".", cwd=project)


def test_the_example_of_a_new_pack_uses_nodes_and_params_that_are_there(project: Path) -> None:
    catalogue = Registry.open().catalogue
    nodes = json.loads((project / "workflows/vignette.json").read_text(encoding="utf-8"))["nodes"]
    assert nodes["dark"]["type"] == "my-filters/vignette.vignette"
    for one in (nodes["sky"], nodes["save"]):
        spec = catalogue.nodes[one["type"]]
        assert set(one["params"]) <= {param.name for param in spec.params}


def test_a_loose_pack_works_from_the_data_folder(home: Path) -> None:
    made = new_pack("my-filters", home / "packs", loose=True)
    assert made.name == "my_filters"
    registry = Registry.open(home)
    assert registry.catalogue.problems == {}
    assert [name for name in registry.catalogue.nodes if name.startswith("my")] == ["my_filters/vignette.vignette"]
    assert registry.salt("my_filters/vignette.vignette").startswith("torch ")
    assert (
        json.loads((made / "workflows/vignette.json").read_bytes())["nodes"]["dark"]["type"] in registry.catalogue.nodes
    )
    assert "5 passed" in run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=made)


@pytest.mark.parametrize(
    "name",
    ["", "a b", "My-Filters", "1st", "-x", "x-", "a--b", "../up", "a/b", "a.b", "a_b", "x" * 61, "caf\xe9", "a\n"],
)
def test_a_name_that_will_not_do_is_refused_with_what_would(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="use up to 60 lower-case letters, digits and single hyphens"):
        new_pack(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["json", "class", "image", "numpy", "graphflow", "graphflow-nodes", "convert"])
def test_a_name_that_is_taken_is_refused_with_another(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=f"cannot be named {name}: .*such as my-{name}"):
        new_pack(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "my-filters").mkdir()
    with pytest.raises(FileExistsError, match="is there already; choose another name or folder"):
        new_pack("my-filters", tmp_path)
    assert list((tmp_path / "my-filters").iterdir()) == []


@pytest.mark.slow
def test_a_new_pack_installs_with_pip_and_shows_up(project: Path, tmp_path: Path) -> None:
    site, home = tmp_path / "site", tmp_path / "home"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    run(*pip, "--target", str(site), str(project), cwd=tmp_path)
    code = (
        "import sys, pathlib; from graphflow.packs.registry import Registry; "
        "r = Registry.open(pathlib.Path(sys.argv[1])); t = 'my-filters/vignette.vignette'; "
        "assert t in r.catalogue.nodes, r.catalogue.problems; print(r.catalogue.packs['my-filters'], r.node(t).type)"
    )
    told = run(sys.executable, "-c", code, str(home), cwd=tmp_path, PYTHONPATH=str(site))
    assert told == "0.1.0 my-filters/vignette.vignette\n"
    tests = run(
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=project, PYTHONPATH=str(site)
    )  # fmt: skip
    assert "5 passed" in tests


@pytest.mark.parametrize("name", ["numpy", "pillow", "image", "flow", "io"])
def test_the_name_of_a_distribution_or_a_standard_pack_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=f"A pack cannot be named {name}: .*"):
        new_pack(name, tmp_path)
    assert list(tmp_path.iterdir()) == []
