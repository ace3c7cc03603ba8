"""Secrets by name."""

from __future__ import annotations

from graphflow import Secret, node


# The node is `io.secret`; the underscore keeps the parameter's name free.
@node(title="Secret")
def secret_(*, secret: Secret) -> Secret:
    """A secret, by its name, for the nodes that use it.

    secret: The name under which `graphflow secret set` keeps the value; the value itself never enters the workflow.
    """
    return secret
