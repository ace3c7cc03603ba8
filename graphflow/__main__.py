"""`python -m graphflow` is the command line."""

from __future__ import annotations

import sys

from graphflow.cli.main import main

sys.exit(main())
