"""Numbers: typed, computed, drawn by chance, compared, summed up and plotted."""

from __future__ import annotations

LIBRARIES = ("torch",)
