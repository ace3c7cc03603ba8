"""The arguments of every command. Kept in one file without imports that cost, so that --help is quick."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from graphflow import __version__
from graphflow.cli.failure import UsageError

_EXIT_CODES = """\
exit codes:
  0 ok            1 a node failed        2 usage               65 invalid document
  66 file missing 69 data folder in use  70 internal           74 I/O error or disk full
  75 interrupted, resumable              77 not permitted      124 timeout    130 cancelled

environment:
  GRAPHFLOW_HOME  the data folder: cache, inputs, outputs, packs, secrets
  NO_COLOR        no colours
"""

_VALUES = """\
values:
  A VALUE is JSON if it reads as JSON (6, 2.5, true, null, "6", [1, 2], {"a": 1}), else text: --set save.name=soft.
  Write --set 'x.text="6"' for the text 6. @FILE reads a JSON file: --set curve.points=@points.json; write @@ for
  a text that begins with @. The path of a file may be absolute or relative to the folder you are in.

paths:
  A node is named by its id, one inside a subgraph by outer/inner, a param by outer/inner.param.
"""


class Parser(argparse.ArgumentParser):
    """argparse, but a wrong argument is an exception, so that --json can tell it too."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with the usage of the command at fault."""
        raise UsageError(f"{self.prog}: {message}.", f"See `{self.prog} --help`.", self.format_usage().strip())


def build() -> Parser:
    """The parser of the whole command line."""
    parser = Parser(
        prog="graphflow",
        description="Runs workflows of typed nodes and computes nothing twice.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"graphflow {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    _run(commands)
    _look(commands)
    _keep(commands)
    _make(commands)
    return parser


def _command(commands: Any, name: str, about: str, *, module: str = "", epilog: str = "") -> Parser:
    made: Parser = commands.add_parser(
        name, help=about, description=about, epilog=epilog, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.set_defaults(module=module or name.replace("-", "_"))
    _json(made, False)
    return made


def _json(command: Parser, default: object) -> None:
    about = "the last line of stdout is one JSON object"
    command.add_argument("--json", action="store_true", default=default, help=about)


def _file(command: Parser, name: str, about: str) -> None:
    command.add_argument(name, help=about, metavar=name.upper())


def _values(command: Parser) -> None:
    command.add_argument(
        "--set", action="append", default=[], metavar="PATH.PARAM=VALUE", dest="params", help="set a param"
    )
    command.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="inputs",
        help="give an input of the workflow",
    )
    command.add_argument(
        "--root", action="append", default=[], metavar="DIR", help="a further folder to read files from"
    )


def _progress(command: Parser) -> None:
    command.add_argument("--timeout", type=float, metavar="S", help="cancel after so many seconds (exit 124)")
    command.add_argument("--events", action="store_true", help="a line of JSON for each event, then the result")
    command.add_argument(
        "--memory", metavar="SIZE", help="bytes for values and models, as 8GB; default half of what is free"
    )
    command.add_argument("--shelf", metavar="URL", help="a folder or store with a cache that is shared with others")


def _run(commands: Any) -> None:
    run = _command(commands, "run", "Run a workflow.", epilog=_VALUES)
    _file(run, "file", "the workflow; - reads it from stdin")
    _values(run)
    run.add_argument(
        "--target",
        action="append",
        default=[],
        metavar="PATH",
        help="a node or node.output to compute; default: what is saved, the outputs, the ends",
    )
    run.add_argument(
        "--sweep",
        action="append",
        default=[],
        metavar="PATH.PARAM=A,B,C",
        help="run once for each value of a param, or of an input by its name; several make a grid",
    )
    run.add_argument("--out", metavar="DIR", help="where saved files go, replacing those of the same name")
    run.add_argument("--allow", action="append", default=[], metavar="GRANTS", help="of network, process, files")
    run.add_argument("--plain", action="store_true", help="saved files do not carry the workflow")
    _progress(run)
    resume = _command(commands, "resume", "Go on with a run that was interrupted: what was finished is found.")
    resume.add_argument("id", metavar="RUN", help="the run's id, its beginning, or `last`")
    _progress(resume)


def _look(commands: Any) -> None:
    validate = _command(commands, "validate", "Check a workflow and print all that is wrong with it.")
    _file(validate, "file", "the workflow; - reads it from stdin")
    why = _command(commands, "why", "Say why a step ran again, or would.", epilog=_VALUES)
    _file(why, "file", "the workflow")
    why.add_argument("path", metavar="PATH", help="the step: a node's id, outer/inner, or node[3] of a list")
    _values(why)
    why.add_argument("--shelf", metavar="URL", help="a folder or store with a cache that is shared with others")
    nodes = _command(commands, "nodes", "List the node types, or describe one.")
    nodes.add_argument("type", nargs="?", metavar="TYPE", help="a node type, or the beginning of some")
    inspect = _command(commands, "inspect", "Print the workflow that a saved picture or file carries.")
    _file(inspect, "picture", "a file that a run saved")
    inspect.add_argument("--out", metavar="FILE", help="write the workflow there")
    _command(commands, "doctor", "Say what is installed, what works, and what to mend.")


def _keep(commands: Any) -> None:
    cache = _command(commands, "cache", "Tell what fills the cache, trim it, or clear it.")
    acts = cache.add_subparsers(dest="act", metavar="ACT", parser_class=Parser)
    for name, about in (
        ("stats", "what fills memory, ledger and shelf (the default)"),
        ("trim", "remove values from the shelf; what they cost is known, so the dearest stay"),
        ("clear", "forget everything that was computed"),
    ):
        act = acts.add_parser(name, help=about, description=about)
        _json(act, argparse.SUPPRESS)  # what stands before the act counts too
        if name == "trim":
            act.add_argument(
                "--to", metavar="SIZE", help="at most so many bytes stay, as 5GB; default: the usual limit"
            )
    secret = _command(commands, "secret", "Keep secrets that nodes may read.")
    acts = secret.add_subparsers(dest="act", metavar="ACT", required=True, parser_class=Parser)
    for name, about in (
        ("set", "keep a secret; its value is read from stdin, or asked for"),
        ("list", "the names of the secrets that are kept"),
        ("remove", "forget a secret"),
    ):
        act = acts.add_parser(name, help=about, description=about)
        _json(act, argparse.SUPPRESS)  # what stands before the act counts too
        if name != "list":
            act.add_argument("name", metavar="NAME")


def _make(commands: Any) -> None:
    pack = _command(commands, "new-pack", "Write a node pack to begin with: a node, its test, an example workflow.")
    pack.add_argument("name", metavar="NAME", help="letters, digits and -, as in my-filters")
    pack.add_argument(
        "--folder", action="store_true", help="into the data folder's packs, where it works without being installed"
    )
    completion = _command(commands, "completion", "Print the completion of a shell.")
    completion.add_argument("shell", choices=["bash", "zsh"])
    completion.epilog = 'Add to ~/.bashrc: eval "$(graphflow completion bash)"'
