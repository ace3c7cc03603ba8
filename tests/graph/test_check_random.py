"""Whatever a document says, check answers with problems and never raises."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graphflow.graph.check import Code, check
from graphflow.graph.model import Document, Interface, InterfaceInput, NodeEntry, SubgraphEntry
from graphflow.nodetype.catalogue import Catalogue

IDS = st.sampled_from(["a", "b", "c", "d"])
FIELDS = st.sampled_from([
    "image", "mask", "images", "value", "values", "a", "b", "yes", "no", "when", "radius", "names", "graph", "name",
    "x", "items", "list", "file",
])  # fmt: skip
TYPES = st.sampled_from([
    "image.load", "image.blur", "image.grid", "image.split", "image.save", "mask.grow", "mask.widen", "number.value",
    "number.range", "number.pages", "number.add", "number.sum", "flow.switch", "flow.collect", "flow.map", "flow.ports",
    "io.fetch", "no.such", "acme/x", "#s", "#t", "#u", "#none",
])  # fmt: skip
LINKS = st.builds(lambda node, field: f"{node}.{field}", IDS, FIELDS) | st.sampled_from(["a", ".", "a.", ".a", ""])
VALUES = st.none() | st.booleans() | st.integers(-3, 99) | st.floats() | st.sampled_from(["#s", "#t", "x", "fit", "xy"])
PARAMS = VALUES | st.lists(VALUES, max_size=3) | st.dictionaries(st.text(max_size=2), VALUES, max_size=2)
ENTRIES = st.builds(
    NodeEntry, TYPES, st.dictionaries(FIELDS, LINKS | st.lists(LINKS, max_size=3), max_size=3),
    st.dictionaries(FIELDS, PARAMS, max_size=3), st.integers(1, 4), st.sampled_from([None, None, "mute", "bypass"]),
)  # fmt: skip
NODES = st.dictionaries(IDS, ENTRIES, max_size=4)
RANGES = st.sampled_from([None, [0, 9], [None, 70], [-1.5, None, 0.5], [3, 3, 0]])
INPUTS = st.builds(InterfaceInput, to=st.lists(LINKS, min_size=1, max_size=3), default=PARAMS, range=RANGES)
INTERFACES = st.builds(
    Interface, st.dictionaries(FIELDS, INPUTS, max_size=2), st.dictionaries(FIELDS, LINKS, max_size=2)
)
SUBGRAPHS = st.fixed_dictionaries({
    "s": st.builds(SubgraphEntry, NODES, INTERFACES), "t": st.builds(SubgraphEntry, NODES, INTERFACES),
    "u": st.builds(SubgraphEntry, NODES, INTERFACES),
})  # fmt: skip
DOCUMENTS = st.builds(
    lambda nodes, interface, subgraphs: Document(1, nodes, interface=interface, subgraphs=subgraphs),
    NODES, INTERFACES, SUBGRAPHS,
)  # fmt: skip
PATHS = st.builds(lambda a, b: f"{a}.{b}", st.sampled_from(["a", "b", "a/b", "c/a/b", "a[1]/b", "", "/"]), FIELDS)


@settings(max_examples=200, deadline=None)
@given(
    DOCUMENTS, st.dictionaries(FIELDS, PARAMS, max_size=2), st.dictionaries(PATHS, PARAMS, max_size=3),
    st.lists(PATHS | IDS, max_size=2),
)  # fmt: skip
def test_no_document_makes_check_raise(
    catalogue: Catalogue, code: Code, document: Document, inputs: Any, params: Any, targets: Any
) -> None:
    checked = check(document, catalogue, code, inputs=inputs, params=params, targets=targets, run=True)
    for problem in checked.problems:
        assert problem.code
        assert problem.hint
        assert problem.message.endswith(".")
    assert set(checked.levels) >= {"", "s", "t", "u"}
    for key, level in checked.levels.items():
        if not key:
            assert set(level.uses) == set(document.nodes)


def test_thousands_of_wrong_names_are_counted_and_each_that_is_told_has_a_hint(
    catalogue: Catalogue, code: Code
) -> None:
    nodes = {f"node-{i}": NodeEntry("image.blur", {"imag": f"nod-{i}.image"}) for i in range(5_000)}
    checked = check(Document(1, nodes), catalogue, code)
    assert [problem.code for problem in checked.problems].count("input.unknown") > 300
    assert checked.problems[-1].code == "document.more"
    assert all(problem.hint for problem in checked.problems)
