"""The catalogue: all that is known of kinds and node types without importing a pack. Plain JSON."""

from __future__ import annotations

import difflib
from functools import cached_property

import msgspec

from graphflow.nodetype.spec import NodeSpec
from graphflow.values.types import NONE, Type, fit, parse


class KindSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """A kind as the canvas draws it: its colours for the dark and the light theme."""

    name: str
    about: str = ""
    family: str = "any"
    dark: str = ""
    light: str = ""
    tensors: bool = False


class Catalogue(msgspec.Struct, dict=True):
    """Every kind and node type of the installed packs, and the packs that could not be imported.

    packs: Version of each pack. problems: {pack: why it could not be imported}.
    """

    kinds: dict[str, KindSpec] = {}
    nodes: dict[str, NodeSpec] = {}
    packs: dict[str, str] = {}
    problems: dict[str, str] = {}

    @cached_property
    def conversions(self) -> dict[tuple[str, str], str]:
        """(source kind, target kind) -> node type of the conversion."""
        return {
            (parse(spec.inputs[0].type).name, parse(spec.outputs[0].type).name): spec.type
            for spec in self.nodes.values()
            if spec.conversion
        }

    @cached_property
    def renamed(self) -> dict[str, str]:
        """Earlier name of a node type -> its name now."""
        return {was: spec.type for spec in self.nodes.values() for was in spec.was}

    def find(self, node_type: str) -> NodeSpec | None:
        """The spec of a type, also by an earlier name."""
        return self.nodes.get(node_type) or self.nodes.get(self.renamed.get(node_type, ""))

    def nearest(self, node_type: str, count: int = 3) -> list[str]:
        """Type names that look like the one given."""
        last = node_type.replace("/", ".").split(".")[-1]
        close = difflib.get_close_matches(node_type, self.nodes, count, 0.6)
        same_word = [known for known in self.nodes if known.replace("/", ".").split(".")[-1] == last]
        return list(dict.fromkeys([*same_word, *close]))[:count]

    def bridges(self, source: Type, target: Type, count: int = 3) -> list[str]:
        """Node types that take the source as a link and give the target: what could stand between two ends."""
        found: list[str] = []
        for spec in self.nodes.values():
            if spec.conversion or len([i for i in spec.inputs if not i.optional]) != 1:
                continue
            taken, given = parse(spec.inputs[0].type), [parse(o.type) for o in spec.outputs]
            exact = {option.name for option in taken.without_none.options}
            if (source.name in exact and any(g != NONE and g == target for g in given)) or (
                source.is_list and taken.is_list and fit(source, taken, {}) and target in given
            ):
                found.append(spec.type)
        return sorted(found)[:count]
