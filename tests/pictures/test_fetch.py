"""Fetching from a server on this computer. By default that is exactly what must be refused; each test that wants to
get through lets the one address pass, so that the refusal itself is tested too."""

from __future__ import annotations

import http.server
import itertools
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest

from classroom_fer.errors import FetchError
from classroom_fer.pictures import fetch as fetch_module
from classroom_fer.pictures.fetch import FetchRules, fetch

PICTURE = b"\x89PNG" + bytes(range(256)) * 40
HERE = "127.0.0.1"
PATIENCE_S = 300.0
"""For what comes at once unless it never comes."""


class Site(http.server.BaseHTTPRequestHandler):
    """Answers by path; keeps what it was asked."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, dict[str, str]]] = []  # noqa: RUF012  # emptied by the fixture
    closed: ClassVar[threading.Event]
    """Of the server at work."""

    def do_GET(self) -> None:
        Site.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        name, _, rest = self.path.partition("?")
        getattr(self, "serve_" + name.strip("/").replace("/", "_").replace(".", "_"), self.serve_none)(rest)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for key, value in {"Content_Length": str(len(body)), **headers}.items():
            if value:
                self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def serve_a_png(self, _: str) -> None:
        self.answer(200, PICTURE)

    def serve_none(self, _: str) -> None:
        self.answer(404, b"no")

    def serve_to(self, rest: str) -> None:
        self.answer(302, Location=rest)

    def serve_loop(self, rest: str) -> None:
        self.answer(307, Location=f"/loop?{int(rest or 0) + 1}")

    def serve_chunked(self, _: str) -> None:
        self.answer(200, Content_Length="", Transfer_Encoding="chunked")
        for start in range(0, len(PICTURE), 1000):
            part = PICTURE[start : start + 1000]
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def serve_until_closed(self, _: str) -> None:
        self.answer(200, Content_Length="", Connection="close")
        self.wfile.write(PICTURE)
        self.close_connection = True

    def serve_cut(self, _: str) -> None:
        self.answer(200, PICTURE[:100], Content_Length=str(len(PICTURE)))
        self.close_connection = True

    def serve_cut_chunk(self, _: str) -> None:
        self.answer(200, b"400\r\nabc", Content_Length="", Transfer_Encoding="chunked")
        self.close_connection = True

    def serve_says_huge(self, _: str) -> None:
        self.answer(200, b"", Content_Length="999999999")

    def serve_endless(self, _: str) -> None:
        self.answer(200, Content_Length="", Connection="close")
        while True:
            self.wfile.write(bytes(65_536))

    def serve_packed(self, _: str) -> None:
        self.answer(200, b"\x1f\x8b", Content_Encoding="gzip")

    def serve_drip_headers(self, _: str) -> None:
        self.send_response_only(200)
        self.flush_headers()
        self.drip(b"X-a: b\r\n")

    def serve_drip_body(self, _: str) -> None:
        self.answer(200, b"", Content_Length="100000")
        self.drip(b"x")

    def drip(self, drop: bytes) -> None:
        """Goes on until the other end hangs up or the server is closed."""
        while not Site.closed.wait(0.05):
            self.wfile.write(drop)

    def serve_silence(self, _: str) -> None:
        Site.closed.wait()

    def serve_empty(self, _: str) -> None:
        self.answer(200)

    def serve_odd_status(self, _: str) -> None:
        self.answer(799)

    def serve_not_http(self, _: str) -> None:
        self.wfile.write(b"\x00\x01SSH-2.0-hello\r\n\r\n")
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        return None


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        return None  # clients that give up are what these tests are about


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = Quiet((HERE, 0), Site)
    Site.closed = threading.Event()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server.server_port
    Site.closed.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _nothing_asked() -> None:
    Site.asked.clear()


class Names:
    """A resolver that answers from a list, one entry per question, and counts."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = {host.replace("_", "."): list(lists) for host, lists in answers.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        lists = self.answers.get(host)
        if lists is None:
            return [host] if host[0].isdigit() else []
        return lists.pop(0) if len(lists) > 1 else lists[0]


LOCAL = FetchRules(total_s=120, silence_s=60, may_connect=lambda address: address == HERE)


def refused(url: str, *words: str, rules: FetchRules | None = None) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(url, rules)
    for word in words:
        assert word in str(caught.value)
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    return caught.value


