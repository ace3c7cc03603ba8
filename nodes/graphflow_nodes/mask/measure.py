"""What a mask is like, as numbers."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from graphflow import QUIET, Context, Mask, Range, node


class Box(NamedTuple):
    """A box of whole pixels.

    x, y: Its upper left corner.
    width, height: Its sides; both 0 if the mask is empty.
    """

    x: int
    y: int
    width: int
    height: int


@node
def bounding_box(mask: Mask, *, level: Annotated[float, Range(0, 1, 0.01)] = 0.0, ctx: Context = QUIET) -> Box:
    """The smallest box that holds a mask, of a batch all of them. An empty mask gives 0, 0, 0, 0 and says so.

    level: Pixels above this value are inside.
    """
    found = box_of(mask, level)
    if found is None:
        ctx.say(f"The mask has no pixel above {level:g}: its bounding box is empty.")
    return found or Box(0, 0, 0, 0)


@node
def coverage(mask: Mask) -> float:
    """The share of a mask that is inside, 0 to 1: the mean of its values, over the whole batch."""
    if mask.pixels.numel() == 0:
        raise ValueError("The mask has no pixels, so no share of it is inside; give one of at least one pixel.")
    return float(mask.pixels.double().mean())


def box_of(mask: Mask, level: float) -> Box | None:
    """The smallest box that holds all pixels above a level; None if there are none."""
    inside = (mask.pixels > level).any(dim=0)[0]
    rows, columns = inside.any(dim=1).nonzero().flatten().tolist(), inside.any(dim=0).nonzero().flatten().tolist()
    if not rows:
        return None
    return Box(columns[0], rows[0], columns[-1] + 1 - columns[0], rows[-1] + 1 - rows[0])
