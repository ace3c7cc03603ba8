"""Single files: one picked, one read as text, one saved."""

from __future__ import annotations

from graphflow import File, node

TEXT_LIMIT = 16 << 20


# The node is `io.file`; the underscore keeps the parameter's name free.
@node(title="File")
def file_(*, file: File) -> File:
    """A file from the workflow's folder or the inputs.

    file: Its path, relative to the workflow's folder, then to the inputs and outputs.
    """
    return file


@node
def read_text(*, file: File, encoding: str = "utf-8") -> str:
    """Read a file as text.

    file: A text file of at most 16 MiB.
    encoding: How its bytes stand for characters, such as utf-8, latin-1 or shift_jis; a byte order mark is left out.
    """
    return text_of(file, encoding)


@node(saves=True)
def save_file(file: File, *, name: str = "") -> File:
    """Save a file with the results of the run.

    name: What it is called; empty keeps its own name. Without an ending it keeps the ending of the file.
    """
    own = file.name.replace("\\", "/").split("/")[-1]
    called = name.strip() or own
    ending = own[own.rfind(".") :] if "." in own.strip(".") else ""
    if "." not in called.replace("\\", "/").split("/")[-1].strip("."):
        called += ending
    return File.of_bytes(called, file.read(), file.media_type)


def text_of(file: File, encoding: str = "utf-8") -> str:
    """A file's text without a byte order mark. Raises ValueError naming the file, the encoding and the byte."""
    if file.size > TEXT_LIMIT:
        raise ValueError(f"The file {file.name} has {file.size} bytes; at most {TEXT_LIMIT >> 20} MiB become text.")
    try:
        return file.text(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"The file {file.name} is no {encoding} text: byte {error.start} fits no character; try another encoding."
        ) from None
    except (LookupError, UnicodeError):
        raise ValueError(f"{encoding[:40]!r} is no encoding; use a name such as utf-8, latin-1 or cp1252.") from None
