"""`graphflow new-pack`: a pack to begin with. It installs with pip, has a node, its test and an example workflow."""

from __future__ import annotations

import importlib.machinery
import importlib.metadata
import keyword
import re
import sys
from pathlib import Path

from graphflow.packs.discover import installed

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 60
_STANDARD = {"image", "mask", "text", "number", "flow", "io"}
_TAKEN = {"graphflow", "graphflow-nodes", "local", "test", "tests"}


def new_pack(name: str, folder: str | Path, *, loose: bool = False) -> Path:
    """Write a pack and return its folder.

    name: Of the distribution: lower-case letters, digits and single hyphens, such as my-filters. folder: Where its
    folder is put. loose: Only the package, named my_filters, for GRAPHFLOW_HOME/packs, where it works without pip.

    Raises ValueError if the name will not do, FileExistsError if something of that name is there, OSError.
    """
    package = name.replace("-", "_")
    if problem := _problem(name, package):
        raise ValueError(problem)
    made = Path(folder) / (package if loose else name)
    if made.exists():
        raise FileExistsError(f"Cannot write the pack {name}: {made} is there already; choose another name or folder.")
    owner = package if loose else name
    files = _LOOSE if loose else _PROJECT
    for path, text in files.items():
        place = made / path.replace("PACKAGE", package)
        place.parent.mkdir(parents=True, exist_ok=True)
        told = text.lstrip("\n").replace("PACKAGE", package).replace("OWNER", owner).replace("NAME", name)
        place.write_text(told, encoding="utf-8")
    return made


def _problem(name: str, package: str) -> str | None:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        return (
            f"A pack cannot be named {name[:_LONGEST]!r}: use up to {_LONGEST} lower-case letters, digits and single "
            "hyphens, beginning with a letter, such as my-filters."
        )
    if keyword.iskeyword(package) or package in sys.stdlib_module_names:
        return f"A pack cannot be named {name}: Python has that word itself; choose another, such as my-{name}."
    if name in _STANDARD:
        return f"A pack cannot be named {name}: a standard pack has that name; choose another, such as my-{name}."
    if _is_distribution(name):
        return (
            f"A pack cannot be named {name}: that name is taken here by an installed distribution; choose another, "
            f"such as my-{name}."
        )
    packs = {pack for source in installed()[0] for pack in source.packs}
    found = importlib.machinery.PathFinder.find_spec(package)
    if name in _TAKEN | packs or (found is not None and found.loader is not None):
        return f"A pack cannot be named {name}: that name is taken here; choose another, such as my-{name}."
    return None


def _is_distribution(name: str) -> bool:
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


_INIT = '''
"""Pictures, the way NAME likes them."""

from __future__ import annotations

# The libraries whose version can change a result: with a new minor version of one, nodes are computed again.
LIBRARIES = ("torch",)
'''

_NODE = '''
"""Darkened corners."""

from __future__ import annotations

from typing import Annotated

from graphflow import Image, Range, node


@node
def vignette(image: Image, *, strength: Annotated[float, Range(0, 1, 0.05)] = 0.5) -> Image:
    """Darken a picture towards its corners.

    strength: How much light the corners lose: 0 is none, 1 is all.
    """
    import torch

    # 0 in the middle, 1 in the corners.
    down = torch.linspace(-1, 1, image.height).square()[:, None]
    across = torch.linspace(-1, 1, image.width).square()[None, :]
    light = 1 - strength * (down + across) / 2
    colours = min(image.channels, 3)
    return Image(torch.cat([image.pixels[:, :colours] * light, image.pixels[:, colours:]], dim=1))
'''

