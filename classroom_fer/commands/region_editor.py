"""A page on this machine on which a person draws opt-out regions over one picture of the film (safeguard S6).

The page is served on 127.0.0.1 only, at a random port, below a random path that nobody can guess.
The picture is held in memory, sent with ``no-store`` and never written anywhere. Nothing is loaded from elsewhere.
"""

from __future__ import annotations

import html
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from classroom_fer.errors import ClassroomFerError
from classroom_fer.lesson.regions import LARGEST_FILE, Region, parse_regions
from classroom_fer.lesson.timecode import format_time
from classroom_fer.resources import resource_dir

LOOPBACK = "127.0.0.1"
PATIENCE_S = 30.0
"""A browser that sends half a request is dropped after this (choice)."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """What is drawn on."""

    png: bytes
    width_px: int
    height_px: int
    film: str
    """Which film and time, in words."""
    file: str
    """Where the regions will be saved, in words."""
    regions: tuple[Region, ...] = ()
    """The regions drawn before."""


class DrawingServer(ThreadingHTTPServer):
    """One drawing. ``url`` is the page; ``wait`` serves it until the person has saved.

    Args:
        canvas: what is drawn on.
        save: gets the regions; a ClassroomFerError that it raises is shown on the page, and drawing goes on.
    """

    daemon_threads = True

    def __init__(self, canvas: Canvas, save: Callable[[tuple[Region, ...]], None]) -> None:
        super().__init__((LOOPBACK, 0), _Handler)
        self.canvas, self._save = canvas, save
        self.token = secrets.token_urlsafe(24)
        self.saved: tuple[Region, ...] | None = None

    @property
    def host(self) -> str:
        return f"{LOOPBACK}:{self.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/{self.token}/"

    def wait(self) -> tuple[Region, ...]:
        """The regions, once they are saved; KeyboardInterrupt ends it without."""
        try:
            self.serve_forever(poll_interval=0.1)
        finally:
            self.server_close()
        if self.saved is None:
            raise KeyboardInterrupt
        return self.saved

    def take(self, text: str) -> str:
        """Saves what the page sent and says so. ClassroomFerError if it is wrong or cannot be saved."""
        regions = parse_regions(text, "what was drawn")
        self._save(regions)
        self.saved = regions
        return f"Saved {len(regions)} region{'' if len(regions) == 1 else 's'} to {self.canvas.file}."


class _Handler(BaseHTTPRequestHandler):
    server: DrawingServer
    timeout = PATIENCE_S

    def do_GET(self) -> None:
        if not self._is_for_us():
            return
        name = self.path.removeprefix(f"/{self.server.token}/")
        if name == "":
            nonce = secrets.token_urlsafe(16)
            self._answer(HTTPStatus.OK, page(self.server.canvas, nonce).encode(), "text/html; charset=utf-8", nonce)
        elif name == "frame.png":
            self._answer(HTTPStatus.OK, self.server.canvas.png, "image/png")
        else:
            self._refuse(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        if not self._is_for_us():
            return
        length = self.headers.get("Content-Length", "")
        if self.path != f"/{self.server.token}/save" or self.headers.get("Origin") != f"http://{self.server.host}":
            self._refuse(HTTPStatus.NOT_FOUND)
        elif not length.isdecimal() or int(length) > LARGEST_FILE:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            self._take(self.rfile.read(int(length)))

    def _take(self, body: bytes) -> None:
        try:
            answer = self.server.take(body.decode("utf-8", "replace"))
        except ClassroomFerError as error:
            self._answer(HTTPStatus.BAD_REQUEST, f"{error}".encode(), "text/plain; charset=utf-8")
            return
        self._answer(HTTPStatus.OK, answer.encode(), "text/plain; charset=utf-8")
        self.server.shutdown()

    def _is_for_us(self) -> bool:
        """Other pages' scripts (by DNS rebinding) name another host, and nobody can guess the path."""
        ours = self.headers.get("Host") == self.server.host
        given = self.path.split("/")[1] if self.path.count("/") >= 2 else ""
        if ours and secrets.compare_digest(given.encode(), self.server.token.encode()):
            return True
        self._refuse(HTTPStatus.NOT_FOUND)
        return False

    def _refuse(self, status: HTTPStatus) -> None:
        self._answer(status, status.phrase.encode(), "text/plain; charset=utf-8")

    def _answer(self, status: HTTPStatus, body: bytes, kind: str, nonce: str = "") -> None:
        self.send_response(status)
        own = f"script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; " if nonce else ""
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "Content-Security-Policy": f"default-src 'none'; {own}img-src 'self'; connect-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Connection": "close",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def version_string(self) -> str:
        """Says nothing of the Python version."""
        return "classroom-fer"

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not logged."""


def page(canvas: Canvas, nonce: str) -> str:
    """The page's HTML."""
    template = (resource_dir("templates") / "regions" / "draw.html").read_text(encoding="utf-8")
    data = {"size": [canvas.width_px, canvas.height_px], "file": canvas.file, "regions": _rows(canvas)}
    script = json.dumps(data).replace("<", "\\u003c")  # nothing in it can end the script element
    parts = {"@NONCE@": nonce, "@FILM@": html.escape(canvas.film), "@DATA@": script}
    for mark in ("@NONCE@", "@FILM@", "@DATA@"):  # DATA last: what it holds is never looked at again
        template = template.replace(mark, parts[mark])
    return template


def _rows(canvas: Canvas) -> list[dict[str, object]]:
    return [
        {
            "points": _fractions(region.pixels(canvas.width_px, canvas.height_px), canvas),
            "start": _editable_time(region.start_s),
            "end": _editable_time(region.end_s),
        }
        for region in canvas.regions
    ]


def _fractions(points: Sequence[tuple[float, float]], canvas: Canvas) -> list[list[float]]:
    def cut(value: float) -> float:
        return min(1.0, max(0.0, value))

    return [[cut(x / canvas.width_px), cut(y / canvas.height_px)] for x, y in points]


def _editable_time(seconds: float | None) -> str:
    """As a person edits it."""
    if seconds is None:
        return ""
    return format_time(seconds) if float(seconds).is_integer() else f"{seconds:g}"
