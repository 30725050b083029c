"""Listens at an address and serves the app until it is stopped."""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import socket
from typing import TypeAlias

import uvicorn
from starlette.types import ASGIApp

from classroom_fer.errors import WebError
from classroom_fer.web.certificate import Certificate
from classroom_fer.web.live import MAX_FRAME_BYTES

App: TypeAlias = ASGIApp
SOCKETS = "websockets"
"""The package with which uvicorn speaks WebSocket."""
LARGEST_MESSAGE = 2 * MAX_FRAME_BYTES
"""Bytes that are received at all. The page's own limit answers first: uvicorn would end the connection without reading
the rest, and the reset overtakes the code that says why."""
PATIENCE_S = 3
"""Answers that are under way get this long when the app is stopped (choice)."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 is one that is free.

    Raises:
        WebError: another program has the port, or the address is none of this machine.
    """
    listening = None
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        if listening is not None:
            listening.close()
        if error.errno == errno.EADDRINUSE:
            raise WebError(
                f"port {port} is in use by another program (another classroom-fer web?)",
                hint=f"stop it, or name another port: --port {port + 1}",
            ) from error
        raise WebError(
            f"cannot listen at {host}, port {port}: {error.strerror or error}",
            hint="name an address of this machine with --host, and a port from 1024 to 65535",
        ) from error
    return listening


def settings(app: ASGIApp, tls: Certificate | None = None) -> uvicorn.Config:
    """How the app is served. ModuleNotFoundError where the package for WebSockets is missing."""
    if importlib.util.find_spec(SOCKETS) is None:  # uvicorn would find out while it serves
        raise ModuleNotFoundError(SOCKETS, name=SOCKETS)
    return uvicorn.Config(
        app, log_level="critical", access_log=False, loop="asyncio", http="h11", ws="websockets-sansio",
        ws_max_size=LARGEST_MESSAGE, ws_per_message_deflate=False,
        server_header=False, lifespan="off", proxy_headers=False, timeout_graceful_shutdown=PATIENCE_S,
        ssl_certfile=tls.certificate if tls else None, ssl_keyfile=tls.key if tls else None,
    )  # fmt: skip


def serve(config: uvicorn.Config, listening: socket.socket) -> None:
    """Serves until the process is interrupted (Ctrl+C)."""
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])