# -- where it may go -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0177.0.0.1", "0x7f000001", "0x7f.1", "[::1]", "0",
     "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "１２７.０.０.１", "0.0.0.0"],
)  # fmt: skip
def test_this_computer_is_not_asked_however_it_is_spelt(host: str, port: int) -> None:
    refused(f"http://{host}:{port}/a.png", "not on the public web")
    assert Site.asked == []


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "10.1.2.3", "192.168.0.1", "100.64.1.1", "fd00::1", "fe80::1", "64:ff9b::a00:1"]
)
def test_a_name_that_leads_to_an_inner_address_is_refused(address: str) -> None:
    rules = FetchRules(resolve=Names(pictures_example=[[address]]))
    refused("https://pictures.example/a.png", "pictures.example", address, "not on the public web", rules=rules)


def test_one_inner_address_among_public_ones_spoils_the_name(port: int) -> None:
    names = Names(mixed_example=[["93.184.216.34", "127.0.0.1"]])
    refused(f"http://mixed.example:{port}/a.png", "127.0.0.1", rules=FetchRules(resolve=names))
    assert Site.asked == []


def test_the_connection_goes_to_the_address_that_was_checked_and_the_name_is_asked_once(port: int) -> None:
    """DNS rebinding: the second answer would be another address, so there must be no second question."""
    names = Names(rebinding_example=[[HERE], ["10.0.0.1"]])
    assert fetch(f"http://rebinding.example:{port}/a.png", replace(LOCAL, resolve=names)) == PICTURE
    assert names.asked == ["rebinding.example"]
    assert Site.asked[0][1]["host"] == f"rebinding.example:{port}"


def test_a_name_that_changes_its_address_at_a_redirect_is_checked_again(port: int) -> None:
    names = Names(rebinding_example=[[HERE], ["10.0.0.1"]])
    refused(f"http://rebinding.example:{port}/to?/a.png", "10.0.0.1", rules=replace(LOCAL, resolve=names))
    assert [path for path, _ in Site.asked] == ["/to?/a.png"]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("http://10.0.0.1/a.png", "not on the public web"),
        ("http://[::1]/a.png", "not on the public web"),
        ("//169.254.169.254/latest/meta-data/", "not on the public web"),
        ("file:///etc/passwd", "only http and https"),
        ("ftp://example.org/a.png", "only http and https"),
        ("http://user:pw@example.org/", "user name"),
        ("http://example.org:22/", "port 22"),
        ("http://[broken/", "no address"),
    ],
)
def test_each_redirect_is_checked(target: str, words: str, port: int) -> None:
    refused(f"http://{HERE}:{port}/to?{target}", words, rules=LOCAL)
    assert len(Site.asked) == 1


def test_redirects_within_the_rules_are_followed(port: int) -> None:
    assert fetch(f"http://{HERE}:{port}/to?http://{HERE}:{port}/to?../a.png", LOCAL) == PICTURE
    assert len(Site.asked) == 3


def test_redirects_end(port: int) -> None:
    refused(f"http://{HERE}:{port}/loop", "more than 5 redirects", rules=LOCAL)
    assert len(Site.asked) == 6


def test_proxies_of_the_environment_are_not_used(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert fetch(f"http://{HERE}:{port}/a.png", LOCAL) == PICTURE


# -- what it sends and takes ---------------------------------------------------------------------------------------


def test_the_request_says_who_asks_and_nothing_of_the_user(port: int) -> None:
    assert fetch(f"http://{HERE}:{port}/a.png?x=%20ü#part", LOCAL) == PICTURE
    path, headers = Site.asked[0]
    assert path == "/a.png?x=%20%C3%BC"
    assert set(headers) == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert headers["user-agent"].startswith("classroom-fer/")


@pytest.mark.parametrize("page", ["a.png", "chunked", "until/closed"])
def test_a_picture_comes_whole_however_it_is_sent(page: str, port: int) -> None:
    assert fetch(f"http://{HERE}:{port}/{page}", LOCAL) == PICTURE


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("missing.png", "404 Not Found"), ("cut", "cut off after 100 of 10244 bytes"), ("cut/chunk", "failed"),
        ("packed", "compressed"), ("odd/status", "799"), ("not/http", "failed"),
    ],
)  # fmt: skip
def test_what_is_no_whole_answer_is_explained(page: str, words: str, port: int) -> None:
    refused(f"http://{HERE}:{port}/{page}", HERE, words, rules=LOCAL)


@pytest.mark.parametrize("page", ["says/huge", "endless", "a.png"])
def test_more_than_the_limit_is_not_taken(page: str, port: int) -> None:
    refused(f"http://{HERE}:{port}/{page}", "more than", "MB", rules=replace(LOCAL, max_bytes=5000))


