"""Runs every example workflow at its full size and writes what it makes: workflows/pictures/NAME.webp.

`python docs/make_pictures.py [NAME ...]`; what the pictures read is drawn by docs/draw_inputs.py. The page that shows
them, docs/workflows.md, is written anew from the documents; `--page` writes the page alone, `--check` says whether it
is fresh and every picture is there.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image as Pillow

from graphflow.engine.session import Session

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = ROOT / "workflows"
PICTURES = WORKFLOWS / "pictures"
PAGE = ROOT / "docs" / "workflows.md"
NOTE = "<!-- Written by `python docs/make_pictures.py` from the workflows: change those, not this page. -->"
LIMIT = 145_000  # bytes of a picture
WIDEST = 1200  # pixels

# The output that shows best what a workflow does; without an entry, the first of its interface.
SHOWN = {"touch-up": "before_and_after", "edit-a-part": "steps", "batch-a-folder": "sheet", "text-pipeline": "card"}


def names() -> list[str]:
    """The example workflows, the default of `make run` first."""
    found = sorted(path.stem for path in WORKFLOWS.glob("*.json"))
    return ["touch-up", *(name for name in found if name != "touch-up")]


def read(name: str) -> dict[str, Any]:
    """An example's document."""
    found: dict[str, Any] = json.loads((WORKFLOWS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def shown(name: str) -> str:
    """The output whose picture stands on the page."""
    return SHOWN.get(name) or next(iter(read(name)["interface"]["outputs"]))


def draw(session: Session, name: str) -> None:
    """Run a workflow and keep its picture, as small as the limit asks."""
    output = shown(name)
    result = session.run(WORKFLOWS / f"{name}.json")
    pixels = result.values_or_raise()[output].pixels[0].mul(255).round().byte().permute(1, 2, 0).numpy()
    picture = Pillow.fromarray(pixels)
    if picture.width > WIDEST:
        picture = picture.resize((WIDEST, round(picture.height * WIDEST / picture.width)), Pillow.Resampling.LANCZOS)
    for quality in range(88, 20, -6):
        data = io.BytesIO()
        picture.save(data, "WEBP", quality=quality, method=6)
        if data.tell() <= LIMIT:
            break
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / f"{name}.webp").write_bytes(data.getvalue())
    print(f"{name}: {picture.width} x {picture.height}, {data.tell():,} bytes")


def page() -> str:
    """The gallery as Markdown."""
    lines = [
        "# Workflows", "", NOTE, "",
        "Each of these is one file in [workflows/](../workflows), runs as it is, and takes your own pictures in place",
        "of its own. A second run computes nothing; a changed param computes what depends on it.",
    ]  # fmt: skip
    for name in names():
        lines += ["", *section(name)]
    return "\n".join(lines) + "\n"


def section(name: str) -> list[str]:
    """One workflow: its title, picture, what it does, its command."""
    document = read(name)
    inputs = ", ".join(f"`{at}` ({entry['title']})" for at, entry in document["interface"]["inputs"].items())
    return [
        f"## {document['title']}", "",
        f"![{document['title']}](../workflows/pictures/{name}.webp)", "",
        document["about"], "",
        "```sh", f"graphflow run workflows/{name}.json --out outputs", "```", "",
        f"[{name}.json](../workflows/{name}.json) takes {inputs}.",
    ]  # fmt: skip


def check() -> int:
    """Whether the page is fresh and each picture is there and small."""
    stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page()
    missing = [name for name in names() if not (PICTURES / f"{name}.webp").exists()]
    over = sorted({path.stem for path in PICTURES.glob("*.webp")} - set(names()))
    if stale:
        print("docs/workflows.md is stale; run `python docs/make_pictures.py --page` and commit what it writes.")
    if missing:
        print(f"Pictures are missing: {', '.join(missing)}; run `python docs/make_pictures.py {' '.join(missing)}`.")
    if over:
        print(f"Pictures without a workflow: {', '.join(over)}; remove them.")
    return bool(stale or missing or over)


def main(arguments: list[str]) -> int:
    """Draw the named pictures, or all, and write the page."""
    if "--check" in arguments:
        return check()
    if "--page" not in arguments:
        with tempfile.TemporaryDirectory() as home, Session(home) as session:
            for name in arguments or names():
                draw(session, name)
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
