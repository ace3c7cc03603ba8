"""What the ledger keeps of a computation: which values it gave, what it cost, and of what its key was made."""

from __future__ import annotations

import msgspec
from blake3 import blake3


class Trace(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A constructive trace: from a key to the digests of its outputs, with what `why` and eviction want to know.

    outputs: Digests in the order of the node's outputs. seconds: What the step itself took. rebuild: Seconds to have
    the values again, with those inputs that are not durable; 0 if the values are durable themselves. size: Bytes of
    the outputs in memory. parts: {parameter: digest} of the key. cause: Why it ran although a trace of this key was
    known (EVICTED, CORRUPT, DRIFT), else empty.
    """

    type: str
    version: int
    code: bytes
    salt: str
    outputs: list[bytes]
    seconds: float
    rebuild: float
    size: int
    parts: dict[str, bytes]
    device: str = "cpu"
    libraries: str = ""
    time: float = 0.0
    cause: str = ""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Trace).decode
_CHECK = 8


def pack(key: bytes, trace: Trace) -> bytes:
    """A trace as a ledger row's body: a check, the key, the trace."""
    body = key + _encode(trace)
    return blake3(body).digest(_CHECK) + body


def unpack(key: bytes, row: bytes) -> Trace | None:
    """The trace of a row; None if the row belongs to another key. Raises ValueError if a bit has flipped."""
    if blake3(row[_CHECK:]).digest(_CHECK) != row[:_CHECK]:
        raise ValueError("a trace in the ledger is damaged")
    if row[_CHECK : _CHECK + 32] != key:
        return None
    return _decode(row[_CHECK + 32 :])


def to_json(trace: Trace) -> bytes:
    """A trace for a shared folder, as JSON."""
    return msgspec.json.encode(
        {
            "type": trace.type,
            "version": trace.version,
            "code": trace.code.hex(),
            "salt": trace.salt,
            "outputs": [digest.hex() for digest in trace.outputs],
            "seconds": trace.seconds,
            "rebuild": trace.rebuild,
            "size": trace.size,
            "parts": {name: digest.hex() for name, digest in trace.parts.items()},
            "device": trace.device,
            "libraries": trace.libraries,
            "time": trace.time,
        }
    )


def from_json(data: bytes) -> Trace:
    """The trace that `to_json` wrote. Raises ValueError if it is damaged."""
    try:
        found = msgspec.json.decode(data)
        return Trace(
            type=found["type"],
            version=found["version"],
            code=bytes.fromhex(found["code"]),
            salt=found["salt"],
            outputs=[bytes.fromhex(digest) for digest in found["outputs"]],
            seconds=found["seconds"],
            rebuild=found["rebuild"],
            size=found["size"],
            parts={name: bytes.fromhex(digest) for name, digest in found["parts"].items()},
            device=found["device"],
            libraries=found["libraries"],
            time=found["time"],
        )
    except (KeyError, TypeError, AttributeError, msgspec.DecodeError) as error:
        raise ValueError(f"a shared trace is damaged ({error})") from error
