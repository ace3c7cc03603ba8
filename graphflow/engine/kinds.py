"""What the engine needs of a node type at each step, worked out once a type and session."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import Any, Protocol

from graphflow.cache import key as keys
from graphflow.nodetype.catalogue import Catalogue
from graphflow.nodetype.declare import Node
from graphflow.nodetype.signature import outside
from graphflow.nodetype.spec import NodeSpec
from graphflow.values.coerce import tell
from graphflow.values.types import NONE, Type, parse, union


class Types(Protocol):
    """What the engine asks of the registry of packs."""

    catalogue: Catalogue

    def ports(self, spec: NodeSpec, params: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]: ...
    def node(self, node_type: str) -> Node[..., Any]: ...
    def code_digest(self, node_type: str) -> bytes: ...
    def salt(self, node_type: str) -> str: ...


class Known:
    """A node type as steps use it. The pack is imported when the head or the function is first asked for."""

    __slots__ = (
        "_head", "_node", "_types", "absent", "choices", "code", "cost", "fixed", "inputs",
        "lists", "names", "ordinary", "outputs",
        "params", "plain", "ports", "prefixes", "quick", "reads_files", "salt", "spec", "tensors", "types",
    )  # fmt: skip

    def __init__(self, spec: NodeSpec, types: Types) -> None:
        self.spec = spec
        self._types = types
        self._node: Node[..., Any] | None = None
        self._head: bytes | None = None
        self.code = b""
        self.salt = ""
        self.cost: float | None = None  # seconds of the last runs, a running mean; None if it never ran
        self.inputs = {i.name: union([parse(i.type), NONE]) if i.optional else parse(i.type) for i in spec.inputs}
        self.params = {p.name: parse(p.type) for p in spec.params}
        self.outputs = tuple(o.name for o in spec.outputs)
        self.types = tuple(parse(o.type) for o in spec.outputs)
        self.prefixes = {name: keys.prefix(name) for name in (*self.inputs, *self.params)}
        self.names = {prefix: name for name, prefix in self.prefixes.items()}
        # What an optional input that is not linked puts into the key.
        self.absent = [(i.name, self.prefixes[i.name]) for i in spec.inputs if i.optional]
        self.reads_files = any({"file", "folder"} & set(_names(kind)) for kind in self.params.values())
        self._flags(spec)
        kinds = types.catalogue.kinds
        self.tensors = any(
            name in kinds and kinds[name].tensors
            for kind in (*self.inputs.values(), *self.types)
            for name in _names(kind)
        )

    def _flags(self, spec: NodeSpec) -> None:
        dynamic = spec.ports_in is not None or spec.ports_out is not None or spec.more is not None
        open_types = any(_has_variable(kind) for kind in (*self.inputs.values(), *self.params.values(), *self.types))
        # plain: planned the quick way. quick: named without asking the node's code. ordinary: told, and pure.
        self.plain = not (dynamic or open_types or self.reads_files or spec.expand is not None) and not any(
            kind.name == "subgraph" for kind in self.params.values()
        )
        # lists: an output may be a list, whose elements have names of their own.
        self.lists = any(kind.without_none.is_list or _has_variable(kind) for kind in self.types) or dynamic
        # How many params, if they and the links alone make the key: no optional inputs, no type that two values share.
        flat = all(kind.name in _FLAT for kind in self.params.values())
        self.fixed = len(self.params) if flat and not self.absent else -1
        self.quick = spec.needs is None and spec.fingerprint is None and spec.pure and not self.reads_files
        self.ordinary = spec.pure and not spec.conversion
        self.choices = {p.name: p.choices for p in spec.params if p.choices is not None and not p.menu}
        lows = {p.name: (p.low, p.high) for p in spec.params}
        self.ports = {
            **{i.name: (self.prefixes[i.name], self.inputs[i.name], False, None, None, i.lazy) for i in spec.inputs},
            **{n: (self.prefixes[n], kind, True, *lows[n], False) for n, kind in self.params.items()},
        }

    def refuse(self, name: str, value: Any) -> str | None:
        """What is wrong with a param's value: out of its range, or none of its choices. None if all is well."""
        if name not in self.params or value is None:
            return None
        _, _, _, low, high, _ = self.ports[name]
        if problem := outside(value, low, high):
            return f"got {tell(value)}, which {problem}"
        choices = self.choices.get(name)
        if choices is not None:
            wrong = next((one for one in (value if isinstance(value, list) else [value]) if one not in choices), None)
            if wrong is not None:
                return f"got {tell(wrong)}, which is none of its choices ({', '.join(choices[:12])})"
        return None

    @property
    def node(self) -> Node[..., Any]:
        if self._node is None:
            self._node = self._types.node(self.spec.type)
        return self._node

    @property
    def head(self) -> bytes:
        """The key's head. Raises PackError if the pack cannot be imported."""
        if self._head is None:
            self.code = self._types.code_digest(self.spec.type)
            self.salt = self._types.salt(self.spec.type)
            self._head = keys.head(self.spec.type, self.spec.version, self.code, self.salt)
        return self._head

    @property
    def satellites(self) -> dict[str, Callable[..., Any]]:
        return self.node.satellites

    def prefix(self, name: str) -> bytes:
        found = self.prefixes.get(name)
        if found is None:
            found = self.prefixes[name] = keys.prefix(name)
            self.names[found] = name
        return found

    def spent(self, seconds: float) -> None:
        """Learn what a step of this type costs."""
        self.cost = seconds if self.cost is None else 0.7 * self.cost + 0.3 * seconds


_FLAT = {"text", "number", "whole", "boolean", "seed", "color"}


def _has_variable(kind: Type) -> bool:
    return any(name[:1].isupper() for name in _names(kind))


def _names(kind: Type) -> list[str]:
    names, todo = [], [kind]
    while todo:
        one = todo.pop()
        names.append(one.name)
        todo += one.args
    return names


def ready_torch(threads: str) -> None:
    """Fix the compute threads of this thread: a sum differs between one thread and two, so it is never left to load."""
    torch = importlib.import_module("torch")  # waits where another thread is just importing it
    count = 1 if threads == "1" else os.cpu_count() or 1
    if torch.get_num_threads() != count:
        torch.set_num_threads(count)
