"""Misuses of `@node`: each is refused with one sentence that names the function and the cure."""

from __future__ import annotations

import itertools
import linecache
import sys
import types
from collections.abc import Iterator

import pytest

from graphflow.nodetype.declare import declared
from graphflow.nodetype.signature import DeclarationError

_HEAD = """\
from __future__ import annotations
from typing import *
from graphflow import *
from graphflow.nodetype.declare import conversion
T = TypeVar("T")
"""
_ONE = '(image: Image) -> Image:\n    """Do."""\n    return image\n'
_PARAM = '@node\ndef f(image: Image, *, p: {}) -> Image:\n    """Do."""\n    return image\n'
_numbers = itertools.count()


def _options(options: str) -> str:
    return f"@node({options})\ndef f{_ONE}"


def _param(declaration: str) -> str:
    return _PARAM.format(declaration)


def _ports(inputs: str, outputs: str = "Image") -> str:
    return f'@node\ndef f({inputs}) -> {outputs}:\n    """Do."""\n    return image\n'


_IMAGE_TEXT = '@node\ndef f(image: Image, *, p: str = "", n: float = 0.0) -> Image:\n    """Do."""\n    return image\n'

AT_IMPORT = {
    "unknown option": (_options("cached=True"), "@node f: knows no option 'cached'; use pure,"),
    "isolate of a number": (_options("isolate=8"), "@node f: isolate=8; write isolate=True"),
    "isolate of the class": (_options("isolate=Isolate"), "write isolate=True"),
    "gpu of True": (_options("gpu=True"), "@node f: gpu=True; write gpu=Gpu(gb=4)"),
    "pure of text": (_options("pure='no'"), "@node f: pure='no'; write pure=True"),
    "saves of one": (_options("saves=1"), "@node f: saves=1; write saves=True"),
    "title of a number": (_options("title=3"), "@node f: title=3; write"),
    "title of nothing": (_options("title=' '"), "title=' '; write"),
    "was of a number": (_options("was=3"), "@node f: was=3; write a text"),
    "was of numbers": (_options("was=(3,)"), "was=(3,); write a text"),
    "grants of a number": (_options("grants=3"), "@node f: grants=3; write a text"),
    "unknown grant as text": (_options("grants='nets'"), "@node f: knows no grant 'nets'; use network"),
    "threads of True": (_options("threads=True"), "@node f: threads=True; use 1"),
    "isolate without memory": (_options("isolate=Isolate(gb=0)"), "@node f: Isolate(gb=0) leaves it nothing"),
    "isolate without time": (_options("isolate=Isolate(seconds=-1)"), "Isolate(seconds=-1) leaves it nothing"),
    "isolate for ever": (_options("isolate=Isolate(seconds=float('inf'))"), "give a number above 0"),
    "gpu below zero": (_options("gpu=Gpu(gb=-1)"), "@node f: Gpu(gb=-1) is no amount"),
    "isolate and gpu": (_options("isolate=True, gpu=Gpu()"), "@node f: isolate and gpu exclude each other"),
    "async and gpu": (f"@node(gpu=Gpu())\nasync def f{_ONE}", "the io lane, one with gpu"),
    "async and isolate": (f"@node(isolate=True)\nasync def f{_ONE}", "@node f: an async node runs in the io lane"),
    "two functions, one type": (f"@node\ndef f{_ONE}@node\ndef f_{_ONE}", "@node f_: f is the same node type"),
    "two inputs, one name": (_ports("image: Image, image_: Image"), "parameter image_: reads the same as image"),
    "input and param, one name": (_ports("image_: Image, *, image: int = 1"), "parameter image: reads the same"),
    "generator": ('@node\ndef f(image: Image) -> Image:\n    """Do."""\n    yield image\n', "@node f: is a generator"),
    "async generator": (
        '@node\nasync def f(image: Image) -> Image:\n    """Do."""\n    yield image\n', "@node f: is a generator",
    ),
    "two Inputs": (_ports("a: Inputs, b: Inputs"), "@node f, parameter b: a takes the dynamic inputs already"),
    "two contexts": (_ports("*, a: Context = QUIET, b: Context = QUIET"), "parameter b: a is the context already"),
    "default nan": (_param("float = float('nan')"), "@node f, parameter p: its default nan is not finite"),
    "default inf": (_param("float = float('inf')"), "@node f, parameter p: its default inf is not finite"),
    "nan in a list": (_param("list[float] = (1.0, float('nan'))"), "is not finite"),
    "step of zero": (_param("Annotated[float, Range(0, 1, 0)] = 0.5"), "parameter p: its Range has the step 0"),
    "step below zero": (_param("Annotated[float, Range(0, 1, -1)] = 0.5"), "its Range has the step -1"),
    "ends of text": (_param("Annotated[float, Range('0', '1')] = 0.5"), "parameter p: its Range has '0'; give numbers"),
    "end of nan": (_param("Annotated[float, Range(0, float('nan'))] = 0.5"), "its Range has nan; give numbers"),
    "two ranges": (_param("Annotated[float, Range(0, 1), Range(0, 2)] = 0.5"), "parameter p: has two Ranges"),
    "Range as a class": (_param("Annotated[float, Range] = 0.5"), "parameter p: its Range is given without its parts"),
    "Range on an input": (_ports("image: Annotated[float, Range(0, 1)]"), "parameter image: a Range is for params"),
    "Range on a lazy input": (_ports("image: Lazy[Annotated[float, Range(0, 1)]]"), "a Range is for params"),
    "Range inside": (_param("Annotated[float, Range(0, 1)] | None = None"), "its Range stands inside the type"),
    "unknown widget": (_param("Annotated[str, Widget('txt')] = ''"), "p: there is no widget 'txt'; use text,"),
    "Widget as a class": (_param("Annotated[str, Widget] = ''"), "its Widget is given without its parts"),
    "widget options of text": (_param("Annotated[str, Widget('text', 'x')] = ''"), "options of a widget are a dict"),
    "choice twice": (_param("Literal['a', 'b', 'a'] = 'a'"), "parameter p: its choice 'a' is there twice"),
    "choices on a number": (
        _IMAGE_TEXT + "@f.choices('n')\ndef _() -> list[str]:\n    return []\n", "the param 'n' is a number; a menu",
    ),
    "bare choices": (_IMAGE_TEXT + "@f.choices\ndef _() -> list[str]:\n    return []\n", '@f.choices("...")'),
    "async satellite": (_IMAGE_TEXT + "@f.fingerprint\nasync def _(p):\n    return p\n", "@f.fingerprint: _ is async"),
    "async choices": (_IMAGE_TEXT + "@f.choices('p')\nasync def _():\n    return []\n", "_ is async"),
    "satellite with *args": (_IMAGE_TEXT + "@f.fingerprint\ndef _(*p):\n    return ''\n", "without *args"),
    "satellite with **kwargs": (_IMAGE_TEXT + "@f.cost\ndef _(**p):\n    return 1.0\n", "without *args"),
    "satellite of a number": (_IMAGE_TEXT + "f.cost(5)\n", "@f.cost: decorates a function, not 5"),
    "Subgraph as an input": (_ports("image: Subgraph"), "parameter image: no link carries a subgraph"),
    "Subgraph as an output": (_ports("image: Image", "Subgraph"), "its output: no link carries a subgraph"),
    "variable of no input": (_ports("image: Image", "list[T]"), "no input tells what T is"),
    "empty NamedTuple": (
        "class Parts(NamedTuple):\n    pass\n" + _ports("image: Image", "Parts"), "@node f: Parts has no parts",
    ),
    "conversion to itself": (f"@conversion\ndef f{_ONE}", "parameter image: is image and so is the output"),
    "generic conversion": (
        '@conversion\ndef f(a: T) -> list[T]:\n    """Do."""\n    return [a]\n', "name two kinds, no type variable",
    ),
    "async conversion": (
        '@conversion\nasync def f(a: Image) -> Mask:\n    """Do."""\n    return a\n', "@conversion f: is async",
    ),
    "node on a node": (f"@node\n@node\ndef f{_ONE}", "@node f: is a node already"),
    "node on a number": ("node(5)\n", "@node 5: decorates a function and this is none"),
    "node on a class": ("@node\nclass f:\n    pass\n", "@node f: decorates a function and this is none"),
    "bare migrate": (_options("version=2") + "@f.migrate\ndef _(params, inputs):\n    return\n", "`@f.migrate(1)`"),
}  # fmt: skip

