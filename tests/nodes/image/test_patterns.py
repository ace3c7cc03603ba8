"""Plain colours and checkerboards."""

from __future__ import annotations

import torch

from graphflow_nodes.image.patterns import checker, solid


def test_solid_is_its_colour_everywhere():
    made = solid(width=3, height=2, color="#ff8000")
    assert made.pixels.shape == (1, 3, 2, 3)
    assert torch.equal(made.pixels[0, :, 1, 2], torch.tensor([1.0, 128 / 255, 0]))


def test_solid_of_a_colour_with_alpha_has_four_channels():
    assert solid(width=1, height=1, color="#00000000").pixels.flatten().tolist() == [0, 0, 0, 0]
    assert solid(width=1, height=1, color="#000000ff").channels == 3


def test_the_checkerboard_changes_every_size_pixels():
    made = checker(width=5, height=3, size=2, first="#ffffff", second="#000000").pixels[0, 0]
    want = torch.tensor([[1, 1, 0, 0, 1], [1, 1, 0, 0, 1], [0, 0, 1, 1, 0]], dtype=torch.float32)
    assert torch.equal(made, want)


def test_one_clear_square_gives_both_colours_alpha():
    made = checker(width=2, height=1, size=1, first="#ff0000", second="#00ff0080").pixels[0]
    assert torch.equal(made[:, 0, 0], torch.tensor([1.0, 0, 0, 1]))
    assert torch.equal(made[:, 0, 1], torch.tensor([0, 1.0, 0, 128 / 255]))
