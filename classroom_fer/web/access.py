"""Who may talk to the app: this machine's own browser, or one that knows the token. Pure but for counting.

A page of another site can make a browser send requests here (and, by DNS rebinding, read the answers). So the Host
header has to be a name of this app; a request that changes something or opens a WebSocket has to come from this app's
own page; and everything needs the token, which no other page knows, nor do other users of the same machine.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from http.cookies import CookieError, SimpleCookie
from typing import Literal

from classroom_fer.errors import ConfigError

LOOPBACK = "127.0.0.1"
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
SHORTEST_TOKEN = 16
"""Characters of a token that a person chooses (choice: with one try a second nobody guesses them)."""
WRONG_S = 1.0
"""Seconds until a wrong token is answered, one after the other (choice)."""
READING = frozenset({"GET", "HEAD"})

Scheme = Literal["http", "https"]


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(24)


class Refusal(Enum):
    """Why a request is not answered."""

    OTHER_HOST = "the Host header names another address"
    OTHER_ORIGIN = "it does not come from a page of this app"
    NO_TOKEN = "no token"
    WRONG_TOKEN = "wrong token"


@dataclass(slots=True)
class Access:
    """The address at which the app is served, and the token that opens it."""

    port: int
    host: str = LOOPBACK
    token: str = field(default_factory=new_token)
    scheme: Scheme = "http"
    machine: str = ""
    """The name of this machine, by which other machines may ask where ``host`` is not the loopback address."""
    wrong: int = 0
    """Wrong tokens so far."""

    def __post_init__(self) -> None:
        if len(self.token) < SHORTEST_TOKEN:
            raise ConfigError(
                f"--token has {len(self.token)} characters; it needs {SHORTEST_TOKEN} or more",
                hint="leave --token out: the program then makes one that nobody can guess",
            )
        if not self.token.isascii() or not self.token.isprintable() or set(self.token) & set(' ;,"\\&#%+?'):
            raise ConfigError("--token holds other characters than letters, digits, - and _", hint="leave --token out")

    @property
    def cookie(self) -> str:
        """The name of the cookie: cookies do not know ports, and two apps may run."""
        return f"classroom-fer-{self.port}"

    @property
    def cookie_value(self) -> str:
        """What the cookie holds: nobody reads the token itself out of a browser's profile."""
        return hmac.digest(self.token.encode(), self.cookie.encode(), hashlib.sha256).hex()

    @property
    def address(self) -> str:
        """Where this machine's browser finds the app, with the token that opens it."""
        wide = self.host in ("", "0.0.0.0", "::")
        name = LOOPBACK if wide else f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{name}:{self.port}/?token={self.token}"

    def is_ours(self, host: str) -> bool:
        """Whether a Host header names this app. A number cannot be rebound; a name can."""
        name, _, port = host.lower().rpartition(":")
        if port != str(self.port):
            return False
        if name in LOOPBACK_NAMES:
            return True
        if is_loopback(self.host):
            return False
        return name in {self.host.lower(), self.machine.lower()} - {""} or _is_number(name)

    def refusal(self, method: str, headers: Mapping[str, str], token: str | None, *, socket: bool) -> Refusal | None:
        """Why this request is refused; None where it may pass. A wrong token is counted.

        Args:
            headers: names in lower case.
            token: from the address, if there is one.
            socket: it opens a WebSocket.
        """
        host = headers.get("host", "")
        if not self.is_ours(host):
            return Refusal.OTHER_HOST
        origin = headers.get("origin")
        own = origin == f"{self.scheme}://{host}"
        if (socket or method not in READING) and not own:
            return Refusal.OTHER_ORIGIN
        if token is not None:
            return None if self._fits(token, self.token) else self._counted()
        held = _cookie(headers.get("cookie", ""), self.cookie)
        if held is None:
            return Refusal.NO_TOKEN
        return None if self._fits(held, self.cookie_value) else self._counted()

    def _counted(self) -> Refusal:
        self.wrong += 1
        return Refusal.WRONG_TOKEN

    @staticmethod
    def _fits(given: str, known: str) -> bool:
        return secrets.compare_digest(given.encode(), known.encode())


def is_loopback(host: str) -> bool:
    """Whether an address to listen at is this machine's own.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0"), is_loopback("school.example")
    (True, True, False, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _cookie(header: str, name: str) -> str | None:
    try:
        held = SimpleCookie(header).get(name)
    except CookieError:
        return None
    return held.value if held else None
