"""Which web addresses ``predict`` may ask for a picture: http or https, a public host, nothing hidden in the text.

What is judged in the end is never the name but the numeric address that a connection would go to (``is_public``):
names, decimal, octal and hexadecimal spellings all end there. Nothing here opens a connection.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import idna

from classroom_fer.errors import FetchError

DEFAULT_PORTS = {"http": 80, "https": 443}
FIRST_FREE_PORT = 1024
"""Below it only the two web ports are asked: the others belong to mail, shells and the like (choice)."""

_URL = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\\]")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_IPV4_COMPATIBLE = ipaddress.IPv6Network("::/96")  # RFC 4291, deprecated: likewise
_IPV4_TRANSLATED = ipaddress.IPv6Network("::ffff:0:0:0/96")  # RFC 2765: likewise
_LEGACY_SITE_LOCAL = ipaddress.IPv6Network("fec0::/10")  # RFC 3879, deprecated
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")  # RFC 8215: translates into a private network
HINT = "give the address of a picture on the public web, beginning with https://, or save the picture and name the file"


@dataclass(frozen=True, slots=True)
class WebAddress:
    """A checked address, taken apart."""

    scheme: str
    """"http" or "https"."""
    host: str
    """ASCII name, or an IPv6 address without brackets."""
    port: int
    target: str
    """Path and query as sent to the server, ASCII; the fragment is dropped."""


def is_web_address(text: str) -> bool:
    """Whether the user means a URL (of any scheme) rather than a file.

    >>> is_web_address("https://example.org/a.jpg"), is_web_address("ftp://example.org/a"), is_web_address("a.jpg")
    (True, True, False)
    """
    return _URL.match(text) is not None


def parse_web_address(text: str) -> WebAddress:
    """The parts of a URL.

    >>> parse_web_address("https://bücher.example/a b.jpg".replace(" ", "%20") + "?x=1#top")
    WebAddress(scheme='https', host='xn--bcher-kva.example', port=443, target='/a%20b.jpg?x=1')

    Raises:
        FetchError: not http(s), no host, an unusual port, a user name in it, spaces or control characters.
    """
    if _UNSEEN.search(text):
        raise FetchError(f"{text!r}: a space, a backslash or a control character in the address", hint=HINT)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise FetchError(f"{text}: not an address ({error})", hint=HINT) from error
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise FetchError(f"{text}: only http and https are fetched, not {scheme or 'this'}", hint=HINT)
    if "@" in parts.netloc:
        raise FetchError("an address with a user name or password in it is not fetched", hint=HINT)
    port = DEFAULT_PORTS[scheme] if port is None else port
    if port < FIRST_FREE_PORT and port not in DEFAULT_PORTS.values():
        raise FetchError(f"{text}: port {port} is not one of the web", hint="leave the port out, or use 80 or 443")
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]") if parts.query else ""
    return WebAddress(scheme, _host(parts.hostname, text), port, target + query)


def _host(name: str | None, text: str) -> str:
    """``name`` in ASCII; international names as browsers turn them (IDNA 2008 after the mapping of UTS 46)."""
    if not name:
        raise FetchError(f"{text}: no host in the address", hint=HINT)
    if ":" in name:
        return _ipv6(name, text)
    try:
        ascii_name = name if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
    except UnicodeError as error:
        raise FetchError(f"{text}: the host's name cannot be looked up ({error})", hint=HINT) from error
    if not _HOST.fullmatch(ascii_name):
        raise FetchError(f"{text}: {ascii_name!r} cannot be a host's name", hint=HINT)
    return ascii_name


def _ipv6(name: str, text: str) -> str:
    try:
        ip = ipaddress.IPv6Address(name)
    except ValueError as error:
        raise FetchError(f"{text}: {name} is not an IPv6 address", hint=HINT) from error
    if ip.scope_id is not None:
        raise FetchError(f"{text}: an address of this computer's own network", hint=HINT)
    return str(ip)


def is_public(address: str) -> bool:
    """Whether a numeric IPv4 or IPv6 address is one of the public Internet; False also for what is no address.

    Refused: loopback, private, link-local (cloud metadata servers), shared (RFC 6598), unspecified, reserved,
    multicast, site-local; and IPv6 addresses that carry such an IPv4 address (mapped, compatible, translated, 6to4,
    Teredo, NAT64).

    >>> is_public("93.184.216.34"), is_public("127.0.0.1"), is_public("::ffff:10.0.0.1"), is_public("169.254.169.254")
    (True, False, False, False)
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = _carried(ip)
        if inner:
            return all(is_public(str(v4)) for v4 in inner)
        if ip in _LEGACY_SITE_LOCAL or ip in _LOCAL_NAT64 or ip.scope_id is not None:
            return False
    refused = ip.is_loopback or ip.is_private or ip.is_link_local or ip.is_multicast or ip.is_reserved
    return ip.is_global and not refused and not ip.is_unspecified


def _carried(ip: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """IPv4 addresses that packets to ``ip`` may end at."""
    if ip.ipv4_mapped is not None:
        return [ip.ipv4_mapped]
    if ip.sixtofour is not None:
        return [ip.sixtofour]
    if ip.teredo is not None:
        return list(ip.teredo)
    if any(ip in network for network in (_NAT64, _IPV4_COMPATIBLE, _IPV4_TRANSLATED)):
        return [ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)]
    return []
