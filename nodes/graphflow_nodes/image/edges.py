"""Finding edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from graphflow import QUIET, Context, Image, Range, node
from graphflow_nodes.image._pixels import luminance, over, per_picture

if TYPE_CHECKING:
    from torch import Tensor


@node
def edges(
    image: Image,
    *,
    method: Literal["sobel", "canny", "laplacian"] = "sobel",
    sigma: Annotated[float, Range(0, 32, 0.1)] = 1.0,
    low: Annotated[float, Range(0, 1, 0.01)] = 0.1,
    high: Annotated[float, Range(0, 1, 0.01)] = 0.2,
    ctx: Context = QUIET,
) -> Image:
    """Find the edges of a picture: one grey channel, bright where the luminance changes.

    method: sobel gives the strength of the slope, laplacian that of the curvature, canny thin lines of 0 or 1.
    sigma: The picture is smoothed first by a Gaussian of this many pixels; 0 does not smooth.
    low, high: Canny keeps what is stronger than high, and what is stronger than low and hangs together with it.

    By scikit-image: filters.sobel, the absolute value of filters.laplace, feature.canny. A picture with alpha is laid
    on black first.
    """
    import torch
    from skimage import feature, filters

    if low > high:
        raise ValueError(f"Canny's low threshold {low} is above the high one {high}; lower the one or raise the other.")
    # scikit-image tells no types.
    canny: Any = feature.canny
    smooth: Any = filters.gaussian
    slope: Any = filters.sobel
    curvature: Any = filters.laplace

    def find(picture: Tensor) -> Tensor:
        grey = luminance(over(picture, "#000000"))[0].numpy()
        if method == "canny":
            found = canny(grey, sigma=sigma, low_threshold=low, high_threshold=high)
        else:
            grey = smooth(grey, sigma=sigma) if sigma > 0 else grey
            found = slope(grey) if method == "sobel" else abs(curvature(grey))
        return torch.from_numpy(found.astype("float32"))[None]

    return per_picture(image, find, ctx)
