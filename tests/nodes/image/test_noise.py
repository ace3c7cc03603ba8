"""Noise: the same for a seed, spread as told, smooth where it should be."""

from __future__ import annotations

import math

import pytest
import torch

from graphflow import Context
from graphflow_nodes.image.noise import noise


@pytest.mark.parametrize("shape", ["uniform", "gaussian", "perlin"])
def test_a_seed_gives_the_same_picture_and_another_seed_another(shape):
    first, again, other = (noise(width=40, height=30, shape=shape, seed=seed).pixels for seed in (7, 7, 8))
    assert first.shape == (1, 1, 30, 40)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("shape", ["uniform", "gaussian", "perlin"])
def test_global_randomness_is_neither_used_nor_moved(shape):
    before = torch.random.get_rng_state()
    noise(width=8, height=8, shape=shape)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_uniform_noise_is_torchs_own():
    want = torch.rand((3, 4, 5), generator=torch.Generator().manual_seed(5))
    assert torch.equal(noise(width=5, height=4, seed=5, color=True).pixels[0], want)


def test_gaussian_noise_has_its_deviation_and_mean():
    pixels = noise(width=200, height=200, shape="gaussian", deviation=0.1).pixels
    assert float(pixels.mean()) == pytest.approx(0.5, abs=0.005)
    assert float(pixels.std()) == pytest.approx(0.1, abs=0.005)


def test_a_deviation_of_zero_is_plain_grey():
    assert noise(width=4, height=4, shape="gaussian", deviation=0).pixels.unique().tolist() == [0.5]


def test_perlin_noise_is_half_at_every_lattice_point():
    pixels = noise(width=33, height=33, shape="perlin", scale=8, octaves=1).pixels[0, 0]
    torch.testing.assert_close(pixels[::8, ::8], torch.full((5, 5), 0.5))


def test_perlin_noise_of_one_octave_follows_its_formula():
    cell, size = 4, 9
    made = noise(width=size, height=size, shape="perlin", scale=cell, octaves=1, seed=3).pixels[0, 0]
    angles = torch.rand((4, 4), generator=torch.Generator().manual_seed(3)) * math.tau

    def fade(t):
        return 6 * t**5 - 15 * t**4 + 10 * t**3

    for y, x in [(1, 2), (3, 7), (6, 5)]:
        (row, v), (column, u) = divmod(y / cell, 1), divmod(x / cell, 1)
        total = 0.0
        for below in (0, 1):
            for right in (0, 1):
                angle = float(angles[int(row) + below, int(column) + right])
                dot = math.cos(angle) * (u - right) + math.sin(angle) * (v - below)
                total += dot * (fade(u) if right else 1 - fade(u)) * (fade(v) if below else 1 - fade(v))
        assert float(made[y, x]) == pytest.approx(0.5 + 0.5 * total * math.sqrt(2), abs=1e-5)


def test_neighbouring_pixels_of_perlin_noise_are_close():
    pixels = noise(width=64, height=64, shape="perlin", scale=32, octaves=1).pixels[0, 0]
    assert float(pixels.diff(dim=0).abs().max()) < 0.08


def test_a_persistence_of_zero_leaves_the_first_octave():
    one = noise(width=20, height=20, shape="perlin", octaves=1)
    many = noise(width=20, height=20, shape="perlin", octaves=5, persistence=0)
    torch.testing.assert_close(one.pixels, many.pixels)


def test_octaves_finer_than_two_pixels_are_left_out_and_told():
    said: list[str] = []

    class Listening(Context):
        def say(self, message: str) -> None:
            said.append(message)

    noise(width=8, height=8, shape="perlin", scale=4, octaves=12, ctx=Listening())
    assert said == ["Of 12 octaves 2 were drawn; the others are finer than two pixels."]
