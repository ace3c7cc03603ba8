"""The histogram: numpy's counts, and a chart that can be drawn."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
import vl_convert

from graphflow import Image
from graphflow_nodes.image.histogram import histogram


def shares(image: Image, channel: str, bins: int = 4) -> list[float]:
    rows = histogram(image, bins=bins).spec["data"]["values"]
    return [row["share"] for row in rows if row["channel"] == channel]


def test_the_shares_are_numpys_counts():
    image = Image(torch.rand(2, 3, 10, 10, generator=torch.Generator().manual_seed(0)))
    for channel, name in enumerate(("red", "green", "blue")):
        counts, _ = np.histogram(image.pixels[:, channel].numpy(), bins=8, range=(0, 1))
        assert shares(image, name, 8) == pytest.approx(list(counts / 200))


def test_both_ends_of_the_range_are_counted():
    image = Image(torch.tensor([0.0, 0.0, 0.25, 1.0]).view(1, 1, 1, 4))
    assert shares(image, "luminance") == [0.5, 0.25, 0, 0.25]


def test_grey_has_luminance_alone():
    rows = histogram(Image(torch.zeros(1, 1, 2, 2))).spec["data"]["values"]
    assert {row["channel"] for row in rows} == {"luminance"}


def test_a_pixel_counts_as_much_as_it_is_opaque():
    pixels = torch.zeros(1, 4, 1, 3)
    pixels[0, :3, 0, 0] = 1
    pixels[0, 3, 0] = torch.tensor([0.25, 0.75, 0])
    assert shares(Image(pixels), "red") == [0.75, 0, 0, 0.25]


def test_a_picture_that_is_clear_everywhere_counts_nothing():
    assert shares(Image(torch.zeros(1, 4, 2, 2)), "red") == [0, 0, 0, 0]


@pytest.mark.parametrize("log", [False, True])
def test_the_chart_can_be_drawn(log):
    spec = histogram(Image(torch.rand(1, 3, 8, 8)), log=log).spec
    assert vl_convert.vegalite_to_png(json.dumps(spec)).startswith(b"\x89PNG")
