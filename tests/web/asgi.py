"""Asks an ASGI app one thing, as a browser on this machine would; no server, no socket."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PORT = 8501
HOST = f"127.0.0.1:{PORT}"
TOKEN = "a-token-for-the-tests"
PATIENCE_S = 300.0
"""A busy machine may take long."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def __getitem__(self, name: str) -> str:
        return next(value for key, value in self.headers if key == name)

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(app: Any, address: str, headers: Mapping[str, str] | None = None, *, method: str = "GET",
        body: bytes = b"") -> Answer:  # fmt: skip
    path, _, query = address.partition("?")
    named = {"host": HOST, **(headers or {})}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        "client": ("127.0.0.1", 50000), "server": ("127.0.0.1", PORT),
    }  # fmt: skip
    sent: list[Any] = []

    requests = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        for request in requests:
            return request
        await asyncio.Event().wait()  # the browser stays until it has its answer
        raise AssertionError("nobody sets it")

    async def send(message: Any) -> None:
        sent.append(message)

    try:
        asyncio.run(app(scope, receive, send))
    except Exception:
        if not sent:  # Starlette answers and then raises again, for the server's log
            raise
    start = next(message for message in sent if message["type"] == "http.response.start")
    bodies = (message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    named_back = [(name.decode(), value.decode()) for name, value in start["headers"]]
    return Answer(start["status"], named_back, b"".join(bodies))


class Socket:
    """A WebSocket to an ASGI app, as our own page opens it."""

    def __init__(self, app: Any, path: str, headers: Mapping[str, str]) -> None:
        named = {"host": HOST, "origin": f"http://{HOST}", **headers}
        path, _, query = path.partition("?")
        self._scope = {
            "type": "websocket", "asgi": {"version": "3.0"}, "scheme": "ws", "path": path, "raw_path": path.encode(),
            "query_string": query.encode(), "root_path": "", "subprotocols": [], "http_version": "1.1",
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
            "client": ("127.0.0.1", 50000), "server": ("127.0.0.1", PORT),
        }  # fmt: skip
        self._app = app
        self._to: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.back: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def __aenter__(self) -> Socket:
        self._to.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(self._app(self._scope, self._to.get, self.back.put))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._to.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(self._task, PATIENCE_S)

    def send(self, data: bytes | str) -> None:
        self._to.put_nowait({"type": "websocket.receive", "text" if isinstance(data, str) else "bytes": data})

    async def taken(self) -> None:
        """Until the app has taken in all that was sent."""
        while not self._to.empty():
            await asyncio.sleep(0.001)

    async def told(self) -> dict[str, Any]:
        """The next message of the app."""
        return await asyncio.wait_for(self.back.get(), PATIENCE_S)
