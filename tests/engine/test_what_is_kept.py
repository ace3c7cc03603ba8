"""Which values are durable, what the shelf on disk lets go, and in which order. The clock is injected."""

from __future__ import annotations

import os
import time
from typing import Any

from graphflow import File, node
from graphflow.cache.evict import GreedyDual
from graphflow.cache.key import bytes_of

SPEED = 1e6  # bytes a second: a text of 160,000 costs 0.16 s to write
SIZE = 160_000


class Clock:
    """Seconds that nodes spend by telling so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


CLOCK = Clock()


@node
def root(*, value: float = 1.0) -> float:
    """Give a number."""
    return value


@node
def text(x: float, *, seconds: float = 0.0, size: int = SIZE) -> str:
    """Give a text that took so long to make."""
    CLOCK.now += seconds
    return f"{x:016.1f}" * (size // 16)


@node
def louder(text: str, *, seconds: float = 0.0) -> str:
    """Make another text of it."""
    CLOCK.now += seconds
    return text.replace("0", "1")


@node
def size_of(text: str) -> float:
    """Tell its length."""
    return float(len(text))


@node(saves=True)
def save(text: str) -> File:
    """Make a file."""
    return File.of_bytes("text.txt", text.encode())


NODES = [root, text, louder, size_of, save]


def begin(bench: Any, **options: Any) -> Any:
    return bench.session(NODES, clock=CLOCK, disk_speed=SPEED, **options)


def on_disk(bench: Any) -> list[int]:
    return sorted(path.stat().st_size for path in (bench.home / "shelf").glob("*/*"))


def test_a_value_up_to_64_kib_is_kept_in_the_ledger(bench: Any, use: Any, graph: Any) -> None:
    session = begin(bench)
    small = graph(r=use(root), t=use(text, x="r.value", size=65536), n=use(size_of, text="t.value"))
    bench.run(session, small)
    assert on_disk(bench) == []
    ran = bench.run(bench.restarted(session, NODES), small, targets=["t"])
    assert (ran.computed, len(ran.values["t.value"])) == ([], 65536)


def test_a_larger_value_is_kept_if_it_is_a_target(bench: Any, use: Any, graph: Any) -> None:
    session = begin(bench)
    document = graph(r=use(root), t=use(text, x="r.value", size=65552), n=use(size_of, text="t.value"))
    bench.run(session, document, targets=["n"])
    assert on_disk(bench) == []
    other = graph(r=use(root, value=2.0), t=use(text, x="r.value", size=65552))
    bench.run(session, other)
    assert len(on_disk(bench)) == 1


def test_a_value_is_kept_if_it_costs_more_than_three_times_its_writing(bench: Any, use: Any, graph: Any) -> None:
    session = begin(bench)
    cheap = graph(r=use(root), t=use(text, x="r.value", seconds=0.47), n=use(size_of, text="t.value"))
    bench.run(session, cheap)
    assert on_disk(bench) == []
    dear = graph(r=use(root, value=2.0), t=use(text, x="r.value", seconds=0.49), n=use(size_of, text="t.value"))
    bench.run(session, dear)
    assert len(on_disk(bench)) == 1


def test_what_its_inputs_would_cost_counts_too(bench: Any, use: Any, graph: Any) -> None:
    session = begin(bench)
    document = graph(
        r=use(root), t=use(text, x="r.value", seconds=0.3), l=use(louder, text="t.value", seconds=0.3),
        n=use(size_of, text="l.value"),
    )  # fmt: skip
    bench.run(session, document)
    assert len(on_disk(bench)) == 1  # l, which stands for 0.6 seconds
    session = bench.restarted(session, NODES)
    assert bench.run(session, document, targets=["l"]).computed == []


def test_a_cheap_value_is_known_by_name_and_rebuilt_for_a_new_reader(bench: Any, use: Any, graph: Any) -> None:
    session = begin(bench)
    document = graph(r=use(root), t=use(text, x="r.value"), n=use(size_of, text="t.value"))
    bench.run(session, document)
    session = bench.restarted(session, NODES)
    assert bench.run(session, document).computed == []
    more = graph(r=use(root), t=use(text, x="r.value"), l=use(louder, text="t.value"))
    assert bench.run(session, more).told == [
        "step.cached r", "step.cached t", "step.started t", "step.done t", "step.started l", "step.done l"
    ]  # fmt: skip


def test_a_saved_file_is_kept(bench: Any, use: Any, graph: Any) -> None:
    session = begin(bench)
    document = graph(r=use(root), t=use(text, x="r.value"), s=use(save, text="t.value"))
    bench.run(session, document)
    assert len(on_disk(bench)) == 1


def fill(bench: Any, session: Any, use: Any, graph: Any, count: int, seconds: Any) -> None:
    for at in range(count):
        document = graph(r=use(root, value=float(at)), t=use(text, x="r.value", seconds=seconds(at)))
        bench.run(session, document)


def test_trimming_keeps_within_the_bound_and_lets_the_cheapest_go_first(bench: Any, use: Any, graph: Any) -> None:
    session = begin(bench, disk=1 << 30)
    fill(bench, session, use, graph, 6, lambda at: float(at + 1))
    assert len(on_disk(bench)) == 6
    removed, freed = session.trimmer.trim(3 * (SIZE + 100))
    assert (removed, len(on_disk(bench))) == (3, 3)
    assert freed > 3 * SIZE
    costs = session.fetch.ledger.costs()
    assert sorted(round(costs[name], 9) for name, _, _ in session.fetch.disk.entries()) == [4.0, 5.0, 6.0]


def test_entries_that_were_long_not_used_age(bench: Any, use: Any, graph: Any) -> None:
    session = begin(bench, disk=1 << 30)
    fill(bench, session, use, graph, 6, lambda at: 2.0 if at == 0 else 1.0)
    costs = session.fetch.ledger.costs()
    shelf = session.fetch.disk
    by_cost = sorted(shelf.entries(), key=lambda entry: -costs[entry[0]])
    for age, (name, _, _) in enumerate(by_cost):  # the dear one was used longest ago
        stamp = time.time() - 1000 + age
        os.utime(shelf.path(bytes_of(name)), (stamp, stamp))
    session.trimmer.trim(2 * (SIZE + 100))
    left = {name for name, _, _ in shelf.entries()}
    order = GreedyDual()
    used = 0
    for name, size, _ in by_cost:
        order.add(bytes_of(name), costs[name], size)
        used += size
        while used > 2 * (SIZE + 100):
            order.pop()
            used -= size
    assert left == {name for name, _, _ in by_cost if bytes_of(name) in order}


def test_reading_an_entry_is_using_it(bench: Any, use: Any, graph: Any) -> None:
    session = begin(bench, disk=1 << 30)
    fill(bench, session, use, graph, 1, lambda at: 1.0)
    ((name, _, _),) = session.fetch.disk.entries()
    os.utime(session.fetch.disk.path(bytes_of(name)), (1.0, 1.0))
    session.fetch.memory.shrink(0)
    fill(bench, session, use, graph, 1, lambda at: 1.0)
    ((_, _, used),) = session.fetch.disk.entries()
    assert used > 1.0


def test_a_run_keeps_the_shelf_within_its_bound(bench: Any, use: Any, graph: Any) -> None:
    session = begin(bench, disk=5 * SIZE)
    fill(bench, session, use, graph, 12, lambda at: 1.0)
    until = time.monotonic() + 5.0
    while sum(on_disk(bench)) > 5.5 * SIZE and time.monotonic() < until:
        session.trimmer.tick()
    assert sum(on_disk(bench)) <= 5.5 * SIZE
