"""`graphflow cache`: what fills the cache, trimming it, clearing it. Works beside other processes."""

from __future__ import annotations

import argparse
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from graphflow.cache.key import bytes_of, text_of
from graphflow.cache.ledger import Ledger
from graphflow.cache.shelf import DiskShelf, MemoryShelf
from graphflow.cli.failure import OK, of_os_error, print_json
from graphflow.cli.values import counted, human, seconds, size
from graphflow.engine.fetch import Fetch
from graphflow.engine.home import default_home, free_memory
from graphflow.engine.trim import Trimmer
from graphflow.packs.registry import Registry

_ROWS = 15  # node types that are listed


def run(options: argparse.Namespace) -> int:
    """Do what the act says; without one, tell what there is."""
    home = default_home()
    limit = size("--to", getattr(options, "to", None))
    try:
        with _opened(home) as fetch:
            acts = {"trim": lambda: _trim(fetch, limit, options.json), "clear": lambda: _clear(fetch, options.json)}
            return acts.get(options.act, lambda: _stats(fetch, home, options.json))()
    except sqlite3.Error as error:
        raise of_os_error(OSError(str(error)), f"use the ledger in the data folder {home}") from None
    except OSError as error:
        raise of_os_error(error, f"use the data folder {home}") from None


@contextmanager
def _opened(home: Path) -> Generator[Fetch]:
    troubles: list[str] = []
    ledger = Ledger(home / "ledger.sqlite", troubles.append)
    try:
        # Entries are counted and removed here, never decoded: no kind is needed.
        yield Fetch(ledger, MemoryShelf(0), DiskShelf(home / "shelf"), None, troubles.append, lambda kind: None)
    finally:
        ledger.close()


def _trim(fetch: Fetch, limit: int | None, as_json: bool) -> int:
    trimmer = Trimmer(fetch, limit)
    swept = fetch.disk.sweep() if fetch.disk is not None else 0
    removed, freed = trimmer.trim(trimmer.limit)
    if as_json:
        print_json({"removed": removed, "bytes": freed, "orphans": swept, "limit": trimmer.limit})
    else:
        print(f"Removed {counted(removed, 'value')}, {human(freed)}. At most {human(trimmer.limit)} stay on the shelf.")
    return OK


def _clear(fetch: Fetch, as_json: bool) -> int:
    assert fetch.disk is not None
    counts = fetch.ledger.counts()
    removed = freed = 0
    for text, count, _ in list(fetch.disk.entries()):
        fetch.disk.remove(bytes_of(text))
        removed, freed = removed + 1, freed + count
    fetch.ledger.clear()
    if as_json:
        print_json({"traces": counts["traces"], "removed": removed, "bytes": freed + counts["bytes"]})
    else:
        steps, values = counted(counts["traces"], "step"), counted(removed, "value")
        print(f"Forgot {steps} and removed {values}, {human(freed + counts['bytes'])}.")
    return OK


def collect(fetch: Fetch, home: Path) -> dict[str, Any]:
    """What fills ledger and shelf, by node type and by kind, and the limits."""
    assert fetch.disk is not None
    specs = Registry.open(home).catalogue.nodes
    entries = {text: count for text, count, _ in fetch.disk.entries()}
    small = {text_of(name): count for name, count in fetch.ledger.value_sizes().items()}
    types: dict[str, dict[str, float]] = {}
    kinds: dict[str, dict[str, int]] = {}
    told: set[str] = set()
    for trace in fetch.ledger.traces():
        row = types.setdefault(trace.type, {"steps": 0, "seconds": 0.0, "ledger": 0, "shelf": 0, "entries": 0})
        row["steps"] += 1
        row["seconds"] += trace.seconds
        outputs = specs[trace.type].outputs if trace.type in specs else []
        for at, output in enumerate(trace.outputs):
            kind = kinds.setdefault(outputs[at].type if at < len(outputs) else "unknown", {"entries": 0, "bytes": 0})
            for name in _names(fetch, output):
                if name not in told:
                    told.add(name)
                    _count(name, small, entries, row, kind)
    counts = fetch.ledger.counts()
    return {
        "home": str(home),
        "memory": {"limit": free_memory() // 2},
        "ledger": {"steps": counts["traces"], "values": counts["values"], "bytes": counts["bytes"]},
        "shelf": {
            "entries": len(entries), "bytes": sum(entries.values()), "limit": Trimmer(fetch, None).limit,
            "unknown": sum(count for name, count in entries.items() if name not in told),
        },
        "seconds": round(sum(row["seconds"] for row in types.values()), 3),
        "kinds": dict(sorted(kinds.items(), key=lambda pair: -pair[1]["bytes"])),
        "types": dict(sorted(types.items(), key=lambda pair: -(pair[1]["shelf"] + pair[1]["ledger"]))),
    }  # fmt: skip


def _names(fetch: Fetch, output: bytes) -> list[str]:
    """The digest of an output, and those of its elements if it is a list."""
    return [text_of(output), *(text_of(name) for name in fetch.elements(output) or ())]


def _count(
    name: str, small: dict[str, int], entries: dict[str, int], row: dict[str, float], kind: dict[str, int]
) -> None:
    row["ledger"] += small.get(name, 0)
    row["shelf"] += entries.get(name, 0)
    row["entries"] += (name in small) + (name in entries)
    kind["entries"] += (name in small) + (name in entries)
    kind["bytes"] += small.get(name, 0) + entries.get(name, 0)


def _stats(fetch: Fetch, home: Path, as_json: bool) -> int:
    told = collect(fetch, home)
    if as_json:
        print_json(told)
        return OK
    ledger, shelf = told["ledger"], told["shelf"]
    print(f"data folder  {home}")
    print(f"memory       a run may use {human(told['memory']['limit'])} (half of what is free; --memory)")
    print(f"ledger       {ledger['steps']:,} steps, {ledger['values']:,} small values, {human(ledger['bytes'])}")
    print(f"shelf        {shelf['entries']:,} values, {human(shelf['bytes'])} of at most {human(shelf['limit'])}")
    print(f"worth        {seconds(told['seconds'])} of computing need not be done again")
    for kind, row in told["kinds"].items():
        print(f"  {kind:20}  {row['entries']:>8,} values  {human(row['bytes']):>9}")
    rows = list(told["types"].items())
    if rows:
        wide = max(len(name) for name, _ in rows[:_ROWS])
        print(f"\n  {'node type':{wide}}  {'steps':>8}  {'took':>10}  {'ledger':>9}  {'shelf':>9}")
        for name, row in rows[:_ROWS]:
            cost, kept, large = seconds(row["seconds"]), human(row["ledger"]), human(row["shelf"])
            print(f"  {name:{wide}}  {row['steps']:>8,}  {cost:>10}  {kept:>9}  {large:>9}")
        if len(rows) > _ROWS:
            print(f"  ... and {len(rows) - _ROWS} more node types")
    return OK
