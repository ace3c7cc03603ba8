"""HTTP GET that reaches public addresses only.

A host is resolved once for each request, every address is judged, and the connection goes to the judged address
itself, so that a second look-up cannot lead it elsewhere. TLS still checks the certificate against the host's name.
Every redirect is a new request with the same guard. Proxies of the environment are not used.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import SplitResult, quote, urljoin, urlsplit

MAX_REDIRECTS = 5
MAX_BYTES = 1 << 30
_CHUNK = 1 << 16
_REDIRECTS = (301, 302, 303, 307, 308)
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")
# Public by number, yet a way inside: protocol assignments, 6to4 relays and tunnels, Teredo, a cloud's host agent.
_INSIDE = tuple(
    map(
        ipaddress.ip_network,
        ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)

Resolve = Callable[[str, int], Iterable[str]]
Allowed = Callable[[str], bool]


class FetchError(ValueError):
    """What could not be fetched, and why; holds no query, header or secret."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server sent: its bytes, media type, the address it came from at last, and the name it suggests."""

    data: bytes
    media_type: str
    url: str
    disposition: str


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, from the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet: an allowlist; whatever is not plainly public is refused."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and (ip not in _GLOBAL_V6 or ip.scope_id is not None):
        return False  # mapped and translated IPv4, loopback, link-local, unique local, multicast
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_unspecified:
        return False
    return not any(ip in network for network in _INSIDE if network.version == ip.version)


def get(
    url: str,
    *,
    limit: int,
    seconds: float,
    accept: str = "*/*",
    authorization: str | None = None,
    check: Callable[[], None] = lambda: None,
    resolve: Resolve = resolve,
    allowed: Allowed = is_public,
    context: ssl.SSLContext | None = None,
) -> Reply:
    """Fetch a URL with GET.

    limit: At most so many bytes. seconds: For everything together. authorization: A header's value; it is sent to the
    first origin only. check: Called while waiting; may raise. resolve, allowed, context: For tests.

    Raises FetchError.
    """
    deadline = time.monotonic() + seconds
    if authorization is not None and not (authorization.isascii() and authorization.isprintable()):
        raise FetchError("The token holds a character that no header can carry, such as a line break; set it anew.")
    if not (accept.isascii() and accept.isprintable()):
        raise FetchError("The content type holds a character that no media type has; write it as image/png.")
    first = here = _split(url)
    for _ in range(MAX_REDIRECTS + 1):
        check()
        token = authorization if _origin(here) == _origin(first) else None
        with _Request(here, deadline, resolve, allowed, context) as request:
            answer = request.send(accept, token)
            if answer.status not in _REDIRECTS:
                return request.read(answer, limit, check)
            target = answer.getheader("Location")
        if not target:
            raise FetchError(f"{_shown(here)} redirects to nowhere (status {answer.status}).")
        there = _split(urljoin(here.geturl(), target))
        if here.scheme == "https" and there.scheme == "http":
            raise FetchError(f"{_shown(here)} redirects from https to plain http; that is not followed.")
        here = there
    raise FetchError(f"{_shown(first)} redirects more than {MAX_REDIRECTS} times.")


