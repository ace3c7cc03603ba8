"""Markdown read as plain text."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

from graphflow import node

if TYPE_CHECKING:
    from markdown_it.token import Token


@node
def markdown_to_plain(text: str, *, bullet: str = "- ", links: bool = False) -> str:
    """Turn Markdown into plain text: the words stay, the marks go.

    bullet: What stands before each item of a list; numbered items keep their numbers.
    links: Write the address of each link after its text, in parentheses.
    """
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return _Writer(bullet, links).write(reader.parse(text))


class _Writer:
    """Walks the tokens of a document and gathers its blocks."""

    def __init__(self, bullet: str, links: bool) -> None:
        self.bullet, self.links = bullet, links
        self.blocks: list[str] = []
        self.lists: list[int | None] = []  # for each open list, the number of its next item; None for bullets
        self.mark = ""
        self.cells: list[str] | None = None

    def write(self, tokens: list[Token]) -> str:
        for token in tokens:
            self.token(token)
        return "".join(self.blocks).strip("\n")

    def token(self, token: Token) -> None:
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            self.lists.append(int(token.attrs.get("start", 1)) if kind[0] == "o" else None)
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self.lists.pop()
            if not self.lists:
                self.blocks.append("\n")
        elif kind == "list_item_open":
            number = self.lists[-1]
            self.mark = self.bullet if number is None else f"{number}. "
            self.lists[-1] = None if number is None else number + 1
        elif kind == "tr_open":
            self.cells = []
        elif kind == "tr_close":
            self.blocks.append("\t".join(self.cells or []) + "\n")
            self.cells = None
        elif kind == "table_close":
            self.blocks.append("\n")
        elif kind == "inline":
            self.block(self.inline(token.children or []))
        elif kind in ("code_block", "fence"):
            self.block(token.content.rstrip("\n"))
        elif kind == "html_block":
            words = _without_tags(token.content).strip()
            if words:
                self.block(words)

    def block(self, words: str) -> None:
        if self.cells is not None:
            self.cells.append(words)
            return
        if not self.lists:
            self.blocks.append(words + "\n\n")
            return
        indent = "  " * (len(self.lists) - 1)
        first = indent + self.mark
        rest = " " * len(first) if self.mark else indent + " " * len(self.bullet)
        self.blocks.append((first if self.mark else rest) + words.replace("\n", "\n" + rest) + "\n")
        self.mark = ""

    def inline(self, tokens: list[Token]) -> str:
        words: list[str] = []
        targets: list[str] = []
        for token in tokens:
            if token.type in ("softbreak", "hardbreak"):
                words.append(" " if token.type == "softbreak" else "\n")
            elif token.type == "link_open":
                targets.append(str(token.attrs.get("href", "")))
            elif token.type == "link_close":
                target = targets.pop()
                if self.links and target:
                    words.append(f" ({target})")
            elif token.type == "image":
                words.append(self.inline(token.children or []))
            elif token.type in ("text", "code_inline"):
                words.append(token.content)
        return "".join(words)


def _without_tags(source: str) -> str:
    words: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            words.append(data)

    Reader().feed(source)
    return "".join(words)
