"""How a node type is named after the place of its function."""

from __future__ import annotations

import importlib.metadata
from functools import cache

BUNDLED = "graphflow_nodes"
GROUP = "graphflow.packs"
LOCAL = "local"

# Root package -> pack name, for packs that come without an installed distribution (a folder's files).
folder_packs: dict[str, str] = {}


def type_name(module: str, function: str) -> str:
    """`image.blur` for the standard packs, `acme/sharpen.unsharp` for a distribution's, `local/...` elsewhere."""
    function = function.rstrip("_")
    root, *rest = module.split(".")
    if root == BUNDLED and rest:
        return f"{rest[0]}.{function}"
    if module.startswith("graphflow.values."):
        return f"{rest[-1]}.{function}"
    owner = folder_packs.get(root) or _distributions().get(root)
    if owner is None:
        return f"{LOCAL}/{'.'.join([module, function])}"
    return f"{owner}/{'.'.join([*rest, function])}"


@cache
def _distributions() -> dict[str, str]:
    owners: dict[str, str] = {}
    for entry in importlib.metadata.entry_points(group=GROUP):
        if entry.dist is not None:
            owners[entry.value.split(":")[0].split(".")[0]] = entry.dist.name
    return owners


def forget_distributions() -> None:
    """Look again at what is installed the next time that a name is asked."""
    _distributions.cache_clear()