AT_SPEC = {
    "Lazy without needs": (_ports("image: Lazy[Image]"), "@node f, parameter image: is Lazy but nothing asks for it"),
    "needs without Lazy": (_IMAGE_TEXT + "@f.needs\ndef _(p):\n    return []\n", "@f.needs: f has no Lazy input"),
    "Inputs without inputs": (_ports("more: Inputs"), "@node f, parameter more: nothing tells its inputs"),
    "Outputs without outputs": (_ports("image: Image", "Outputs"), "@node f: returns Outputs but nothing tells them"),
    "gap in migrations": (
        _options("version=3") + "@f.migrate(1)\ndef _(params, inputs):\n    return\n",
        "@node f: is version 3 and no migration leads on from version 2; add `@f.migrate(2)`",
    ),
}

ALLOWED = {
    "one grant as text": _options("grants='network'"),
    "a line of words with a colon": '@node\ndef f(image: Image) -> Image:\n    """Do.\n\n    nobody: text\n    """\n',
    "a Secret in and out": _ports("image: Secret", "Secret"),
    "no migrations at all": _options("version=3"),
    "lists of lists": _ports("image: list[list[Image]]", "list[list[Image]]"),
}


@pytest.fixture
def module() -> Iterator[types.ModuleType]:
    """An empty module; the nodes that a test declares in it are forgotten afterwards."""
    made = types.ModuleType(f"misuse_{next(_numbers)}")
    sys.modules[made.__name__] = made
    yield made
    del sys.modules[made.__name__]
    declared.pop(made.__name__, None)


