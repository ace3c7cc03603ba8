"""A process that computes on a data folder until it is killed: python killed.py HOME TURN. Prints each event."""

from __future__ import annotations

import json
import sys
import time

from graphflow import Event, Session, node


@node
def slow_text(*, number: float = 0.0, size: int = 10_000) -> str:
    """Give a large text after a while."""
    time.sleep(0.003)
    return f"{number:16.1f}" * size


@node
def slow_read(text: str) -> float:
    """Read it."""
    time.sleep(0.002)
    return float(text[:16])


def main() -> None:
    home, turn = sys.argv[1], int(sys.argv[2])
    nodes = {}
    for at in range(25):
        number = turn * 1000.0 + at
        params = {"number": number, "size": 10_000 if at % 2 else 10}
        nodes[f"t{at}"] = {"type": slow_text.type, "params": params}
        nodes[f"r{at}"] = {"type": slow_read.type, "inputs": {"text": f"t{at}.value"}}

    def tell(event: Event) -> None:
        sys.stdout.write(f"{event.kind} {event.path}\n")
        sys.stdout.flush()

    with Session(home, nodes=[slow_text, slow_read], threads=2, memory=1 << 24, disk_speed=1e15) as session:
        result = session.run({"graphflow": 1, "nodes": nodes}, on_event=tell)
    wrong = [name for name, value in result.values.items() if value != turn * 1000.0 + int(name[1:].split(".")[0])]
    print(json.dumps({"wrong": wrong, "status": result.status}))


if __name__ == "__main__":
    main()
