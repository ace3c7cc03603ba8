"""Types as text, and how one type stands where another is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphflow.nodetype.builtin import BUILTIN
from graphflow.values.types import ANY, NONE, Fit, Type, fit, parse, substitute, union

CONVERSIONS = {
    (parse(made.spec.inputs[0].type).name, parse(made.spec.outputs[0].type).name): made.spec.type for made in BUILTIN
}


def judged(source: str, target: str, **bound: str) -> Fit | None:
    return fit(parse(source), parse(target), CONVERSIONS, {name: parse(text) for name, text in bound.items()})


NAMES = st.sampled_from(["image", "mask", "text", "number", "none", "model", "T", "a_1"])
TYPES = st.recursive(
    NAMES.map(Type),
    lambda inner: (
        inner.map(lambda one: Type("list", (one,)))
        | st.lists(inner, min_size=2, max_size=3).map(union)
        | st.lists(inner, min_size=1, max_size=2).map(lambda args: Type("model", tuple(args)))
    ),
    max_leaves=6,
)


@given(TYPES)
def test_what_is_written_is_read_back(kind: Type) -> None:
    assert parse(str(kind)) == kind


@pytest.mark.parametrize(
    "text", ["image", "list[image]", "image | none", "list[list[T]]", "model[unet, vae] | none", "list[text | number]"]
)
def test_types_are_written_as_they_are_read(text: str) -> None:
    assert str(parse(text)) == text


def test_blanks_do_not_matter_and_repeats_of_a_union_fall_together() -> None:
    assert str(parse(" list[ image|none|image ] | text|text")) == "list[image | none] | text"


@pytest.mark.parametrize("text", ["", " ", "|", "image |", "list[", "list[image", "list]", "list[]", "a b", "a$", "1"])
def test_text_that_is_no_type_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a type"):
        parse(text)


@pytest.mark.parametrize(
    "source, target",
    [
        ("image", "image"),
        ("list[image]", "list[image]"),
        ("seed", "whole"),  # a refinement, and back by value
        ("whole", "seed"),
        ("color", "text"),
        ("text", "color"),
        ("image", "any"),
        ("list[image]", "any"),
        ("any", "image"),
        ("text", "json"),
        ("number", "json"),
        ("list[number]", "json"),
        ("list[text | number]", "json"),
        ("text | none", "json"),
        ("image", "image | none"),
        ("none", "image | none"),
        ("image", "image | mask"),
        ("mask", "image | mask"),
        ("image | mask", "image | mask | none"),
        ("model", "model[unet]"),
        ("model[unet]", "model"),
        ("model[unet]", "model[unet]"),
        ("list[image]", "list[image] | none"),
        ("list[list[image]]", "list[list[image]]"),
    ],
)
def test_what_fits_as_it_is(source: str, target: str) -> None:
    assert judged(source, target) == Fit()


@pytest.mark.parametrize(
    "source, target, conversion",
    [
        ("mask", "image", "mask_to_image"),
        ("mask", "image | none", "mask_to_image"),
        ("clip", "image", "clip_to_image"),
        ("svg", "image", "svg_to_image"),
        ("plot", "image", "plot_to_image"),
        ("plot", "svg", "plot_to_svg"),
        ("whole", "number", "whole_to_number"),
        ("seed", "number", "whole_to_number"),
        ("whole", "text", "whole_to_text"),
        ("seed", "text", "whole_to_text"),
        ("number", "text", "number_to_text"),
        ("boolean", "text", "boolean_to_text"),
        ("json", "text", "json_to_text"),
        ("file", "text", "file_to_text"),
        ("table", "json", "table_to_json"),
        ("json", "table", "json_to_table"),
        ("whole", "text | number", "whole_to_number"),
        ("mask", "list[image]", "mask_to_image"),
        ("list[mask]", "list[image]", "mask_to_image"),
    ],
)
def test_what_fits_through_a_conversion(source: str, target: str, conversion: str) -> None:
    assert judged(source, target) == Fit(conversion=f"convert.{conversion}")


@pytest.mark.parametrize("source, target", [("list[image]", "image"), ("list[image]", "image | none")])
def test_a_list_maps_over_what_takes_one(source: str, target: str) -> None:
    assert judged(source, target) == Fit(mapped=True)


def test_a_mapped_list_may_need_a_conversion() -> None:
    assert judged("list[whole]", "number") == Fit(conversion="convert.whole_to_number", mapped=True)


def test_one_stands_for_a_list_of_one() -> None:
    assert judged("image", "list[image]") == Fit()
    assert judged("image", "list[image] | none") == Fit()


def test_a_variable_takes_a_list_whole_and_is_bound() -> None:
    assert judged("list[image]", "T") == Fit(bound=(("T", parse("list[image]")),))


def test_a_variable_in_a_list_is_bound_to_the_element() -> None:
    assert judged("list[image]", "list[T]") == Fit(bound=(("T", parse("image")),))
    assert judged("image", "list[T]") == Fit(bound=(("T", parse("image")),))


def test_an_exact_option_leaves_a_variable_beside_it_free() -> None:
    assert judged("image", "T | image") == Fit()


def test_a_bound_variable_takes_the_same_type_again() -> None:
    assert judged("image", "T", T="image") == Fit(bound=(("T", parse("image")),))


def test_a_bound_variable_converts_what_comes_later() -> None:
    made = judged("whole", "T", T="number")
    assert made is not None
    assert made.conversion == "convert.whole_to_number"


@pytest.mark.parametrize(
    "source, target",
    [
        ("image", "mask"),  # which channel?
        ("number", "whole"),  # which rounding?
        ("text", "number"),
        ("image", "json"),
        ("list[image]", "json"),
        ("image", "clip"),
        ("none", "image"),
        ("image | none", "image"),
        ("image | mask", "image"),
        ("list[list[image]]", "image"),
        ("list[list[image]]", "list[image]"),
        ("list[audio]", "image"),
        ("latent", "list[image]"),
        ("model[unet]", "model[vae]"),
        ("boolean", "number"),
        ("subgraph", "text"),
    ],
)
def test_what_does_not_fit(source: str, target: str) -> None:
    assert judged(source, target) is None


def test_a_bound_variable_refuses_another_type() -> None:
    assert judged("audio", "T", T="image") is None


def test_nothing_converts_without_conversions() -> None:
    assert fit(parse("mask"), parse("image"), {}) is None


@given(TYPES)
def test_every_type_fits_itself_and_any(kind: Type) -> None:
    assert fit(kind, ANY, {}) is not None
    if "T" not in str(kind):
        assert fit(kind, kind, {}) is not None


def test_substitution_fills_variables_and_leaves_free_ones_any() -> None:
    assert str(substitute(parse("list[T] | U | none"), {"T": parse("image")})) == "list[image] | any | none"


def test_without_none_drops_none_only() -> None:
    assert str(parse("image | mask | none").without_none) == "image | mask"
    assert parse("image | none").is_optional
    assert not parse("image").is_optional
    assert NONE.is_optional


@pytest.mark.parametrize(
    "text, whole",
    [("image", False), ("list[image]", True), ("json", True), ("any", True), ("T", True), ("list[image] | none", True)],
)
def test_which_types_take_a_list_whole(text: str, whole: bool) -> None:
    assert parse(text).takes_whole is whole
