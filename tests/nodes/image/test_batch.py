"""Lists of pictures as one batch, and back."""

from __future__ import annotations

import pytest
import torch

from graphflow import Image
from graphflow_nodes.image.batch import batch, unbatch


def test_unbatching_a_batch_gives_the_pictures_back_in_order():
    pictures = [Image(torch.full((1, 3, 2, 3), value)) for value in (0.0, 0.5, 1.0)]
    made = unbatch(batch(pictures))
    assert [picture.pixels.shape for picture in made] == [(1, 3, 2, 3)] * 3
    assert all(torch.equal(a.pixels, b.pixels) for a, b in zip(made, pictures, strict=True))


def test_batches_are_put_one_behind_the_other():
    assert batch([Image(torch.zeros(2, 1, 2, 2)), Image(torch.ones(3, 1, 2, 2))]).pixels.mean((1, 2, 3)).tolist() == [
        0, 0, 1, 1, 1,
    ]  # fmt: skip


def test_pictures_take_the_most_channels_of_all():
    made = batch([Image(torch.full((1, 1, 1, 1), 0.5)), Image(torch.zeros(1, 4, 1, 1))])
    assert made.pixels[0].flatten().tolist() == [0.5, 0.5, 0.5, 1]


def test_a_picture_of_another_size_is_named():
    with pytest.raises(ValueError, match="picture 0 is 2x2, picture 1 is 3x2"):
        batch([Image(torch.zeros(1, 1, 2, 2)), Image(torch.zeros(1, 1, 2, 3))])


def test_no_pictures_make_no_batch():
    with pytest.raises(ValueError, match="no pictures"):
        batch([])
