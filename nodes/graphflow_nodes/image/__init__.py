"""Pictures: loading and saving, geometry, tone and colour, filters, drawing, comparing.

Every node takes batches of any size and pictures of one channel (grey), three (RGB) or four (RGB and straight alpha),
float32 in 0..1, sRGB-encoded. Nodes of tone leave alpha alone; nodes that mix neighbouring pixels weigh colours by
alpha, so that the hidden colour of clear pixels never shows.
"""

from __future__ import annotations

LIBRARIES = ("torch", "pillow", "numpy", "scikit-image", "scipy")
