"""What a node may ask of its surroundings while it runs. Called directly, a node gets QUIET, which needs no engine."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from graphflow.values.kinds import Model, Secret

if TYPE_CHECKING:
    import torch

M = TypeVar("M")


class Cancelled(BaseException):
    """The run was cancelled. Not an Exception, so that a node's own `except Exception` lets it through."""


class Skip(Exception):
    """Raised by a node to go no further: it and what needs it are skipped, and the run does not fail."""


class Context:
    """Progress, cancelling, live models, randomness, secrets and scratch files of one step.

    This class is what a node gets when it is called directly: quiet, never cancelled. The engine passes its own.
    """

    def progress(self, done: float, total: float, preview: object = None) -> None:
        """Tell how far the step is, with a value to look at. Raises Cancelled when the run was cancelled."""

    def check(self) -> None:
        """Raise Cancelled when the run was cancelled; for loops that have no progress to tell."""

    def say(self, message: str) -> None:
        """Tell the person who watches the run one sentence, such as what was rounded or cut."""

    def elapsed(self) -> float:
        """Seconds since the run began; 0 outside a run."""
        return 0.0

    @contextmanager
    def use(self, model: Model[M]) -> Generator[Any]:
        """Lend the live model of a recipe, exclusively. Only inside a run."""
        raise RuntimeError(f"The model {model.source} can be made live only inside a run; use graphflow.run.")
        yield

    def generator(self, seed: int) -> torch.Generator:
        """A torch generator on the CPU that depends on the seed alone; global random state is never touched."""
        import torch

        return torch.Generator("cpu").manual_seed(seed)

    def secret(self, secret: Secret) -> str:
        """The value of a secret, from GRAPHFLOW_SECRET_NAME. Raises LookupError, naming it, if it is not set."""
        value = os.environ.get(f"GRAPHFLOW_SECRET_{secret.name.upper()}")
        if value is None:
            raise LookupError(
                f"The secret {secret.name!r} is not set; run `graphflow secret set {secret.name}` "
                f"or set GRAPHFLOW_SECRET_{secret.name.upper()}."
            )
        return value

    @contextmanager
    def scratch(self) -> Generator[Path]:
        """A folder for temporary files, gone when the block ends."""
        with tempfile.TemporaryDirectory(prefix="graphflow-") as folder:
            yield Path(folder)


QUIET = Context()
"""The context of a node that is called directly."""
