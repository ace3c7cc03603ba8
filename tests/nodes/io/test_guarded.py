"""The guard of fetches: what must be refused, and that what is good still passes."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from graphflow import Context, Secret
from graphflow_nodes.io import fetch as fetching
from graphflow_nodes.io import guarded
from graphflow_nodes.io.guarded import FetchError, Reply, is_public


class Site(BaseHTTPRequestHandler):
    """A small site: each path is one behaviour."""

    seen: list[tuple[str, dict[str, str]]]

    def do_GET(self) -> None:
        self.server.seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}))  # type: ignore[attr-defined]
        path = self.path.split("?")[0]
        if path.startswith("/hop/"):
            left = int(path.split("/")[2])
            self.redirect(f"/hop/{left - 1}" if left else "/hello.txt")
        elif path == "/to":
            self.redirect(self.path.split("?", 1)[1])
        elif path == "/missing":
            self.answer(b"gone", status=404)
        elif path == "/endless":
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x" * 65536)
            except OSError:
                self.close_connection = True
        elif path == "/drip":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            try:
                for _ in range(100):
                    self.wfile.write(b"x")
                    time.sleep(0.05)
            except OSError:
                self.close_connection = True
        elif path == "/short":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"only this")
            self.close_connection = True
        elif path == "/zipped":
            self.answer(b"...", {"Content-Encoding": "gzip"})
        elif path == "/named":
            self.answer(b"a", {"Content-Disposition": 'attachment; filename="../../etc/na me.txt"'})
        elif path == "/empty":
            self.answer(b"")
        else:
            self.answer(b"hello", {"Content-Type": "text/plain; charset=utf-8"})

    def redirect(self, target: str) -> None:
        self.answer(b"", {"Location": target}, 302)

    def answer(self, body: bytes, headers: dict[str, str] | None = None, status: int = 200) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def get(site: Any, path: str, **options: Any) -> Reply:
    """Fetch from the local site under the name example.test: the test's resolver and judge let it through."""
    given: dict[str, Any] = {"limit": 1_000_000, "seconds": 10, "resolve": lambda host, port: ["127.0.0.1"]}
    given |= {"allowed": lambda address: address == "127.0.0.1", **options}
    return guarded.get(f"http://example.test:{site.server_port}{path}", **given)


PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"]
INSIDE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1", "198.18.0.1",
    "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "192.88.99.1", "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2002:7f00:1::", "2001::1",
    "2001:db8::1", "3fff::1", "100::1", "not an address", "",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", INSIDE)
def test_every_other_address_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", INSIDE)
def test_a_host_that_resolves_inside_is_refused_before_any_connection(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "create_connection", lambda *a, **k: pytest.fail("connected"))
    with pytest.raises(FetchError, match=r"not on the public internet"):
        guarded.get("https://example.test/", limit=10, seconds=1, resolve=lambda h, p: [address])


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1", "0"]
)
def test_every_way_to_write_this_machine_is_refused(host: str) -> None:
    with pytest.raises(FetchError, match=r"not on the public internet|is not known"):
        guarded.get(f"http://{host}/", limit=10, seconds=1)


def test_of_several_addresses_only_a_public_one_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def refuse(address: tuple[str, int], timeout: float) -> socket.socket:
        tried.append(address[0])
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(FetchError, match="could not be reached: connection refused"):
        guarded.get("http://a.test/", limit=10, seconds=1, resolve=lambda h, p: ["10.0.0.1", "1.1.1.1", "::1"])
    assert tried == ["1.1.1.1"]


def test_the_host_is_resolved_once_and_its_name_still_sent(site: Any) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.9.9.9"]

    assert get(site, "/hello.txt", resolve=resolve).data == b"hello"
    assert asked == ["example.test"]
    assert site.seen[0][1]["host"] == f"example.test:{site.server_port}"


def test_a_redirect_to_an_inside_address_is_refused(site: Any) -> None:
    places = {"example.test": "127.0.0.1", "inside.test": "10.0.0.1"}
    with pytest.raises(FetchError, match=r"inside\.test is not on the public internet"):
        get(site, "/to?http://inside.test/", resolve=lambda host, port: [places[host]])


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.test/", "gopher://example.test/"])
def test_a_redirect_to_another_scheme_is_refused(site: Any, target: str) -> None:
    with pytest.raises(FetchError, match="Only http and https"):
        get(site, f"/to?{target}")


def test_five_redirects_are_followed(site: Any) -> None:
    assert get(site, "/hop/4").data == b"hello"
    assert len(site.seen) == 6


def test_six_redirects_are_refused(site: Any) -> None:
    with pytest.raises(FetchError, match="more than 5 times"):
        get(site, "/hop/5")


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a.test/", "data:text/plain,hi", "javascript:1", "", "example.test/x", "//a.test/"],
)
def test_only_http_and_https_are_fetched(url: str) -> None:
    with pytest.raises(FetchError, match="Only http and https"):
        guarded.get(url, limit=10, seconds=1)


@pytest.mark.parametrize("url", ["http://a.test/a b", "http://a.test/\r\nX: y", "http://a\x00.test/"])
def test_an_address_with_control_characters_is_refused(url: str) -> None:
    with pytest.raises(FetchError, match="control character"):
        guarded.get(url, limit=10, seconds=1)


def test_a_name_and_password_in_the_address_are_refused_without_being_repeated() -> None:
    with pytest.raises(FetchError) as caught:
        guarded.get("http://me:hunter2@a.test/", limit=10, seconds=1)
    assert "hunter2" not in str(caught.value)