_TEST = '''
"""A node is a plain function: its tests need no engine."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from graphflow import Image

from PACKAGE.vignette import vignette

WORKFLOW = Path(__file__).parents[1] / "workflows" / "vignette.json"


def test_the_middle_keeps_its_light_and_the_corners_lose_what_is_asked() -> None:
    made = vignette(Image(torch.ones(1, 3, 5, 5)), strength=0.25).pixels
    assert made[0, :, 2, 2].tolist() == [1.0, 1.0, 1.0]
    assert made[0, :, 0, 0].tolist() == made[0, :, 4, 4].tolist() == [0.75, 0.75, 0.75]


def test_a_strength_of_zero_changes_nothing() -> None:
    picture = Image(torch.rand(2, 3, 4, 6))
    assert torch.equal(vignette(picture, strength=0.0).pixels, picture.pixels)


def test_alpha_stays_as_it_is() -> None:
    assert vignette(Image(torch.ones(1, 4, 5, 5)), strength=1.0).pixels[:, 3].min() == 1.0


def test_the_picture_that_was_given_is_not_written_into() -> None:
    picture = Image(torch.ones(1, 3, 5, 5))
    vignette(picture, strength=1.0)
    assert picture.pixels.min() == 1.0


def test_the_example_workflow_gives_params_that_the_node_has() -> None:
    nodes = json.loads(WORKFLOW.read_text(encoding="utf-8"))["nodes"]
    mine = [one for one in nodes.values() if one["type"].endswith("vignette.vignette")]
    known = {param.name for param in vignette.spec.params}
    assert mine
    assert all(set(one["params"]) <= known for one in mine)
'''

_WORKFLOW = """
{
  "graphflow": 1,
  "title": "A sky with darkened corners",
  "about": "Draws a gradient and darkens it towards its corners with the node of the pack NAME.",
  "nodes": {
    "sky": {
      "type": "image.gradient",
      "params": {
        "width": 384,
        "height": 256,
        "angle": 90,
        "stops": [{"at": 0, "color": "#27408b"}, {"at": 1, "color": "#f4a460"}]
      }
    },
    "dark": {"type": "OWNER/vignette.vignette", "inputs": {"image": "sky.image"}, "params": {"strength": 0.8}},
    "save": {"type": "image.save", "inputs": {"image": "dark.image"}, "params": {"name": "vignette"}}
  },
  "interface": {
    "inputs": {"strength": {"to": ["dark.strength"], "title": "Strength"}},
    "outputs": {"picture": "dark.image"}
  }
}
"""

_PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "NAME"
version = "0.1.0"
description = "Nodes for graphflow."
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["graphflow"]

[project.optional-dependencies]
dev = ["pytest"]

# This entry makes it a pack: every module below the package is looked through for nodes.
[project.entry-points."graphflow.packs"]
NAME = "PACKAGE"

[tool.hatch.build.targets.wheel]
packages = ["PACKAGE"]

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]
"""

_README = """
# NAME

Nodes for graphflow.

```
pip install -e .                            # the nodes show up in graphflow
graphflow nodes NAME/vignette.vignette
graphflow run workflows/vignette.json
pip install -e .[dev] && pytest             # the tests
```

- `PACKAGE/vignette.py` is a node. Edit it: the next run takes the change, and only that node and what depends on its
  value are computed again.
- Another node is another function with `@node`, in that file or a new one; its type is `NAME/FILE.FUNCTION`.
- `tests/` calls the nodes as plain functions. `workflows/` has an example to run and to share.
"""

_LOOSE_README = """
# NAME

Nodes for graphflow. This folder lies among the data folder's packs, so that they work without being installed:

```
graphflow nodes PACKAGE/vignette.vignette
graphflow run workflows/vignette.json
pytest                                      # in this folder
```

- `vignette.py` is a node. Edit it: the next run takes the change, and only that node and what depends on its value are
  computed again.
- Another node is another function with `@node`, in that file or a new one; its type is `PACKAGE/FILE.FUNCTION`.
- `graphflow new-pack` without `--folder` writes a pack that others can install with pip.
"""

_LOOSE_CONFTEST = '''
"""Lets the tests import this package from where it lies."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
'''

_PROJECT = {
    "pyproject.toml": _PYPROJECT,
    "README.md": _README,
    ".gitignore": "__pycache__/\n.pytest_cache/\ndist/\n",
    "PACKAGE/__init__.py": _INIT,
    "PACKAGE/vignette.py": _NODE,
    "tests/test_vignette.py": _TEST,
    "workflows/vignette.json": _WORKFLOW,
}
_LOOSE = {
    "README.md": _LOOSE_README,
    "__init__.py": _INIT,
    "vignette.py": _NODE,
    "tests/conftest.py": _LOOSE_CONFTEST,
    "tests/test_vignette.py": _TEST,
    "workflows/vignette.json": _WORKFLOW,
}
