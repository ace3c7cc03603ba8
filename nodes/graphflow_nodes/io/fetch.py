"""Files from the web."""

from __future__ import annotations

import fnmatch
import re
from email.message import Message
from typing import Annotated
from urllib.parse import unquote, urlsplit

from graphflow import QUIET, Context, File, Range, Secret, node
from graphflow_nodes.io.guarded import MAX_BYTES, FetchError, Reply, get


@node(pure=False, grants={"network"})
def fetch(
    *,
    url: str,
    content_type: str = "*/*",
    limit_mb: Annotated[float, Range(0.001, MAX_BYTES / 1e6)] = 64.0,
    seconds: Annotated[float, Range(1, 600)] = 60.0,
    token: Secret | None = None,
    ctx: Context = QUIET,
) -> File:
    """Fetch a file from the public web, anew in each run.

    url: An http or https address. Addresses of this machine, of private networks and of clouds' insides are refused,
    also behind a name or a redirect.
    content_type: What the answer must be, such as image/png or image/*.
    limit_mb: Refuse what is larger, in millions of bytes.
    seconds: Give up after so long.
    token: A secret sent as `Authorization: Bearer`; one that holds a blank, such as `Basic abc`, is sent as it is. It
    goes to the host of the url only, not to one that it redirects to.
    """
    if token and not url.strip().lower().startswith("https:"):
        raise FetchError("A token is sent over https only; write the address with https://.")
    reply = get(
        url.strip(),
        limit=int(limit_mb * 1e6),
        seconds=seconds,
        accept=content_type,
        authorization=_authorization(ctx.secret(token)) if token else None,
        check=ctx.check,
    )
    if not fnmatch.fnmatchcase(reply.media_type or "application/octet-stream", content_type.strip().lower()):
        raise FetchError(
            f"The answer is {reply.media_type or 'of no told type'}, not {content_type}; check the address."
        )
    return File.of_bytes(_name(reply), reply.data, reply.media_type or None)


def _authorization(secret: str) -> str:
    secret = secret.strip()
    return secret if " " in secret else f"Bearer {secret}"


def _name(reply: Reply) -> str:
    """A plain file name: the one that the server suggests, else the last part of the address."""
    header = Message()
    header["Content-Disposition"] = re.sub(r"[\r\n]", " ", reply.disposition)
    suggested = header.get_filename("") if reply.disposition else ""
    name = suggested or unquote(urlsplit(reply.url).path)
    name = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    name = re.sub(r"[^\w .()+-]", "_", name).strip(" .")[:120]
    return name or "download"