def test_what_is_exactly_at_the_limit_passes(site: Any) -> None:
    assert get(site, "/hello.txt", limit=5).data == b"hello"


def test_a_told_length_over_the_limit_is_refused(site: Any) -> None:
    with pytest.raises(FetchError, match="is 5 bytes, over the limit of 4"):
        get(site, "/hello.txt", limit=4)


def test_an_endless_body_is_cut_at_the_limit(site: Any) -> None:
    with pytest.raises(FetchError, match="over the limit of 100000 bytes"):
        get(site, "/endless", limit=100_000)


def test_a_server_that_drips_is_given_up(site: Any) -> None:
    with pytest.raises(FetchError, match="did not answer in time"):
        get(site, "/drip", seconds=0.3)


def test_a_body_that_ends_early_is_told(site: Any) -> None:
    with pytest.raises(FetchError, match=r"9 of 100 bytes|IncompleteRead"):
        get(site, "/short")


def test_compressed_content_is_refused(site: Any) -> None:
    with pytest.raises(FetchError, match="compressed"):
        get(site, "/zipped")


def test_an_error_status_is_told_without_the_query(site: Any) -> None:
    with pytest.raises(FetchError, match="answered 404 Not Found") as caught:
        get(site, "/missing?key=hunter2")
    assert "hunter2" not in str(caught.value)


def test_the_query_reaches_the_server(site: Any) -> None:
    get(site, "/hello.txt?a=1&b=%20é")
    assert site.seen[0][0] == "/hello.txt?a=1&b=%20%C3%A9"


def test_a_token_goes_to_the_first_origin_and_to_no_other(site: Any) -> None:
    get(site, f"/to?http://other.test:{site.server_port}/hello.txt", authorization="Bearer abc")
    assert site.seen[0][1]["authorization"] == "Bearer abc"
    assert "authorization" not in site.seen[1][1]


def test_a_token_stays_with_a_redirect_within_its_origin(site: Any) -> None:
    get(site, "/hop/1", authorization="Bearer abc")
    assert [headers["authorization"] for _, headers in site.seen] == ["Bearer abc"] * 3


def test_a_token_with_a_line_break_is_refused_without_being_repeated(site: Any) -> None:
    with pytest.raises(FetchError, match="no header can carry") as caught:
        get(site, "/hello.txt", authorization="Bearer hunter2\r\nX: y")
    assert "hunter2" not in str(caught.value)


def test_a_certificate_is_asked_of_an_https_host(site: Any) -> None:
    # The local site speaks plain HTTP: the TLS handshake must fail instead of falling back.
    with pytest.raises(FetchError, match="could not be reached"):
        guarded.get(
            f"https://example.test:{site.server_port}/", limit=10, seconds=5,
            resolve=lambda host, port: ["127.0.0.1"], allowed=lambda address: True,
        )  # fmt: skip
    assert site.seen == []


def test_cancelling_stops_a_fetch(site: Any) -> None:
    class Stop(BaseException):
        pass

    calls: list[int] = []

    def check() -> None:
        calls.append(1)
        if len(calls) > 3:
            raise Stop

    with pytest.raises(Stop):
        get(site, "/endless", limit=1 << 30, check=check)


# -- the node ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def lets_the_site_through(site: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    real = guarded.get

    def get(url: str, **options: Any) -> Reply:
        plain = re.sub(r"^https://", "http://", url)
        return real(plain, **options, resolve=lambda h, p: ["127.0.0.1"], allowed=lambda a: True)

    monkeypatch.setattr(fetching, "get", get)
    return site


def test_fetch_gives_a_file_with_its_name_and_type(lets_the_site_through: Any) -> None:
    file = fetching.fetch(url=f"http://a.test:{lets_the_site_through.server_port}/deep/hello.txt?x=1")
    assert (file.name, file.media_type, file.read()) == ("hello.txt", "text/plain", b"hello")


def test_a_suggested_name_is_only_a_name(lets_the_site_through: Any) -> None:
    file = fetching.fetch(url=f"http://a.test:{lets_the_site_through.server_port}/named")
    assert file.name == "na me.txt"


def test_an_empty_file_can_be_fetched(lets_the_site_through: Any) -> None:
    assert fetching.fetch(url=f"http://a.test:{lets_the_site_through.server_port}/empty").size == 0


def test_another_content_type_is_refused(lets_the_site_through: Any) -> None:
    with pytest.raises(FetchError, match=r"text/plain, not image/\*"):
        fetching.fetch(url=f"http://a.test:{lets_the_site_through.server_port}/a", content_type="image/*")


def test_a_token_is_read_from_the_context(lets_the_site_through: Any) -> None:
    class Keeper(Context):
        def secret(self, secret: Secret) -> str:
            return {"hub": "hunter2"}[secret.name]

    url = f"https://a.test:{lets_the_site_through.server_port}/a"
    file = fetching.fetch(url=url, token=Secret("hub"), ctx=Keeper())
    assert lets_the_site_through.seen[0][1]["authorization"] == "Bearer hunter2"
    assert "hunter2" not in repr(file)


def test_a_token_is_never_sent_over_plain_http() -> None:
    with pytest.raises(FetchError, match="over https only"):
        fetching.fetch(url="http://a.test/", token=Secret("hub"))


def test_fetch_needs_the_grant_network_and_offers_no_way_around_the_guard() -> None:
    spec = fetching.fetch.spec
    assert spec.grants == ["network"]
    assert not spec.pure
    assert {p.name for p in spec.params} == {"url", "content_type", "limit_mb", "seconds", "token"}
