"""For all tests: every session looks whether nodes wrote into what they were lent."""

import os

os.environ.setdefault("GRAPHFLOW_CHECK_INPUTS", "1")
