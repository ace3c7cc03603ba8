"""A large tensor on a link: whether it is copied, and what its name costs beside a copy."""

from __future__ import annotations

import json
import time
from typing import Annotated

from report import Report, Table, Target, at_most, median

from graphflow import Image, Range, Session, node
from graphflow.values.digest import digest

# Where each node saw the pixels. The nodes of this page are no example: a node leaves nothing behind.
seen: list[int] = []


@node
def grey(*, side: Annotated[int, Range(1, 8192)] = 4096) -> Image:
    """Make a grey picture of one channel."""
    import torch

    image = Image(torch.full((1, 1, side, side), 0.5))
    seen.append(image.pixels.data_ptr())
    return image


@node
def look(image: Image) -> Image:
    """Pass a picture on."""
    seen.append(image.pixels.data_ptr())
    return image


@node
def hand_on(image: Image) -> Image:
    """Pass a picture on once more; a second `look` would be known from the first."""
    seen.append(image.pixels.data_ptr())
    return image


def report(small: bool) -> Report:
    """Pass a tensor of 64 MB through a chain and name it."""
    import torch

    side = 256 if small else 4096
    nodes = {
        "a": {"type": grey.type, "params": {"side": side}},
        "b": {"type": look.type, "inputs": {"image": "a.image"}},
        "c": {"type": hand_on.type, "inputs": {"image": "b.image"}},
    }
    seen.clear()
    with Session(nodes=[grey, look, hand_on]) as session:
        result = session.run(json.dumps({"graphflow": 1, "nodes": nodes}).encode(), targets=["c.image"])
    seen.append(next(iter(result.values.values())).pixels.data_ptr())
    torch.set_num_threads(1)
    image = Image(torch.rand(1, 1, side, side))
    copies, names = [], []
    for _ in range(2 if small else 15):
        copies.append(_clocked(lambda: image.pixels.clone()))
        # A new object each time, so that no name is remembered.
        fresh = Image(image.pixels.view(1, 1, side, side))
        names.append(_clocked(lambda given=fresh: digest(given)))
    copy, name = median(copies) * 1e3, median(names) * 1e3
    table = Table(
        "A tensor",
        ["", "milliseconds"],
        [[f"a copy of {side * side * 4 / 2**20:g} MiB on one thread", copy], ["its digest", name]],
    )
    same = len(set(seen)) == 1 and len(seen) == 4
    return Report(
        "Tensors on links",
        "A picture of 4096 x 4096 float32 goes through three nodes and out as a target's value; then it is named.",
        [table],
        [
            Target("passes between nodes without a copy", f"{len(set(seen))} address at {len(seen)} places", same),
            at_most("naming costs at most 2.5 copies", name / copy, 2.5, "copies"),
        ],
    )


def _clocked(work: object) -> float:
    began = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - began
