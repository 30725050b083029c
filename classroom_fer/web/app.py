"""The app: addresses, and what is behind each. Every answer is made by the functions that the command line calls."""

from __future__ import annotations

import threading
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from classroom_fer import wiring
from classroom_fer.errors import ClassroomFerError, NoDatabaseError, PolicyError
from classroom_fer.exchange.exports import Subject
from classroom_fer.lesson.records import SessionStart
from classroom_fer.pictures.reading import MAX_BYTES
from classroom_fer.report.formatting import plain
from classroom_fer.report.view import report_view
from classroom_fer.settings.config import Config
from classroom_fer.store.store import open_reader
from classroom_fer.terminal import say as tell
from classroom_fer.terminal import tell_bug
from classroom_fer.text.file_names import film_stem
from classroom_fer.web.access import Access
from classroom_fer.web.analyse import ROUTES as ANALYSE
from classroom_fer.web.analyse import Desk
from classroom_fer.web.assets import FOREVER, asset
from classroom_fer.web.drops import Drops
from classroom_fer.web.exports import EXPORTS, archive, chosen
from classroom_fer.web.faces import FaceReader, face_cards
from classroom_fer.web.films import Films, black_polygons
from classroom_fer.web.guard import Guard
from classroom_fer.web.lessons import FinishedLesson, finished_lesson, lesson_rows, session_number
from classroom_fer.web.live import Cameras, live_frames, live_page
from classroom_fer.web.pages import PLACES, language_of, page, words
from classroom_fer.web.plots import camera_plot, described, expressions_plot, timeline_plot
from classroom_fer.web.run_start import Starter
from classroom_fer.web.training import training_page

RESULT = "result"
"""In an address: the name of a result that takes the place of the lesson's own."""
LONGEST_SEARCH = 200
"""Characters of a search that are looked at (choice)."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the app shows, and by which settings."""

    db: str
    """Opened anew for every page: a purge finds no reader in its way, and a database may come, go and be replaced."""
    settings: Config
    films: Films = field(default_factory=Films)
    shared: bool = False
    """Served to other machines too: films with opt-out regions then stay where they are."""
    printing: threading.Lock = field(default_factory=threading.Lock)
    """WeasyPrint and matplotlib make one PDF at a time."""
    config: Path | None = None
    """The file that the settings were read from; the runs that are started go by it too."""
    drops: Drops | None = None
    """Films that are dropped into the page; None: the app's own."""


@dataclass(frozen=True, slots=True)
class FilmView:
    """A film beside its lesson."""

    black: tuple[str, ...]
    """Opt-out regions, as SVG points in a picture of 1 x 1."""
    width_px: int
    height_px: int


def build_app(shown: Shown, access: Access) -> Starlette:
    """The ASGI app, guarded."""
    routes = [
        Route("/", lessons),
        Route("/lessons/{number}", lesson),
        Route("/lessons/{number}/report.pdf", report_pdf),
        Route("/lessons/{number}/film", film),
        Route("/lessons/{number}/export/{name}.zip", export),
        Route("/picture", picture_page),
        Route("/picture", picture_answer, methods=["POST"], max_body_size=MAX_BYTES),
        Route("/live", live_page),
        *ANALYSE,
        Route("/training", training_page),
        Route("/training/{name}", training_page),
    ]
    app = _guarded(routes, shown.settings, access)
    app.state.shown, app.state.places = shown, PLACES
    drops = shown.drops or Drops(shown.db)
    drops.tidy()
    app.state.desk = Desk(Starter(shown.db, shown.config), drops, shown.settings, shown.films, shown.shared)
    return app


def build_live_app(settings: Config, access: Access) -> Starlette:
    """The page of the live camera alone: no database, no film."""
    app = _guarded([Route("/", live_page)], settings, access)
    app.state.places = ()
    return app


def _guarded(routes: Sequence[BaseRoute], settings: Config, access: Access) -> Starlette:
    """These pages, and what each app has."""
    app = Starlette(
        routes=[*routes, WebSocketRoute("/live/frames", live_frames), Route("/static/{hash}/{name}", static)],
        middleware=[Middleware(Guard, access=access, on_wrong=_tell_wrong)],
        exception_handlers={
            ClassroomFerError: _user_error, HTTPException: _http_error, Exception: _bug,
        },
        max_body_size=1_000_000,
    )  # fmt: skip
    app.state.faces, app.state.cameras = FaceReader(settings), Cameras()
    return app


def lessons(request: Request) -> Response:
    """The list, newest first; ``q`` is searched for."""
    wanted = request.query_params.get("q", "")[:LONGEST_SEARCH].strip()
    missing = None
    try:
        with open_reader(_shown(request).db) as store:
            known = store.sessions()
    except NoDatabaseError as error:  # the first analysis makes it
        known, missing = [], str(error)
    rows = lesson_rows(known, wanted, words(request))
    return page(request, "lessons.html.j2", rows=rows, wanted=wanted, known=len(known), missing=missing)


def lesson(request: Request) -> Response:
    """One lesson as it is printed, with charts that can be looked into."""
    one = _finished(request)
    say = words(request)
    view = report_view(one.session, one.result, say)
    figures = {
        "camera": (view.camera.figure, camera_plot),
        "timeline": (view.timeline, timeline_plot),
        "expressions": (view.expressions.figure if view.with_index else None, expressions_plot),
    }
    plots = {name: draw(figure, say) for name, (figure, draw) in figures.items() if figure}  # type: ignore[operator]
    told = {name: described(figure) for name, (figure, _) in figures.items() if figure}
    return page(
        request, "lesson.html.j2", view=view, plots=plots, told=told, number=one.session.session_id,
        film=_film_of(request, one.session.start), labels=one.session.labels, further=one.further,
        exports={name: form for name, form in EXPORTS.items() if form[1] != "bin" or not one.tasks_alone},
        result=one.session.aggregation, parameter=RESULT,
    )  # fmt: skip


