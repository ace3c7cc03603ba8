"""Prompts with choices: `{red|green|blue} __animals__`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Annotated

from graphflow import QUIET, Context, Folder, Seed, Widget, node, seed_from

DEPTH_LIMIT, DRAW_LIMIT, LENGTH_LIMIT = 32, 10_000, 1_000_000
_TOKEN = re.compile(r"\\[{}|_\\$]|__[A-Za-z0-9][A-Za-z0-9./-]*(?:_[A-Za-z0-9./-]+)*__|[{}|]")
_PICK = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?\$\$(?:([^$|]{0,32})\$\$)?")
_WEIGHT = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)::")


@node
def wildcards(
    *,
    text: Annotated[str, Widget("text", {"lines": 5})] = "a {red|green|blue} ball",
    seed: Seed = 0,
    folder: Folder | None = None,
    ctx: Context = QUIET,
) -> str:
    """Draw the choices in a text by seed, the same on every machine.

    text: {a|b|c} becomes one of the three and may hold further choices; {3::a|b} makes a three times as likely;
    {2$$a|b|c} takes two different ones, {1-3$$ and $$a|b|c} one to three with " and " between them. __name__ becomes a
    line of the file name.txt. A backslash before { } | _ or \\ takes it as it is.
    seed: Another seed draws anew.
    folder: Where the .txt files are, a choice on each line; blank lines and those that begin with # are no choices.
    """
    return _Draw(seed, _wordlists(folder), ctx).text(text, 0)


@dataclass(slots=True)
class _Choice:
    options: list[tuple[float, list[_Part]]]
    least: int = 1
    most: int = 1
    separator: str = ", "


@dataclass(slots=True, frozen=True)
class _Lines:
    name: str


_Part = str | _Choice | _Lines


@dataclass(slots=True)
class _Draw:
    """One drawing: counts its draws, so that each is random by itself, and stops one that grows without bound."""

    seed: int
    wordlists: dict[str, list[str]]
    ctx: Context
    draws: int = 0
    length: int = 0
    parsed: dict[str, list[_Part]] = field(default_factory=dict[str, "list[_Part]"])

    def text(self, source: str, depth: int) -> str:
        if depth > DEPTH_LIMIT:
            raise ValueError(f"The wildcards lead to each other more than {DEPTH_LIMIT} deep; does a file name itself?")
        if source not in self.parsed:
            self.parsed[source] = _parse(source)
        return self.sequence(self.parsed[source], depth)

    def sequence(self, parts: list[_Part], depth: int) -> str:
        return "".join([self.part(part, depth) for part in parts])

    def part(self, part: _Part, depth: int) -> str:
        if isinstance(part, str):
            self.length += len(part)
            if self.length > LENGTH_LIMIT:
                raise ValueError(f"The wildcards give more than {LENGTH_LIMIT} characters; use fewer or shorter ones.")
            return part
        if isinstance(part, _Lines):
            choices = self.wordlists.get(part.name)
            if choices is None:
                raise ValueError(f"__{part.name}__ has no file: {self.known()}")
            return self.text(choices[self.below(len(choices))], depth + 1)
        return part.separator.join([self.sequence(option, depth + 1) for option in self.pick(part)])

    def pick(self, choice: _Choice) -> list[list[_Part]]:
        left = list(choice.options)
        most = min(choice.most, len(left))
        least = min(choice.least, most)
        count = least + (self.below(most - least + 1) if most > least else 0)
        picked: list[list[_Part]] = []
        for _ in range(count):
            point = self.below(1 << 53) / (1 << 53) * sum(weight for weight, _ in left)
            index = 0
            while index < len(left) - 1 and point >= left[index][0]:
                point -= left[index][0]
                index += 1
            picked.append(left.pop(index)[1])
        return picked

    def below(self, count: int) -> int:
        """A whole number from 0 to count - 1."""
        self.draws += 1
        if self.draws > DRAW_LIMIT:
            raise ValueError(f"The wildcards need more than {DRAW_LIMIT} draws; use fewer.")
        self.ctx.check()
        return seed_from(self.seed, "wildcards", self.draws) * count >> 53

    def known(self) -> str:
        if not self.wordlists:
            return "give the folder that holds the .txt files."
        return f"the folder has {', '.join(sorted(self.wordlists)[:20])}."


def _wordlists(folder: Folder | None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in folder.files if folder else ():
        path = PurePosixPath(file.name)
        if path.suffix.lower() != ".txt":
            continue
        try:
            rows = [row.strip() for row in file.text().splitlines()]
        except UnicodeDecodeError:
            raise ValueError(f"The wildcard file {file.name} is no UTF-8 text; save it as UTF-8.") from None
        choices = [row for row in rows if row and not row.startswith("#")]
        if choices:
            found[str(path.with_suffix(""))] = choices
    return found


def _parse(source: str) -> list[_Part]:
    """The parts of a text, with its choices as trees. Raises ValueError naming the place of a brace left open."""
    whole: list[_Part] = []
    # For each open brace: where it stands, its finished options, the parts of the option being read.
    stack: list[tuple[int, list[list[_Part]], list[_Part]]] = []
    current, at = whole, 0
    for found in _TOKEN.finditer(source):
        if found.start() > at:
            current.append(source[at : found.start()])
        at, token = found.end(), found[0]
        if token == "{":
            if len(stack) >= DEPTH_LIMIT:
                raise ValueError(f"The choices are nested more than {DEPTH_LIMIT} deep at character {at}.")
            current = []
            stack.append((at, [], current))
        elif token == "|" and stack:
            opened, options, _ = stack[-1]
            options.append(current)
            current = []
            stack[-1] = (opened, options, current)
        elif token == "}":
            if not stack:
                raise ValueError(f"The text closes a brace at character {at} that is not open; write \\}} for a brace.")
            _, options, last = stack.pop()
            made = _choice([*options, last])
            current = stack[-1][2] if stack else whole
            current.append(made)
        elif token.startswith("__"):
            current.append(_Lines(token.strip("_")))
        else:
            current.append(token[-1])
    if stack:
        raise ValueError(f"The brace at character {stack[-1][0]} is never closed; write \\{{ for a brace of the text.")
    current.append(source[at:])
    return whole


def _choice(options: list[list[_Part]]) -> _Choice:
    made = _Choice([])
    first = options[0][0] if options[0] else None
    if isinstance(first, str) and (found := _PICK.match(first)):
        options[0][0] = first[found.end() :]
        made.least = int(found[1])
        made.most = int(found[2] or found[1])
        made.separator = made.separator if found[3] is None else found[3]
        if made.least > made.most:
            raise ValueError(f"{{{found[0]}...}} asks for {made.least} to {made.most}; write the smaller number first.")
    for option in options:
        weight = 1.0
        if option and isinstance(option[0], str) and (found := _WEIGHT.match(option[0])):
            weight = float(found[1])
            option[0] = option[0][found.end() :]
        made.options.append((weight, option))
    if not any(weight > 0 for weight, _ in made.options):
        raise ValueError("Every choice between two braces has the weight 0; give one of them more.")
    return made
