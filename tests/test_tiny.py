"""The five-second truth: names, bytes, a node, a document, a kind of its own; for the commit hook."""

from __future__ import annotations

import math
from typing import Annotated

import pytest
import torch

from graphflow import DeclarationError, Image, Range, Table, node
from graphflow.values.codec import CodecError, decode, encode
from graphflow.values.digest import digest
from graphflow.values.types import fit, parse

PICTURE = Image(torch.linspace(0, 1, 48).reshape(1, 3, 4, 4))


@node
def half(image: Image, *, factor: Annotated[float, Range(0, 1)] = 0.5) -> Image:
    """Darken a picture.

    factor: What each value is multiplied by.
    """
    return Image(image.pixels * factor)


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (1, 1.0), (1, "1"), ("1", b"1"), (None, "null"), ((4,), (2, 2)), ([[1], 2], [1, [2]])]
)
def test_values_that_differ_have_different_digests(one: object, other: object) -> None:
    assert digest(one) != digest(other)


def test_tensors_of_equal_bytes_but_other_dtype_or_shape_have_different_digests() -> None:
    zeros = [torch.zeros(4), torch.zeros(2, 2), torch.zeros(4, dtype=torch.int32)]
    assert len({digest(one) for one in zeros}) == 3


@pytest.mark.parametrize(
    "value",
    [None, True, 7, 1 << 80, -0.5, math.inf, "", "é\n", b"\0\xff", [1, [2, "3"]], {"a": {"$kind": 1}}, PICTURE,
     Table({"x": (1, None), "y": ("a", 2.5)})],
    ids=repr,
)  # fmt: skip
def test_a_value_reads_back_to_its_digest(value: object) -> None:
    assert digest(decode(encode(value))) == digest(value)


def test_a_damaged_value_is_refused() -> None:
    with pytest.raises(CodecError):
        decode(b"GFv1\xc1")


def test_a_node_is_called_as_plain_python() -> None:
    assert torch.equal(half(PICTURE).pixels, PICTURE.pixels * 0.5)


def test_a_node_knows_its_ports() -> None:
    spec = half.spec
    assert (spec.about, spec.outputs[0].name) == ("Darken a picture.", "image")
    assert [(one.name, one.low, one.high, one.default) for one in spec.params] == [("factor", 0, 1, 0.5)]
    assert spec.params[0].about == "What each value is multiplied by."


def test_a_misdeclared_node_fails_at_once_with_a_sentence() -> None:
    with pytest.raises(DeclarationError, match="parameter factor: its default is outside its range 0 to 1"):

        @node
        def wrong(image: Image, *, factor: Annotated[float, Range(0, 1)] = 2.0) -> Image:
            """Darken."""
            return image


@pytest.mark.parametrize(
    ("source", "target", "fits"),
    [("image", "image", True), ("image", "mask", False), ("seed", "whole", True), ("image", "image | none", True),
     ("list[image]", "image", True), ("list[list[image]]", "image", False), ("mask", "T", True)],
)  # fmt: skip
def test_a_link_fits_or_does_not(source: str, target: str, fits: bool) -> None:
    assert (fit(parse(source), parse(target), {}) is not None) is fits
