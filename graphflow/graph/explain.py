"""Finds every problem of structure in the JSON of a document. Slow and thorough: only bad documents come here."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from typing import Any

from graphflow.graph.model import ID_PATTERN, LINK_PATTERN, MAX_DEPTH, VERSION
from graphflow.graph.parse import Doubled, Flaw
from graphflow.graph.problem import Problem, pointer
from graphflow.values.coerce import tell

MAX_PROBLEMS = 100
MAX_COUNT = 10_000
Tokens = tuple[str | int, ...]

_is_id = re.compile(ID_PATTERN).search
_is_link = re.compile(LINK_PATTERN).search
_DOCUMENT = ("graphflow", "title", "about", "nodes", "interface", "subgraphs", "packs", "view")
_SUBGRAPH = ("nodes", "interface", "view")
_NODE = ("type", "version", "mode", "inputs", "params")
_INPUT = ("to", "title", "about", "default", "range")
_FOR_PEOPLE = {"title", "about", "name", "label", "x", "y", "pos", "position", "size", "color", "collapsed", "notes"}
_WHATS: dict[type, str] = {str: "a text", dict: "an object", list: "an array", int: "a whole number"}
_HOW = {
    str: 'Write a text in double quotes.', dict: 'Write an object, as {"name": ...}; an empty one is {}.',
    list: "Write an array, as [...].", int: "Write a whole number, without quotes.",
}  # fmt: skip
_SOUND = (int, float, bool, type(None))  # a value of these has nothing to be told
_ID_HINT = "Use 1 to 64 of the letters a to z and A to Z, digits, _ and -."
_LINK_HINT = 'Write a link as "node.output", such as "photo.image".'


def explain(tree: dict[str, Any], values_too: bool = True) -> list[Problem]:
    """Every problem, in the document's order; after a hundred, one that tells how many more there are.

    values_too: Look also for what JSON cannot hold and for depth, which takes a walk over every value.
    """
    survey = _Survey()
    try:
        if values_too:
            survey.content(tree, ())
        survey.document(tree)
    except _Enough:
        message = f"There are more than {MAX_COUNT - MAX_PROBLEMS:,} more problems, which are not listed."
        return [*survey.problems, Problem("document.more", message, hint="Mend the ones above first.")]
    if survey.count > len(survey.problems):
        more = survey.count - len(survey.problems)
        message = f"There are {more:,} more problems, which are not listed."
        survey.problems.append(Problem("document.more", message, hint="Mend the ones above first."))
    return survey.problems


def where(tokens: Tokens) -> tuple[str, str, str]:
    """What a place is called in a sentence, the path of its node and its field."""
    graph, rest = "", tokens
    if tokens[:1] == ("subgraphs",) and len(tokens) > 1:
        graph, rest = f"#{tokens[1]}", tokens[2:]
    words = [str(token) for token in rest]
    if len(rest) > 1 and rest[0] == "nodes":
        node = f"{graph}/{words[1]}" if graph else words[1]
        port = len(rest) > 3 and words[2] in ("inputs", "params")
        field = words[3] if port else "".join(words[2:3])
        label = f"{words[2][:-1]} {_cut(field)}" if port else _cut(field)
        return f"Node {_cut(node)}, {label}".removesuffix(", "), node, field
    inside = f" of subgraph {graph}" if graph else ""
    if len(rest) > 2 and rest[0] == "interface":
        return f"The interface's {words[1].removesuffix('s')} {_cut(words[2])}{inside}", graph, words[2]
    if words:
        return f'"{_cut(".".join(words))}"{inside}', graph, words[0]
    return (f"Subgraph {graph}" if graph else "The document"), graph, ""


def _cut(text: str) -> str:
    # Printable, and short enough for a sentence.
    short = text if len(text) <= 70 else text[:60] + "..."
    return short if short.isprintable() else ascii(short)[1:-1]


class _Enough(Exception):
    """There are so many problems that counting them is a waste."""


class _Survey:
    """Walks a document and keeps what is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.count = 0

    def tell(self, code: str, what: str, tokens: Tokens, hint: str = "") -> None:
        """Keep a problem; `what` follows the name of the place."""
        self.count += 1
        if self.count > MAX_COUNT:
            raise _Enough
        if self.count > MAX_PROBLEMS:
            return
        label, node, field = where(tokens)
        # A key with half a character could not be sent on.
        place, node, field = (part.encode("utf-8", "replace").decode() for part in (pointer(*tokens), node, field))
        self.problems.append(Problem(code, f"{label} {what}.", place, node, field, hint))

    # -- values: what JSON cannot hold, wherever it stands ------------------------------------------------------------

    def content(self, value: Any, tokens: Tokens) -> None:
        if isinstance(value, Flaw):
            self.tell(value.code, f"holds a bad number: {value.message.removesuffix('.')}", tokens, value.hint)
        elif isinstance(value, str):
            self.whole_text(value, tokens, "a text")
        elif not isinstance(value, dict | list):
            return
        elif len(tokens) >= MAX_DEPTH:
            hint = "Flatten the value, or keep it in a file."
            self.tell("document.depth", f"nests deeper than {MAX_DEPTH} objects and arrays", tokens, hint)
        elif isinstance(value, list):
            for index, item in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                if type(item) not in _SOUND:  # pyright: ignore[reportUnknownArgumentType]
                    self.content(item, (*tokens, index))
        else:
            self.members(value, tokens)  # pyright: ignore[reportUnknownArgumentType]

    def members(self, value: dict[str, Any], tokens: Tokens) -> None:
        for name in value.names if isinstance(value, Doubled) else ():
            hint = "Keep one of them; readers of JSON disagree about which one counts."
            self.tell("document.duplicate-key", "comes more than once", (*tokens, name), hint)
        for name, item in value.items():
            if not name.isascii():
                self.whole_text(name, (*tokens, name), "a key")
            if type(item) not in _SOUND:
                self.content(item, (*tokens, name))

    def whole_text(self, text: str, tokens: Tokens, what: str) -> None:
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            hint = "Write the whole character: both halves of the \\u pair, or the character itself."
            self.tell("document.surrogate", f"holds {what} with half a character (a lone surrogate)", tokens, hint)

    # -- structure ----------------------------------------------------------------------------------------------------

    def document(self, tree: dict[str, Any]) -> None:
        self.keys(tree, (), _DOCUMENT, ("graphflow", "nodes"))
        if "graphflow" in tree:
            self.expect(tree["graphflow"], int, ("graphflow",), f'Write "graphflow": {VERSION}.')
        for key in ("title", "about"):
            self.optional(tree, key, str, ())
        self.graph(tree, ())
        for name, subgraph in self.entries(tree, "subgraphs", ()):
            at: Tokens = ("subgraphs", name)
            self.identifier(name, at, "subgraph")
            if self.expect(subgraph, dict, at):
                self.keys(subgraph, at, _SUBGRAPH, ("nodes",))
                self.graph(subgraph, at)
        for name, version in self.entries(tree, "packs", ()):
            self.expect(version, str, ("packs", name), 'Write a version as a text, such as "0.1.0".')

    def graph(self, graph: dict[str, Any], at: Tokens) -> None:
        for name, node in self.entries(graph, "nodes", at):
            place = (*at, "nodes", name)
            self.identifier(name, place, "node")
            hint = "A node is an object with type, inputs and params."
            if self.expect(node, dict, place, hint):
                self.node(node, place)
        if self.optional(graph, "interface", dict, at):
            self.interface(graph["interface"], (*at, "interface"))
        self.optional(graph, "view", dict, at)

    def node(self, node: dict[str, Any], at: Tokens) -> None:
        self.keys(node, at, _NODE, ("type",))
        if self.optional(node, "type", str, at):
            self.name(node["type"], (*at, "type"), "a node type")
        if self.optional(node, "version", int, at) and node["version"] < 1:
            self.tell("document.value", f"is {node['version']}", (*at, "version"), "Versions are whole numbers from 1.")
        mode = node.get("mode")
        if mode not in (None, "mute", "bypass") and not isinstance(mode, Flaw):
            self.tell("document.value", f"is {tell(mode)}", (*at, "mode"), 'Write "mute" or "bypass", or leave it out.')
        for name, link in self.entries(node, "inputs", at):
            place = (*at, "inputs", name)
            self.name(name, place, "an input's name")
            if isinstance(link, list):
                for index, one in enumerate(link):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                    self.link(one, (*place, index))
            else:
                self.link(link, place)
        for name, _ in self.entries(node, "params", at):
            self.name(name, (*at, "params", name), "a param's name")

    def interface(self, interface: dict[str, Any], at: Tokens) -> None:
        self.keys(interface, at, ("inputs", "outputs"), ())
        for name, entry in self.entries(interface, "inputs", at):
            place = (*at, "inputs", name)
            self.identifier(name, place, "interface input")
            if self.expect(entry, dict, place):
                self.interface_input(entry, place)
        for name, link in self.entries(interface, "outputs", at):
            place = (*at, "outputs", name)
            self.identifier(name, place, "interface output")
            self.link(link, place)

    def interface_input(self, entry: dict[str, Any], at: Tokens) -> None:
        self.keys(entry, at, _INPUT, ("to",))
        hint = 'Write what it goes to as an array, such as ["soft.radius"].'
        if "to" in entry and self.expect(entry["to"], list, (*at, "to"), hint):
            if not entry["to"]:
                self.tell("document.value", "leads nowhere", (*at, "to"), hint)
            for index, link in enumerate(entry["to"]):
                self.link(link, (*at, "to", index))
        for key in ("title", "about"):
            self.optional(entry, key, str, at)
        reach = entry.get("range")
        if reach is not None and not isinstance(reach, Flaw):
            self.reach(reach, (*at, "range"))

    def reach(self, reach: Any, at: Tokens) -> None:
        hint = "Write [lowest, highest] or [lowest, highest, step]; null leaves an end open."
        flat: list[Any] = reach if isinstance(reach, list) else []
        if len(flat) not in (2, 3) or any(type(n) not in (int, float, type(None), Flaw) for n in flat):
            self.tell("document.value", "has a range that is none", at, hint)
        elif all(type(n) in (int, float) for n in flat[:2]) and flat[0] > flat[1]:
            self.tell("document.value", f"has a range from {flat[0]:g} down to {flat[1]:g}", at, "Swap the two ends.")

    # -- the parts of structure ---------------------------------------------------------------------------------------

    def keys(self, entry: dict[str, Any], at: Tokens, known: Collection[str], required: Collection[str]) -> None:
        for key in required:
            if key not in entry:
                hint = _foreign(entry) or f'Add "{key}".'
                self.tell("document.missing-key", f'lacks the key "{key}"', at, hint)
        for key in entry:
            if key not in known:
                self.tell("document.unknown-key", "is no key of the format", (*at, key), _key_hint(key, at, known))

    def expect(self, value: Any, kind: type, at: Tokens, hint: str = "") -> bool:
        """Whether a value is of a JSON type; if not, it is told."""
        if isinstance(value, Flaw):
            return False
        if type(value) is kind or (isinstance(value, Doubled) and kind is dict):
            return True
        self.tell("document.type", f"wants {_WHATS[kind]}, got {tell(value)}", at, hint or _HOW[kind])
        return False

    def optional(self, entry: dict[str, Any], key: str, kind: type, at: Tokens) -> bool:
        return key in entry and self.expect(entry[key], kind, (*at, key))

    def entries(self, entry: dict[str, Any], key: str, at: Tokens) -> list[tuple[str, Any]]:
        return list(entry[key].items()) if self.optional(entry, key, dict, at) else []

    def identifier(self, name: str, at: Tokens, what: str) -> None:
        if not _is_id(name):
            self.tell("document.id", f"cannot be: {_cut(name)!r} is no {what} id", at, _ID_HINT)

    def name(self, text: str, at: Tokens, what: str) -> None:
        if not 1 <= len(text) <= 200:
            self.tell("document.value", f"has {what} of {len(text):,} characters", at, "Use 1 to 200 characters.")

    def link(self, link: Any, at: Tokens) -> None:
        if isinstance(link, Flaw):
            return
        if not isinstance(link, str):
            self.tell("document.type", f"wants a link, got {tell(link)}", at, _LINK_HINT)
        elif not _is_link(link):
            self.tell("document.link", f"holds {_cut(link)!r}, which is no link", at, _LINK_HINT)


def _key_hint(key: str, at: Tokens, known: Collection[str]) -> str:
    close = difflib.get_close_matches(key[:40], known, 1)
    if close:
        return f'Did you mean "{close[0]}"?'
    if len(at) > 1 and at[-2] == "nodes" and key in _FOR_PEOPLE:
        return f"What is for the canvas only stands under view.nodes.{_cut(str(at[-1]))}."
    return f"The keys here are {', '.join(known)}; notes of your own go under view."


def _foreign(entry: dict[str, Any]) -> str:
    """A hint for documents of other programs that people are likely to try."""
    parts: list[Any] = [entry, *entry.values()]
    if "last_node_id" in entry or any(isinstance(part, dict) and "class_type" in part for part in parts):
        return "This is a workflow of ComfyUI, whose nodes are others; build it anew from graphflow's."
    return ""