def test_exactly_the_limit_is_taken(port: int) -> None:
    assert fetch(f"http://{HERE}:{port}/chunked", replace(LOCAL, max_bytes=len(PICTURE))) == PICTURE


@pytest.mark.parametrize("page", ["drip/headers", "drip/body"])
def test_a_server_that_drips_is_left_after_the_total_time(page: str, port: int) -> None:
    """The server would go on for ever."""
    refused(f"http://{HERE}:{port}/{page}", "within 0.5 seconds", rules=replace(LOCAL, total_s=0.5))
    for thread in threading.enumerate():
        if thread.name == "fetch":
            thread.join(timeout=PATIENCE_S)
            assert not thread.is_alive(), "it goes on reading behind the user's back"


def test_a_silent_server_is_left_earlier(port: int) -> None:
    refused(f"http://{HERE}:{port}/silence", "timed out", rules=replace(LOCAL, silence_s=0.2))


def test_the_total_time_is_told_whoever_notices_first_that_it_is_over(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here it is the thread that reads: by its clock the time is over at once."""
    now = itertools.count(0.0, LOCAL.total_s)
    monkeypatch.setattr(fetch_module, "time", SimpleNamespace(monotonic=lambda: next(now)))
    refused(f"http://{HERE}:{port}/a.png", f"within {LOCAL.total_s:g} seconds", rules=LOCAL)


def test_a_resolver_that_hangs_is_left_after_the_total_time() -> None:
    free = threading.Event()

    def hanging(host: str, port: int) -> list[str]:
        free.wait(10)
        return []

    refused("http://slow.example/", "within 0.2 seconds", rules=FetchRules(total_s=0.2, resolve=hanging))
    free.set()


def test_unknown_names_and_closed_ports_are_explained() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    refused("http://none.example/", "none.example", "no such host", rules=FetchRules(resolve=unknown))
    refused("http://none.example/", "no such host", rules=FetchRules(resolve=Names()))
    with socket.socket() as free:
        free.bind((HERE, 0))
        closed = free.getsockname()[1]
    refused(f"http://{HERE}:{closed}/", "cannot be reached", rules=LOCAL)


def test_a_host_with_several_addresses_is_tried_in_order(port: int) -> None:
    names = Names(two_example=[["127.0.0.2", HERE]])  # the server listens at the second only
    rules = replace(LOCAL, resolve=names, may_connect=lambda address: address.startswith("127."))
    assert fetch(f"http://two.example:{port}/a.png", rules) == PICTURE


# -- https ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """A server whose certificate is for pictures.example, and that certificate."""
    if shutil.which("openssl") is None:
        pytest.skip("makes its certificate with openssl")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
         "2", "-subj", "/CN=pictures.example", "-addext", "subjectAltName=DNS:pictures.example",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = Quiet((HERE, 0), Site)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server.server_port, certificate
    server.shutdown()
    server.server_close()


def trusting(certificate: Path) -> FetchRules:
    names = Names(pictures_example=[[HERE]], other_example=[[HERE]])
    return replace(LOCAL, resolve=names, tls=lambda: ssl.create_default_context(cafile=str(certificate)))


def test_https_checks_the_certificate_against_the_name_and_not_the_address(secure: tuple[int, Path]) -> None:
    port, certificate = secure
    rules = trusting(certificate)
    assert fetch(f"https://pictures.example:{port}/a.png", rules) == PICTURE
    refused(f"https://other.example:{port}/a.png", "certificate", rules=rules)


def test_an_unknown_certificate_is_refused(secure: tuple[int, Path]) -> None:
    port, _ = secure
    rules = replace(LOCAL, resolve=Names(pictures_example=[[HERE]]))
    refused(f"https://pictures.example:{port}/a.png", "certificate", rules=rules)
    assert Site.asked == []


def test_https_does_not_lead_to_http(secure: tuple[int, Path], port: int) -> None:
    tls_port, certificate = secure
    refused(
        f"https://pictures.example:{tls_port}/to?http://{HERE}:{port}/a.png", "unprotected", rules=trusting(certificate)
    )
    assert len(Site.asked) == 1


def test_http_where_https_is_meant_and_the_reverse_are_explained(secure: tuple[int, Path], port: int) -> None:
    tls_port, certificate = secure
    refused(f"https://pictures.example:{port}/a.png", "certificate or encryption", rules=trusting(certificate))
    refused(f"http://{HERE}:{tls_port}/a.png", HERE, rules=LOCAL)
