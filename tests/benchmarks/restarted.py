"""A process of its own that runs a document on a data folder and prints what that cost: a restart.

python restarted.py HOME SHAPE SIZE START prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict

import graphs
import measured

from graphflow.engine.session import Session


def main() -> None:
    home, shape, size, first = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    data = graphs.document(graphs.SHAPES[shape](size, first))
    measured.settle()
    cpu = time.process_time()
    with Session(home, nodes=graphs.NODES) as session:
        opened = time.process_time() - cpu
        acts = measured.run(session, data)
    print(json.dumps({**asdict(acts), "opened_cpu": opened}))


if __name__ == "__main__":
    main()
