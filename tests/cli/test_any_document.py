"""Documents at random and examples with damaged bytes: each is answered, none ends in a traceback or in code 70."""

from __future__ import annotations

import contextlib
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphflow.cli.main import main
from graphflow.engine.errors import RunError
from graphflow.engine.session import Session
from graphflow.nodetype.catalogue import Catalogue
from graphflow.nodetype.spec import InputSpec, ParamSpec
from graphflow.packs.registry import Registry

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "docs/nodes/examples").glob("*.json"))
WORKFLOWS = sorted((ROOT / "workflows").glob("*.json"))
LIGHT = ("text.", "number.", "flow.")  # packs whose nodes are quick whatever they are given
CATALOGUE: Catalogue = Registry.open(None).catalogue
TYPES = sorted(name for name in CATALOGUE.nodes if name.startswith((*LIGHT, "convert.", "image.solid", "mask.")))
RUNNABLE = sorted(name for name in CATALOGUE.nodes if name.startswith(LIGHT))


# -- documents --------------------------------------------------------------------------------------------------------

IDS = st.sampled_from("abcdef")
TEXTS = st.text(max_size=12) | st.sampled_from(["a.value", "#s", "../..", "a/b", "*", "{", "(a+)+$", "2**9**9"])
NUMBERS = st.integers() | st.integers(-2, 70) | st.floats() | st.sampled_from([2**53, -(2**63), 10**400, 1e308])
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)


def value_for(param: ParamSpec, careful: bool) -> st.SearchStrategy[Any]:
    """What a param takes, so that the engine is reached; or, without care, anything."""
    low = -3.0 if param.low is None else param.low
    high = max(low, 30.0 if param.high is None else min(param.high, 30.0))
    good: dict[str, st.SearchStrategy[Any]] = {
        "number": st.floats(low, high), "whole": st.integers(int(low), int(high)), "boolean": st.booleans(),
        "text": st.text("abc {|}12\n", max_size=8),
    }  # fmt: skip
    usual = st.sampled_from(param.choices) if param.choices else good.get(param.type, st.just(known(param.default)))
    return usual if careful else usual | JSON


def known(default: Any) -> Any:
    """A param's default, or nothing if it must be given."""
    return default if isinstance(default, int | float | str | list | dict) else None


@st.composite
def node(draw: st.DrawFn, kind: str, before: dict[str, list[str]], careful: bool) -> dict[str, Any]:
    """A node with params that its type has, and links from the nodes before it; with care, from outputs that fit.

    before: {kind: links} of the outputs that there are.
    """
    spec = CATALOGUE.find(kind)
    anything = [link for links in before.values() for link in links] or ["z.value"]
    params = {param.name: param for param in spec.params} if spec else {}
    chosen = draw(st.lists(st.sampled_from(sorted(params)), unique=True, max_size=4)) if params else []
    made: dict[str, Any] = {"type": kind, "params": {one: draw(value_for(params[one], careful)) for one in chosen}}
    inputs: dict[str, Any] = {}
    for port in spec.inputs if spec else ():
        fitting = before.get(port.type, []) or (anything if port.type in ("any", "json") or not careful else [])
        if fitting and (not port.optional or draw(st.booleans())):
            inputs[port.name] = draw(st.sampled_from(fitting if careful else anything))
    if not careful:
        more = st.sampled_from([*params, "x", "value"])
        inputs |= draw(
            st.dictionaries(more, st.sampled_from(anything) | st.lists(st.sampled_from(anything)), max_size=2)
        )
        made |= draw(st.fixed_dictionaries({}, optional={"version": st.integers(-1, 3)}))
    if draw(st.integers(0, 9)) == 9:
        made["mode"] = draw(st.sampled_from(["mute", "bypass"] if careful else ["mute", "bypass", "loud"]))
    return {**made, "inputs": inputs}


