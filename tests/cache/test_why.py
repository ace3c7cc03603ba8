"""What differs between a trace and what a step is made of."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from graphflow.cache.trace import Trace
from graphflow.cache.why import Made, compare, salt_changes

PARTS = {"image": b"i" * 32, "radius": b"r" * 32}
BEFORE = Trace("image.blur", 1, b"code", "torch 2.13, pillow 11.1", [b"out"], 1.0, 0.0, 16, PARTS)
NOW = Made.of(BEFORE, frozenset({"image"}))


def codes(now: Made) -> list[str]:
    return [reason.code for reason in compare(BEFORE, now)]


def test_nothing_differs_from_itself() -> None:
    assert codes(NOW) == []


def test_edited_code() -> None:
    assert codes(replace(NOW, code=b"other")) == ["CODE"]


def test_another_version_is_told_as_such_not_as_code() -> None:
    assert codes(replace(NOW, version=2, code=b"other")) == ["VERSION"]


def test_another_library_is_told_with_both_versions() -> None:
    assert codes(replace(NOW, salt="torch 2.14, pillow 11.1")) == ["SALT (torch 2.13 to 2.14)"]
    assert salt_changes("torch 2.13", "torch 2.13, scipy 1.15") == "scipy absent to 1.15"


def test_a_param_and_an_input_are_told_apart_and_named() -> None:
    changed = replace(NOW, parts={"image": b"j" * 32, "radius": b"s" * 32})
    assert codes(changed) == ["INPUT(image)", "PARAM(radius)"]


def test_an_input_without_a_name_yet_is_a_reason() -> None:
    assert codes(replace(NOW, parts={**NOW.parts, "image": None})) == ["INPUT(image)"]


def test_a_parameter_that_came_or_went() -> None:
    assert codes(replace(NOW, parts={"image": b"i" * 32})) == ["PARAM(radius)"]
    assert codes(replace(NOW, parts={**NOW.parts, "mask": b"m" * 32})) == ["PARAM(mask)"]


def test_another_node_type_in_the_same_place_is_new() -> None:
    assert codes(replace(NOW, type="image.sharpen")) == ["NEW"]


def test_every_reason_is_a_sentence() -> None:
    other = msgspec.structs.replace(BEFORE, version=2, salt="", parts={})
    assert all(reason.text.endswith(".") for reason in compare(other, NOW))
