"""THE cache key: the only place that composes one.

A *digest* names a value; a *key* names a computation:

    key = H(head, {name: digest of each param and input}, fingerprint)
    head = H(node type, version, code digest, pack salt)

Params and inputs stand in one sorted map by name, so that it never matters whether a value was typed, defaulted or
linked. Document ids, nesting and list positions never enter. Lazy inputs that were not needed stay out. A node that is
not pure has the run and its path in its key: a resume finds it, another run does not.
"""

from __future__ import annotations

from collections.abc import Sequence

from blake3 import blake3

# A part of a key: the prefix that `prefix` gives for a name, and the digest.
Part = tuple[bytes, bytes]

FINGERPRINT = b"\xff\x00fingerprint"
IMPURE = b"\xff\x01run"
_KEYED = b"k:"


def _length(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big")


def head(node_type: str, version: int, code: bytes, salt: str) -> bytes:
    """What names the computation apart from its values: 32 bytes."""
    parts = (b"step/1", node_type.encode(), str(version).encode(), code, salt.encode())
    return blake3(b"".join(_length(part) + part for part in parts)).digest()


def prefix(name: str) -> bytes:
    """A parameter's name as it stands in a key; made once for each name."""
    encoded = name.encode()
    return _length(encoded) + encoded


def key(of_head: bytes, parts: Sequence[Part]) -> bytes:
    """The key of a step: 32 bytes. `parts` are sorted by their prefix here; each name stands once."""
    pieces = [of_head]
    for name, value in sorted(parts):
        pieces += (name, b"\x20" if len(value) == 32 else _length(value), value)
    return blake3(b"".join(pieces)).digest()


def outside_part(fingerprint: bytes) -> Part:
    """The part for outside state that a fingerprint satellite told."""
    return FINGERPRINT, blake3(fingerprint).digest()


def impure_part(run: str, path: str) -> Part:
    """The part that keeps an impure step to its own run."""
    return IMPURE, blake3(f"{run}\x00{path}".encode()).digest()


def keyed_digest(of_key: bytes, output: str) -> bytes:
    """The name of a value too large, or on a GPU, to be named by content: it only loses early cutoff."""
    return _KEYED + blake3(of_key + output.encode()).digest()


def is_keyed(digest: bytes) -> bool:
    """Whether a digest names a value by its key."""
    return len(digest) != 32


def text_of(digest: bytes) -> str:
    """A digest or key as people and JSON see it."""
    return f"k:{digest[2:].hex()}" if is_keyed(digest) else digest.hex()


def bytes_of(text: str) -> bytes:
    """The digest that `text_of` printed. Raises ValueError."""
    return _KEYED + bytes.fromhex(text[2:]) if text.startswith("k:") else bytes.fromhex(text)
