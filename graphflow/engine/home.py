"""The data folder, and how much of the machine a session may take."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def default_home() -> Path:
    """GRAPHFLOW_HOME, or the user's data folder."""
    told = os.environ.get("GRAPHFLOW_HOME")
    return Path(told).expanduser() if told else Path(platformdirs.user_data_dir("graphflow", appauthor=False))


def free_memory() -> int:
    """Bytes of memory that are free now."""
    import psutil

    return int(psutil.virtual_memory().available)
