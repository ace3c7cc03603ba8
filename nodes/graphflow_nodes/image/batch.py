"""Lists of pictures as one batch, and back."""

from __future__ import annotations

from graphflow import Image, node
from graphflow_nodes.image._layers import same_size
from graphflow_nodes.image._pixels import clamped, with_channels


@node
def batch(images: list[Image]) -> Image:
    """Put pictures of one size together in one batch, in order.

    images: Pictures or batches. Where some have more channels than others, grey becomes RGB and alpha 1 is added.
    """
    import torch

    if not images:
        raise ValueError("A batch cannot be made of no pictures; link at least one.")
    same_size("A batch", **{f"picture {index}": image.pixels for index, image in enumerate(images)})
    channels = max(image.channels for image in images)
    return clamped(torch.cat([with_channels(image.pixels, channels) for image in images]))


@node
def unbatch(image: Image) -> list[Image]:
    """Give the pictures of a batch as a list, each as a batch of one."""
    return [Image(picture[None].contiguous()) for picture in image.pixels]
