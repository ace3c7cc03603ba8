"""What is known of a node type without its code: the catalogue's record, plain JSON."""

from __future__ import annotations

from typing import Any

import msgspec


class InputSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """A link input."""

    name: str
    type: str
    about: str = ""
    optional: bool = False
    lazy: bool = False


class ParamSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """A param: a widget on the canvas, which a link can drive too.

    default: Absent (UNSET) if the param must be given. low, high, step: Of a Range; both ends are allowed.
    """

    name: str
    type: str
    about: str = ""
    default: Any = msgspec.UNSET
    low: float | None = None
    high: float | None = None
    step: float | None = None
    choices: list[str] | None = None
    menu: bool = False
    widget: str | None = None
    options: dict[str, Any] = {}

    @property
    def required(self) -> bool:
        return self.default is msgspec.UNSET


class OutputSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """An output."""

    name: str
    type: str
    about: str = ""


class NodeSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """One node type.

    needs, ports_in, ports_out, fingerprint, expand, cost: The parameters that the satellite of that name asks for; None
    without one. migrations: The versions that can be brought to the next. lane: cpu, io, gpu or process.
    """

    type: str
    title: str
    about: str
    module: str
    function: str
    category: str = ""
    doc: str = ""
    version: int = 1
    inputs: list[InputSpec] = []
    params: list[ParamSpec] = []
    outputs: list[OutputSpec] = []
    more: str | None = None
    pure: bool = True
    saves: bool = False
    conversion: bool = False
    grants: list[str] = []
    was: list[str] = []
    lane: str = "cpu"
    threads: str = "1"
    gpu_gb: float | None = None
    memory_gb: float | None = None
    seconds: float | None = None
    needs: list[str] | None = None
    ports_in: list[str] | None = None
    ports_out: list[str] | None = None
    fingerprint: list[str] | None = None
    expand: list[str] | None = None
    cost: list[str] | None = None
    migrations: list[int] = []

    @property
    def pack(self) -> str:
        """The pack that the type belongs to: `image` of `image.blur`, `acme` of `acme/sharpen.unsharp`."""
        return self.type.split("/")[0] if "/" in self.type else self.type.split(".")[0]

    def input(self, name: str) -> InputSpec | None:
        return next((i for i in self.inputs if i.name == name), None)

    def param(self, name: str) -> ParamSpec | None:
        return next((p for p in self.params if p.name == name), None)

    def output(self, name: str) -> OutputSpec | None:
        return next((o for o in self.outputs if o.name == name), None)
