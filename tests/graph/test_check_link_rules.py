"""The shared table of link rules holds: which types fit, which are converted, mapped or refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphflow.graph.check import check
from graphflow.graph.model import Document, NodeEntry
from graphflow.nodetype.catalogue import Catalogue
from graphflow.nodetype.spec import InputSpec, NodeSpec, OutputSpec

TABLE = json.loads((Path(__file__).parent / "link_rules.json").read_text())


def made(name: str, inputs: dict[str, str], outputs: dict[str, str], conversion: bool = False) -> NodeSpec:
    return NodeSpec(
        type=name, title=name, about="", module="", function="", conversion=conversion,
        inputs=[InputSpec(n, t) for n, t in inputs.items()], outputs=[OutputSpec(n, t) for n, t in outputs.items()],
    )  # fmt: skip


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: f"{case['source']} to {case['target']}")
def test_a_link_is_judged_as_the_table_says(case: dict[str, str]) -> None:
    specs = [made("x.give", {}, {"out": case["source"]}), made("x.take", {"in": case["target"]}, {"out": "image"})]
    specs += [made(f"x.{a}_to_{b}", {"a": a}, {"b": b}, conversion=True) for a, b in TABLE["conversions"]]
    catalogue = Catalogue(nodes={spec.type: spec for spec in specs})
    document = Document(1, {"a": NodeEntry("x.give"), "b": NodeEntry("x.take", {"in": "a.out"})})
    checked = check(document, catalogue, None)  # type: ignore[arg-type]
    assert ["link.kind"] * (case["verdict"] == "refused") == [problem.code for problem in checked.problems]
    use = checked.levels[""].uses["b"]
    if case["verdict"] != "refused":
        link = use.links["in"]
        assert not isinstance(link, list)
        said = "mapped" if link.fit.mapped else "conversion" if link.fit.conversion else "exact"
        assert said == case["verdict"]
        assert use.mapped == (("in",) if said == "mapped" else ())
        assert str(use.outputs["out"]) == ("list[image]" if said == "mapped" else "image")
