"""The order of nodes, and the circles in which links run. Linear in nodes and links, without recursion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_CIRCLES = 10  # told at most; each is found in what the ones before it left


def topological(sources: Mapping[str, Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Nodes with each after its sources, and the circles found.

    sources: For each node the nodes that its links come from, all of them known; repeats are fine. A circle lists its
    nodes in the direction of the links. Nodes in and behind circles stand last.
    """
    consumers: dict[str, list[str]] = {}
    waits: dict[str, int] = {}
    order: list[str] = []
    for node, froms in sources.items():
        if not froms:
            order.append(node)
            continue
        waits[node] = len(froms)
        for one in froms:
            rows = consumers.get(one)
            if rows is None:
                consumers[one] = [node]
            else:
                rows.append(node)
    _settle(order, 0, consumers, waits)
    circles: list[list[str]] = []
    done = len(order)
    while waits:
        circle = _circle(sources, waits)
        if len(circles) < _CIRCLES:
            circles.append(circle)
        # The circle counts as done, so that the next one is sought in what is left.
        for node in circle:
            del waits[node]
        order.extend(circle)
        _settle(order, done, consumers, waits)
        done = len(order)
    return order, circles


def _settle(order: list[str], start: int, consumers: Mapping[str, list[str]], waits: dict[str, int]) -> None:
    """Kahn: append every node whose sources are all in the order, from place `start` on."""
    at = start
    none: list[str] = []
    while at < len(order):
        for node in consumers.get(order[at], none):
            left = waits.get(node)
            if left is None:
                continue
            if left == 1:
                del waits[node]
                order.append(node)
            else:
                waits[node] = left - 1
        at += 1


def _circle(sources: Mapping[str, Sequence[str]], waits: Mapping[str, int]) -> list[str]:
    """Walk back from a node that waits, through nodes that wait, until one comes again."""
    node = next(iter(waits))
    place: dict[str, int] = {}
    walked: list[str] = []
    while node not in place:
        place[node] = len(walked)
        walked.append(node)
        node = next(one for one in sources[node] if one in waits)
    circle = walked[place[node] :]
    circle.reverse()
    first = circle.index(min(circle))
    return circle[first:] + circle[:first]