def report_pdf(request: Request) -> Response:
    """The PDF, made in memory; the audit says that it was made."""
    shown, lang = _shown(request), language_of(request)
    style = replace(shown.settings.report_style, lang=lang)
    one = _finished(request)
    with shown.printing:
        renderer = wiring.build_renderer(style)
        pdf = renderer.pdf(renderer.render_html(one.session, one.result), one.identity)
    with open_reader(shown.db) as store:
        details: dict[str, object] = {"template_dir": style.template_dir is not None, "lang": lang}
        if one.session.aggregation is not None:
            details["settings_sha256"] = one.session.start.settings_sha256
        store.record_if_writable("report", one.session.session_id, details)
    return _download(pdf, "application/pdf", f"{_stem(one)}.pdf")


def export(request: Request) -> Response:
    """The files of an export, packed."""
    one = _finished(request)
    what = chosen(request.path_params["name"], one.session.aggregation)
    with open_reader(_shown(request).db) as store:
        packed = archive(what, Subject(one.session, one.identity, one.result), store)
    return _download(packed, "application/zip", f"{_stem(one)}.zip")


def film(request: Request) -> Response:
    """The lesson's film from its place, in the ranges that the browser asks for; nothing is copied."""
    start = _finished(request).session.start
    if _film_of(request, start) is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    path = _shown(request).films.find(start)
    return FileResponse(path, content_disposition_type="inline")


def picture_page(request: Request) -> Response:
    """Where a picture is chosen or taken."""
    _faces(request).check_allowed()
    return page(request, "picture.html.j2", max_bytes=MAX_BYTES, megabytes=words(request).whole(MAX_BYTES / 1e6))


async def picture_answer(request: Request) -> Response:
    """The faces of the picture that is the body of the request; it stays in memory (safeguard S4)."""
    name = plain(urllib.parse.unquote(request.headers.get("x-file-name", ""))) or "picture"
    data = await request.body()
    reader, say = _faces(request), words(request)
    picture, faces = await run_in_threadpool(reader.read, data, name)
    cards = face_cards(picture, faces, reader.settings.rules.expression, say)
    width, height = picture.size_px
    return page(request, "picture_answer.html.j2", cards=cards, picture=picture, width=width, height=height,
                smallest=say.whole(reader.settings.min_face))  # fmt: skip


def static(request: Request) -> Response:
    """A file of the package."""
    try:
        found = asset(request.path_params["name"])
    except KeyError as error:
        raise HTTPException(HTTPStatus.NOT_FOUND) from error
    headers = {"cache-control": FOREVER, "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, media_type=found.media_type, headers=headers | {"content-encoding": "gzip"})
    return Response(found.content, media_type=found.media_type, headers=headers)


def _download(content: bytes, media_type: str, name: str) -> Response:
    disposition = f"attachment; filename*=UTF-8''{urllib.parse.quote(name)}"
    return Response(content, media_type=media_type, headers={"content-disposition": disposition})


def _shown(request: Request) -> Shown:
    shown: Shown = request.app.state.shown
    return shown


def _film_of(request: Request, start: SessionStart) -> FilmView | None:
    """The film beside a lesson; None where it cannot be shown with every opt-out region black."""
    shown = _shown(request)
    black = black_polygons(start)
    if black is None or (black and shown.shared) or not shown.films.may_be_there(start):
        return None
    return FilmView(black, start.width_px, start.height_px)


def _faces(request: Request) -> FaceReader:
    reader: FaceReader = request.app.state.faces
    return reader


def _finished(request: Request) -> FinishedLesson:
    """The lesson of the address, with the result that it names."""
    shown, number = _shown(request), session_number(request.path_params["number"])
    with open_reader(shown.db) as store:
        return finished_lesson(store, number, shown.settings.declaration, request.query_params.get(RESULT))


def _stem(one: FinishedLesson) -> str:
    named = "" if one.session.aggregation is None else f"-{one.session.aggregation}"
    return f"{film_stem(one.session.start.video_name)}{named}"


def _user_error(request: Request, error: Exception) -> Response:
    """An expected error in two lines, as on the command line."""
    assert isinstance(error, ClassroomFerError)
    status = HTTPStatus.FORBIDDEN if isinstance(error, PolicyError) else HTTPStatus.UNPROCESSABLE_ENTITY
    return page(request, "message.html.j2", status, title=words(request)("app_error"), text=str(error), hint=error.hint)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    say = words(request)
    title = say("app_not_found" if error.status_code == HTTPStatus.NOT_FOUND else "app_error")
    text = "" if error.status_code == HTTPStatus.NOT_FOUND else error.detail
    return page(request, "message.html.j2", error.status_code, title=title, text=text, hint="")


def _bug(request: Request, error: Exception) -> Response:
    """Every other exception is a bug in this program; its traceback is in a log and not on the page."""
    tell_bug(error)
    say = words(request)
    text = say("app_bug", kind=type(error).__name__)
    return page(request, "message.html.j2", 500, title=say("app_error"), text=text, hint="")


def _tell_wrong(number: int) -> None:
    tell(f"note: a wrong token was given ({number} so far)")
