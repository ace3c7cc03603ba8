"""`graphflow doctor`: versions, devices, folders and rights, packs, and what to mend."""

from __future__ import annotations

import argparse
import os
import platform
import secrets
import shutil
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from graphflow import __version__
from graphflow.cli.failure import IO, OK, print_json
from graphflow.cli.values import counted, human
from graphflow.engine.home import default_home, free_memory
from graphflow.packs.registry import Registry

_LIBRARIES = ("torch", "numpy", "pillow", "scikit-image", "scipy", "safetensors", "blake3", "msgspec", "fsspec")
_TIGHT = 2_000_000_000  # bytes of disk or memory below which one is warned


def run(options: argparse.Namespace) -> int:
    """Look at everything, and tell it. The exit code is 74 if the data folder cannot be used."""
    home = default_home()
    mend: list[str] = []
    told: dict[str, Any] = {
        "graphflow": __version__,
        "python": f"{platform.python_version()} at {sys.executable}",
        "system": f"{platform.system()} {platform.release()}, {os.cpu_count()} cores",
        "libraries": _versions(mend),
        "devices": _devices(mend),
        "memory": {"free": free_memory()},
        "home": _home(home, mend),
        **_packs(home, mend),
        "mend": mend,
    }
    if options.json:
        print_json(told)
    else:
        _print(told)
    return OK if told["home"]["writable"] else IO


def _versions(mend: list[str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
            mend.append(f"The library {name} is missing: pip install {name}")
    return found


def _devices(mend: list[str]) -> list[str]:
    try:
        torch = import_module("torch")
        found = [f"cpu, {torch.get_num_threads()} threads"]
        if torch.cuda.is_available():
            found += [f"gpu:{at} {torch.cuda.get_device_name(at)}" for at in range(torch.cuda.device_count())]
        elif torch.backends.mps.is_available():
            found.append("gpu:0 Apple")
    except (ImportError, OSError, RuntimeError) as error:
        mend.append(f"torch cannot be loaded: {error}. Install it again.")
        return []
    return found


def _home(home: Path, mend: list[str]) -> dict[str, Any]:
    """The data folder: whether it can be written, and what is free there."""
    found: dict[str, Any] = {"path": str(home), "writable": True, "free": None}
    probe = home / f".probe-{secrets.token_hex(4)}"
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
        found["free"] = shutil.disk_usage(home).free
    except OSError as error:
        found["writable"] = False
        reason = error.strerror or str(error)
        mend.append(f"The data folder {home} cannot be written ({reason}): mend its rights, or set GRAPHFLOW_HOME.")
        return found
    if found["free"] < _TIGHT:
        mend.append(f"Only {human(found['free'])} are free where the data folder is: graphflow cache trim")
    kept = home / "secrets.json"
    if kept.exists() and kept.stat().st_mode & 0o077:
        mend.append(f"Others can read the secrets: chmod 600 {kept}")
    if damaged := sorted(home.glob("ledger.sqlite.corrupt-*")):
        mend.append(f"{len(damaged)} damaged ledgers were set aside; remove them when you like: {damaged[0].name} ...")
    return found


def _packs(home: Path, mend: list[str]) -> dict[str, Any]:
    catalogue = Registry.open(home).catalogue
    counts: dict[str, int] = {}
    for spec in catalogue.nodes.values():
        counts[spec.pack] = counts.get(spec.pack, 0) + 1
    for pack, reason in sorted(catalogue.problems.items()):
        mend.append(f"The pack {pack} cannot be used: {reason}")
    packs = {
        name: {"version": catalogue.packs.get(name, ""), "nodes": counts.get(name, 0)}
        for name in sorted({*catalogue.packs, *counts})
    }
    return {"packs": packs, "problems": dict(catalogue.problems)}


def _print(told: dict[str, Any]) -> None:
    libraries = ", ".join(f"{name} {found or 'missing'}" for name, found in told["libraries"].items())
    home = told["home"]
    rights = "can be written" if home["writable"] else "CANNOT be written"
    free = f", {human(home['free'])} free" if home["free"] is not None else ""
    rows = [
        ("graphflow", told["graphflow"]), ("python", told["python"]), ("system", told["system"]),
        ("libraries", libraries), ("devices", "; ".join(told["devices"]) or "none"),
        ("memory", f"{human(told['memory']['free'])} free"), ("data folder", f"{home['path']}, {rights}{free}"),
    ]  # fmt: skip
    for name, text in rows:
        print(f"{name:12} {text}")
    print("packs")
    for name, pack in told["packs"].items():
        print(f"  {name:20} {pack['version']:10} {counted(pack['nodes'], 'node')}")
    print("to mend" if told["mend"] else "Nothing to mend.")
    for line in told["mend"]:
        print(f"  - {line}")
