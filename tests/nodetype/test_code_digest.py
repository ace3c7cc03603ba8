"""What changes the code digest of a node, and what does not."""

from __future__ import annotations

import importlib
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from graphflow import Lazy, node
from graphflow.nodetype.code import code_digest, code_texts
from graphflow.nodetype.declare import Node, declared

Files = dict[str, str]
Digest = Callable[..., bytes]

BLUR = '''
    from graphflow import node

    @node
    def blur(value: float, *, radius: float = 2.0) -> float:
        """Blur."""
        return value * radius
'''
OTHER = '''@node
    def other(value: float) -> float:
        """Other."""
        return 1.0

    @node
'''


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Files], None]]:
    """Write the files of a pack `trial` and forget what was imported of it."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def forget() -> None:
        for name in [name for name in sys.modules if name.split(".")[0] == "trial"]:
            del sys.modules[name]
            declared.pop(name, None)

    def write(files: Files) -> None:
        forget()
        for name, text in {"trial/__init__.py": "", **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        importlib.invalidate_caches()

    yield write
    forget()


@pytest.fixture
def digest(load: Callable[[Files], None]) -> Digest:
    def of(files: Files | str, function: str = "blur", module: str = "trial.nodes") -> bytes:
        load({"trial/nodes.py": files} if isinstance(files, str) else files)
        return code_digest(getattr(importlib.import_module(module), function))

    return of


def test_a_digest_has_32_bytes_and_is_the_same_each_time(digest: Digest) -> None:
    assert len(digest(BLUR)) == 32
    assert digest(BLUR) == digest(BLUR)


@pytest.mark.parametrize(
    ("what", "old", "new"),
    [
        ("comment", "        return", "        # why\n        return"),
        ("docstring", '"""Blur."""', '"""Blur it well.\n\n        radius: How much.\n        """'),
        ("annotation of a param", "radius: float", "radius: int"),
        ("default of a param", "= 2.0", "= 3.0"),
        ("annotation of the result", "-> float", "-> object"),
        ("line with @node", "@node", '@node(title="Soften", version=2)'),
        ("annotation inside", "        return", "        kept: float\n        return"),
        ("layout", "return value * radius", "return (\n            value * radius)"),
        ("another node", "@node\n", OTHER),
        ("place in the file", "@node\n", "TABLE = (1, 2)\n\n    @node\n"),
    ],
)
def test_what_changes_no_result_changes_no_digest(digest: Digest, what: str, old: str, new: str) -> None:
    assert old in BLUR
    assert digest(BLUR.replace(old, new, 1)) == digest(BLUR), what


@pytest.mark.parametrize(
    ("what", "old", "new"),
    [
        ("body", "value * radius", "value + radius"),
        ("constant", "value * radius", "value * radius * 2"),
        ("text", "value * radius", 'len("a") * value * radius'),
        ("async", "def blur", "async def blur"),
        ("another decorator", "@node\n", "@node\n    @functools.cache\n"),
    ],
)
def test_what_may_change_the_result_changes_the_digest(digest: Digest, what: str, old: str, new: str) -> None:
    base = BLUR.replace("from graphflow", "import functools\n    from graphflow")
    assert old in base
    assert digest(base.replace(old, new, 1)) != digest(base), what


HELPED = """
    from graphflow import node
    {header}

    @node
    def blur(value: float) -> float:
        '''Blur.'''
        return {call}
"""
HELPER = """
    FACTOR = 2.0

    def soften(value: float) -> float:
        '''Soften.'''
        return value * FACTOR

    def unused() -> int:
        return 1
