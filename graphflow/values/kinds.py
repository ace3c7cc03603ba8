"""The kinds that every pack shares.

torch stays out of this module's import: a program that only names or checks values must start quickly.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeAlias, TypeVar

from graphflow.values.digest import content_digest
from graphflow.values.kind import kind
from graphflow.values.preview import (
    preview_audio,
    preview_clip,
    preview_image,
    preview_plot,
    preview_svg,
    preview_table,
)

if TYPE_CHECKING:
    from torch import Tensor

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"
"""Plain JSON: null, booleans, numbers, text, lists and objects."""


@dataclass(frozen=True, slots=True)
class Refined:
    """Marks a plain type as a kind of its own: Seed refines int, Color refines str."""

    name: str


Seed = Annotated[int, Refined("seed")]
"""A whole number from 0 to 2^53 - 1 that fixes all randomness of a node."""

Color = Annotated[str, Refined("color")]
"""A colour as #rgb, #rrggbb or #rrggbbaa."""


def _shaped(owner: str, tensor: Any, dims: str, channels: tuple[int, ...] = ()) -> None:
    """Refuse a tensor that is not float32 with the dimensions told."""
    want = len(dims.split())
    dtype = str(getattr(tensor, "dtype", type(tensor).__name__))
    if dtype != "torch.float32":
        raise TypeError(f"{owner} needs a float32 tensor [{dims}], got {dtype}; use tensor.float().")
    if tensor.ndim != want:
        raise ValueError(f"{owner} needs a tensor [{dims}], got the shape {tuple(tensor.shape)}.")
    if channels and tensor.shape[1] not in channels:
        allowed = " or ".join(map(str, channels))
        raise ValueError(f"{owner} needs {allowed} channels, got {tensor.shape[1]} (shape {tuple(tensor.shape)}).")


@kind(family="image", preview=preview_image)
@dataclass(frozen=True, eq=False, slots=True)
class Image:
    """Pictures: float32 [B, C, H, W] in 0..1, sRGB-encoded; C is 1 (grey), 3 (RGB) or 4 (RGB and straight alpha)."""

    pixels: Tensor

    def __post_init__(self) -> None:
        _shaped("Image", self.pixels, "B C H W", (1, 3, 4))

    @property
    def batch(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def channels(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[2])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[3])


@kind(family="mask", preview=preview_image)
@dataclass(frozen=True, eq=False, slots=True)
class Mask:
    """Masks: float32 [B, 1, H, W] in 0..1; 1 is inside."""

    pixels: Tensor

    def __post_init__(self) -> None:
        _shaped("Mask", self.pixels, "B 1 H W", (1,))

    @property
    def batch(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[2])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[3])


@dataclass(frozen=True, slots=True)
class Space:
    """The space that a latent lives in; a decoder of another space refuses it.

    family: Which autoencoder made it, such as "sd1" or "shapes".
    scale, shift: latent = (encoded - shift) * scale.
    """

    family: str
    scale: float = 1.0
    shift: float = 0.0


@kind(
    family="latent",
    state=lambda v: {
        "samples": v.samples,
        "family": v.space.family,
        "scale": v.space.scale,
        "shift": v.space.shift,
    },
    build=lambda s: _latent(s),
)
@dataclass(frozen=True, eq=False, slots=True)
class Latent:
    """Latents: a tensor [B, C, H, W] (or [B, C, F, H, W] for clips) and the space that it lives in."""

    samples: Tensor
    space: Space


@kind(family="conditioning")
@dataclass(frozen=True, eq=False, slots=True)
class Conditioning:
    """What steers a sampler: embeddings [B, T, D], an optional pooled vector [B, D] and named extras."""

    embeddings: Tensor
    pooled: Tensor | None = None
    extras: Mapping[str, Any] | None = None


@kind(family="audio", preview=preview_audio)
@dataclass(frozen=True, eq=False, slots=True)
class Audio:
    """Sound: float32 [B, C, T], nominally in -1..1, and its rate in Hz."""

    samples: Tensor
    rate: int

    def __post_init__(self) -> None:
        _shaped("Audio", self.samples, "B C T")
        if self.rate <= 0:
            raise ValueError(f"Audio needs a rate in Hz above 0, got {self.rate}.")


@kind(family="video", preview=preview_clip)
@dataclass(frozen=True, eq=False, slots=True)
class Clip:
    """A moving picture: float32 [F, C, H, W] in 0..1 and its frames a second."""

    frames: Tensor
    fps: float

    def __post_init__(self) -> None:
        _shaped("Clip", self.frames, "F C H W", (1, 3, 4))
        if not self.fps > 0:
            raise ValueError(f"Clip needs frames a second above 0, got {self.fps}.")


@kind(family="vector", preview=preview_svg)
@dataclass(frozen=True, slots=True)
class Svg:
    """A vector drawing: the source of one SVG document."""

    source: str


@kind(family="molecule")
@dataclass(frozen=True, slots=True)
class Molecule:
    """A molecule: its SMILES and, where atoms have places, a MOL block with the conformer."""

    smiles: str
    block: str = ""


