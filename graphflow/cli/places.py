"""The places that --shelf and --out name, tried before anything runs. Nothing is left in them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from graphflow.cli.failure import IO, ROOM, CommandError, UsageError, of_os_error

_LOCAL = ("file", "local")


def check_shelf(url: str | None) -> None:
    """Whether a shared shelf can be used, as far as that shows without a look into it.

    Raises UsageError if it names no kind of store, CommandError (74) if the store cannot be used from here.
    """
    if url is None:
        return
    if not url.strip():
        hint = "For example: --shelf /mnt/team/cache, --shelf s3://bucket/cache; or leave --shelf away."
        raise UsageError("--shelf names no folder and no store.", hint)
    import fsspec
    from fsspec.utils import get_protocol

    protocol = get_protocol(url)
    if protocol not in fsspec.available_protocols():
        hint = "Give a folder, or a URL such as s3://bucket/cache, to --shelf."
        raise UsageError(f"--shelf names {url!r}, but there is no kind of store {protocol!r}.", hint)
    try:
        _, root = fsspec.core.url_to_fs(url)
    except ImportError as error:
        package = "'graphflow[s3]'" if protocol in ("s3", "s3a") else f"what {protocol} needs"
        hint = f"Install it: pip install {package}; or name another store with --shelf."
        said = f"The shelf {url!r} cannot be used: {_sentence(error)}."
        raise CommandError("shelf.unusable", IO, said, hint, field="shelf") from None
    except Exception as error:  # stores raise errors of their own
        raise _no_shelf(url, _sentence(error)) from None
    if protocol in _LOCAL:
        try:
            _try_folder(Path(root))
        except OSError as error:
            if error.errno in ROOM:
                raise of_os_error(error, f"write in the shelf {url}") from None
            raise _no_shelf(url, error.strerror or str(error)) from None


def check_out(folder: str | None) -> None:
    """Whether files can be saved in a folder, which need not be there yet. Raises CommandError (74)."""
    if folder is None:
        return
    try:
        _try_folder(Path(folder))
    except OSError as error:
        if error.errno in ROOM:
            raise of_os_error(error, f"write in the folder {folder}") from None
        said = f"Files cannot be saved in {folder}: {error.strerror or error}."
        hint = "Choose another folder with --out."
        raise CommandError("out.unwritable", IO, said, hint, field="out") from None


def _no_shelf(url: str, reason: str) -> CommandError:
    hint = "Check its path and rights, or name another folder or store with --shelf."
    return CommandError("shelf.unusable", IO, f"The shelf {url!r} cannot be used: {reason}.", hint, field="shelf")


def _sentence(error: Exception) -> str:
    return (str(error) or type(error).__name__).rstrip(".")


def _try_folder(folder: Path) -> None:
    """Write a file without a name in the folder, or in the nearest above it that is there. Raises OSError."""
    place = folder.absolute()
    while True:
        try:
            os.lstat(place)
            break
        except FileNotFoundError:
            place = place.parent
    with tempfile.TemporaryFile(dir=place):
        return
