"""Circles are told with their nodes in order, at every level, and big graphs are walked without recursion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import networkx
from hypothesis import given
from hypothesis import strategies as st

from graphflow.graph.check import Checked
from graphflow.graph.cycles import topological

Look = Callable[..., Checked]
Only = Callable[[Checked], Any]


def add(a: str, b: str) -> dict[str, Any]:
    return {"type": "number.add", "inputs": {"a": a, "b": b}}


def test_a_circle_lists_its_nodes_in_the_direction_of_the_links(look: Look, only: Only) -> None:
    nodes = {"a": add("c.value", "n.value"), "b": add("a.value", "n.value"), "c": add("b.value", "n.value")}
    problem = only(look({**nodes, "n": {"type": "number.value"}, "after": add("a.value", "b.value")}))
    assert (problem.code, problem.message) == ("graph.cycle", "The links run in a circle: a → b → c → a.")


def test_a_node_that_feeds_itself_is_a_circle(look: Look, only: Only) -> None:
    problem = only(look({"a": add("a.value", "a.value")}))
    assert problem.message == "The links run in a circle: a → a."


def test_two_circles_are_both_told(look: Look) -> None:
    nodes = {"a": add("b.value", "b.value"), "b": add("a.value", "a.value"), "c": add("c.value", "a.value")}
    said = [problem.message for problem in look(nodes).problems]
    assert sorted(said) == ["The links run in a circle: a → b → a.", "The links run in a circle: c → c."]


def test_a_circle_inside_a_subgraph_is_told_with_its_path(look: Look, only: Only) -> None:
    problem = only(look({}, subgraphs={"loop": {"nodes": {"a": add("a.value", "a.value")}}}))
    assert (problem.node, problem.pointer) == ("#loop/a", "/subgraphs/loop/nodes/a")
    assert problem.message == "The links run in a circle: #loop/a → #loop/a."


def test_a_long_circle_behind_a_chain_is_found() -> None:
    sources = {f"n{i}": [f"n{i - 1}"] for i in range(1, 50_000)}
    sources["n0"] = ["n49999"]
    order, circles = topological(sources)
    assert len(order) == len(circles[0]) == 50_000


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25))
def test_the_order_and_the_circles_are_those_of_networkx(links: list[tuple[int, int]]) -> None:
    sources: dict[str, list[str]] = {str(node): [] for node in range(10)}
    graph = networkx.DiGraph()
    graph.add_nodes_from(sources)
    for start, end in links:
        sources[str(end)].append(str(start))
        graph.add_edge(str(start), str(end))
    order, circles = topological(sources)
    assert sorted(order) == sorted(sources)
    assert bool(circles) == (not networkx.is_directed_acyclic_graph(graph))
    for circle in circles:
        assert all(graph.has_edge(a, b) for a, b in zip(circle, [*circle[1:], circle[0]], strict=True))
    if not circles:
        place = {node: i for i, node in enumerate(order)}
        assert all(place[a] < place[b] for a, b in graph.edges)
