"""The workflow document as a model. The JSON Schema is made from these types; `document.py` reads and writes them.

They are msgspec structs, which are made from JSON some three times faster than pydantic's models.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta

VERSION = 1
MAX_BYTES = 16 * 1024 * 1024
MAX_NODES = 100_000
MAX_DEPTH = 64
MAX_VALUES = 15 * MAX_NODES

# `$` also matches before a last line break in Python, but not in the ECMAScript that JSON Schema names.
_END = r"(?![\s\S])"
ID_PATTERN = rf"^[A-Za-z0-9_-]{{1,64}}{_END}"
LINK_PATTERN = rf"^[A-Za-z0-9_-]{{1,64}}\.[^\x00-\x1f]{{1,200}}{_END}"

Id = Annotated[str, Meta(pattern=ID_PATTERN, description="1 to 64 of letters, digits, _ and -.")]
LinkText = Annotated[str, Meta(pattern=LINK_PATTERN, description="node.output, or node.input in an interface's `to`.")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Mode = Literal["mute", "bypass"]


class NodeEntry(msgspec.Struct, forbid_unknown_fields=True):
    """A node of the graph.

    type: The node type, or #name of a subgraph. inputs: Links by input (or by a param that a link drives). params:
    Values by param. version: The node type's version. mode: mute, bypass, or None: the node runs.
    """

    type: Name
    inputs: dict[Name, LinkText | list[LinkText]] = {}
    params: dict[Name, Any] = {}
    version: Annotated[int, Meta(ge=1)] = 1
    mode: Mode | None = None


class InterfaceInput(msgspec.Struct, forbid_unknown_fields=True):
    """A value that the workflow takes.

    to: The inputs or params that it goes to, as node.input. default: The value if none is given; absent is not null.
    range: The least and the greatest value and perhaps the step; null leaves an end open.
    """

    to: Annotated[list[LinkText], Meta(min_length=1)]
    title: str = ""
    about: str = ""
    default: Any = UNSET
    range: Annotated[list[float | None], Meta(min_length=2, max_length=3)] | None = None

    def __post_init__(self) -> None:
        low, high = self.range[:2] if self.range else (None, None)
        if low is not None and high is not None and low > high:
            raise ValueError(f"the range goes from {low:g} down to {high:g}")


class Interface(msgspec.Struct, forbid_unknown_fields=True):
    """What a graph takes and gives, in the order of the form."""

    inputs: dict[Id, InterfaceInput] = {}
    outputs: dict[Id, LinkText] = {}

    def __bool__(self) -> bool:
        return bool(self.inputs or self.outputs)


class SubgraphEntry(msgspec.Struct, forbid_unknown_fields=True):
    """A graph that nodes of type #name use."""

    nodes: dict[Id, NodeEntry]
    interface: Interface = msgspec.field(default_factory=Interface)
    view: dict[str, Any] = {}


class Document(msgspec.Struct, forbid_unknown_fields=True):
    """A workflow.

    graphflow: The version of the format. nodes: By id. packs: The version of each pack that it was made with. view:
    Where things stand on the canvas; kept as it is, and never part of what is computed.

    Beyond the schema: at most 16 MiB of UTF-8 without a byte order mark, 100,000 nodes, 1,500,000 values, 64 levels
    of objects and arrays; no key twice in an object; only numbers that a 64-bit float holds, of whole numbers every
    digit.
    """

    graphflow: Annotated[int, Meta(ge=1, le=VERSION)]
    nodes: dict[Id, NodeEntry]
    title: str = ""
    about: str = ""
    interface: Interface = msgspec.field(default_factory=Interface)
    subgraphs: dict[Id, SubgraphEntry] = {}
    packs: dict[str, str] = {}
    view: dict[str, Any] = {}
