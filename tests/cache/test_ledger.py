"""The ledger: traces, small values, manifests and file digests; batches, several processes, damage."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from graphflow.cache.ledger import Ledger, Manifest
from graphflow.cache.trace import Trace, from_json, pack, to_json, unpack


def trace(*outputs: bytes, seconds: float = 0.5, time: float = 1.0) -> Trace:
    return Trace(
        type="image.blur", version=1, code=b"code", salt="torch 2.13", outputs=list(outputs), seconds=seconds,
        rebuild=0.25, size=10, parts={"radius": b"r" * 32}, libraries="python 3.11", time=time,
    )  # fmt: skip


def key(number: int) -> bytes:
    return number.to_bytes(32, "big")


@pytest.fixture
def ledger(tmp_path: Path) -> Any:
    made = Ledger(tmp_path / "ledger.sqlite")
    yield made
    made.close()


def test_a_trace_is_found_after_its_commit_and_after_a_restart(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append(key(1), trace(b"o" * 32), [(b"o" * 32, b"body")])
    assert ledger.waiting
    assert ledger.value(b"o" * 32) == b"body"  # also while it waits
    ledger.flush()
    assert not ledger.waiting
    assert ledger.find([key(1), key(2)]) == {key(1): trace(b"o" * 32)}
    ledger.close()
    again = Ledger(tmp_path / "ledger.sqlite")
    assert again.find([key(1)]) == {key(1): trace(b"o" * 32)}
    assert again.value(b"o" * 32) == b"body"
    again.close()


def test_closing_commits_what_waits(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append(key(1), trace(b"o" * 32), [])
    ledger.close()
    again = Ledger(tmp_path / "ledger.sqlite")
    assert list(again.find([key(1)])) == [key(1)]
    again.close()


def test_the_newest_trace_of_a_key_counts(ledger: Ledger) -> None:
    for number in range(3):
        ledger.append(key(1), trace(bytes([number]) * 32, time=float(number)), [])
        ledger.flush()
    assert ledger.find([key(1)])[key(1)].outputs == [b"\x02" * 32]
    assert [one.time for one in ledger.history(key(1))] == [0.0, 1.0, 2.0]


def test_keys_whose_last_bytes_are_equal_are_told_apart(ledger: Ledger) -> None:
    one, two = b"\x01" * 24 + b"same end", b"\x02" * 24 + b"same end"
    ledger.append(one, trace(b"a" * 32), [(one, b"first")])
    ledger.append(two, trace(b"b" * 32), [(two, b"second")])
    ledger.flush()
    found = ledger.find([one, two])
    assert (found[one].outputs, found[two].outputs) == ([b"a" * 32], [b"b" * 32])
    assert (ledger.value(one), ledger.value(two)) == (b"first", b"second")
    assert ledger.find([b"\x03" * 24 + b"same end"]) == {}


def test_thousands_of_keys_are_found_in_one_go(ledger: Ledger) -> None:
    for number in range(3000):
        ledger.append(key(number), trace(key(number)), [])
    ledger.flush()
    found = ledger.find([key(number) for number in range(4000)])
    assert len(found) == 3000
    assert all(found[key(number)].outputs == [key(number)] for number in range(3000))


def test_many_threads_lose_no_row(ledger: Ledger) -> None:
    def write(base: int) -> None:
        for number in range(500):
            ledger.append(key(base + number), trace(key(number)), [(key(base + number), b"x")])
            if number % 7 == 0:
                ledger.flush()

    threads = [threading.Thread(target=write, args=(base,)) for base in (0, 1000, 2000, 3000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.flush()
    keys = [key(base + number) for base in (0, 1000, 2000, 3000) for number in range(500)]
    assert len(ledger.find(keys)) == 2000
    assert all(ledger.value(one) == b"x" for one in keys)


def test_two_ledgers_on_one_file_see_each_others_rows(ledger: Ledger, tmp_path: Path) -> None:
    other = Ledger(tmp_path / "ledger.sqlite")
    ledger.append(key(1), trace(b"a" * 32), [])
    ledger.flush()
    other.append(key(2), trace(b"b" * 32), [])
    other.flush()
    assert len(other.find([key(1), key(2)])) == len(ledger.find([key(1), key(2)])) == 2
    other.close()


def test_a_manifest_is_kept_with_the_one_before_it(ledger: Ledger) -> None:
    first = Manifest(["a"], [key(1)], [[b"o" * 32]], [0.0], 1.0)
    second = Manifest(["a", "b"], [key(1), key(2)], [[b"o" * 32], [b"p" * 32]], [0.0, 1.5], 2.0)
    assert ledger.manifest(b"document") is None
    ledger.save_manifest(b"document", first)
    assert ledger.manifest(b"document", previous=True) is None
    ledger.save_manifest(b"document", second)
    assert ledger.manifest(b"document") == second
    assert ledger.manifest(b"document", previous=True) == first


def test_a_files_digest_is_known_while_its_stat_is_the_same(ledger: Ledger) -> None:
    ledger.save_file_digest("/a", b"stat", b"d" * 32)
    assert ledger.file_digest("/a", b"stat") == b"d" * 32
    assert ledger.file_digest("/a", b"other") is None
    ledger.save_file_digest("/a", b"other", b"e" * 32)
    assert ledger.file_digest("/a", b"stat") is None


def test_costs_and_counts_are_told(ledger: Ledger) -> None:
    ledger.save_cost("ab", 1.5)
    ledger.save_cost("ab", 2.5)
    assert ledger.costs() == {"ab": 2.5}
    ledger.append(key(1), trace(b"a" * 32), [(b"a" * 32, b"x")])
    ledger.flush()
    counts = ledger.counts()
    assert (counts["traces"], counts["values"]) == (1, 1)
    assert counts["bytes"] > 0
    assert [one.outputs for one in ledger.traces()] == [[b"a" * 32]]
    ledger.clear()
    assert ledger.counts()["traces"] == 0
    assert ledger.find([key(1)]) == {}


def test_a_damaged_row_is_told_once_and_gone(tmp_path: Path) -> None:
    told: list[str] = []
    ledger = Ledger(tmp_path / "ledger.sqlite", told.append)
    ledger.append(key(1), trace(b"a" * 32), [(b"a" * 32, b"x" * 100)])
    ledger.flush()
    with sqlite3.connect(tmp_path / "ledger.sqlite") as database:
        database.execute("UPDATE trace SET body = zeroblob(100)")
        database.execute("UPDATE value SET body = zeroblob(100)")
    database.close()
    assert ledger.find([key(1)]) == {}
    assert ledger.value(b"a" * 32) is None
    assert len(told) == 2
    assert ledger.find([key(1)]) == {}
    assert ledger.value(b"a" * 32) is None
    assert len(told) == 2
    ledger.close()


def test_a_ledger_without_a_file_keeps_nothing_and_fails_at_nothing() -> None:
    ledger = Ledger(None)
    ledger.append(key(1), trace(b"a" * 32), [])
    ledger.flush()
    assert ledger.find([key(1)]) == {}
    assert ledger.value(key(1)) is None
    ledger.save_manifest(b"d", Manifest([], [], [], []))
    assert ledger.manifest(b"d") is None
    ledger.close()


def test_a_ledger_that_is_closed_answers_nothing(ledger: Ledger) -> None:
    ledger.close()
    ledger.append(key(1), trace(b"a" * 32), [])
    ledger.flush()
    assert ledger.find([key(1)]) == {}
    ledger.close()


def test_a_trace_reads_back_and_every_flipped_bit_is_found() -> None:
    row = pack(key(5), trace(b"a" * 32))
    assert unpack(key(5), row) == trace(b"a" * 32)
    assert unpack(key(6), row) is None
    for at in range(len(row)):
        torn = bytearray(row)
        torn[at] ^= 1
        with pytest.raises(ValueError):
            unpack(key(5), bytes(torn))


def test_a_shared_trace_reads_back_and_what_is_none_is_refused() -> None:
    assert from_json(to_json(trace(b"a" * 32, b"k:" + b"b" * 32))) == trace(b"a" * 32, b"k:" + b"b" * 32)
    for wrong in (b"", b"{}", b"[]", b"null", b"\xff", to_json(trace(b"a"))[:-3], b'{"type": 1}'):
        with pytest.raises(ValueError):
            from_json(wrong)
