"""Fuzzy logic between masks."""

from __future__ import annotations

import pytest
import torch

from graphflow import Mask
from graphflow_nodes.mask.combine import difference, intersection, invert, union, xor

A = torch.tensor([0, 0.25, 0.5, 0.75, 1]).view(1, 1, 5, 1).expand(1, 1, 5, 5).contiguous()
B = A.transpose(2, 3).contiguous()
RULES = {
    union: torch.maximum(A, B),
    intersection: torch.minimum(A, B),
    difference: torch.minimum(A, 1 - B),
    xor: torch.maximum(torch.minimum(A, 1 - B), torch.minimum(1 - A, B)),
}
LOGIC = {
    union: torch.logical_or,
    intersection: torch.logical_and,
    difference: lambda a, b: a & ~b,
    xor: torch.logical_xor,
}


def test_inverting_is_one_less_the_value():
    assert torch.equal(invert(Mask(A)).pixels, 1 - A)


@pytest.mark.parametrize("node", RULES, ids=str)
def test_soft_masks_follow_the_fuzzy_rule(node):
    assert torch.equal(node(Mask(A), Mask(B)).pixels, RULES[node])


@pytest.mark.parametrize("node", LOGIC, ids=str)
def test_hard_masks_follow_logic_from_one_half_on(node):
    assert torch.equal(node(Mask(A), Mask(B), hard=True).pixels, LOGIC[node](A >= 0.5, B >= 0.5).float())


@pytest.mark.parametrize("node", RULES, ids=str)
def test_a_batch_of_one_stands_beside_each_of_a_longer_batch(node):
    many = torch.cat([B, 1 - B, A])
    together = node(Mask(A), Mask(many)).pixels
    assert torch.equal(together, torch.cat([node(Mask(A), Mask(one[None])).pixels for one in many]))


@pytest.mark.parametrize("node", RULES, ids=str)
def test_masks_of_other_sizes_are_refused_with_both_sizes(node):
    with pytest.raises(ValueError, match="5 x 5 and 6 x 5 pixels"):
        node(Mask(A), Mask(torch.zeros(1, 1, 5, 6)))


def test_batches_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="batches of 2 and 3"):
        union(Mask(A.repeat(2, 1, 1, 1)), Mask(A.repeat(3, 1, 1, 1)))
