"""Who may come in, and who may not."""

from __future__ import annotations

import pytest

from classroom_fer.errors import ConfigError
from classroom_fer.web.access import Access, Refusal

OURS = {"host": "127.0.0.1:8501"}


def access(**changes: object) -> Access:
    return Access(**({"port": 8501, "token": "sixteen-letters!".replace("!", "x")} | changes))  # type: ignore[arg-type]


def with_cookie(one: Access, value: str | None = None) -> dict[str, str]:
    return OURS | {"cookie": f"other=1; {one.cookie}={value or one.cookie_value}"}


def refused(one: Access, headers: dict[str, str], token: str | None = None, method: str = "GET") -> Refusal | None:
    return one.refusal(method, headers, token, socket=False)


def test_the_token_opens_and_its_cookie_too() -> None:
    one = access()
    assert refused(one, OURS, one.token) is None
    assert refused(one, with_cookie(one)) is None


def test_without_either_nothing_opens_and_nothing_is_counted() -> None:
    one = access()
    assert refused(one, OURS) is Refusal.NO_TOKEN
    assert refused(one, OURS | {"cookie": "\x00broken"}) is Refusal.NO_TOKEN
    assert one.wrong == 0


def test_wrong_tokens_are_counted_in_the_address_and_in_the_cookie() -> None:
    one = access()
    assert refused(one, OURS, "wrong") is Refusal.WRONG_TOKEN
    assert refused(one, with_cookie(one, one.token)) is Refusal.WRONG_TOKEN, "the cookie does not hold the token itself"
    assert refused(one, with_cookie(one), "") is Refusal.WRONG_TOKEN, "a cookie does not heal a wrong address"
    assert one.wrong == 3


@pytest.mark.parametrize("host", ["evil.example:8501", "127.0.0.1", "127.0.0.1:80", "127.0.0.1.evil.example:8501", "",
                                  "192.168.1.2:8501", "localhost:8501@evil"])  # fmt: skip
def test_another_host_name_is_refused_even_with_the_token(host: str) -> None:
    one = access()
    assert refused(one, {"host": host}, one.token) is Refusal.OTHER_HOST


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost:8501", "LOCALHOST:8501", "[::1]:8501"])
def test_the_names_of_the_loopback_address_are_ours(host: str) -> None:
    assert access().is_ours(host)


def test_a_served_network_address_answers_to_numbers_and_its_own_names_only() -> None:
    one = access(host="0.0.0.0", machine="desk")
    assert [one.is_ours(f"{name}:8501") for name in ("192.168.1.2", "desk", "[fe80::1]", "evil.example")] == [
        True, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "http://127.0.0.1:9999", "https://127.0.0.1:8501"]
)
def test_what_changes_something_or_opens_a_socket_comes_from_our_own_page(origin: str | None) -> None:
    one = access()
    headers = with_cookie(one) | ({"origin": origin} if origin else {})
    own = headers | {"origin": "http://127.0.0.1:8501"}
    assert refused(one, headers, method="POST") is Refusal.OTHER_ORIGIN
    assert one.refusal("GET", headers, None, socket=True) is Refusal.OTHER_ORIGIN
    assert refused(one, own, method="POST") is None
    assert one.refusal("GET", own, None, socket=True) is None


def test_a_new_token_is_made_for_each_app_and_a_weak_one_is_refused() -> None:
    assert Access(1).token != Access(1).token
    assert len(Access(1).token) >= 32
    with pytest.raises(ConfigError, match="needs 16 or more"):
        access(token="short")
    for odd in ("sixteen letters and a space", "sixteen-letters;", "sechzehn-wörter-oder-mehr"):
        with pytest.raises(ConfigError, match="other characters"):
            access(token=odd)


def test_the_address_opens_the_app_on_this_machine() -> None:
    assert access(token="x" * 16).address == f"http://127.0.0.1:8501/?token={'x' * 16}"
    assert access(host="0.0.0.0").address.startswith("http://127.0.0.1:8501/")
    assert access(host="::1").address.startswith("http://[::1]:8501/")
    assert access(host="desk", scheme="https").address.startswith("https://desk:8501/")


def test_apps_on_two_ports_do_not_share_a_cookie() -> None:
    one, other = access(port=1), access(port=2)
    assert one.cookie != other.cookie
    assert one.cookie_value != other.cookie_value