"""
TRIED = """try:
        from trial.absent import soften
    except ImportError:
        from trial.helper import soften"""
LATE = """late(value)

    def late(value):
        {header}
        return {call}"""
WAYS = [
    ("from trial.helper import soften", "soften(value)"),
    ("from trial.helper import soften as s", "s(value)"),
    ("from .helper import soften", "soften(value)"),
    ("from . import helper", "helper.soften(value)"),
    ("from trial import helper as h", "h.soften(value)"),
    ("import trial.helper", "trial.helper.soften(value)"),
    ("import trial.helper as z", "z.soften(value)"),
    ("from trial.helper import *", "soften(value)"),
    ("from trial.again import soften", "soften(value)"),
    ("from trial.again import renamed", "renamed(value)"),
    ("import trial.again as a", "a.renamed(value)"),
    ("import trial.helper as z", "[f(value) for f in (z.soften,)][0]"),
    ("import trial.helper as z", "getattr(z, 'soft' + 'en')(value)"),
    (TRIED, "soften(value)"),
    ("", LATE.format(header="from trial.helper import soften", call="soften(value)")),
    ("", LATE.format(header="import trial.helper as z", call="z.soften(value)")),
]


def helped(header: str, call: str, helper: str = HELPER) -> Files:
    return {
        "trial/nodes.py": HELPED.format(header=header, call=call),
        "trial/helper.py": helper,
        "trial/again.py": "from trial.helper import soften\nfrom .helper import soften as renamed\n",
    }


@pytest.mark.parametrize(("header", "call"), WAYS)
def test_a_helper_of_the_same_pack_belongs_to_the_digest(digest: Digest, header: str, call: str) -> None:
    before = digest(helped(header, call))
    assert digest(helped(header, call, HELPER.replace("value * FACTOR", "value - FACTOR"))) != before
    assert digest(helped(header, call, HELPER.replace("FACTOR = 2.0", "FACTOR = 4.0"))) != before
    assert digest(helped(header, call, HELPER.replace("'''Soften.'''", "'''Make it soft.'''"))) == before


@pytest.mark.parametrize(("header", "call"), [way for way in WAYS if "getattr" not in way[1]])
def test_what_the_helper_s_neighbours_do_is_nothing_to_the_digest(digest: Digest, header: str, call: str) -> None:
    before = digest(helped(header, call))
    assert digest(helped(header, call, HELPER.replace("return 1", "return 2"))) == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TABLE = {1: 2}", "TABLE = {1: 3}"),
        ("TABLE[4] = 5", "TABLE[4] = 6"),
        ("TABLE.update({7: 8})", "TABLE.update({7: 9})"),
        ("factor: float = 1.0", "factor: float = 1.5"),
        ("return self.factor", "return -self.factor"),
        ("LOW, HIGH = 0, 1", "LOW, HIGH = 0, 2"),
        ("    SWITCH = 1", "    SWITCH = 2"),
        ("class Base:\n        pass", "class Base:\n        x = 1"),
        ("first: float\n        second: float", "second: float\n        first: float"),
    ],
)
def test_tables_classes_and_constants_belong_to_the_digest(digest: Digest, old: str, new: str) -> None:
    text = """
    from dataclasses import dataclass
    from typing import NamedTuple
    from graphflow import node

    TABLE = {1: 2}
    TABLE[4] = 5
    TABLE.update({7: 8})
    LOW, HIGH = 0, 1
    if LOW == 0:
        SWITCH = 1

    class Base:
        pass

    @dataclass
    class Shape(Base):
        '''A shape.'''
        factor: float = 1.0

        def size(self) -> float:
            return self.factor

    class Parts(NamedTuple):
        first: float
        second: float

    @node
    def blur(value: float) -> float:
        '''Blur.'''
        return Parts(Shape().size(), TABLE[1] + HIGH + SWITCH).first
    """
    assert old in text
    assert digest(text.replace(old, new, 1)) != digest(text)


def test_a_local_name_does_not_draw_in_the_node_of_that_name(digest: Digest) -> None:
    text = """
    from graphflow import node

    @node
    def invert(value: float) -> float:
        '''Invert.'''
        return 1 - value

    @node
    def blur(value: float) -> float:
        '''Blur.'''
        invert = [invert for invert in (value,)]
        return invert[0]
    """
    assert digest(text.replace("1 - value", "2 - value")) == digest(text)


def test_a_node_that_calls_another_depends_on_it(digest: Digest) -> None:
    text = (
        BLUR
        + '''
    @node
    def twice(value: float) -> float:
        """Blur two times."""
        return blur(blur(value))
    '''
    )
    before = digest(text, "twice")
    assert digest(text.replace("value * radius", "value + radius"), "twice") != before
    assert digest(text.replace("radius: float = 2.0", "radius: float = 3.0"), "twice") != before
    assert digest(text.replace('"""Blur."""', '"""Soften."""'), "twice") == before


def test_functions_that_call_each_other_have_a_digest(digest: Digest) -> None:
    text = (
        BLUR.replace("return value", "return even(value)")
        + """
    def even(n):
        return n == 0 or odd(n - 1)

    def odd(n):
        return n != 0 and even(n - 1)
    """
    )
    assert digest(text) != digest(text.replace("n != 0", "n != 1"))


SATELLITES = '''
    from graphflow import Inputs, Lazy, Outputs, node

    @node(version=2)
    def blur(a: Lazy[float], more: Inputs, *, size: int = 1, file: str = "a") -> Outputs:
        """Blur."""
        return Outputs(a=1)

    @blur.needs
    def _(size: int) -> list[str]:
        return ["a"] * size

    @blur.inputs
    def _(size: int) -> dict[str, str]:
        return {"b": "number"}

    @blur.outputs
    def _(size: int) -> dict[str, str]:
        return {"c": "number"}

    @blur.expand
    def _(size: int) -> object:
        return shared() + 4

    @blur.fingerprint
    def _(file: str) -> str:
        return "print"

    @blur.cost
    def _(size: int) -> float:
        return 5.0

    @blur.choices("file")
    def _() -> list[str]:
        return ["six"]

    @blur.migrate(1)
    def _(params: dict, inputs: dict) -> None:
        params["seven"] = 7

    def shared():
        return 8
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('["a"] * size', '["a"]'),
        ('"b": "number"', '"b": "text"'),
        ('"c": "number"', '"c": "text"'),
        ("shared() + 4", "shared() + 5"),
        ("return 8", "return 9"),
    ],
)
def test_satellites_that_decide_what_runs_belong_to_the_digest(digest: Digest, old: str, new: str) -> None:
    assert old in SATELLITES
    assert digest(SATELLITES.replace(old, new)) != digest(SATELLITES)


@pytest.mark.parametrize("part", ['"print"', "5.0", '"six"', '"seven"'])
def test_satellites_that_change_no_result_do_not(digest: Digest, part: str) -> None:
    assert digest(SATELLITES.replace(part, f"{part} * 2")) == digest(SATELLITES)


def test_other_distributions_do_not_belong_but_which_name_is_imported_does(digest: Digest) -> None:
    before = digest(helped("from json import dumps as go", "go(value)"))
    assert digest(helped("from json import loads as go", "go(value)")) != before
    assert not any("JSONEncoder" in text for text in code_texts(sys.modules["trial.nodes"].blur))


def test_a_file_of_the_pack_with_a_mistake_in_it_is_no_obstacle(digest: Digest) -> None:
    files = helped("", "value")
    assert len(digest({**files, "trial/helper.py": "def ("})) == 32


def test_a_loaded_node_keeps_its_digest_when_its_file_is_written(digest: Digest, tmp_path: Path) -> None:
    before = digest(BLUR)
    loaded = sys.modules["trial.nodes"].blur
    (tmp_path / "trial/nodes.py").write_text("nothing = 1\n", encoding="utf-8")
    assert code_digest(loaded) == before


def test_a_script_depends_on_the_files_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def of(helper: str) -> bytes:
        (tmp_path / "trial_beside.py").unlink(missing_ok=True)
        (tmp_path / "trial_beside.py").write_text(textwrap.dedent(helper), encoding="utf-8")
        (tmp_path / "trial_script.py").write_text(
            textwrap.dedent(HELPED.format(header="from trial_beside import soften", call="soften(value)")),
            encoding="utf-8",
        )
        for name in ("trial_script", "trial_beside"):
            sys.modules.pop(name, None)
            declared.pop(name, None)
        return code_digest(importlib.import_module("trial_script").blur)

    before = of(HELPER)
    assert of(HELPER.replace("return 1", "return 2")) == before
    assert of(HELPER.replace("* FACTOR", "- FACTOR")) != before


# -- nodes of tests, of prompts ----------------------------------------------------------------------------------------


def scaled(factor: float) -> Node[..., Any]:
    @node
    def scale(value: float) -> float:
        """Scale."""
        return value * factor

    return scale


def test_a_nested_node_depends_on_the_plain_values_around_it() -> None:
    assert code_digest(scaled(2.0)) == code_digest(scaled(2.0))
    assert code_digest(scaled(2.0)) != code_digest(scaled(3.0))


def test_a_nested_node_depends_on_the_functions_around_it() -> None:
    def one(plus: Callable[[float], float]) -> bytes:
        @node
        def add(value: float) -> float:
            """Add."""
            return plus(value)

        return code_digest(add)

    def first(value: float) -> float:
        return value + 1

    def second(value: float) -> float:
        return value + 2

    assert one(first) != one(second)
    assert one(first) == one(first)


def test_a_nested_node_does_not_depend_on_lists_that_a_test_writes_into() -> None:
    def counting(ran: list[float]) -> bytes:
        @node
        def count(value: float) -> float:
            """Count."""
            ran.append(value)
            return value

        return code_digest(count)

    assert counting([]) == counting([1.0])


class Pair(NamedTuple):
    left: float
    right: float


def test_two_nested_nodes_of_one_name_are_told_apart_by_their_place() -> None:
    def first() -> Node[..., Any]:
        @node
        def pair(value: float) -> Pair:
            """Pair."""
            return Pair(value, 1.0)

        return pair

    made = first()

    @node
    def pair(value: float) -> Pair:
        """Pair."""
        return Pair(value, 2.0)

    assert code_digest(made) != code_digest(pair)
    assert any("class Pair" in text for text in code_texts(pair))


def test_a_nested_node_with_a_satellite_has_both_in_its_digest() -> None:
    @node
    def pick(a: Lazy[float], *, take: bool = True) -> float:
        """Pick."""
        return a.value if take else 0.0

    before = len(code_texts(pick))

    @pick.needs
    def _(take: bool) -> list[str]:
        return ["a"] if take else []

    assert code_texts(pick)[before] == "@needs"


def typed_in(body: str, **names: Any) -> Node[..., Any]:
    space: dict[str, Any] = {"__name__": "trial_prompt", "node": node, **names}
    exec(f"@node\ndef f(value: float) -> float:\n    '''F.'''\n    return {body}", space)
    return space["f"]


def test_a_function_without_source_is_named_by_its_bytecode() -> None:
    same = code_digest(typed_in("value * 2"))
    declared.pop("trial_prompt")
    assert code_digest(typed_in("value * 2")) == same
    declared.pop("trial_prompt")
    assert code_digest(typed_in("value * 3")) != same
    declared.pop("trial_prompt")
    assert code_digest(typed_in("value + 2")) != same
    declared.pop("trial_prompt")


def test_a_function_without_source_depends_on_the_plain_globals_that_it_names() -> None:
    one = code_digest(typed_in("value * k", k=1))
    declared.pop("trial_prompt")
    assert code_digest(typed_in("value * k", k=2)) != one
    declared.pop("trial_prompt")
