"""Contact sheets: cells, gaps, fitting, labels."""

from __future__ import annotations

import pytest
import torch

from graphflow import Context, Image
from graphflow_nodes.image.grid import grid


def plain(*values: float, height: int = 4, width: int = 4, batch: int = 1) -> Image:
    return Image(torch.tensor(values).view(1, -1, 1, 1).repeat(batch, 1, height, width))


def test_pictures_stand_in_rows_with_gaps_around_them():
    made = grid([plain(0.2), plain(0.4), plain(0.6)], columns=2, gap=1, background="#ffffff").pixels
    want = torch.ones(1, 3, 11, 11)
    want[..., 1:5, 1:5], want[..., 1:5, 6:10], want[..., 6:10, 1:5] = 0.2, 0.4, 0.6
    assert torch.equal(made, want)


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (4, 2), (5, 3), (9, 3)])
def test_without_columns_the_sheet_is_about_square(count, columns):
    made = grid([plain(0.0)] * count, gap=0)
    assert made.width == 4 * columns


def test_more_columns_than_pictures_make_no_empty_cells():
    assert grid([plain(0.0)] * 2, columns=5, gap=0).width == 8


def test_every_picture_of_a_batch_has_a_cell():
    made = grid([plain(0.1, batch=2), plain(0.3)], columns=3, gap=0)
    assert made.pixels[0, 0, 0].tolist() == pytest.approx([0.1] * 8 + [0.3] * 4)


def test_a_smaller_picture_is_enlarged_to_fit_and_centred():
    made = grid([plain(0.0, height=8, width=8), plain(0.5, height=2, width=4)], columns=2, gap=0, background="#ffffff")
    cell = made.pixels[0, 0, :, 8:]
    torch.testing.assert_close(cell[2:6], torch.full((4, 8), 0.5))
    assert cell[:2].unique().tolist() == cell[6:].unique().tolist() == [1]


def test_a_told_cell_size_holds_for_all():
    made = grid([plain(0.5, height=30, width=60)], cell_width=20, cell_height=20, gap=2)
    assert (made.width, made.height) == (24, 24)


def test_a_clear_background_gives_the_sheet_alpha():
    made = grid([plain(0.5)], gap=1, background="#00000000")
    assert made.channels == 4
    assert made.pixels[0, :, 0, 0].tolist() == [0, 0, 0, 0]
    assert made.pixels[0, :, 2, 2].tolist() == [0.5, 0.5, 0.5, 1]


def test_clear_pixels_show_the_background():
    made = grid([plain(1.0, 0.0, 0.0, 0.5)], gap=0, background="#0000ff")
    assert made.pixels[0, :, 0, 0].tolist() == pytest.approx([0.5, 0, 0.5])


@pytest.mark.parametrize(("background", "darker"), [("#ffffff", True), ("#101010", False)])
def test_labels_stand_under_their_pictures_and_stand_out(background, darker):
    bare = grid([plain(0.5, width=80)] * 2, columns=2, background=background)
    made = grid([plain(0.5, width=80)] * 2, columns=2, background=background, labels=["steps=20", "i"])
    assert made.height > bare.height
    assert torch.equal(made.pixels[..., :12, :], bare.pixels[..., :12, :])
    strip = made.pixels[0, 0, 12:]
    ink = (strip - strip[0, 0]).abs()
    assert (strip.min() < 0.1) if darker else (strip.max() > 0.9)
    assert float(ink[:, 8:88].sum()) > 3 * float(ink[:, 96:176].sum()) > 0


def test_a_long_label_is_broken_and_stays_within_its_cell():
    made = grid([plain(0.5, width=60)], gap=8, labels=["guidance=7.5, sampler=euler_ancestral, steps=20"])
    short = grid([plain(0.5, width=60)], gap=8, labels=["g"])
    assert made.height > short.height
    margins = torch.cat([made.pixels[..., :8], made.pixels[..., -8:]], dim=3)
    assert margins.unique().tolist() == [1]
    assert made.pixels[..., -8:, :].unique().tolist() == [1]


def test_letters_that_the_font_lacks_are_told():
    said: list[str] = []

    class Listening(Context):
        def say(self, message: str) -> None:
            said.append(message)

    grid([plain(0.5, width=60)], labels=["x \u6f22"], ctx=Listening())
    assert len(said) == 1
    assert "\u6f22" in said[0]


def test_labels_that_do_not_match_the_pictures_are_refused():
    with pytest.raises(ValueError, match="1 labels for 2 pictures"):
        grid([plain(0.5)] * 2, labels=["one"])


def test_no_pictures_make_no_sheet():
    with pytest.raises(ValueError, match="at least one picture"):
        grid([])
