"""Listening: where, and what is said when it cannot be."""

from __future__ import annotations

import socket

import pytest

from classroom_fer.errors import WebError
from classroom_fer.web.server import listen


def test_a_free_port_of_the_loopback_address_is_found() -> None:
    with listen("127.0.0.1", 0) as one:
        assert one.getsockname()[0] == "127.0.0.1"
        assert one.getsockname()[1] > 0


def test_a_port_in_use_is_named_with_another_one_to_try() -> None:
    with listen("127.0.0.1", 0) as one:
        port = one.getsockname()[1]
        with pytest.raises(WebError, match=f"port {port} is in use") as told:
            listen("127.0.0.1", port)
    assert f"--port {port + 1}" in told.value.hint


@pytest.mark.parametrize("host", ["203.0.113.7", "no such name.invalid"])
def test_an_address_of_another_machine_is_an_error(host: str) -> None:
    with pytest.raises(WebError, match="cannot listen at"):
        listen(host, 0)


def test_ipv6_is_listened_at_too() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        one = listen("::1", 0)
    except WebError:
        pytest.skip("no IPv6 here")
    with one:
        assert one.family == socket.AF_INET6
