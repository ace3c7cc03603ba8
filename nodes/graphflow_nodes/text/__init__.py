"""Text: writing, joining, templates, replacing, splitting, wildcards, comparing.

Patterns that people write run on RE2, whose time grows with the text and never explodes.
"""

from __future__ import annotations

LIBRARIES = ("google-re2", "markdown-it-py")
