"""Fewer colours: how many, which, dithering, alpha; dominant colours."""

from __future__ import annotations

import pytest
import torch

from graphflow import Image
from graphflow_nodes.image.quantise import palette, quantise

RAMP = Image(torch.linspace(0, 1, 64).expand(1, 1, 32, 64).contiguous())
FOUR = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]).T.reshape(1, 3, 2, 2).repeat_interleave(8, 2)


def colours(image: Image) -> set[tuple[float, ...]]:
    return {tuple(row) for row in image.pixels.permute(0, 2, 3, 1).flatten(0, 2).tolist()}


@pytest.mark.parametrize("method", ["median cut", "octree"])
@pytest.mark.parametrize("count", [1, 2, 16, 256])
@pytest.mark.parametrize("dither", [False, True])
def test_no_more_colours_come_out_than_were_asked(method, count, dither):
    image = Image(torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0)))
    made = quantise(image, colors=count, method=method, dither=dither)
    assert made.pixels.shape == image.pixels.shape
    assert 1 <= len(colours(Image(made.pixels[:1]))) <= count


@pytest.mark.parametrize("method", ["median cut", "octree"])
def test_a_picture_of_few_colours_keeps_them(method):
    assert torch.equal(quantise(Image(FOUR), colors=8, method=method).pixels, FOUR)


def test_a_given_palette_takes_the_nearest_colour_for_each_pixel():
    made = quantise(RAMP, palette=["#000000", "#ff0000", "#ffffff"])
    table = torch.tensor([[0.0, 0, 0], [1, 0, 0], [1, 1, 1]])
    index = torch.cdist(RAMP.pixels.repeat(1, 3, 1, 1)[0].flatten(1).T, table).argmin(1)
    torch.testing.assert_close(made.pixels[0].flatten(1).T, table[index])


def test_a_dithered_ramp_keeps_its_mean_where_the_nearest_colour_does_not():
    dim = Image(torch.full((1, 1, 64, 64), 0.3))
    assert float(quantise(dim, palette=["#000000", "#ffffff"]).pixels.mean()) == 0
    dithered = quantise(dim, palette=["#000000", "#ffffff"], dither=True)
    assert colours(dithered) == {(0, 0, 0), (1, 1, 1)}
    assert float(dithered.pixels.mean()) == pytest.approx(0.3, abs=0.02)


def test_a_palette_of_one_colour_paints_everything_in_it():
    for dither in (False, True):
        assert colours(quantise(RAMP, palette=["#ff0000"], dither=dither)) == {(1, 0, 0)}


def test_grey_stays_grey_without_a_palette():
    made = quantise(RAMP, colors=4)
    assert made.channels == 1
    assert len(made.pixels.unique()) <= 4


def test_alpha_is_kept():
    alpha = torch.rand(1, 1, 16, 2, generator=torch.Generator().manual_seed(0))
    made = quantise(Image(torch.cat([FOUR, alpha], dim=1)), colors=2)
    assert torch.equal(made.pixels[:, 3:], alpha)


def test_a_palette_too_large_is_refused():
    with pytest.raises(ValueError, match="at most 256 colours, got 257"):
        quantise(RAMP, palette=["#000000"] * 257)


def test_dominant_colours_come_by_how_often_they_occur():
    picture = torch.zeros(1, 3, 10, 10)
    picture[:, 0, :6], picture[:, 1, 6:9], picture[:, 2, 9:] = 1, 1, 1
    assert palette(Image(picture), colors=3) == ["#ff0000", "#00ff00", "#0000ff"]


def test_a_plain_picture_has_one_dominant_colour():
    assert palette(Image(torch.full((2, 1, 4, 4), 128 / 255)), colors=5) == ["#808080"]


def test_clear_pixels_do_not_count():
    picture = torch.zeros(1, 4, 4, 4)
    picture[:, 0], picture[:, 3, :1] = 1, 1
    picture[:, 1, 1:] = 1
    assert palette(Image(picture)) == ["#ff0000"]


def test_a_picture_that_is_clear_everywhere_is_refused():
    with pytest.raises(ValueError, match="clear everywhere"):
        palette(Image(torch.zeros(1, 4, 2, 2)))
