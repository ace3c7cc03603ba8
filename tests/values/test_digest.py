"""The digest names a value by all of its content and by nothing else."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from graphflow import (
    Audio,
    Clip,
    Conditioning,
    File,
    Folder,
    Image,
    Latent,
    Mask,
    Model,
    Plot,
    Secret,
    Space,
    Svg,
    Table,
)
from graphflow.values.digest import DIGEST_BYTES, content_digest, digest, list_digest

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def strict(value: Any) -> Any:
    """A value with its types told, so that Python's == tells 1, 1.0 and True apart, and 0.0 and -0.0."""
    if isinstance(value, list):
        return ("list", tuple(strict(item) for item in value))
    if isinstance(value, dict):
        return ("dict", frozenset((name, strict(item)) for name, item in value.items()))
    return (type(value).__name__, repr(value))


@given(PLAIN, PLAIN)
def test_digests_are_equal_exactly_if_values_are(a: Any, b: Any) -> None:
    assert (digest(a) == digest(b)) == (strict(a) == strict(b))


@given(PLAIN)
def test_a_digest_is_32_bytes_and_always_the_same(value: Any) -> None:
    assert len(digest(value)) == DIGEST_BYTES
    assert digest(value) == digest(value)


DISTINCT: list[Any] = [
    None, False, True, 0, 1, -1, 0.0, -0.0, 1.0, float("nan"), float("inf"), -float("inf"), "", "0", "1", "None",
    "I1", b"", b"1", b"N", [], [0], [[0]], [[]], [[], []], [0, 0], ["ab"], ["a", "b"], ["a", ["b"]], [["a"], "b"],
    {}, {"a": 1}, {"a": 1, "b": 1}, {"a": {"b": 1}}, {"ab": 1}, [["a", 1]], 10**30, -(10**30), 2**63, 2**64,
    torch.zeros(4, dtype=torch.int32), torch.zeros(4, dtype=torch.float32), torch.zeros(4, dtype=torch.uint8),
    torch.zeros(2, 2, dtype=torch.float32), torch.zeros(1, 4, dtype=torch.float32), torch.zeros(2, dtype=torch.float64),
    torch.zeros(4, dtype=torch.bfloat16), torch.zeros(4, dtype=torch.float16), torch.zeros(4, dtype=torch.bool),
    torch.zeros(2, dtype=torch.complex64), torch.zeros(4, dtype=torch.float8_e4m3fn), torch.zeros(()),
    torch.zeros(0), torch.zeros(0, 3), torch.zeros(3, 0), torch.zeros(0, dtype=torch.int32),
    np.zeros(4, np.int32), np.zeros(4, np.float32), np.zeros((2, 2), np.float32), np.zeros((), np.float32),
    np.zeros(0, np.float32), np.array(["a"]), np.zeros(4, ">i4"), np.zeros(1, "M8[s]"), np.zeros(1, "M8[ms]"),
    Image(torch.zeros(1, 1, 2, 2)), Mask(torch.zeros(1, 1, 2, 2)), Clip(torch.zeros(1, 1, 2, 2), 1.0),
    Clip(torch.zeros(1, 1, 2, 2), 2.0), Audio(torch.zeros(1, 1, 4), 8000), Audio(torch.zeros(1, 1, 4), 16000),
    Latent(torch.zeros(1, 1, 2, 2), Space("a")), Latent(torch.zeros(1, 1, 2, 2), Space("b")),
    Conditioning(torch.zeros(1, 2, 2)), Conditioning(torch.zeros(1, 2, 2), torch.zeros(1, 2)),
    Svg("<svg/>"), Secret("<svg/>"), Plot({"mark": "bar"}), Model("a", "b"), Model("a", "b", dtype="float16"),
    Model("a", "b").patched("lora", scale=1.0), File.of_bytes("a", b"1"), File.of_bytes("b", b"1"),
    File.of_bytes("a", b"2"), File.of_bytes("a", b"1", "text/plain"), Folder("a"), Folder("b"),
    Folder("a", (File.of_bytes("a", b"1"),)), Table({}), Table({"a": ()}), Table({"a": (1,)}), Table({"a": (1.0,)}),
    Table({"a": (1,), "b": (2,)}), Table({"b": (2,), "a": (1,)}),
]  # fmt: skip


