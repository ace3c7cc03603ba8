"""How long the command line takes before it does anything."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from report import Report, Table, Target, at_most, median

ROOT = Path(__file__).resolve().parents[2]
COMMAND = str(Path(sys.executable).with_name("graphflow"))
EXAMPLE = ROOT / "workflows" / "touch-up.json"


def report(small: bool) -> Report:
    """Start each command several times, on a data folder of its own."""
    rounds = 1 if small else 9
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "GRAPHFLOW_HOME": home}
        out = str(Path(home) / "out")
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "import graphflow": [sys.executable, "-c", "import graphflow"],
            "graphflow --help": [COMMAND, "--help"],
            "graphflow nodes": [COMMAND, "nodes"],
            "graphflow run touch-up.json, unchanged": [COMMAND, "run", str(EXAMPLE), "--out", out],
        }
        for command in commands.values():
            _start(command, env)  # the first start writes byte code and the catalogue; it is not counted
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                times[name].append(_start(command, env))
    found = {name: median(seconds) for name, seconds in times.items()}
    heavy = _loaded()
    table = Table("Start-up", ["command", "seconds"], [[name, seconds] for name, seconds in found.items()])
    return Report(
        "Start-up",
        "Wall time of whole processes, warm: byte code and the catalogue of nodes are there.",
        [table],
        [
            at_most("graphflow --help under 0.2 s", found["graphflow --help"], 0.2, "s"),
            at_most("graphflow nodes under 1 s", found["graphflow nodes"], 1.0, "s"),
            Target(
                "import graphflow without torch", f"loads {', '.join(heavy) or 'nothing heavy'}", "torch" not in heavy
            ),
        ],
    )


def _start(command: list[str], env: dict[str, str]) -> float:
    began = time.perf_counter()
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:3])} ended with {done.returncode}: {done.stderr[-500:]}")
    return took


def _loaded() -> list[str]:
    """Which heavy libraries `import graphflow` loads."""
    code = "import sys, graphflow; print(*[n for n in ('torch', 'numpy', 'PIL', 'networkx') if n in sys.modules])"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
