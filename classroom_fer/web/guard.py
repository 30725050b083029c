"""The outermost layer of the app: lets in who may come in, and sends the headers that keep a page to itself."""

from __future__ import annotations

import asyncio
import urllib.parse
from collections.abc import Callable
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from classroom_fer.web.access import WRONG_S, Access, Refusal

POLICY_VIOLATION = 1008
"""Close code of a WebSocket (RFC 6455, 7.4.1)."""
STATUS = {
    Refusal.OTHER_HOST: HTTPStatus.MISDIRECTED_REQUEST,
    Refusal.OTHER_ORIGIN: HTTPStatus.FORBIDDEN,
    Refusal.NO_TOKEN: HTTPStatus.UNAUTHORIZED,
    Refusal.WRONG_TOKEN: HTTPStatus.UNAUTHORIZED,
}
CONTENT = "; ".join((
    "default-src 'none'", "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",  # plotly.js writes styles; a style can ask nobody for anything here
    "img-src 'self' data: blob:", "media-src 'self' blob:", "font-src 'self'", "connect-src 'self'",
    "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'",
))  # fmt: skip
HEADERS = {
    "content-security-policy": CONTENT,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), browsing-topics=()",
}

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>classroom-fer</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">{head}
<style>:root{{color-scheme:light dark}}body{{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;
padding:0 1rem}}h1{{font-size:1.3rem}}</style></head><body><main><h1>{title}</h1><p>{text}</p></main></body></html>"""
_OPEN = (
    "This page needs its token",
    "Open the address that classroom-fer printed in the terminal; it ends in ?token=…",
)
_WRONG = ("That token is wrong", "Copy the whole address that classroom-fer printed in the terminal.")


class Guard:
    """ASGI middleware around everything.

    Args:
        on_wrong: gets the number of wrong tokens so far, each time there is one more.
    """

    def __init__(self, app: ASGIApp, access: Access, on_wrong: Callable[[int], None]) -> None:
        self._app, self._access, self._on_wrong = app, access, on_wrong
        self._one_by_one = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        token = _token(scope)
        socket = scope["type"] == "websocket"
        headers = {name: value for name, value in Headers(scope=scope).items()}  # noqa: C416  # the last one of a name
        refused = self._access.refusal(scope.get("method", "GET"), headers, token, socket=socket)
        if refused is Refusal.WRONG_TOKEN:
            self._on_wrong(self._access.wrong)
            async with self._one_by_one:
                await asyncio.sleep(WRONG_S)
        if refused is not None and socket:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        elif refused is not None:
            await _refused(refused)(scope, receive, _hardened(send))
        elif token is not None and not socket:
            await self._welcome(scope)(scope, receive, _hardened(send))
        else:
            await self._app(scope, receive, _hardened(send))

    def _welcome(self, scope: Scope) -> Response:
        """Keeps the token in a cookie and goes on without it: it stays in no history and no address bar.

        A redirect would not do: a browser sends no Strict cookie after one that began on another site's page.
        """
        path = urllib.parse.quote(scope["path"]).replace("//", "/")
        head = f'<meta http-equiv="refresh" content="0;url={path}">'
        answer = HTMLResponse(_PAGE.format(head=head, title="classroom-fer", text=f'<a href="{path}">Go on</a>'))
        answer.set_cookie(
            self._access.cookie, self._access.cookie_value, httponly=True, samesite="strict", path="/",
            secure=self._access.scheme == "https",
        )  # fmt: skip
        return answer


def _token(scope: Scope) -> str | None:
    given = urllib.parse.parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token")
    return given[-1] if given else None


def _refused(why: Refusal) -> Response:
    if why in (Refusal.NO_TOKEN, Refusal.WRONG_TOKEN):
        title, text = _OPEN if why is Refusal.NO_TOKEN else _WRONG
    else:
        title, text = "Not answered", f"This request is not answered: {why.value}."
    return HTMLResponse(_PAGE.format(head="", title=title, text=text), status_code=STATUS[why])


def _hardened(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return with_headers
