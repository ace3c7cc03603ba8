"""How much two pictures differ."""

from __future__ import annotations

import math
from typing import Annotated, Any, NamedTuple

from graphflow import Image, Range, node
from graphflow_nodes.image._layers import same_batch, same_size
from graphflow_nodes.image._pixels import clamped, with_channels


class Comparison(NamedTuple):
    """How much two pictures differ.

    mae: Mean absolute error, 0 (equal) to 1.
    psnr: Peak signal-to-noise ratio in dB; infinite if they are equal.
    ssim: Structural similarity, 1 if they are equal.
    difference: The absolute difference of each value, times the gain.
    """

    mae: float
    psnr: float
    ssim: float
    difference: Image


@node
def compare(first: Image, second: Image, *, gain: Annotated[float, Range(1, 100, 0.5)] = 1.0) -> Comparison:
    """Measure how much two pictures differ.

    first, second: Pictures of one width and height, at least 3 pixels each way. A batch of one repeats.
    gain: Makes small differences visible in the difference picture.

    Error and noise are taken over all pictures of a batch together, with a peak of 1; the similarity is the mean of
    each picture's, as scikit-image's structural_similarity finds it in windows of 7 pixels, or of what fits a smaller
    picture. If either has more channels, the other is brought to as many: grey becomes RGB, and alpha counts as a
    channel of its own. The difference picture leaves alpha out.
    """
    from skimage.metrics import structural_similarity

    similarity: Any = structural_similarity  # scikit-image tells no types
    same_size("Comparing", first=first.pixels, second=second.pixels)
    channels = max(first.channels, second.channels)
    one, other = same_batch(
        "Comparing", first=with_channels(first.pixels, channels), second=with_channels(second.pixels, channels)
    )
    edge = min(7, first.width, first.height)
    if edge < 3:
        raise ValueError(f"Comparing needs pictures of at least 3x3, got {first.width}x{first.height}; enlarge them.")
    error = (one.double() - other.double()).abs()
    similar = [
        similarity(a.numpy(), b.numpy(), win_size=edge - 1 + edge % 2, data_range=1.0, channel_axis=0)
        for a, b in zip(one.double(), other.double(), strict=True)
    ]
    return Comparison(
        mae=float(error.mean()),
        psnr=_psnr(float((error**2).mean())),
        ssim=float(sum(similar) / len(similar)),
        difference=clamped(error[:, : min(channels, 3)] * gain),
    )


def _psnr(mean_square: float) -> float:
    return math.inf if mean_square == 0 else -10 * math.log10(mean_square)
