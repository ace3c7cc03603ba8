"""Values as bytes and back, losslessly; never pickle.

A value is written as a tree of plain data in which each tensor or array is replaced by its index; the tensors stand
in a safetensors body beside the tree. A value without tensors is MessagePack alone. What is read back has the digest
of what was written.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

import msgspec

from graphflow.values.kind import KINDS, kind_of

_PLAIN, _TENSORS = b"GFv1", b"GFt1"
_INT_FROM, _INT_TO = -(1 << 63), 1 << 64
_length = struct.Struct("<Q")


class CodecError(ValueError):
    """Bytes that are no value of this format, or name a kind that no pack registers."""


class UnknownKind(CodecError):
    """Bytes of a kind that no pack loaded so far registers."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"A stored value is of kind {kind!r}, which no loaded pack registers.")
        self.kind = kind


def encode(value: object) -> bytes:
    """A value as bytes. Raises TypeError, naming the type, for what is not plain data, tensors or a kind."""
    tensors: list[Any] = []
    flat = _flatten(value, tensors)
    try:
        tree = msgspec.msgpack.encode(flat)
    except UnicodeEncodeError:
        raise TypeError("Cannot store a text that holds half of a surrogate pair.") from None
    if not tensors:
        return _PLAIN + tree
    from safetensors.torch import save

    body = save({str(i): tensor for i, tensor in enumerate(tensors)})
    return b"".join((_TENSORS, _length.pack(len(tree)), tree, body))


def decode(data: bytes | memoryview) -> Any:
    """The value that was encoded. Raises CodecError if the bytes are damaged or their kind is unknown."""
    magic, rest = bytes(data[:4]), data[4:]
    try:
        if magic == _PLAIN:
            return _restore(msgspec.msgpack.decode(rest), [])
        if magic == _TENSORS:
            from safetensors.torch import load

            (size,) = _length.unpack(rest[:8])
            named = load(bytes(rest[8 + size :]))
            return _restore(msgspec.msgpack.decode(rest[8 : 8 + size]), [named[str(i)] for i in range(len(named))])
    except CodecError:
        raise
    except Exception as error:
        raise CodecError(f"A stored value is damaged: {error}.") from error
    raise CodecError("A stored value is damaged: it does not begin as one.")


def _flatten(value: Any, tensors: list[Any]) -> Any:
    kind = type(value)
    if kind is str or kind is float or kind is bool or value is None or kind is bytes:
        return value
    if kind is int:
        return value if _INT_FROM <= value < _INT_TO else {"$int": f"{value:x}"}
    if isinstance(value, list | tuple):
        return [_flatten(item, tensors) for item in value]
    if isinstance(value, Mapping):
        if not all(type(name) is str for name in value):
            raise TypeError("Cannot store an object whose keys are not text.")
        flat = {name: _flatten(item, tensors) for name, item in value.items()}
        return {"$object": flat} if any(name.startswith("$") for name in flat) else flat
    registered = kind_of(value)
    if registered is not None:
        return {"$kind": registered.name, "$state": _flatten(dict(registered.state(value)), tensors)}
    return _flatten_array(value, tensors)


def _flatten_array(value: Any, tensors: list[Any]) -> Any:
    import numpy
    import torch

    if isinstance(value, torch.Tensor):
        tensors.append(value.detach().cpu().resolve_conj().resolve_neg().contiguous().clone())
        return {"$tensor": len(tensors) - 1}
    if isinstance(value, numpy.ndarray) and value.dtype.kind in "biufc" and value.dtype.isnative:
        tensors.append(torch.from_numpy(numpy.array(value, order="C")))
        return {"$array": len(tensors) - 1}
    raise TypeError(
        f"Cannot store a value of type {type(value).__module__}.{type(value).__qualname__}: "
        "return plain JSON, bytes, tensors, numeric arrays or a registered kind."
    )


def _restore(tree: Any, tensors: list[Any]) -> Any:
    if isinstance(tree, list):
        return [_restore(item, tensors) for item in tree]
    if not isinstance(tree, dict):
        return tree
    if "$kind" in tree:
        registered = KINDS.get(tree["$kind"])
        if registered is None:
            raise UnknownKind(tree["$kind"])
        return registered.build(_restore(tree["$state"], tensors))
    if "$tensor" in tree:
        return tensors[tree["$tensor"]]
    if "$array" in tree:
        array = tensors[tree["$array"]].numpy()
        array.setflags(write=False)
        return array
    if "$int" in tree:
        return int(tree["$int"], 16)
    inner = tree.get("$object", tree)
    return {name: _restore(item, tensors) for name, item in inner.items()}
