"""What comes in and goes out: files, folders, tables and JSON, the web, secrets.

No node here opens a path: the engine resolves the files that a document names and puts saved ones in place.
"""

from __future__ import annotations

LIBRARIES: tuple[str, ...] = ()