@st.composite
def graphs(draw: st.DrawFn, types: list[str], subgraphs: list[str], careful: bool) -> dict[str, Any]:
    """Nodes, each linked to those before it."""
    nodes: dict[str, Any] = {}
    before: dict[str, list[str]] = {}
    for name in draw(st.lists(IDS, unique=True, max_size=6)):
        ready = [kind for kind in types if all(port.optional or port.type in before for port in ports(kind))]
        kind = draw(st.sampled_from(ready if careful and ready else [*types, *subgraphs]))
        nodes[name] = draw(node(kind, before, careful))
        spec = CATALOGUE.find(kind)
        for output in spec.outputs if spec else ():
            before.setdefault(output.type, []).append(f"{name}.{output.name}")
    links = [link for found in before.values() for link in found] or ["z.value"]
    graph: dict[str, Any] = {"nodes": nodes}
    if draw(st.booleans()) and nodes:
        places = [f"{one}.{param}" for one in nodes for param in nodes[one]["params"]] or ["z.x"]
        to = st.lists(st.sampled_from(places), min_size=int(careful), max_size=1 if careful else 2)
        graph["interface"] = {
            "inputs": draw(st.dictionaries(IDS, st.fixed_dictionaries({"to": to}), max_size=0 if careful else 2)),
            "outputs": draw(st.dictionaries(IDS, st.sampled_from(links), max_size=2)) if before or not careful else {},
        }
    return graph


def ports(kind: str) -> list[InputSpec]:
    spec = CATALOGUE.find(kind)
    return spec.inputs if spec else []


@st.composite
def documents(draw: st.DrawFn, types: list[str]) -> dict[str, Any]:
    """A document; half of them made with care, of the others one in three has a part replaced by something else."""
    careful = draw(st.booleans())
    simple = [kind for kind in types if not needed(kind)] if careful else types
    own = [] if careful else ["#s", "#t", "no.such", "other-pack/x.y"]
    made: dict[str, Any] = {"graphflow": 1, **draw(graphs(simple, own, careful))}
    if draw(st.booleans()):
        bodies = graphs(simple, [] if careful else ["#s", "#t"], careful)
        made["subgraphs"] = {name: draw(bodies) for name in draw(st.sets(st.sampled_from("st")))}
    if draw(st.integers(0, 3)) == 0:
        made["view"] = draw(st.dictionaries(TEXTS, JSON, max_size=3)) if not careful else {"x": 1}
    if not careful and draw(st.integers(0, 2)) == 0:
        replace(made, draw)
    return made


def needed(kind: str) -> bool:
    """Whether a type has params that must be given, or ports that depend on them."""
    spec = CATALOGUE.find(kind)
    return spec is not None and (bool(spec.ports_in or spec.ports_out) or any(param.required for param in spec.params))


def replace(part: Any, draw: st.DrawFn) -> None:
    """Put any JSON at a place chosen by walking down."""
    while True:
        keys = sorted(part) if isinstance(part, dict) else list(range(len(part)))
        if not keys:
            return
        key = draw(st.sampled_from(keys))
        if isinstance(part[key], dict | list) and part[key] and draw(st.integers(0, 3)):
            part = part[key]
            continue
        part[key] = draw(JSON)
        return


# -- damaged bytes ----------------------------------------------------------------------------------------------------

TOKENS = (
    b"1e999", b"NaN", b"-0", b"null", b"true", b'"1"', b"9" * 5000, b"{}", b"[]", b'"\\ud800"', b'"#s"', b'"a.value"',
    b"[[[[[[[[", b"\xff\xfe", b"\x00", b'"type"', b'"nodes"', b'"inputs": {', b"-1", b"1e-400", b'"flow.map"',
)  # fmt: skip


VALUES = (b"-0", b"0", b"1", b"2.5", b"null", b"true", b'"1"', b"{}", b"[]", b'"#s"', b'"a.value"', b"1e9", b"NaN")


def damaged(data: bytes, chance: random.Random) -> bytes:
    """One to three changes of a file: a flipped bit, a cut, a piece doubled, a token put in or over another."""
    for _ in range(chance.randint(1, 3)):
        at, span = chance.randrange(len(data) + 1), chance.randint(1, 40)
        act = chance.randrange(12)  # most often what stays JSON, and so goes deeper than the parser
        if act == 0 and at < len(data):
            data = data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
        elif act == 1:
            data = data[:at] + data[at + span :]
        elif act == 2:
            data = data[:at] + data[at : at + span] + data[at:]
        elif act == 3:
            data = data[:at] if chance.random() < 0.2 else data[:at] + data[at + 1 :]
        elif act == 4:
            data = data[:at] + chance.choice(TOKENS) + data[at:]
        else:
            data = over(data, chance)
    return data


