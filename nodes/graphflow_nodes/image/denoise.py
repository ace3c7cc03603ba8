"""Pictures with less noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from graphflow import QUIET, Context, Image, Range, node
from graphflow_nodes.image._pixels import from_array, join_alpha, per_picture, split_alpha, to_array

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


@node
def denoise(
    image: Image,
    *,
    method: Literal["bilateral", "total variation", "non-local means", "median"] = "non-local means",
    strength: Annotated[float, Range(0, 1, 0.01)] = 0.1,
    radius: Annotated[int, Range(1, 16, 1)] = 2,
    ctx: Context = QUIET,
) -> Image:
    """Take noise out of pictures and keep their edges. Alpha is left alone.

    method: "bilateral" mixes near pixels of like colour; "total variation" (Chambolle's) gives flat areas with crisp
    edges; "non-local means" mixes places that look alike, the best and slowest for photographs; "median" takes out
    single wrong pixels.
    strength: How different colours may be that are mixed (bilateral, non-local means), or how much flatness counts
    against likeness (total variation); about the noise's standard deviation. 0 changes nothing. Median does not use it.
    radius: In pixels: of bilateral the standard deviation of distance; of non-local means half the reach of the search
    for patches (5 x 5 pixels) that look alike; of median the disk. Total variation does not use it.

    The methods are scikit-image's denoise_bilateral, denoise_tv_chambolle, denoise_nl_means and filters.median.
    """
    if strength == 0 and method != "median":
        return image

    def change(picture: Tensor) -> Tensor:
        colour, alpha = split_alpha(picture)
        return join_alpha(from_array(_denoised(to_array(colour), method, strength, radius)), alpha)

    return per_picture(image, change, ctx)


def _denoised(array: np.ndarray[Any, Any], method: str, strength: float, radius: int) -> np.ndarray[Any, Any]:
    """One picture [H, W, C] without alpha, by a method."""
    import numpy as np
    from skimage import filters, morphology, restoration

    made: Any
    if method == "median":
        disk = morphology.disk(radius)  # type: ignore[no-untyped-call]
        lines = [filters.median(array[..., c], disk) for c in range(array.shape[-1])]  # type: ignore[no-untyped-call]
        return np.stack(lines, axis=-1)
    grey = array.shape[-1] == 1
    values, axis = (array[..., 0], None) if grey else (array, -1)
    if method == "bilateral":
        # Its default takes what is beyond the border as black.
        made = restoration.denoise_bilateral(
            values, sigma_color=strength, sigma_spatial=radius, mode="edge", channel_axis=axis
        )
    elif method == "total variation":
        made = restoration.denoise_tv_chambolle(values, weight=strength, channel_axis=axis)  # type: ignore[no-untyped-call]
    else:
        made = restoration.denoise_nl_means(
            values, patch_size=5, patch_distance=2 * radius, h=strength, fast_mode=True, channel_axis=axis
        )
    # scikit-image drops axes of length 1.
    return np.asarray(made).reshape(array.shape)