def test_values_that_differ_in_any_way_have_digests_that_differ() -> None:
    named = [(digest(value), value) for value in DISTINCT]
    for (a, x), (b, y) in itertools.combinations(named, 2):
        assert a != b, f"{x!r} and {y!r}"


@given(st.lists(st.integers(-128, 127), max_size=12), st.integers(0, 11), st.integers(-128, 127))
def test_one_changed_element_changes_the_digest(numbers: list[int], at: int, other: int) -> None:
    changed = [other if index == at else number for index, number in enumerate(numbers)]
    a, b = torch.tensor(numbers, dtype=torch.int8), torch.tensor(changed, dtype=torch.int8)
    assert (digest(a) == digest(b)) == (numbers == changed)


def test_lists_and_tuples_are_alike() -> None:
    assert digest([1, [2]]) == digest((1, (2,)))


def test_a_list_is_named_by_the_digests_of_its_elements() -> None:
    assert digest([1, "a", [2]]) == list_digest([digest(1), digest("a"), digest([2])])


def test_the_order_of_an_objects_keys_does_not_matter() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


@pytest.mark.parametrize(
    "strided",
    [
        torch.arange(12.0).reshape(3, 4).T,
        torch.arange(12.0)[::2],
        torch.arange(4.0).expand(3, 4),
        torch.arange(12.0).reshape(3, 4)[:, 1:3],
        torch.arange(24.0).reshape(1, 2, 3, 4).to(memory_format=torch.channels_last),
        torch.tensor([1 + 2j, 3 - 4j]).conj(),
        torch.arange(4.0, requires_grad=True),
    ],
)
def test_how_a_tensor_lies_in_memory_does_not_matter(strided: torch.Tensor) -> None:
    assert digest(strided) == digest(strided.detach().resolve_conj().contiguous().clone())


def test_how_an_array_lies_in_memory_does_not_matter() -> None:
    array = np.arange(12.0).reshape(3, 4)
    assert digest(array.T) == digest(np.ascontiguousarray(array.T))
    assert digest(array[:, ::2]) == digest(array[:, ::2].copy())
    assert digest(np.asfortranarray(array)) == digest(array)


def test_bytes_from_the_parallel_hasher_name_the_same_content() -> None:
    data = bytes(range(256)) * 8192
    assert content_digest(data) == blake3(data).digest()
    assert content_digest(memoryview(data)[:1000]) == blake3(data[:1000]).digest()


def test_a_large_tensor_differs_by_its_last_byte() -> None:
    a = torch.zeros(3 << 20, dtype=torch.uint8)
    b = a.clone()
    b[-1] = 1
    assert digest(a) != digest(b)
    assert digest(a) == digest(a.clone())


def test_where_a_file_is_does_not_matter(tmp_path: Any) -> None:
    (tmp_path / "a.txt").write_bytes(b"1")
    assert digest(File.of_path(tmp_path / "a.txt")) == digest(File.of_bytes("a.txt", b"1"))


def test_an_immense_number_has_a_digest() -> None:
    assert digest(10**5000) != digest(10**5000 + 1)


class Strange:
    """A class that is no kind."""


@dataclass(frozen=True)
class Unregistered:
    """A dataclass that no @kind registers."""

    x: int = 1


@pytest.mark.parametrize(
    "value",
    [Strange(), Strange, object(), {1, 2}, frozenset(), 1 + 2j, len, range(3), bytearray(b"a"), np.float32(1),
     np.int64(1), np.array([object()]), np.zeros(1, [("a", "i4")]), Unregistered(), [Strange()], {"a": Strange()},
     torch.zeros(2, 2).to_sparse()],
)  # fmt: skip
def test_an_unknown_type_raises_and_is_named(value: Any) -> None:
    with pytest.raises(TypeError, match="Cannot name a"):
        digest(value)


def test_keys_that_are_not_text_raise() -> None:
    with pytest.raises(TypeError, match="keys must be text"):
        digest({1: "a"})
