"""Checks a document against the catalogue: everything that is wrong in one pass, and what a plan needs to know.

No pack is imported here, unless a node needs its code: for dynamic ports, or to bring an old node to today's version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphflow.graph.check_level import LevelCheck
from graphflow.graph.check_run import run_inputs, run_targets
from graphflow.graph.check_steps import grants_and_savers
from graphflow.graph.checked import Checked, Code, Level, Link, Use
from graphflow.graph.levels import ordered
from graphflow.graph.links import Fits
from graphflow.graph.model import Document
from graphflow.graph.overrides import set_params
from graphflow.graph.problem import Problem
from graphflow.graph.sources import Desk, prepare
from graphflow.nodetype.catalogue import Catalogue

__all__ = ["Checked", "Code", "Level", "Link", "Use", "check"]

_NOTHING: Mapping[str, Any] = {}


def check(
    document: Document,
    catalogue: Catalogue,
    code: Code,
    *,
    inputs: Mapping[str, Any] = _NOTHING,
    params: Mapping[str, Any] = _NOTHING,
    targets: Sequence[str] = (),
    run: bool = False,
) -> Checked:
    """Check a document, and the arguments of a run. Never raises for a bad document: see `Checked.problems`.

    inputs: Values for the interface's inputs. params: {"path.param": value}; the path may lead into subgraphs. targets:
    Paths of nodes, or of their outputs. run: Whether the document is about to be run, so that an interface input
    without a value is a problem.
    """
    desk = Desk(document, catalogue, code, Fits(catalogue.conversions))
    prepare(desk)
    if params or inputs or document.interface.inputs:
        set_params(desk, params, inputs)
    copies: list[Problem] = []
    for key in ordered(desk):
        start = len(desk.problems)
        desk.levels[key] = LevelCheck(desk, desk.sources[key]).done()
        if desk.sources[key].copy_of is not None:
            copies += desk.problems[start:]
            del desk.problems[start:]
    # A changed copy of a level has its problems once more; only what the change made is told.
    told = {(p.code, p.pointer, p.field) for p in desk.problems}
    desk.problems += [p for p in copies if (p.code, p.pointer, p.field) not in told]
    values = run_inputs(desk, inputs, run)
    run_targets(desk, targets)
    grants = grants_and_savers(desk, values)
    if desk.more:
        said = f"There are {desk.more:,} more problems, which are not listed."
        desk.problems.append(Problem("document.more", said, hint="Mend the ones above first, then check again."))
    return Checked(desk.problems, desk.levels, grants, values, desk.subgraphs)
