"""`graphflow secret`: keeps, lists and forgets secrets. A value is never an argument: others could see it."""

from __future__ import annotations

import argparse
import getpass
import sys

from graphflow.cli.failure import MISSING, OK, CommandError, UsageError, of_os_error, print_json
from graphflow.engine.home import default_home
from graphflow.engine.secrets import Secrets


def run(options: argparse.Namespace) -> int:
    """Do what the act says."""
    home = default_home()
    secrets = Secrets(home)
    try:
        if options.act == "list":
            return _list(secrets, options.json)
        if options.act == "remove":
            return _remove(secrets, options.name, options.json)
        return _set(secrets, options.name, options.json)
    except OSError as error:
        raise of_os_error(error, f"write the secrets in the data folder {home}") from None


def _list(secrets: Secrets, as_json: bool) -> int:
    names = secrets.names()
    if as_json:
        print_json({"secrets": names})
    else:
        print("\n".join(names) if names else "No secret is kept. Keep one: graphflow secret set NAME")
    return OK


def _remove(secrets: Secrets, name: str, as_json: bool) -> int:
    if name not in secrets.names():
        known = ", ".join(secrets.names()) or "none"
        raise CommandError("secret.unknown", MISSING, f"There is no secret {name!r}.", f"Kept are: {known}.")
    secrets.put(name, None)
    if as_json:
        print_json({"removed": name})
    else:
        print(f"Forgot {name}.")
    return OK


def _set(secrets: Secrets, name: str, as_json: bool) -> int:
    if sys.stdin.isatty():
        value = getpass.getpass(f"Value of {name}: ")
    else:
        value = sys.stdin.read()
        value = value[:-1] if value.endswith("\n") else value
    if not value:
        raise UsageError(f"No value was given for {name}.", f"Pipe it in: graphflow secret set {name} < FILE")
    try:
        secrets.put(name, value)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if as_json:
        print_json({"set": name})
    else:
        print(f"Kept {name}.")
    return OK
