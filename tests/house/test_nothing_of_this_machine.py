"""What never enters the repository: hosts of package registries, lock files, paths of a machine, unfinished work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

# Written in pieces, so that this file does not hold what it looks for.
HOSTS = re.compile(
    r"(files\.python" + r"hosted\.org|pypi\." + r"org/(simple|packages)|registry\.npm" + r"js\.org|registry\.yarn"
    r"pkg\.com|download\.py" + r"torch\.org|--(extra-)?index" + r"-url|find" + r"-links)"
)
MACHINE = re.compile(r"(?<![\w.])/(ho" + r"me|ro" + r"ot|Us" + r"ers|wo" + r"rk|op" + r"t)/[\w.-]+")
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
LOCKS = {"uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", "yarn.lock", "pnpm-lock.yaml"}


def _texts(root: Path, files: tuple[Path, ...]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for path in files:
        data = path.read_bytes()
        if b"\0" not in data[:4096] and path.name != "LICENSE":
            found.append((str(path.relative_to(root)), data.decode("utf-8", "replace")))
    return found


@pytest.mark.parametrize(
    "pattern", [HOSTS, MACHINE, UNFINISHED], ids=["registry host", "path of a machine", "unfinished work"]
)
def test_no_file_holds_it(pattern: re.Pattern[str], root: Path, files: tuple[Path, ...]) -> None:
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}"
        for name, text in _texts(root, files)
        for match in pattern.finditer(text)
    ]
    assert found == []


def test_no_lock_file_is_there(files: tuple[Path, ...]) -> None:
    assert [str(path) for path in files if path.name in LOCKS] == []


def test_constraints_name_no_accelerators_libraries_and_pin_torch(root: Path) -> None:
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert "torch==2.13.0" in lines
    assert [line for line in lines if line.startswith(("nvidia-", "cuda-", "triton"))] == []
    assert all(re.match(r"[a-z0-9-]+==[\w.]+( ; .*)?$", line) for line in lines), "pins only: no host, no path"


def test_every_dependency_is_pinned(root: Path) -> None:
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    names = {re.split(r"[\[<>=!~ ]", line)[0].lower() for line in wanted}
    pinned = {line.split("==")[0] for line in (root / "constraints.txt").read_text(encoding="utf-8").splitlines()}
    assert names - pinned == set(), "run `make pins`"