class _Request:
    """One request to one pinned address; everything is closed, and the clock stopped, when the block ends."""

    def __init__(
        self, url: SplitResult, deadline: float, resolve: Resolve, allowed: Allowed, context: ssl.SSLContext | None
    ) -> None:
        self.url, self.deadline = url, deadline
        self.host = url.hostname or ""
        self.port = url.port or (443 if url.scheme == "https" else 80)
        self.addresses = self._judged(resolve, allowed)
        self.context = context or ssl.create_default_context()
        self.connection = http.client.HTTPConnection(self.host, self.port)
        self.late = threading.Event()
        self.timer: threading.Timer | None = None
        self.answer: http.client.HTTPResponse | None = None

    def __enter__(self) -> _Request:
        return self

    def __exit__(self, *_: object) -> None:
        if self.timer:
            self.timer.cancel()
        if self.answer:
            self.answer.close()  # it holds the socket, which the connection gave away
        self.connection.close()

    def send(self, accept: str, authorization: str | None) -> http.client.HTTPResponse:
        headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": "graphflow", "Connection": "close"}
        if authorization:
            headers["Authorization"] = authorization
        path = quote(self.url.path or "/", safe="/%:@!$&'()*+,;=~-._")
        query = quote(self.url.query, safe="/?%:@!$&'()*+,;=~-._[]")
        try:
            self.connection.sock = self._connected()
            # A timeout of a socket counts from each byte; a server that drips needs a clock for the whole.
            self.timer = threading.Timer(max(0.0, self.deadline - time.monotonic()), self._stop, [self.connection.sock])
            self.timer.daemon = True
            self.timer.start()
            self.connection.request("GET", f"{path}?{query}" if query else path, headers=headers)
            self.answer = self.connection.getresponse()
            return self.answer
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            self._fail(error)

    def read(self, answer: http.client.HTTPResponse, limit: int, check: Callable[[], None]) -> Reply:
        if answer.status != 200:
            raise FetchError(f"{_shown(self.url)} answered {answer.status} {answer.reason[:80]}.")
        if answer.getheader("Content-Encoding", "identity").lower() != "identity":
            raise FetchError(f"{_shown(self.url)} sends its content compressed although it was asked not to.")
        told = answer.length
        if told is not None and told > limit:
            raise FetchError(f"{_shown(self.url)} is {told} bytes, over the limit of {limit}; raise limit_mb.")
        parts: list[bytes] = []
        size = 0
        try:
            while part := answer.read1(_CHUNK):
                check()
                size += len(part)
                if size > limit:
                    raise FetchError(f"{_shown(self.url)} is over the limit of {limit} bytes; raise limit_mb.")
                parts.append(part)
        except (OSError, http.client.HTTPException) as error:
            self._fail(error)
        if self.late.is_set():
            self._fail(TimeoutError())
        if told is not None and size < told:
            raise FetchError(f"{_shown(self.url)} ended after {size} of {told} bytes; try again.")
        media_type = answer.getheader("Content-Type", "").split(";")[0].strip().lower()
        return Reply(b"".join(parts), media_type, self.url.geturl(), answer.getheader("Content-Disposition", ""))

    def _judged(self, resolve: Resolve, allowed: Allowed) -> list[str]:
        try:
            found = list(resolve(self.host, self.port))
        except (OSError, UnicodeError):
            raise FetchError(f"The host {self.host} is not known; check the address.") from None
        public = [address for address in found if allowed(address)]
        if not public:
            raise FetchError(f"The host {self.host} is not on the public internet; only public addresses are fetched.")
        return public

    def _connected(self) -> socket.socket:
        problem: OSError = OSError("no address")
        for address in self.addresses[:4]:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            try:
                plain = socket.create_connection((address, self.port), timeout=left)
            except OSError as error:
                problem = error
                continue
            if self.url.scheme == "http":
                return plain
            try:
                return self.context.wrap_socket(plain, server_hostname=self.host)
            except BaseException:
                plain.close()
                raise
        raise problem

    def _stop(self, sock: socket.socket) -> None:
        self.late.set()
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it has ended by itself

    def _fail(self, error: Exception) -> NoReturn:
        if self.late.is_set() or isinstance(error, TimeoutError):
            raise FetchError(f"{_shown(self.url)} did not answer in time; raise seconds, or try again.") from None
        if isinstance(error, ssl.SSLCertVerificationError):
            raise FetchError(f"{_shown(self.url)} has no valid certificate: {error.verify_message}.") from None
        if isinstance(error, http.client.HTTPException):
            raise FetchError(f"{_shown(self.url)} does not answer in HTTP ({type(error).__name__}).") from None
        reason = (getattr(error, "strerror", None) or type(error).__name__).lower()
        raise FetchError(f"{_shown(self.url)} could not be reached: {reason}.") from None


def _split(url: str) -> SplitResult:
    if any(ord(character) <= 32 or ord(character) == 127 for character in url):
        raise FetchError("The address holds a blank or a control character; write %20 for a blank.")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise FetchError("The address cannot be read; write it as https://host/path.") from None
    if parts.scheme not in ("http", "https"):
        raise FetchError(f"Only http and https are fetched, not {parts.scheme[:20]!r}; begin with https://.")
    if parts.username is not None or parts.password is not None:
        raise FetchError("The address holds a name or password; keep it as a secret and give it as the token.")
    if not parts.hostname or "%" in parts.hostname:
        raise FetchError("The address names no host; write it as https://host/path.")
    return parts


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def _shown(parts: SplitResult) -> str:
    """An address without its query, which may hold a secret."""
    return f"{parts.scheme}://{parts.netloc}{parts.path}"[:200]
