"""GreedyDual-Size against the plain definition: H = L + cost / size, the least goes, L becomes its H."""

from __future__ import annotations

import random

import pytest

from graphflow.cache.evict import GreedyDual
from graphflow.cache.shelf import MemoryShelf


def test_the_cheapest_for_its_size_goes_first() -> None:
    order = GreedyDual()
    order.add(b"dear", 8.0, 10)
    order.add(b"cheap", 1.0, 10)
    order.add(b"large", 8.0, 1000)
    assert [order.pop(), order.pop(), order.pop()] == [b"large", b"cheap", b"dear"]


def test_what_is_used_outlives_what_is_not() -> None:
    order = GreedyDual()
    order.add(b"a", 1.0, 1)
    order.add(b"b", 1.0, 1)
    order.add(b"z", 0.5, 1)
    assert order.pop() == b"z"
    order.touch(b"a")
    assert order.pop() == b"b"


def test_a_dear_entry_that_is_never_used_goes_at_last() -> None:
    order = GreedyDual()
    order.add(b"dear", 3.0, 1)
    gone = []
    for turn in range(5):
        order.add(bytes([turn]), 1.0, 1)
        order.add(bytes([turn + 100]), 1.0, 1)
        gone.append(order.pop())
        gone.append(order.pop())
    assert b"dear" in gone


def test_an_empty_order_has_nothing_to_let_go() -> None:
    order = GreedyDual()
    order.touch(b"a")
    order.remove(b"a")
    with pytest.raises(KeyError):
        order.pop()


def test_it_does_what_the_definition_says_over_random_histories() -> None:
    dice = random.Random(4)
    order = GreedyDual()
    age, plain = 0.0, {}
    for _ in range(5000):
        name = bytes([dice.randrange(40)])
        what = dice.random()
        if what < 0.4 and name not in plain:
            cost, size = dice.randrange(1, 50) / 7, dice.randrange(1, 30)
            plain[name] = (age + cost / size, cost, size)
            order.add(name, cost, size)
        elif what < 0.7 and name in plain:
            _, cost, size = plain[name]
            plain[name] = (age + cost / size, cost, size)
            order.touch(name)
        elif what < 0.8:
            plain.pop(name, None)
            order.remove(name)
        elif plain:
            least = min((entry[0], one) for one, entry in plain.items())
            assert order.pop() == least[1]
            age = plain.pop(least[1])[0]
        assert len(order) == len(plain)
        assert set(order.order()) == set(plain)


def test_memory_keeps_within_its_bound_over_random_histories() -> None:
    dice = random.Random(5)
    gone: list[bytes] = []
    shelf = MemoryShelf(1000, gone.append)
    for turn in range(3000):
        name = bytes([dice.randrange(60)])
        if dice.random() < 0.5:
            shelf.put(name, turn, dice.randrange(1, 400), dice.random())
        elif dice.random() < 0.2:
            shelf.drop(name)
        else:
            shelf.get(name)
        assert shelf.used <= 1000
        assert shelf.used == sum(size for _, size in shelf._values.values())
    assert gone


def test_a_value_of_nothing_is_told_from_no_value() -> None:
    shelf = MemoryShelf(100)
    shelf.put(b"a", None, 1, 1.0)
    assert shelf.get(b"a") == (None,)
    assert shelf.get(b"b") is None


def test_a_value_larger_than_the_bound_does_not_stay() -> None:
    shelf = MemoryShelf(100)
    shelf.put(b"a", "small", 10, 1.0)
    shelf.put(b"b", "large", 500, 1.0)
    assert shelf.used <= 100
    assert shelf.get(b"b") is None


def test_dropping_where_a_test_holds_lets_only_those_go() -> None:
    shelf = MemoryShelf(100)
    for at in range(6):
        shelf.put(bytes([at]), at, 1, 1.0)
    shelf.drop_where(lambda value: value % 2 == 0)
    assert [shelf.has(bytes([at])) for at in range(6)] == [False, True] * 3
    assert shelf.used == 3
