"""The types that only stand in node signatures: lazy inputs, dynamic ports, subgraphs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")
_ABSENT: Any = object()


class Lazy(Generic[T]):
    """An input that is computed only if the node's `needs` satellite asks for it."""

    __slots__ = ("_value",)

    def __init__(self, value: T = _ABSENT) -> None:
        self._value = value

    @property
    def present(self) -> bool:
        """Whether the input was asked for and is there."""
        return self._value is not _ABSENT

    @property
    def value(self) -> T:
        """The value. Raises LookupError if `needs` did not ask for it."""
        if self._value is _ABSENT:
            raise LookupError("This lazy input was not computed; name it in the node's `needs` satellite.")
        return self._value


class Inputs(dict[str, Any]):
    """The values of a node's dynamic inputs, by name; the ports come from its `inputs` satellite."""


class Outputs(dict[str, Any]):
    """The values of a node's dynamic outputs, by name; the ports come from its `outputs` satellite."""


@dataclass(frozen=True, slots=True)
class Subgraph:
    """A subgraph of the document, as a param: its name and its interface, {name: type}.

    params: The inputs that lead to params, with the type that they take; they may be given a plain value.
    defaults: The values that stand when an input is not given. required: Inputs that must be given.
    """

    name: str
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])
    params: frozenset[str] = frozenset()
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    required: frozenset[str] = frozenset()