def _execute(module: types.ModuleType, source: str) -> None:
    file, text = f"{module.__name__}.py", _HEAD + source
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(compile(text, file, "exec"), module.__dict__)


@pytest.mark.parametrize(("source", "sentence"), AT_IMPORT.values(), ids=AT_IMPORT.keys())
def test_misuse_is_refused_when_the_module_is_imported(module: types.ModuleType, source: str, sentence: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        _execute(module, source)
    assert sentence in str(refused.value)
    assert str(refused.value).startswith("@")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("source", "sentence"), AT_SPEC.values(), ids=AT_SPEC.keys())
def test_what_only_satellites_can_tell_is_refused_when_the_spec_is_asked(
    module: types.ModuleType, source: str, sentence: str
) -> None:
    _execute(module, source)
    with pytest.raises(DeclarationError) as refused:
        _ = module.f.spec
    assert sentence in str(refused.value)


@pytest.mark.parametrize("source", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_is_no_misuse_stays_allowed(module: types.ModuleType, source: str) -> None:
    _execute(module, source)
    assert module.f.spec.function == "f"


def test_one_grant_as_text_is_that_grant(module: types.ModuleType) -> None:
    _execute(module, _options("grants='network'"))
    assert module.f.spec.grants == ["network"]


def test_a_refused_conversion_is_not_declared(module: types.ModuleType) -> None:
    with pytest.raises(DeclarationError):
        _execute(module, f"@conversion\ndef f{_ONE}")
    assert declared.get(module.__name__, []) == []