def over(data: bytes, chance: random.Random) -> bytes:
    """Another value in place of a number or a text."""
    places = [at for at in range(1, len(data) - 1) if data[at - 1 : at + 1] in (b": ", b" [")]
    if not places:
        return data
    at = chance.choice(places) + 1
    end = min((found for found in (data.find(mark, at) for mark in b",}]\n") if found > 0), default=len(data))
    return data[:at] + chance.choice(VALUES) + data[end:]


# -- doors ------------------------------------------------------------------------------------------------------------


def validated(path: Path) -> int:
    """`graphflow validate --json` of a file; its answer must be the one that the design names."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["validate", str(path), "--json"])
    told = json.loads(out.getvalue())
    said = path.read_bytes()[:3000]
    assert code in (0, 65), (told, said)
    assert err.getvalue() == "", said
    if code:
        assert set(told["error"]) == {"code", "message", "request_id"}
        for error in told["errors"]:
            assert set(error) == {"code", "pointer", "node", "field", "message", "hint"}
            assert error["message"].endswith((".", "?", "!")), error
            assert error["hint"], error
        assert told["errors"]
    else:
        assert told["ok"] is True
    return code


def ran(session: Session, data: bytes) -> str:
    """Run it in this process: done, failed, or refused with a sentence."""
    refusal: RunError | None = None
    try:
        result = session.run(data, values=False)
    except RunError as error:
        refusal = error
    if refusal is not None:
        assert refusal.errors, data
        assert str(refusal), data
        return "refused"
    for one in result.errors:
        assert one.message, data
        assert one.code != "internal", (one, data)
        assert not one.message.startswith("This is a fault"), (one, data)
    assert result.status in ("done", "failed"), data
    return result.status


@pytest.fixture
def session(home: Path) -> Iterator[Session]:
    with Session(None, memory=1 << 28) as made:
        yield made


def look(count: int, types: list[str], check: Any) -> None:
    """Call a check with so many documents."""

    @settings(
        max_examples=count, deadline=None, derandomize=count < 1000, database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )  # fmt: skip
    @given(documents(types))
    def each(document: dict[str, Any]) -> None:
        check(json.dumps(document).encode())

    each()


def documents_validated(home: Path, count: int) -> dict[int, int]:
    codes = {0: 0, 65: 0}
    path = home / "any.json"

    def one(data: bytes) -> None:
        path.write_bytes(data)
        codes[validated(path)] += 1

    look(count, TYPES, one)
    return codes


def documents_run(session: Session, count: int) -> dict[str, int]:
    found = {"done": 0, "failed": 0, "refused": 0}

    def one(data: bytes) -> None:
        found[ran(session, data)] += 1

    look(count, RUNNABLE, one)
    return found


def mutations_tried(home: Path, session: Session, count: int) -> dict[str, int]:
    chance = random.Random(7)
    found = {"0": 0, "65": 0, "done": 0, "failed": 0, "refused": 0}
    path = home / "any.json"
    for at in range(count):
        source = chance.choice(EXAMPLES + WORKFLOWS)
        data = damaged(source.read_bytes(), chance)
        path.write_bytes(data)
        found[str(validated(path))] += 1
        if source.name.startswith(LIGHT) or at % 10 == 0:
            found[ran(session, data)] += 1
    return found


def test_documents_at_random_are_checked_without_a_fault(home: Path) -> None:
    codes = documents_validated(home, 200)
    assert min(codes.values()) > 3


def test_documents_at_random_are_run_without_a_fault(session: Session) -> None:
    found = documents_run(session, 150)
    assert found["refused"] > 3
    assert found["done"] > 3


def test_damaged_examples_are_answered(home: Path, session: Session) -> None:
    found = mutations_tried(home, session, 120)
    assert min(found["0"], found["65"], found["refused"]) > 1


@pytest.mark.parametrize("path", [*EXAMPLES, *WORKFLOWS], ids=lambda path: path.stem)
def test_the_examples_themselves_are_sound(path: Path, home: Path) -> None:
    document = json.loads(path.read_bytes())
    if isinstance(document, dict) and "graphflow" in document:
        assert validated(path) == 0


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_thousand_documents_are_answered_without_a_fault(home: Path, session: Session) -> None:
    codes = documents_validated(home, 6_000)
    found = documents_run(session, 4_000)
    print(codes, found)
    assert min(*codes.values(), found["done"], found["refused"]) > 500


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_two_thousand_damaged_examples_are_answered(home: Path, session: Session) -> None:
    found = mutations_tried(home, session, 2_000)
    print(found)
    assert min(found["0"], found["65"], found["refused"]) > 60
