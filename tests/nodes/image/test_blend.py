"""Blending: the twelve modes against the W3C's formulas, alpha, opacity, sizes and batches."""

from __future__ import annotations

import math

import pytest
import torch

from graphflow import Image
from graphflow_nodes.image.blend import blend

LEVELS = torch.tensor([0.0, 0.1, 0.25, 0.3, 0.5, 0.6, 0.75, 0.9, 1.0])


def dodge(b: float, s: float) -> float:
    return 0 if b == 0 else 1 if s == 1 else min(1, b / (1 - s))


def burn(b: float, s: float) -> float:
    return 1 if b == 1 else 0 if s == 0 else 1 - min(1, (1 - b) / s)


def hard(b: float, s: float) -> float:
    return b * 2 * s if s <= 0.5 else b + (2 * s - 1) - b * (2 * s - 1)


def soft(b: float, s: float) -> float:
    if s <= 0.5:
        return b - (1 - 2 * s) * b * (1 - b)
    curve = ((16 * b - 12) * b + 4) * b if b <= 0.25 else math.sqrt(b)
    return b + (2 * s - 1) * (curve - b)


FORMULAS = {
    "normal": lambda b, s: s,
    "multiply": lambda b, s: b * s,
    "screen": lambda b, s: b + s - b * s,
    "overlay": lambda b, s: hard(s, b),
    "darken": min,
    "lighten": max,
    "color dodge": dodge,
    "color burn": burn,
    "hard light": hard,
    "soft light": soft,
    "difference": lambda b, s: abs(b - s),
    "exclusion": lambda b, s: b + s - 2 * b * s,
}


def plain(*values: float, size: int = 2, batch: int = 1) -> Image:
    return Image(torch.tensor(values).view(1, -1, 1, 1).repeat(batch, 1, size, size))


@pytest.mark.parametrize("mode", FORMULAS)
def test_a_mode_gives_what_its_formula_says_at_every_pair_of_levels(mode):
    base, layer = torch.meshgrid(LEVELS, LEVELS, indexing="ij")
    made = blend(Image(base[None, None]), Image(layer[None, None]), mode=mode)
    want = [[FORMULAS[mode](float(b), float(s)) for s in LEVELS] for b in LEVELS]
    torch.testing.assert_close(made.pixels[0, 0], torch.tensor(want, dtype=torch.float32), atol=1e-5, rtol=0)


@pytest.mark.parametrize("mode", FORMULAS)
def test_opacity_zero_leaves_the_base_as_it_is(mode):
    base = Image(torch.rand(1, 3, 4, 5, generator=torch.Generator().manual_seed(1)))
    layer = Image(base.pixels.flip(3))
    assert torch.equal(blend(base, layer, mode=mode, opacity=0).pixels, base.pixels)


def test_half_opacity_is_half_way():
    assert blend(plain(0.2), plain(0.8), opacity=0.5).pixels.unique().tolist() == pytest.approx([0.5])


def test_two_layers_with_alpha_follow_the_compositing_formula():
    base_alpha, layer_alpha, opacity = 0.5, 0.8, 0.5
    made = blend(plain(0.2, 0.4, 0.6, base_alpha), plain(0.9, 0.5, 0.1, layer_alpha), mode="multiply", opacity=opacity)
    source = layer_alpha * opacity
    whole = source + base_alpha * (1 - source)
    want = []
    for b, s in zip((0.2, 0.4, 0.6), (0.9, 0.5, 0.1), strict=True):
        mixed = (1 - base_alpha) * s + base_alpha * b * s
        want.append((source * mixed + (1 - source) * base_alpha * b) / whole)
    assert made.pixels[0, :, 0, 0].tolist() == pytest.approx([*want, whole], abs=1e-6)


def test_over_a_clear_base_the_layer_shows_unchanged():
    made = blend(plain(0.0, 0.0, 0.0, 0.0), plain(0.9, 0.5, 0.1), mode="multiply")
    assert made.pixels[0, :, 0, 0].tolist() == pytest.approx([0.9, 0.5, 0.1, 1.0])


def test_clear_on_clear_stays_clear():
    made = blend(plain(1.0, 1.0, 1.0, 0.0), plain(1.0, 1.0, 1.0, 0.0))
    assert made.pixels[0, :, 0, 0].tolist() == [0, 0, 0, 0]


def test_two_grey_pictures_stay_grey_and_a_coloured_layer_colours():
    assert blend(plain(0.5), plain(0.5)).channels == 1
    assert blend(plain(0.5), plain(0.5, 0.1, 0.2)).channels == 3
    assert blend(plain(0.5), plain(0.5, 0.1, 0.2, 0.5)).channels == 3


def test_a_batch_of_one_repeats():
    made = blend(plain(0.5, batch=3), plain(1.0))
    assert made.batch == 3
    assert blend(plain(0.5), plain(1.0, batch=3)).batch == 3


def test_batches_of_other_lengths_are_refused_with_both_lengths():
    with pytest.raises(ValueError, match="base has 2, layer has 3"):
        blend(plain(0.5, batch=2), plain(1.0, batch=3))


def test_sizes_that_differ_are_refused_with_both_sizes():
    with pytest.raises(ValueError, match="base is 2x2, layer is 3x3"):
        blend(plain(0.5), plain(1.0, size=3))
