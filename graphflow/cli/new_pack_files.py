"""What `graphflow new-pack` writes. $name, $root and $type stand for the pack, its package and its node type."""

from __future__ import annotations

INIT = '''"""The node pack $name."""

from __future__ import annotations

# Distributions whose major.minor version enters the cache keys of this pack's nodes: those that can change results.
LIBRARIES = ("torch",)
'''

NODE = '''"""Solarisation."""

from __future__ import annotations

from typing import Annotated

from graphflow import Image, Range, node


@node
def solarise(image: Image, *, threshold: Annotated[float, Range(0, 1, 0.01)] = 0.5) -> Image:
    """Turn the bright parts of a picture into their negative.

    threshold: Colours above it are inverted; 1 leaves the picture as it is.
    """
    import torch

    colours, alpha = image.pixels[:, :3], image.pixels[:, 3:]
    return Image(torch.cat([torch.where(colours > threshold, 1 - colours, colours), alpha], dim=1))
'''

NODE_TEST = '''"""The node is a plain function: no engine is needed to test it."""

from __future__ import annotations

from $root.solarise import solarise

from graphflow import Image


def test_bright_colours_are_inverted_and_dark_ones_stay() -> None:
    import torch

    image = Image(torch.tensor([0.25, 0.5, 0.75]).view(1, 1, 1, 3))
    assert solarise(image).pixels.flatten().tolist() == [0.25, 0.5, 0.25]


def test_a_threshold_of_one_changes_nothing() -> None:
    import torch

    image = Image(torch.rand(1, 3, 4, 4))
    assert torch.equal(solarise(image, threshold=1.0).pixels, image.pixels)


def test_alpha_stays_as_it_is() -> None:
    import torch

    image = Image(torch.full((1, 4, 2, 2), 0.75))
    assert solarise(image).pixels[:, 3].unique().tolist() == [0.75]
'''

WORKFLOW_TEST = '''"""The example workflow runs, and run again it computes nothing."""

from __future__ import annotations

from pathlib import Path

from graphflow import Session

WORKFLOW = Path(__file__).parent.parent / "workflows" / "solarise.json"


def test_the_workflow_saves_a_picture_and_is_cached_the_next_time(tmp_path: Path) -> None:
    with Session(tmp_path / "home") as session:
        first = session.run(WORKFLOW, out=tmp_path / "out")
        assert (first.status, first.errors) == ("done", [])
        assert (tmp_path / "out" / "solarise.png").exists()
        assert session.run(WORKFLOW, out=tmp_path / "out").executed == 0
'''

WORKFLOW = """{
  "graphflow": 1,
  "title": "Solarise",
  "about": "An example of the node $type.",
  "nodes": {
    "picture": {"type": "image.gradient", "params": {"height": 256, "width": 256}},
    "save": {"type": "image.save", "inputs": {"image": "solar.image"}, "params": {"name": "solarise"}},
    "solar": {"type": "$type", "inputs": {"image": "picture.image"}, "params": {"threshold": 0.5}}
  }
}
"""

PROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "$name"
version = "0.1.0"
description = "Nodes for graphflow."
requires-python = ">=3.11"
dependencies = ["graphflow"]

[project.optional-dependencies]
dev = ["pytest"]

# All modules below this package are looked through for nodes.
[project.entry-points."graphflow.packs"]
$name = "$root"

[tool.hatch.build.targets.wheel]
packages = ["$root"]
"""

README = """# $name

A node pack for graphflow.

```sh
pip install -e .
graphflow nodes $name/
graphflow run workflows/solarise.json --out .
pytest
```

A node is a typed function in `$root/`. Inputs (links) stand before the star, params (widgets) after it. An edit takes
effect for the next run. `graphflow doctor` tells if the pack cannot be imported, and why.
"""

# {path: text} of a pack that pip installs, and of one that lies in the data folder's packs.
PROJECT_FILES = {
    "README.md": README,
    "pyproject.toml": PROJECT,
    "$root/__init__.py": INIT,
    "$root/solarise.py": NODE,
    "tests/test_solarise.py": NODE_TEST,
    "tests/test_workflow.py": WORKFLOW_TEST,
    "workflows/solarise.json": WORKFLOW,
}
FOLDER_FILES = {
    "__init__.py": INIT,
    "solarise.py": NODE,
    "test_solarise.py": NODE_TEST,
    "solarise.json": WORKFLOW,
}
