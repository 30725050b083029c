"""Fetches a picture from the public web: the only place in the product that opens a network connection.

Analysis does not import it (safeguard S8; ``tests/test_offline_by_design.py``). Each hop of a redirect is parsed,
resolved and checked again, and the connection goes to the very address that was checked: the name is not looked up a
second time, when it could give another address (DNS rebinding). No proxy, cookie, cache or password file is used, and
the answer is held in memory only.
"""

from __future__ import annotations

import contextlib
import http
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin

from classroom_fer import __version__
from classroom_fer.errors import FetchError
from classroom_fer.pictures.web_address import WebAddress, is_public, parse_web_address

Resolver = Callable[[str, int], Sequence[str]]
"""Host and port to numeric addresses; OSError if the name is unknown."""

REDIRECTS = (301, 302, 303, 307, 308)
READ_BYTES = 65_536
ELSE = "save the picture with a browser and name the file"


def system_resolver(host: str, port: int) -> list[str]:
    """Addresses that the system knows for ``host``, each once, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class FetchRules:
    """Limits (all choices) and the two seams for tests."""

    max_bytes: int = 50_000_000
    total_s: float = 60.0
    """For everything together: names, redirects, the picture."""
    silence_s: float = 15.0
    """Longest wait for a connection or for the next bytes."""
    max_redirects: int = 5
    resolve: Resolver = system_resolver
    may_connect: Callable[[str], bool] = is_public
    tls: Callable[[], ssl.SSLContext] = field(default=ssl.create_default_context)


def fetch(url: str, rules: FetchRules | None = None) -> bytes:
    """The bytes behind ``url``; whether they are a picture is for the decoder to say.

    Raises:
        FetchError: the address is not allowed, or the server gives no answer, an error, too much, or too slowly.
    """
    rules = rules or FetchRules()
    attempt = _Attempt(rules)
    thread = threading.Thread(target=attempt.run, args=(url,), name="fetch", daemon=True)
    thread.start()
    thread.join(rules.total_s)  # a thread, because looking up a name cannot be given a time limit
    if thread.is_alive() or attempt.came_too_late():
        attempt.give_up()
        raise FetchError(
            f"{url}: no whole picture within {rules.total_s:g} seconds", hint=f"try again later, or {ELSE}"
        )
    return attempt.outcome()


class _Attempt:
    """One fetch in its own thread."""

    def __init__(self, rules: FetchRules) -> None:
        self._rules = rules
        self._ends = time.monotonic() + rules.total_s
        self._socket: socket.socket | None = None
        self._body: bytes | None = None
        self._error: BaseException | None = None

    def run(self, url: str) -> None:
        """Keeps what comes, or the error, for ``outcome``."""
        try:
            self._body = self._follow(url)
        except BaseException as error:  # noqa: BLE001  # handed to the thread that waits, which raises it
            self._error = error

    def came_too_late(self) -> bool:
        """After ``run`` ended: without a body, and when the time was over; whatever it failed of then."""
        return self._body is None and time.monotonic() >= self._ends

    def outcome(self) -> bytes:
        """After ``run`` ended."""
        if self._body is None:
            raise self._error or AssertionError("run() keeps a body or an error")
        return self._body

    def give_up(self) -> None:
        """Cuts the connection, so that the thread ends too."""
        self._ends = 0.0
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _follow(self, url: str) -> bytes:
        here = url
        for _ in range(self._rules.max_redirects + 1):
            try:
                answer = self._ask(parse_web_address(here))
            except FetchError as error:
                if here == url:
                    raise
                raise FetchError(f"{url} redirects to {here}. {error}", hint=error.hint) from error
            if isinstance(answer, bytes):
                return answer
            here = self._next(here, answer, url)
        raise FetchError(f"{url}: more than {self._rules.max_redirects} redirects", hint=ELSE)

    @staticmethod
    def _next(here: str, target: str, url: str) -> str:
        """The address that a redirect leads to; it is checked when it is asked."""
        try:
            there = urljoin(here, target)
        except ValueError as error:
            raise FetchError(f"{url}: redirects to something that is no address ({error})", hint=ELSE) from error
        if here.lower().startswith("https:") and there.lower().startswith("http:"):
            raise FetchError(f"{url}: redirects from https to an unprotected address ({there})", hint=ELSE)
        return there

    def _ask(self, where: WebAddress) -> bytes | str:
        """The body, or the address that the server points to."""
        connection = _PinnedConnection(where, self._connect)
        try:
            headers = {"User-Agent": f"classroom-fer/{__version__}", "Accept": "image/*", "Accept-Encoding": "identity"}
            connection.request("GET", where.target, headers={**headers, "Connection": "close"})
            response = connection.getresponse()
            if response.status in REDIRECTS and (target := response.getheader("Location")):
                return target
            return self._body_of(response, where.host)
        except ssl.SSLError as error:
            raise FetchError(
                f"{where.host}: its certificate or encryption fails ({_reason(error)})", hint=ELSE
            ) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FetchError(
                f"{where.host}: the connection failed ({_reason(error)})", hint=f"try again, or {ELSE}"
            ) from error
        finally:
            connection.close()

    def _connect(self, where: WebAddress) -> socket.socket:
        """A connection to an address that was checked; TLS is checked against the name."""
        last: OSError = OSError("no address")
        for address in self._checked(where):
            try:
                plain = socket.create_connection((address, where.port), timeout=self._patience())
            except OSError as error:
                last = error
                continue
            self._socket = plain
            self._patience()  # from here on give_up() reaches the socket; before, it could not
            if where.scheme == "http":
                return plain
            try:
                tls = self._rules.tls().wrap_socket(plain, server_hostname=where.host, do_handshake_on_connect=False)
                self._socket = tls
                tls.do_handshake()
            except OSError:
                (self._socket or plain).close()
                raise
            return tls
        raise FetchError(f"{where.host}: cannot be reached ({_reason(last)})", hint="check the address and the network")

    def _checked(self, where: WebAddress) -> Sequence[str]:
        """Numeric addresses of the host; if one of them is not public, none is used: honest hosts do not mix them."""
        try:
            addresses = self._rules.resolve(where.host, where.port)
        except (OSError, UnicodeError) as error:
            raise FetchError(
                f"{where.host}: no such host is known ({_reason(error)})", hint="check the address and the network"
            ) from error
        if not addresses:
            raise FetchError(f"{where.host}: no such host is known", hint="check the address and the network")
        for address in addresses:
            if not self._rules.may_connect(address):
                raise FetchError(
                    f"{where.host} is at {address}, which is not on the public web (this computer, its own network, "
                    "or reserved)",
                    hint=ELSE,
                )
        return addresses

    def _patience(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("out of time")
        return min(left, self._rules.silence_s)

    def _body_of(self, response: http.client.HTTPResponse, host: str) -> bytes:
        if response.status != http.HTTPStatus.OK:
            raise FetchError(f"{host}: answers {_status(response.status)}", hint="check the address")
        if response.getheader("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
            raise FetchError(f"{host}: sends compressed data, although the plain picture was asked for", hint=ELSE)
        declared, limit = response.length, self._rules.max_bytes
        body = bytearray()
        while (declared or 0) <= limit and len(body) <= limit:
            self._patience()
            part = response.read1(READ_BYTES)
            if not part:
                break
            body += part
        else:
            raise FetchError(f"{host}: sends more than {limit / 1e6:g} MB", hint=f"{ELSE}, made smaller if need be")
        if declared is not None and len(body) < declared:
            raise FetchError(f"{host}: cut off after {len(body)} of {declared} bytes", hint="try again")
        return bytes(body)


class _PinnedConnection(http.client.HTTPConnection):
    """HTTP over a socket that ``connect`` is given; only the ``Host`` header knows the name."""

    def __init__(self, where: WebAddress, open_socket: Callable[[WebAddress], socket.socket]) -> None:
        super().__init__(where.host, where.port)
        self.default_port = {"http": http.client.HTTP_PORT, "https": http.client.HTTPS_PORT}[where.scheme]
        self._where, self._open_socket = where, open_socket

    def connect(self) -> None:
        """Called by ``request``."""
        self.sock = self._open_socket(self._where)


def _status(code: int) -> str:
    try:
        return f"{code} {http.HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)


def _reason(error: BaseException) -> str:
    """The error in one line of up to 200 characters; a server may have written it."""
    text = getattr(error, "verify_message", "") or getattr(error, "strerror", "") or str(error) or type(error).__name__
    return " ".join(str(text).split())[:200]
