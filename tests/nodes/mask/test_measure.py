"""Bounding boxes, coverage and grids of tokens."""

from __future__ import annotations

import pytest
import torch

from graphflow import Context, Mask
from graphflow_nodes.mask.measure import bounding_box, coverage
from graphflow_nodes.mask.tokens import to_token_grid


class Listening(Context):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def with_box(x: int, y: int, width: int, height: int, value: float = 1.0) -> torch.Tensor:
    pixels = torch.zeros(1, 1, 20, 30)
    pixels[..., y : y + height, x : x + width] = value
    return pixels


@pytest.mark.parametrize("box", [(3, 4, 5, 6), (0, 0, 30, 20), (29, 19, 1, 1)])
def test_a_box_is_found_as_it_was_drawn(box):
    assert bounding_box(Mask(with_box(*box))) == box


def test_a_batch_has_one_box_that_holds_all():
    both = torch.cat([with_box(3, 4, 5, 6), with_box(10, 2, 2, 2)])
    assert bounding_box(Mask(both)) == (3, 2, 9, 8)


def test_pixels_at_the_level_are_left_out():
    pixels = torch.maximum(with_box(0, 0, 30, 20, 0.5), with_box(5, 5, 2, 2))
    assert bounding_box(Mask(pixels), level=0.5) == (5, 5, 2, 2)


def test_an_empty_mask_has_an_empty_box_and_says_so():
    ctx = Listening()
    assert bounding_box(Mask(torch.zeros(1, 1, 4, 4)), ctx=ctx) == (0, 0, 0, 0)
    assert ctx.said == ["The mask has no pixel above 0: its bounding box is empty."]


def test_coverage_is_the_share_inside():
    assert coverage(Mask(with_box(0, 0, 15, 10))) == 0.25
    assert coverage(Mask(with_box(0, 0, 30, 20, 0.5))) == 0.5
    assert coverage(Mask(torch.cat([with_box(0, 0, 30, 20), torch.zeros(1, 1, 20, 30)]))) == 0.5


def test_coverage_of_no_pixels_is_refused():
    with pytest.raises(ValueError, match="no pixels"):
        coverage(Mask(torch.zeros(1, 1, 0, 4)))


def grid_of(counts: list[int], rule: str) -> list[float]:
    """Tokens of 2 x 2 pixels in a row, each with so many pixels inside."""
    tokens = [torch.tensor([1.0] * count + [0.0] * (4 - count)).view(2, 2) for count in counts]
    return to_token_grid(Mask(torch.cat(tokens, 1)[None, None]), patch=2, rule=rule).grid.pixels.flatten().tolist()


@pytest.mark.parametrize(
    ("rule", "wanted"), [("any", [0, 1, 1, 1, 1]), ("half", [0, 0, 1, 1, 1]), ("all", [0, 0, 0, 0, 1])]
)
def test_a_token_is_selected_by_its_rule(rule, wanted):
    assert grid_of([0, 1, 2, 3, 4], rule) == wanted


def test_half_of_an_odd_number_of_pixels_is_the_greater_half():
    pixels = torch.zeros(1, 1, 3, 3)
    pixels.view(-1)[:4] = 1
    assert not to_token_grid(Mask(pixels), patch=3, rule="half").grid.pixels.any()
    pixels.view(-1)[:5] = 1
    assert to_token_grid(Mask(pixels), patch=3, rule="half").grid.pixels.all()


def test_a_grid_has_a_pixel_for_each_token_and_its_picture_the_size_of_the_mask():
    made = to_token_grid(Mask(with_box(11, 6, 1, 1).expand(2, -1, -1, -1)), patch=5)
    assert made.grid.pixels.shape == (2, 1, 4, 6)
    assert torch.equal(made.mask.pixels[:1], with_box(10, 5, 5, 5))


def test_tokens_are_counted_row_by_row_and_on_through_the_batch():
    made = to_token_grid(Mask(torch.cat([with_box(11, 6, 9, 1), with_box(0, 0, 1, 1)])), patch=5)
    assert made.tokens == [1 * 6 + 2, 1 * 6 + 3, 24]


def test_a_patch_of_one_pixel_gives_the_mask_made_hard():
    pixels = torch.rand((1, 1, 4, 4), generator=torch.Generator().manual_seed(0))
    made = to_token_grid(Mask(pixels), patch=1)
    assert torch.equal(made.grid.pixels, (pixels >= 0.5).float())


def test_sides_that_are_no_multiple_of_the_patch_are_refused():
    with pytest.raises(ValueError, match="30 x 20 pixels, no whole number of tokens of 16 x 16"):
        to_token_grid(Mask(with_box(0, 0, 1, 1)), patch=16)
