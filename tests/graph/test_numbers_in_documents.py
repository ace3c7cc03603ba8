"""Numbers are written as RFC 8785 says and have one form in memory."""

from __future__ import annotations

import json
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphflow.graph.document import read_document
from graphflow.graph.plain import number_text, plain

# Samples of RFC 8785, appendix B: the bits of a double and its text.
RFC_8785 = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


def value_in_document(text: str) -> object:
    document = read_document('{"graphflow": 1, "nodes": {"a": {"type": "b", "params": {"v": %s}}}}' % text)  # noqa: UP031
    return document.nodes["a"].params["v"]


@pytest.mark.parametrize(("bits", "text"), RFC_8785.items())
def test_the_samples_of_rfc_8785_are_written_as_it_says(bits: str, text: str) -> None:
    assert number_text(struct.unpack(">d", bytes.fromhex(bits))[0]) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_number_reads_back_to_the_same_double(value: float) -> None:
    text = number_text(value)
    assert float(text) == value
    assert number_text(value_in_document(text)) == text  # type: ignore[arg-type]


@given(st.integers(-(2**53), 2**53))
def test_every_whole_number_up_to_two_to_the_53_keeps_its_digits(value: int) -> None:
    assert number_text(value) == str(value)
    assert repr(value_in_document(str(value))) == str(value)


@pytest.mark.parametrize("text", ["2", "2.0", "2e0", "0.2e1"])
def test_a_whole_number_is_an_int_however_it_is_written(text: str) -> None:
    assert repr(value_in_document(text)) == "2"


def test_minus_zero_is_zero() -> None:
    assert math.copysign(1, value_in_document("-0.0")) == 1  # type: ignore[arg-type]


def test_a_greater_whole_number_that_is_a_double_is_taken() -> None:
    assert value_in_document("590295810358705651712") == 2.0**69  # every digit of the double
    assert value_in_document("590295810358705700000") == 2.0**69  # as RFC 8785 writes it


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 2**53 + 1, 10**400])
def test_a_number_that_json_cannot_hold_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"number"):
        plain(value)
    with pytest.raises(ValueError, match=r"number"):
        number_text(value)


def test_plain_makes_lists_of_tuples_and_one_form_of_numbers() -> None:
    assert json.dumps(plain({"a": (1.0, 2.5, True, None)})) == '{"a": [1, 2.5, true, null]}'


@pytest.mark.parametrize("value", [b"bytes", {1: 2}, {None: 1}, {"a": object()}, "\ud800", {"\udfff": 1}])
def test_plain_refuses_what_json_does_not_have(value: object) -> None:
    with pytest.raises(ValueError, match=r"JSON|text"):
        plain(value)
