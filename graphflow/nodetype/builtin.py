"""The conversions between the shared kinds, registered as node types `convert.mask_to_image` and so on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphflow.nodetype.declare import Node, conversion
from graphflow.values import convert

_FUNCTIONS: list[Callable[..., Any]] = [
    convert.mask_to_image,
    convert.clip_to_image,
    convert.number_to_text,
    convert.whole_to_number,
    convert.whole_to_text,
    convert.boolean_to_text,
    convert.json_to_text,
    convert.table_to_json,
    convert.json_to_table,
    convert.file_to_text,
    convert.svg_to_text,
    convert.svg_to_image,
    convert.plot_to_svg,
    convert.plot_to_image,
]
BUILTIN: tuple[Node[..., Any], ...] = tuple(conversion(function) for function in _FUNCTIONS)
"""Every one, in no particular order; a catalogue takes them from `declared["graphflow.values.convert"]` too."""
