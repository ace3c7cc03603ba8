"""A plain value becomes exactly what a port declares, or is refused with what was wanted and what came."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from graphflow import Image, Mask, Model, Secret, Table
from graphflow.values.coerce import SEED_MAX, coerce, tell
from graphflow.values.digest import digest
from graphflow.values.types import parse

PICTURE = Image(torch.zeros(1, 1, 1, 1))


def made(value: Any, kind: str) -> Any:
    return coerce(value, parse(kind))


@pytest.mark.parametrize(
    "value, kind, result",
    [
        (1, "number", 1.0),
        (1.5, "number", 1.5),
        (np.float32(0.5), "number", 0.5),
        (np.int64(3), "number", 3.0),
        (torch.tensor(2), "number", 2.0),
        (float("inf"), "number", float("inf")),
        (3.0, "whole", 3),
        (-(10**30), "whole", -(10**30)),
        (np.uint8(7), "whole", 7),
        (0, "seed", 0),
        (SEED_MAX, "seed", SEED_MAX),
        (5.0, "seed", 5),
        (True, "boolean", True),
        (np.bool_(False), "boolean", False),
        ("a", "text", "a"),
        (np.str_("a"), "text", "a"),
        ("#ABC", "color", "#abc"),
        ("#A0b1C2", "color", "#a0b1c2"),
        ("#A0b1C2d3", "color", "#a0b1c2d3"),
        (None, "none", None),
        ("#sub-1", "subgraph", "#sub-1"),
        ((1, 2), "list[number]", [1.0, 2.0]),
        ([], "list[number]", []),
        ([[1], [2.0]], "list[list[whole]]", [[1], [2]]),
        ({"a": (1, np.float64(2.5))}, "json", {"a": [1, 2.5]}),
        (None, "json", None),
        ("hub", "secret", Secret("hub")),
        (None, "number | none", None),
        (1, "number | none", 1.0),
        (1, "number | whole", 1),
        (1, "whole | number", 1),
        (1.5, "whole | number", 1.5),
        ("a", "number | text", "a"),
        ("hub", "secret | none", Secret("hub")),
        ({"a": 1}, "any", {"a": 1}),
        ([1], "T", [1]),
    ],
)
def test_a_value_becomes_what_is_declared(value: Any, kind: str, result: Any) -> None:
    back = made(value, kind)
    assert back == result
    assert type(back) is type(result)


@pytest.mark.parametrize(
    "value, kind, told",
    [
        (True, "number", "wants a number, got true"),
        ("1", "number", "wants a number, got the text '1'"),
        (10**400, "number", "too large for 64 bits"),
        (None, "number", "wants a number, got nothing"),
        (1.5, "whole", "wants a whole number, got 1.5"),
        (float("nan"), "whole", "wants a whole number, got nan"),
        (float("inf"), "whole", "wants a whole number, got inf"),
        (False, "whole", "wants a whole number, got false"),
        ("1", "whole", "wants a whole number"),
        (-1, "seed", "wants a seed from 0 to"),
        (SEED_MAX + 1, "seed", "wants a seed from 0 to"),
        ([10**5000], "list[seed]", "an immense number"),
        (1, "boolean", "wants true or false, got 1"),
        (1, "text", "wants a text, got 1"),
        ("red", "color", "wants a colour as #rrggbb"),
        ("#ab", "color", "wants a colour"),
        ("#abcdefg", "color", "wants a colour"),
        ("#abc\n", "color", "wants a colour"),
        (0, "none", "wants nothing, got 0"),
        ("sub", "subgraph", "wants a subgraph as #name"),
        ("#a b", "subgraph", "wants a subgraph"),
        (1, "list[number]", r"wants a list\[number\], got 1"),
        ([1, "x"], "list[number]", r"at \[1\] wants a number, got the text 'x'"),
        ([[1], [True]], "list[list[whole]]", r"at \[1\] at \[0\] wants a whole number, got true"),
        (PICTURE, "mask", "wants a mask, got an image"),
        ("x", "image", "wants an image, got the text 'x'"),
        (PICTURE, "json", "wants JSON, got an image"),
        ([PICTURE], "json", "wants JSON, got an image"),
        (True, "number | text", r"wants a number \| text, got true"),
        ({"a": 1}, "text", "wants a text, got an object"),
        (object(), "text", "wants a text, got a object"),
        (5, "secret", "wants a secret, got 5"),
    ],
)
def test_another_value_is_refused_with_a_sentence(value: Any, kind: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        made(value, kind)


@pytest.mark.parametrize(
    "value, kind",
    [
        (PICTURE, "image"),
        (Mask(torch.zeros(1, 1, 1, 1)), "mask"),
        (Table({}), "table"),
        (Model("a", "b"), "model[unet]"),
    ],
)
def test_a_kind_is_taken_as_it_is(value: Any, kind: str) -> None:
    assert made(value, kind) is value
    assert made(value, f"{kind} | none") is value
    assert made([value], f"list[{kind}]") == [value]


def test_a_long_text_is_told_by_its_beginning() -> None:
    assert tell("x" * 100) == f"the text {'x' * 40!r}..."
    assert tell([1, 2]) == "a list of 2"


@given(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.lists(st.integers()),
    st.sampled_from(["number", "whole", "seed", "boolean", "text", "color", "json", "any", "number | none",
                     "list[number]", "whole | text", "list[whole] | number"]),
)  # fmt: skip
def test_what_was_made_once_is_made_the_same_again(value: Any, kind: str) -> None:
    try:
        once = made(value, kind)
    except ValueError:
        return
    assert digest(made(once, kind)) == digest(once)


@given(st.integers(-(2**53), 2**53))
def test_a_whole_and_the_number_it_equals_become_the_same(whole: int) -> None:
    assert digest(made(whole, "number")) == digest(made(float(whole), "number"))
    assert digest(made(whole, "whole")) == digest(made(float(whole), "whole"))
