"""Values at the edges: nothing given to an optional input, params outside their range, odd texts and numbers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from graphflow import Range, node


@node
def whole(*, value: int = 1) -> int:
    """Give a whole number."""
    return value


@node
def word(*, text: str = "zz") -> str:
    """Give a word."""
    return text


@node
def count(*, upto: int = 3) -> list[int]:
    """Count."""
    return list(range(upto))


@node
def nothing(x: int) -> int | None:
    """Give nothing."""
    return None


@node
def told(x: int | None = None) -> str:
    """Tell what came."""
    return repr(x)


@node
def choosy(*, n: Annotated[int, Range(1, 5)] = 3, kind: Literal["a", "b"] = "a") -> int:
    """Take few values."""
    return n


@node
def total(xs: list[int]) -> int:
    """Add up."""
    return sum(xs)


@node
def plus(x: int, *, by: int = 0) -> int:
    """Add."""
    return x + by


@node
def immense() -> int:
    """Give a number of 6,001 digits."""
    return 10**6000


@node
def broken() -> int:
    """Fail with a text that is no UTF-8."""
    raise RuntimeError("half a pair: \ud800")


NODES = [whole, word, count, nothing, told, choosy, total, plus, immense, broken]


def test_nothing_goes_into_an_optional_input(bench: Any, graph: Any, use: Any) -> None:
    document = graph(n=use(whole), d=use(nothing, x="n.value"), e=use(told, x="d.value"))
    ran = bench.run(bench.session(NODES), document)
    assert ran.values == {"e.value": "None"}


def test_nothings_are_mapped_over_an_optional_input(bench: Any, graph: Any, use: Any) -> None:
    document = graph(n=use(count), d=use(nothing, x="n.value"), e=use(told, x="d.value"))
    assert bench.run(bench.session(NODES), document).values == {"e.value": ["None", "None", "None"]}


def test_a_linked_param_outside_its_range_fails_whatever_was_cached(bench: Any, graph: Any, use: Any) -> None:
    session = bench.session(NODES)
    ran = bench.run(session, graph(n=use(whole, value=99), q=use(choosy, n="n.value")))
    assert ran.messages == [f"{choosy.type} at q failed: n got 99, which is outside its range 1 to 5."]


def test_a_sweep_outside_a_params_range_fails_and_stores_nothing(bench: Any, graph: Any, use: Any, body: Any) -> None:
    session = bench.session(NODES)
    inner = body({"v": ["q.n"]}, {"y": "q.value"}, q=use(choosy))
    ran = bench.run(session, graph(subgraphs={"c": inner}, f=use("flow.sweep", graph="#c", axes={"v": [2, 99]})))
    assert ran.status == "failed"
    assert "99" in ran.messages[0]
    assert "1 to 5" in ran.messages[0]
    again = bench.run(session, graph(n=use(whole, value=99), q=use(choosy, n="n.value")))
    assert again.status == "failed"


def test_a_linked_text_that_is_none_of_the_choices_fails(bench: Any, graph: Any, use: Any) -> None:
    ran = bench.run(bench.session(NODES), graph(w=use(word), q=use(choosy, kind="w.value")))
    assert "none of its choices (a, b)" in ran.messages[0]


def test_an_empty_array_of_links_is_an_empty_list(bench: Any, graph: Any) -> None:
    ran = bench.run(bench.session(NODES), graph(t={"type": total.type, "inputs": {"xs": []}}))
    assert ran.values == {"t.value": 0}


def test_an_empty_list_beside_a_longer_one_is_told(bench: Any, graph: Any, use: Any) -> None:
    document = graph(a=use(count, upto=0), b=use(count), z=use(plus, x="a.value", by="b.value"))
    ran = bench.run(bench.session(NODES), document)
    assert "x brings a list of 0 and by one of 3" in ran.messages[0]


def test_an_empty_list_beside_a_single_value_gives_an_empty_list(bench: Any, graph: Any, use: Any) -> None:
    document = graph(a=use(count, upto=0), b=use(whole), z=use(plus, x="a.value", by="b.value"))
    assert bench.run(bench.session(NODES), document).values == {"z.value": []}


def test_a_number_of_thousands_of_digits_is_kept(bench: Any, graph: Any, use: Any) -> None:
    session = bench.session(NODES)
    assert bench.run(session, graph(q=use(immense))).values == {"q.value": 10**6000}
    session = bench.restarted(session, NODES)
    assert bench.run(session, graph(q=use(immense))).values == {"q.value": 10**6000}


def test_an_error_with_half_a_surrogate_pair_is_told_as_its_escape(bench: Any, graph: Any, use: Any) -> None:
    ran = bench.run(bench.session(NODES), graph(q=use(broken)))
    assert ran.messages == [f"{broken.type} at q failed: half a pair: \\ud800."]
