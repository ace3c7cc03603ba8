"""Cropping a picture to its mask and pasting the edit back."""

from __future__ import annotations

import pytest
import torch

from graphflow import Image, Mask
from graphflow_nodes.mask.morphology import feather
from graphflow_nodes.mask.region import crop_to_mask, paste_back


def noise(*shape: int) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


def square(batch: int = 1) -> Mask:
    pixels = torch.zeros(batch, 1, 40, 60)
    pixels[..., 10:20, 30:45] = 1
    return Mask(pixels)


def test_a_crop_is_the_box_of_the_mask_with_its_margin():
    pixels = noise(1, 3, 40, 60)
    crop = crop_to_mask(Image(pixels), square(), margin=4)
    assert crop.box == {"x": 26, "y": 6, "width": 23, "height": 18}
    assert torch.equal(crop.image.pixels, pixels[..., 6:24, 26:49])
    assert torch.equal(crop.mask.pixels, square().pixels[..., 6:24, 26:49])


def test_a_margin_ends_at_the_border_of_the_picture():
    crop = crop_to_mask(Image(noise(1, 3, 40, 60)), square(), margin=4096)
    assert crop.box == {"x": 0, "y": 0, "width": 60, "height": 40}


def test_a_batch_is_cut_by_one_box():
    masks = torch.zeros(2, 1, 40, 60)
    masks[0, 0, 5, 7] = masks[1, 0, 9, 3] = 1
    crop = crop_to_mask(Image(noise(2, 3, 40, 60)), Mask(masks), margin=0)
    assert crop.image.pixels.shape == (2, 3, 5, 5)


def test_an_empty_mask_leaves_nothing_to_crop_to():
    with pytest.raises(ValueError, match="nothing to crop to"):
        crop_to_mask(Image(noise(1, 3, 4, 4)), Mask(torch.zeros(1, 1, 4, 4)))


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(ValueError, match="60 x 40 and 4 x 4 pixels"):
        crop_to_mask(Image(noise(1, 3, 40, 60)), Mask(torch.zeros(1, 1, 4, 4)))


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("feathering", [0, 3])
def test_an_unedited_crop_gives_the_picture_back(channels, feathering):
    image = Image(noise(2, channels, 40, 60))
    crop = crop_to_mask(image, square(), margin=10)
    torch.testing.assert_close(paste_back(image, *crop, feather=feathering).pixels, image.pixels)


def test_without_feather_only_what_is_inside_changes():
    image = Image(noise(1, 3, 40, 60))
    crop = crop_to_mask(image, square(), margin=5)
    made = paste_back(image, Image(torch.zeros_like(crop.image.pixels)), crop.mask, crop.box, feather=0).pixels
    assert torch.equal(made, image.pixels * (1 - square().pixels))


def test_a_feathered_edge_is_the_gaussian_of_the_mask():
    black, crop = Image(torch.zeros(1, 3, 40, 60)), crop_to_mask(Image(torch.zeros(1, 3, 40, 60)), square(), margin=9)
    made = paste_back(black, Image(torch.ones_like(crop.image.pixels)), crop.mask, crop.box, feather=2).pixels
    torch.testing.assert_close(made[:, :1], feather(square(), radius=2).pixels, atol=1e-6, rtol=0)


def test_everything_outside_the_box_stays_bit_for_bit():
    image = Image(noise(1, 3, 40, 60))
    crop = crop_to_mask(image, square(), margin=5)
    made = paste_back(image, Image(1 - crop.image.pixels), crop.mask, crop.box).pixels
    outside = torch.ones(1, 3, 40, 60, dtype=torch.bool)
    outside[..., 5:25, 25:50] = False
    assert torch.equal(made[outside], image.pixels[outside])


def test_a_mask_of_the_whole_picture_does_as_well():
    image = Image(noise(1, 3, 40, 60))
    crop = crop_to_mask(image, square(), margin=5)
    edited = Image(1 - crop.image.pixels)
    whole, part = (paste_back(image, edited, mask, crop.box, feather=1) for mask in (square(), crop.mask))
    assert torch.equal(whole.pixels, part.pixels)


def test_a_crop_of_another_size_is_resized_to_its_place():
    image = Image(torch.zeros(1, 3, 40, 60))
    crop = crop_to_mask(image, square(), margin=0)
    made = paste_back(image, Image(torch.full((1, 3, 64, 64), 0.5)), crop.mask, crop.box, feather=0).pixels
    torch.testing.assert_close(made, 0.5 * square().pixels.expand(-1, 3, -1, -1))


def test_one_picture_and_many_edits_give_many_pictures():
    image = Image(noise(1, 3, 40, 60))
    crop = crop_to_mask(image, square(), margin=0)
    edits = noise(3, 3, 10, 15)
    made = paste_back(image, Image(edits), crop.mask, crop.box, feather=0).pixels
    assert torch.equal(made[..., 10:20, 30:45], edits)


def test_a_colour_edit_of_a_grey_picture_makes_it_colour():
    image = Image(noise(1, 1, 40, 60))
    crop = crop_to_mask(image, square(), margin=0)
    made = paste_back(image, Image(noise(1, 3, 10, 15)), crop.mask, crop.box, feather=0).pixels
    assert made.shape == (1, 3, 40, 60)
    assert torch.equal(made[:, :, 0, 0], image.pixels[:, :, 0, 0].expand(1, 3))


def test_the_picture_given_is_never_written_into():
    image = Image(noise(1, 3, 40, 60))
    before = image.pixels.clone()
    crop = crop_to_mask(image, square())
    paste_back(image, Image(1 - crop.image.pixels), crop.mask, crop.box)
    assert torch.equal(image.pixels, before)


@pytest.mark.parametrize(
    ("box", "sentence"),
    [
        (None, "must be an object of whole numbers"),
        ({"x": 0, "y": 0, "width": 4}, "must be an object of whole numbers"),
        ({"x": 0.5, "y": 0, "width": 4, "height": 4}, "must be an object of whole numbers"),
        ({"x": 50, "y": 0, "width": 15, "height": 10}, "lies outside the picture of 60 x 40"),
        ({"x": -1, "y": 0, "width": 15, "height": 10}, "lies outside"),
        ({"x": 0, "y": 0, "width": 0, "height": 10}, "lies outside"),
    ],
)
def test_a_box_that_is_none_or_outside_is_refused(box, sentence):
    with pytest.raises(ValueError, match=sentence):
        paste_back(Image(noise(1, 3, 40, 60)), Image(noise(1, 3, 10, 15)), square(), box)


def test_a_mask_of_neither_size_is_refused():
    image = Image(noise(1, 3, 40, 60))
    crop = crop_to_mask(image, square(), margin=0)
    with pytest.raises(ValueError, match="neither as large as the box"):
        paste_back(image, crop.image, Mask(torch.ones(1, 1, 3, 3)), crop.box)


def test_batches_that_do_not_fit_are_refused():
    image = Image(noise(2, 3, 40, 60))
    crop = crop_to_mask(image, square(), margin=0)
    with pytest.raises(ValueError, match="batches of 2, 3, 1"):
        paste_back(image, Image(noise(3, 3, 10, 15)), crop.mask, crop.box)
