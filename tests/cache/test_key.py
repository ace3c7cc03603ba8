"""The key: what enters it, and that nothing runs together."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphflow.cache import key as keys

HEAD = keys.head("image.blur", 1, b"code", "torch 2.13")


def part(name: str, value: bytes = b"\x01" * 32) -> keys.Part:
    return keys.prefix(name), value


def test_the_order_in_which_parts_are_given_does_not_matter() -> None:
    parts = [part("a", b"1" * 32), part("b", b"2" * 32), part("c", b"3" * 34)]
    assert len({keys.key(HEAD, list(order)) for order in itertools.permutations(parts)}) == 1


def test_everything_in_the_head_counts() -> None:
    heads = {
        keys.head("image.blur", 1, b"code", ""),
        keys.head("image.blur2", 1, b"code", ""),
        keys.head("image.blur", 2, b"code", ""),
        keys.head("image.blur", 1, b"other", ""),
        keys.head("image.blur", 1, b"code", "torch 2.13"),
        keys.head("image.blur1", 1, b"code", ""),
        keys.head("image.blur", 11, b"code", ""),
    }
    assert len(heads) == 7


def test_names_and_digests_do_not_run_together() -> None:
    found = {
        keys.key(HEAD, []),
        keys.key(HEAD, [part("ab")]),
        keys.key(HEAD, [part("a"), part("b")]),
        keys.key(HEAD, [part("a", b"\x01" * 34)]),
        keys.key(HEAD, [part("b"), part("a", b"\x02" * 32)]),
        keys.key(HEAD, [part("a"), part("b", b"\x02" * 32)]),
        keys.key(HEAD, [keys.outside_part(b"a")]),
        keys.key(HEAD, [keys.outside_part(b"b")]),
        keys.key(HEAD, [keys.impure_part("run", "a")]),
        keys.key(HEAD, [keys.impure_part("run", "b")]),
        keys.key(HEAD, [keys.impure_part("other", "a")]),
    }
    assert len(found) == 11


def test_run_and_path_of_an_impure_step_do_not_run_together() -> None:
    assert keys.impure_part("ab", "c") != keys.impure_part("a", "bc")


@given(st.dictionaries(st.text(max_size=8), st.binary(min_size=32, max_size=32), max_size=4))
def test_different_parts_give_different_keys(parts: dict[str, bytes]) -> None:
    this = keys.key(HEAD, [part(name, value) for name, value in parts.items()])
    for name in parts:
        less = {other: value for other, value in parts.items() if other != name}
        assert keys.key(HEAD, [part(other, value) for other, value in less.items()]) != this


def test_a_digest_reads_back_from_its_text() -> None:
    named = keys.keyed_digest(b"k" * 32, "image")
    for digest in (b"\xab" * 32, named):
        assert keys.bytes_of(keys.text_of(digest)) == digest
    assert keys.text_of(named).startswith("k:")
    assert (keys.is_keyed(named), keys.is_keyed(b"\xab" * 32)) == (True, False)
    assert named != keys.keyed_digest(b"k" * 32, "mask")


def test_what_is_no_digest_is_refused() -> None:
    with pytest.raises(ValueError):
        keys.bytes_of("not hexadecimal")