@kind(
    family="data",
    preview=preview_table,
    # Lists and not a mapping, whose digest knows no order: the order of columns is part of a table.
    state=lambda v: {"names": list(v.columns), "cells": [list(cells) for cells in v.columns.values()]},
    build=lambda s: _table(s),
)
@dataclass(frozen=True, slots=True)
class Table:
    """Named columns of equal length; a cell is plain JSON or a value of a kind (such as a picture)."""

    columns: Mapping[str, tuple[Any, ...]]

    def __post_init__(self) -> None:
        columns = {str(name): tuple(cells) for name, cells in self.columns.items()}
        object.__setattr__(self, "columns", columns)
        if len({len(cells) for cells in columns.values()}) > 1:
            lengths = ", ".join(f"{name} {len(cells)}" for name, cells in columns.items())
            raise ValueError(f"Table needs columns of equal length, got {lengths}.")

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    @property
    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows in order, each as {column: cell}."""
        names = list(self.columns)
        for cells in zip(*self.columns.values(), strict=True):
            yield dict(zip(names, cells, strict=True))

    @staticmethod
    def of_rows(rows: Sequence[Mapping[str, Any]]) -> Table:
        """A table of {column: cell} rows; columns in order of first appearance, a missing cell is None."""
        names: dict[str, None] = {}
        for row in rows:
            names.update(dict.fromkeys(row))
        return Table({name: tuple(row.get(name) for row in rows) for name in names})


@kind(family="data", preview=preview_plot)
@dataclass(frozen=True, slots=True)
class Plot:
    """A small declarative chart: a Vega-Lite specification as plain JSON, its data inline."""

    spec: Mapping[str, Any]


@kind(
    family="data",
    state=lambda v: {"name": v.name, "media_type": v.media_type, "data": v.read()},
    build=lambda s: File.of_bytes(s["name"], s["data"], s["media_type"]),
    identity=lambda v: {"name": v.name, "media_type": v.media_type, "size": v.size, "digest": v.digest},
)
@dataclass(frozen=True, eq=False, slots=True)
class File:
    """A file by content: its name, media type, size in bytes and the BLAKE3 of its bytes (hexadecimal).

    `source` is where the bytes are now: in memory, or a path that the engine has resolved. It is no part of the value.
    """

    name: str
    media_type: str
    size: int
    digest: str
    source: bytes | Path

    @staticmethod
    def of_bytes(name: str, data: bytes, media_type: str | None = None) -> File:
        """A file made in memory; the media type follows the name unless it is told."""
        return File(name, media_type or media_type_of(name), len(data), content_digest(data).hex(), data)

    @staticmethod
    def of_path(path: str | Path) -> File:
        """A file on disk, named by its content."""
        path = Path(path)
        data = path.read_bytes()
        return File(path.name, media_type_of(path.name), len(data), content_digest(data).hex(), path)

    def read(self) -> bytes:
        """The bytes. Raises OSError if they cannot be read, ValueError if they changed since the file was named."""
        if isinstance(self.source, bytes):
            return self.source
        data = self.source.read_bytes()
        if content_digest(data).hex() != self.digest:
            raise ValueError(f"The file {self.name} changed while it was used; run again.")
        return data

    def text(self, encoding: str = "utf-8-sig") -> str:
        """The bytes as text."""
        return self.read().decode(encoding)


def media_type_of(name: str) -> str:
    """The media type that a file name suggests."""
    known = {".webp": "image/webp", ".md": "text/markdown", ".jsonl": "application/jsonl", ".flac": "audio/flac"}
    return known.get(Path(name).suffix.lower()) or mimetypes.guess_type(name)[0] or "application/octet-stream"


@kind(family="data")
@dataclass(frozen=True, slots=True)
class Folder:
    """The files below one folder, by name relative to it, sorted; hidden ones are left out."""

    name: str
    files: tuple[File, ...] = ()


@kind(family="data")
@dataclass(frozen=True, slots=True)
class Secret:
    """The name of a secret, never its value: `ctx.secret(it)` reads that when the step runs."""

    name: str


M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Patch:
    """One change to a model, such as a LoRA: a registered patcher's name, its settings and its files' digests."""

    patcher: str
    settings: tuple[tuple[str, Any], ...] = ()


@kind(
    family="model",
    state=lambda v: {
        "loader": v.loader,
        "source": v.source,
        "revision": v.revision,
        "files": [list(pair) for pair in v.files],
        "dtype": v.dtype,
        "device": v.device,
        "patches": [[p.patcher, [list(pair) for pair in p.settings]] for p in v.patches],
    },
    build=lambda s: _model(s),
)
@dataclass(frozen=True, slots=True)
class Model(Generic[M]):
    """A recipe for a model, never its weights: patching it is free, and two equal recipes are one cache entry.

    loader: The registered loader that makes it live. source, revision: What that loader reads.
    files: (name, digest) of each file it is read from. dtype: Such as "float32". device: A device policy ("auto",
    "cpu", "group-offload" ...). patches: Changes, in order.
    """

    loader: str
    source: str
    revision: str = ""
    files: tuple[tuple[str, str], ...] = ()
    dtype: str = "float32"
    device: str = "auto"
    patches: tuple[Patch, ...] = ()

    def patched(self, patcher: str, **settings: Any) -> Model[M]:
        """The same recipe with one more patch."""
        return replace(self, patches=(*self.patches, Patch(patcher, tuple(sorted(settings.items())))))


def seed_from(*parts: object) -> int:
    """A seed (0 to 2^53 - 1) that depends on the parts alone, the same on every machine."""
    packed = "\x1f".join(repr(part) for part in parts).encode()
    return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), "big") >> 11


# Made from what codec stored; below, since a class's own decorator comes before it.


def _latent(s: Mapping[str, Any]) -> Latent:
    return Latent(s["samples"], Space(s["family"], s["scale"], s["shift"]))


def _table(s: Mapping[str, Any]) -> Table:
    return Table({name: tuple(cells) for name, cells in zip(s["names"], s["cells"], strict=True)})


def _model(s: Mapping[str, Any]) -> Model[Any]:
    return Model(
        loader=s["loader"],
        source=s["source"],
        revision=s["revision"],
        files=tuple((n, d) for n, d in s["files"]),
        dtype=s["dtype"],
        device=s["device"],
        patches=tuple(Patch(n, tuple((k, v) for k, v in pairs)) for n, pairs in s["patches"]),
    )
