"""Whether a source fits a target: remembered verdicts, and the words for a refusal."""

from __future__ import annotations

from collections.abc import Mapping

from graphflow.graph.wording import a_type
from graphflow.nodetype.catalogue import Catalogue
from graphflow.values.types import Conversions, Fit, Type, fit, substitute

EXACT = Fit()


class Fits:
    """`fit`, asked once for each pair of types."""

    def __init__(self, conversions: Conversions) -> None:
        self.conversions = conversions
        self._known: dict[tuple[Type, Type], Fit | None] = {}

    def plain(self, source: Type, target: Type) -> Fit | None:
        """How the source fits a target without variables."""
        if source is target:
            return EXACT
        pair = (source, target)
        try:
            return self._known[pair]
        except KeyError:
            found = self._known[pair] = fit(source, target, self.conversions)
            return found

    def generic(self, source: Type, target: Type, bound: Mapping[str, Type]) -> Fit | None:
        """How the source fits a target with variables, of which some are fixed by the node's other links.

        Where a variable is fixed already, a source that converts to what it stands for fits too.
        """
        found = fit(source, target, self.conversions, bound)
        if found is None and bound:
            found = self.plain(source, substitute(target, bound))
            if found and (found.mapped or not found.conversion):
                return None
        return found


def bridge_hint(catalogue: Catalogue, source: Type, target: Type) -> str:
    """What to do about a link of the wrong kind."""
    if source.is_list and source.element.is_list and not target.takes_whole:
        return "A list of lists is not mapped; make one list of it first."
    bridges = catalogue.bridges(source, target)
    if len(bridges) == 1:
        return f"Put {bridges[0]} between them."
    if bridges:
        return f"Put one of {', '.join(bridges)} between them."
    return f"Link {a_type(target)} instead."
