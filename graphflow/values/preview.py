"""Small pictures, texts and charts that show a value. Heavy libraries are loaded when one is first made."""

from __future__ import annotations

import io
import json
from typing import Any

from graphflow.values.kind import Preview

EDGE = 256  # pixels: the longer side of a thumbnail


def _thumbnail(pixels: Any) -> Preview:
    """One [C, H, W] picture in 0..1 as a WebP at most EDGE wide and high."""
    import numpy as np
    from PIL import Image as Pil

    array = (pixels.detach().cpu().clamp(0, 1).permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    picture = Pil.fromarray(array[..., 0] if array.shape[-1] == 1 else array)
    picture.thumbnail((EDGE, EDGE))
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=80)
    return Preview("image/webp", out.getvalue())


def preview_image(value: Any) -> Preview:
    """The first picture of a batch."""
    return _thumbnail(value.pixels[0])


def preview_clip(value: Any) -> Preview:
    """The frame in the middle."""
    return _thumbnail(value.frames[value.frames.shape[0] // 2])


def preview_audio(value: Any) -> Preview:
    """The outline of the waveform, as SVG."""
    import torch

    mono = value.samples[0].detach().cpu().float().mean(0)
    columns = min(EDGE, mono.numel()) or 1
    peaks = torch.nn.functional.adaptive_max_pool1d(mono.abs()[None, None], columns)[0, 0].clamp(0, 1).tolist()
    bars = "".join(
        f'<rect x="{i}" y="{32 - 32 * p:.1f}" width="1" height="{64 * p:.1f}"/>' for i, p in enumerate(peaks)
    )
    source = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns} 64" fill="#067272">{bars}</svg>'
    return Preview("image/svg+xml", source.encode())


def preview_svg(value: Any) -> Preview:
    """The drawing itself."""
    return Preview("image/svg+xml", value.source.encode())


def preview_plot(value: Any) -> Preview:
    """The Vega-Lite specification."""
    return Preview("application/vnd.vegalite.v5+json", json.dumps(dict(value.spec)).encode())


def preview_table(value: Any) -> Preview:
    """The first rows as text, tab-separated."""
    rows = [list(value.columns)]
    rows += [list(cells) for cells in list(zip(*value.columns.values(), strict=True))[:10]]
    return Preview("text/plain", "\n".join("\t".join(str(cell)[:40] for cell in row) for row in rows).encode())
