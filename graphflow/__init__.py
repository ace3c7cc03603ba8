"""graphflow: node-based visual workflows for multimodal AI.

This is the front door: everything that a node or a script may import. Attributes are loaded when first used, so that
`import graphflow` loads neither torch nor the engine.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from graphflow.engine.events import Event as Event
    from graphflow.engine.session import Session as Session
    from graphflow.engine.session import run as run
    from graphflow.graph.build import Workflow as Workflow
    from graphflow.graph.model import Document as Document
    from graphflow.graph.problem import DocumentError as DocumentError
    from graphflow.graph.problem import Problem as Problem
    from graphflow.nodetype.context import QUIET as QUIET
    from graphflow.nodetype.context import Cancelled as Cancelled
    from graphflow.nodetype.context import Context as Context
    from graphflow.nodetype.context import Skip as Skip
    from graphflow.nodetype.declare import Node as Node
    from graphflow.nodetype.declare import conversion as conversion
    from graphflow.nodetype.declare import node as node
    from graphflow.nodetype.expansion import Expansion as Expansion
    from graphflow.nodetype.expansion import Wire as Wire
    from graphflow.nodetype.models import loader as loader
    from graphflow.nodetype.models import patcher as patcher
    from graphflow.nodetype.ports import Inputs as Inputs
    from graphflow.nodetype.ports import Lazy as Lazy
    from graphflow.nodetype.ports import Outputs as Outputs
    from graphflow.nodetype.ports import Subgraph as Subgraph
    from graphflow.nodetype.signature import DeclarationError as DeclarationError
    from graphflow.nodetype.widgets import Gpu as Gpu
    from graphflow.nodetype.widgets import Isolate as Isolate
    from graphflow.nodetype.widgets import Range as Range
    from graphflow.nodetype.widgets import Widget as Widget
    from graphflow.values.kind import Preview as Preview
    from graphflow.values.kind import kind as kind
    from graphflow.values.kinds import Audio as Audio
    from graphflow.values.kinds import Clip as Clip
    from graphflow.values.kinds import Color as Color
    from graphflow.values.kinds import Conditioning as Conditioning
    from graphflow.values.kinds import File as File
    from graphflow.values.kinds import Folder as Folder
    from graphflow.values.kinds import Image as Image
    from graphflow.values.kinds import Json as Json
    from graphflow.values.kinds import Latent as Latent
    from graphflow.values.kinds import Mask as Mask
    from graphflow.values.kinds import Model as Model
    from graphflow.values.kinds import Molecule as Molecule
    from graphflow.values.kinds import Plot as Plot
    from graphflow.values.kinds import Secret as Secret
    from graphflow.values.kinds import Seed as Seed
    from graphflow.values.kinds import Space as Space
    from graphflow.values.kinds import Svg as Svg
    from graphflow.values.kinds import Table as Table
    from graphflow.values.kinds import seed_from as seed_from

_HOMES = {
    "graphflow.engine.events": ("Event",),
    "graphflow.engine.session": ("Session", "run"),
    "graphflow.graph.build": ("Workflow",),
    "graphflow.graph.model": ("Document",),
    "graphflow.graph.problem": ("DocumentError", "Problem"),
    "graphflow.nodetype.context": ("QUIET", "Cancelled", "Context", "Skip"),
    "graphflow.nodetype.declare": ("Node", "conversion", "node"),
    "graphflow.nodetype.expansion": ("Expansion", "Wire"),
    "graphflow.nodetype.models": ("loader", "patcher"),
    "graphflow.nodetype.ports": ("Inputs", "Lazy", "Outputs", "Subgraph"),
    "graphflow.nodetype.signature": ("DeclarationError",),
    "graphflow.nodetype.widgets": ("Gpu", "Isolate", "Range", "Widget"),
    "graphflow.values.kind": ("Preview", "kind"),
    "graphflow.values.kinds": (
        "Audio", "Clip", "Color", "Conditioning", "File", "Folder", "Image", "Json", "Latent", "Mask", "Model",
        "Molecule", "Plot", "Secret", "Seed", "Space", "Svg", "Table", "seed_from",
    ),
}  # fmt: skip
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = ["__version__", *sorted(_HOME_OF)]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"graphflow has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
