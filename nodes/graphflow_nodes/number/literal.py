"""Values typed by hand, to be used in several places."""

from __future__ import annotations

from graphflow import Seed, node


@node
def number(*, value: float = 0.0) -> float:
    """A number, as it is typed."""
    return value


@node
def whole(*, value: int = 0) -> int:
    """A whole number."""
    return value


@node
def boolean(*, value: bool = False) -> bool:
    """True or false."""
    return value


@node
def seed(*, value: Seed = 0) -> Seed:
    """A seed: the same seed gives the same chance everywhere."""
    return value
