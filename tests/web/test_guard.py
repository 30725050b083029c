"""The outermost layer: what it lets through, what it says, and the headers that every answer carries."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from web.asgi import HOST, TOKEN, ask
from web.conftest import Site

from classroom_fer.web import guard
from classroom_fer.web.access import Access


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "WRONG_S", 0.05)


def test_the_first_visit_trades_the_token_for_a_strict_cookie_and_an_address_without_it(site: Site) -> None:
    answer = ask(site.app, f"/lessons/1?token={TOKEN}")
    cookie = answer["set-cookie"]
    assert answer.status == 200
    assert TOKEN not in answer.text + cookie
    assert 'content="0;url=/lessons/1"' in answer.text
    assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Path=/"))


def test_an_address_cannot_lead_to_another_site(site: Site) -> None:
    text = ask(site.app, f"//evil.example?token={TOKEN}").text
    assert "url=/evil.example" in text
    assert "<script>" not in ask(site.app, f'/"><script>?token={TOKEN}').text


@pytest.mark.parametrize("address", ["/", "/lessons/1", "/lessons/1/report.pdf", "/static/0/app.css", "/nothing"])
def test_nothing_is_said_without_the_token(site: Site, address: str) -> None:
    answer = ask(site.app, address)
    assert answer.status == 401
    assert "?token=" in answer.text
    assert "fractions" not in answer.text


def test_a_wrong_token_is_slow_one_after_the_other_and_counted() -> None:
    told: list[int] = []

    async def never(*_: Any) -> None:
        raise AssertionError("the app was asked")

    access = Access(8501, token=TOKEN)

    async def two_at_once() -> None:
        one = guard.Guard(never, access, told.append)
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"token=no",
                 "headers": [(b"host", HOST.encode())]}  # fmt: skip

        async def send(_: Any) -> None: ...

        await asyncio.gather(*(one(dict(scope), never, send) for _ in range(2)))  # type: ignore[arg-type]

    begin = time.monotonic()
    asyncio.run(two_at_once())
    assert told == [1, 2]
    assert time.monotonic() - begin >= 0.1, "a second guess at the same time waits for the first"


def test_other_hosts_and_other_sites_are_refused(site: Site) -> None:
    assert ask(site.app, f"/?token={TOKEN}", {"host": "evil.example:8501"}).status == 421
    assert ask(site.app, f"/?token={TOKEN}", {"origin": "http://evil.example"}, method="POST").status == 403


def test_a_websocket_from_another_site_is_closed_before_it_is_accepted(site: Site) -> None:
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        said.append(message)

    cookie = f"{site.access.cookie}={site.access.cookie_value}"
    headers = [(b"host", HOST.encode()), (b"origin", b"http://evil.example"), (b"cookie", cookie.encode())]
    asyncio.run(site.app({"type": "websocket", "path": "/", "query_string": b"", "headers": headers}, receive, send))
    assert said == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize("address", ["/", "/nothing", "/lessons/x", "/static/0/app.css"])
def test_every_answer_forbids_sources_from_elsewhere(site: Site, address: str) -> None:
    policy = site.get(address)["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "http" not in policy
    assert "unsafe-eval" not in policy
    assert "unsafe-inline" not in policy.replace("style-src 'self' 'unsafe-inline'", "")
    assert "frame-ancestors 'none'" in policy
    assert site.get(address)["referrer-policy"] == "no-referrer"


def test_pages_are_kept_in_no_cache_and_files_of_the_package_are(site: Site) -> None:
    assert site.get("/")["cache-control"] == "no-store"
    assert "immutable" in site.get("/static/0/app.css")["cache-control"]
