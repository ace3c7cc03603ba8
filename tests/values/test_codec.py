"""A value read back has the digest of what was written; damaged bytes are found."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
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
    Molecule,
    Plot,
    Secret,
    Space,
    Svg,
    Table,
)  # fmt: skip
from graphflow.values.codec import CodecError, decode, encode
from graphflow.values.digest import digest
from graphflow.values.kind import KINDS

EXAMPLES: dict[str, Any] = {
    "image": Image(torch.rand(2, 3, 4, 5)),
    "mask": Mask(torch.rand(1, 1, 4, 5)),
    "latent": Latent(torch.rand(1, 4, 2, 2).to(torch.bfloat16), Space("sd1", 0.18215, 0.5)),
    "conditioning": Conditioning(torch.rand(1, 2, 3), torch.rand(1, 3), {"size": [1, 2], "extra": torch.ones(2)}),
    "audio": Audio(torch.rand(1, 2, 30), 44100),
    "clip": Clip(torch.rand(3, 3, 4, 4), 23.976),
    "svg": Svg("<svg xmlns='http://www.w3.org/2000/svg'/>"),
    "molecule": Molecule("CCO", "block\n"),
    "table": Table({"b": (1, None, "x"), "a": (2.5, True, Image(torch.rand(1, 1, 2, 2)))}),
    "plot": Plot({"mark": "bar", "$schema": "https://vega.github.io/schema/vega-lite/v5.json"}),
    "file": File.of_bytes("a.bin", bytes(range(256)), "application/x-own"),
    "folder": Folder("f", (File.of_bytes("a", b"1"), File.of_bytes("b/c", b""))),
    "secret": Secret("hub"),
    "model": Model("diffusers", "a/b", "main", (("w", "d"),), "float16", "cpu").patched("lora", scale=0.5, file="x"),
}


def same(value: Any) -> Any:
    """Round trip; the digest is kept."""
    back = decode(encode(value))
    assert digest(back) == digest(value)
    return back


def test_there_is_an_example_of_every_shared_kind() -> None:
    shared = {name for name, kind in KINDS.items() if kind.cls.__module__ == "graphflow.values.kinds"}
    assert shared == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_kind_reads_back_to_its_digest(name: str) -> None:
    assert type(same(EXAMPLES[name])) is type(EXAMPLES[name])


@pytest.mark.parametrize("name", EXAMPLES)
def test_lists_and_objects_of_every_kind_read_back(name: str) -> None:
    same([EXAMPLES[name], {"x": EXAMPLES[name]}, None])


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["$kind", "$int", "$object", "$tensor", "$", "a", ""]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(PLAIN)
def test_plain_data_reads_back_also_with_keys_that_begin_with_a_dollar(value: Any) -> None:
    same(value)


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 10**100])
def test_big_integers_read_back(number: int) -> None:
    assert same(number) == number


def test_an_immense_integer_reads_back() -> None:
    assert same(-(10**5000)) == -(10**5000)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), -0.0, 5e-324])
def test_special_numbers_read_back(number: float) -> None:
    assert repr(same(number)) == repr(number)


@pytest.mark.parametrize(
    "dtype",
    ["bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float16", "bfloat16", "float32",
     "float64", "complex64", "float8_e4m3fn", "float8_e5m2"],
)  # fmt: skip
def test_tensors_of_every_dtype_read_back(dtype: str) -> None:
    tensor = torch.tensor([0, 1, 1, 0]).to(getattr(torch, dtype)).reshape(2, 2)
    assert same(tensor).dtype == tensor.dtype


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (3, 0), (1,), (2, 3, 4)])
def test_tensors_and_arrays_of_every_shape_read_back(shape: tuple[int, ...]) -> None:
    assert same(torch.ones(shape)).shape == torch.Size(shape)
    assert same(np.ones(shape)).shape == shape


def test_special_floats_in_tensors_keep_their_bits() -> None:
    tensor = torch.tensor([float("nan"), float("inf"), -0.0, 1e-45])
    assert torch.equal(same(tensor).view(torch.int32), tensor.view(torch.int32))


def test_strided_tensors_and_views_read_back() -> None:
    same(torch.arange(12.0).reshape(3, 4).T)
    base = torch.arange(8.0)
    same([base, base[2:4], base])


def test_an_array_comes_back_as_an_array_that_cannot_be_written_to() -> None:
    back = same(np.arange(3))
    assert isinstance(back, np.ndarray)
    with pytest.raises(ValueError, match="read-only"):
        back[0] = 1


def test_the_order_of_a_tables_columns_is_kept() -> None:
    assert list(same(EXAMPLES["table"]).columns) == ["b", "a"]


def test_a_value_can_be_read_from_a_memoryview() -> None:
    for value in ([1, "a"], torch.ones(3)):
        assert digest(decode(memoryview(encode(value)))) == digest(value)


@pytest.mark.parametrize(
    "value",
    [object(), {1, 2}, 1 + 2j, np.array(["a"]), np.array([object()]), np.zeros(2, ">f4"), [len], {1: "a"}, "\ud800"],
)
def test_what_cannot_be_stored_raises_type_error(value: Any) -> None:
    with pytest.raises(TypeError, match="Cannot store"):
        encode(value)


@pytest.mark.parametrize(
    "data",
    [b"", b"G", b"GFv1", b"GFt1", b"XXXX\x00", b"GFv1\xc1", b"GFt1" + b"\xff" * 8, b"GFt1" + b"\x00" * 8,
     encode([1, 2])[:-1], encode([1, 2]) + b"\x00", encode(torch.ones(3))[:-1], encode(torch.ones(3))[:20]],
)  # fmt: skip
def test_damaged_bytes_raise_a_codec_error(data: bytes) -> None:
    with pytest.raises(CodecError, match="damaged"):
        decode(data)


def test_a_kind_that_no_pack_registers_is_named() -> None:
    data = b"GFv1" + msgspec.msgpack.encode({"$kind": "hologram", "$state": {}})
    with pytest.raises(CodecError, match="'hologram', which no loaded pack registers"):
        decode(data)


def test_a_tree_that_no_value_has_raises_a_codec_error() -> None:
    for tree in ({"$tensor": 0}, {"$int": "x"}, {"$kind": "image", "$state": {}}, {"$kind": ["a"]}):
        with pytest.raises(CodecError):
            decode(b"GFv1" + msgspec.msgpack.encode(tree))


@pytest.mark.parametrize("name", ["table", "image", "model"])
def test_any_flipped_byte_gives_a_codec_error_or_another_digest(name: str) -> None:
    value = EXAMPLES[name]
    data, chance = encode(value), random.Random(1)
    for _ in range(150):
        at = chance.randrange(len(data))
        broken = data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]
        try:
            back = decode(broken)
        except CodecError:
            continue
        try:
            named = digest(back)
        except TypeError:
            continue
        assert named != digest(value)
