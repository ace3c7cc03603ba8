"""Masks: made from pictures, shapes and strokes; grown, feathered, combined and measured; used to crop and to edit.

A mask is float32 [B, 1, H, W] in 0..1, 1 inside. Values between are partly inside: nodes keep soft edges unless they
are told to be hard, and then a pixel counts as inside from 0.5. Places are in pixels: (0, 0) is the picture's upper
left corner, the first pixel's centre is at (0.5, 0.5), x goes right and y down. Where two masks, or a mask and a
picture, meet, their sizes must match, and a batch of one stands beside each element of a longer batch.
"""

from __future__ import annotations

LIBRARIES = ("torch", "numpy", "scipy", "scikit-image")
