"""The only hasher: names any value by its content with BLAKE3.

Every kind is tagged, every body length-prefixed, dtype and shape stand in the header, and an unknown type raises, so
that int32 zeros and float32 zeros, 1 and True and "1", (4,) and (2, 2) all differ. A digest is 32 bytes.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Mapping
from typing import Any

from blake3 import blake3

from graphflow.values.kind import kind_of

DIGEST_BYTES = 32
_PARALLEL_FROM = 1 << 20  # bytes; below it BLAKE3's own threads cost more than they save
_pack_float = struct.Struct(">d").pack
_pack_count = struct.Struct(">Q").pack


def content_digest(data: Any) -> bytes:
    """The BLAKE3 of raw bytes, as `b3sum` prints it."""
    size = memoryview(data).nbytes
    if size >= _PARALLEL_FROM:
        return blake3(data, max_threads=blake3.AUTO).digest()
    return blake3(data).digest()


def digest(value: object) -> bytes:
    """The digest of a value: 32 bytes that depend on its content alone.

    Takes None, booleans, numbers, text, bytes, lists and tuples (alike), mappings with text keys, numpy arrays, torch
    tensors and registered kinds of these. Raises TypeError for anything else, naming its type.
    """
    plain = _HEADS.get(type(value))
    if plain is not None:
        return blake3(plain(value)).digest()
    if isinstance(value, list | tuple):
        return list_digest([digest(item) for item in value])
    if isinstance(value, Mapping):
        return _mapping(b"O", value)
    kind = kind_of(value)
    if kind is not None:
        return _mapping(b"K" + _prefixed(kind.name.encode()), kind.identity(value))
    return _array(value)


def list_digest(digests: list[bytes]) -> bytes:
    """The digest of a list, from the digests of its elements."""
    return blake3(b"L" + _pack_count(len(digests)) + b"".join(_prefixed(d) for d in digests)).digest()


def _prefixed(body: bytes) -> bytes:
    return _pack_count(len(body)) + body


def _mapping(tag: bytes, items: Mapping[str, Any]) -> bytes:
    parts = [tag, _pack_count(len(items))]
    for name in sorted(items):
        if type(name) is not str:
            raise TypeError(f"Cannot name an object with the key {name!r}: keys must be text.")
        parts.append(_prefixed(name.encode("utf-8", "surrogatepass")))
        parts.append(digest(items[name]))
    return blake3(b"".join(parts)).digest()


def _array(value: Any) -> bytes:
    torch: Any = sys.modules.get("torch")
    # While another thread imports torch, it is there without its Tensor.
    tensors: tuple[type[Any], ...] = (torch.Tensor,) if hasattr(torch, "Tensor") else ()
    if isinstance(value, tensors):
        tensor = value.detach()
        if tensor.layout is not torch.strided:
            raise TypeError(f"Cannot name a {tensor.layout} tensor: make it dense first.")
        dtype, shape = str(tensor.dtype).removeprefix("torch."), tuple(tensor.shape)
        tensor = tensor.cpu().resolve_conj().resolve_neg().contiguous()
        # bfloat16 and the 8-bit floats have no numpy twin: look at every dtype as bytes.
        body: Any = tensor.reshape(-1).view(torch.uint8).numpy() if tensor.numel() else b""
    else:
        numpy: Any = sys.modules.get("numpy")
        arrays: tuple[type[Any], ...] = (numpy.ndarray,) if hasattr(numpy, "ndarray") else ()
        if not isinstance(value, arrays) or value.dtype.kind in "OV":
            raise TypeError(
                f"Cannot name a value of type {type(value).__module__}.{type(value).__qualname__}: "
                "return plain JSON, bytes, tensors, arrays or a registered kind."
            )
        dtype, shape = value.dtype.str.replace("<", "").replace("|", "").replace("=", ""), value.shape
        body = numpy.ascontiguousarray(value).reshape(-1).view(numpy.uint8) if value.size else b""
    head = b"A" + _prefixed(dtype.encode()) + _pack_count(len(shape)) + b"".join(map(_pack_count, shape))
    hasher = blake3(head, max_threads=blake3.AUTO) if memoryview(body).nbytes >= _PARALLEL_FROM else blake3(head)
    hasher.update(body)
    return hasher.digest()


_HEADS: dict[type, Any] = {
    type(None): lambda v: b"N",
    bool: lambda v: b"B1" if v else b"B0",
    int: lambda v: b"I%x" % v,  # Python writes no decimals of thousands of digits
    float: lambda v: b"F" + _pack_float(v),
    str: lambda v: b"S" + v.encode("utf-8", "surrogatepass"),
    bytes: lambda v: b"Y" + v,
}
