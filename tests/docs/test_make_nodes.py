"""The generated catalogue says of a node what its declaration says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal

import pytest

from graphflow import Image, Isolate, Lazy, Mask, Range, Seed, node

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    """docs/make_nodes.py as a module."""
    spec = importlib.util.spec_from_file_location("make_nodes", ROOT / "docs" / "make_nodes.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@node(grants=["network"], isolate=Isolate(gb=2), was="demo.old")
def sample(
    image: Image,
    more_of_it: Lazy[Image],
    mask: Mask | None = None,
    *,
    amount: Annotated[float, Range(0, 1, 0.05)] = 0.25,
    least: Annotated[int, Range(low=1)] = 1,
    mode: Literal["soft", "hard"],
    seed: Seed = 0,
) -> Image:
    """Sample a picture.

    The formula stands here.

    amount: How much; this
        goes on.
    """
    return image


@sample.needs
def _() -> set[str]:
    return {"more_of_it"}


def test_a_section_tells_all_of_a_declaration(generator: ModuleType) -> None:
    lines = generator.section(sample.spec, ["poster"])
    assert lines[2:5] == ["Sample a picture.", "", "The formula stands here."]
    for line in (
        "Asks for the user's consent: network.",
        "Runs in a process of its own, with at most 2 GB of memory.",
        "Earlier called `demo.old`.",
        "- `image` (`image`)",
        "- `more_of_it` (`image`, computed only if needed)",
        "- `mask` (`mask`, may be left out)",
        "- `amount` (`number`, 0 to 1 in steps of 0.05, default `0.25`): How much; this goes on.",
        "- `least` (`whole`, at least 1, default `1`)",
        "- `mode` (one of `soft`, `hard`, must be given)",
        "- `seed` (`seed`, default `0`)",
        "Used in [poster](../../workflows/poster.json).",
    ):
        assert line in lines
    assert not any(line.startswith(("amount:", "goes on")) for line in lines)


def test_the_types_of_subgraphs_are_seen_too(generator: ModuleType) -> None:
    document = {
        "nodes": {"a": {"type": "#inner"}},
        "subgraphs": {"inner": {"nodes": {"b": {"type": "image.blur"}}}},
    }
    assert generator.used_types(document) == {"#inner", "image.blur"}


def test_a_stale_page_is_told_and_a_fresh_one_is_not(
    generator: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generator, "PAGES", tmp_path / "nodes")
    assert generator.main([]) == 0
    assert generator.main(["--check"]) == 0
    (tmp_path / "nodes" / "README.md").write_text("old\n")
    assert generator.main(["--check"]) == 1
    assert "run `make docs`" in capsys.readouterr().out
