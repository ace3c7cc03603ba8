"""The benchmarks: `make bench`, or `python tests/benchmarks [--only NAME] [--small] [--json FILE] [--write]`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import branches
import engine
import rivals
import session
import startup
import tensors
from report import Report

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
BENCHMARKS = {"engine": engine, "branches": branches, "tensors": tensors, "session": session, "startup": startup}
LIBRARIES = ("torch", "numpy", "dask", "sf-hamilton", "joblib")

_HEAD = """# Benchmarks

Written by `make bench` with `--write`; not edited by hand. All figures of this page come from one run on one machine,
those of other projects too.

"""


def main() -> int:
    """Run what is asked for; print tables, then one line of JSON."""
    parser = argparse.ArgumentParser(prog="python tests/benchmarks", description=__doc__)
    parser.add_argument("--only", choices=sorted(BENCHMARKS), action="append", help="one benchmark; may be given again")
    parser.add_argument("--small", action="store_true", help="tiny sizes: whether everything works, not how fast")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results as JSON")
    parser.add_argument("--write", action="store_true", help=f"write docs/{PAGE.name}")
    given = parser.parse_args()
    if given.write and (given.only or given.small):
        parser.error("--write takes the results of a whole run; leave out --only and --small.")
    if given.write and (gone := rivals.missing()):
        parser.error(f"--write compares with others, and {', '.join(gone)} cannot be imported; run `make bench` once.")
    began = time.monotonic()
    reports: list[Report] = []
    print(machine(), "\n", flush=True)
    for name in given.only or BENCHMARKS:
        reports.append(BENCHMARKS[name].report(given.small))
        print(reports[-1].markdown(), flush=True)
    found = as_json(reports)
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    if given.write:
        PAGE.write_text(page(reports, time.monotonic() - began), encoding="utf-8")
    print(json.dumps(found))
    return 0


def machine() -> str:
    """The machine in words: nothing that names it."""
    versions = ", ".join(f"{name} {told}" for name in LIBRARIES if (told := _version(name)))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30 if hasattr(os, "sysconf") else 0
    return (
        f"Machine: {cores} {platform.machine()} cores of a {_processor()}, {memory:.0f} GiB of memory, "
        f"{platform.system()}, Python {platform.python_version()}, {versions}."
    )


def _processor() -> str:
    """Its name, as the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "processor without a name"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def as_json(reports: list[Report]) -> dict[str, Any]:
    """All results as plain JSON."""
    return {"machine": machine(), "benchmarks": [report.as_json() for report in reports]}


def page(reports: list[Report], seconds: float) -> str:
    """docs/benchmarks.md."""
    missed = [f"- {t.asked}: {t.measured}" for report in reports for t in report.targets if not t.met]
    told = "\n".join(["Missed:", "", *missed]) if missed else "Every target was met."
    head = _HEAD + machine() + f" The whole run took {seconds / 60:.0f} minutes.\n\n{told}\n\n"
    return head + "\n".join(report.markdown() for report in reports)


if __name__ == "__main__":
    sys.exit(main())
