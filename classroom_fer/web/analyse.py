"""The pages of analysing: folders, a film and what is asked of it, runs."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from classroom_fer.errors import StoreError
from classroom_fer.lesson.records import PROFILES
from classroom_fer.lesson.runs import Run
from classroom_fer.report.formatting import plain
from classroom_fer.settings.config import Config
from classroom_fer.settings.declaration import SETTINGS
from classroom_fer.settings.declaration_file import NOTES
from classroom_fer.store.run_files import tidy
from classroom_fer.store.store import open_reader, open_store
from classroom_fer.web.films import Films
from classroom_fer.web.pages import page, words
from classroom_fer.web.places import film_at, folder_at, tasks_files
from classroom_fer.web.run_rows import run_rows
from classroom_fer.web.run_start import Order, Starter

MOST_BYTES = 300_000
"""Of a form: a table of tasks and regions have some thousand (choice)."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What analyses are asked for with."""

    starter: Starter
    settings: Config
    films: Films = field(default_factory=Films)
    shared: bool = False
    """Other machines see the page: no film is shown before its regions are known."""

    def runs(self) -> list[Run]:
        """Those of the database; none while there is no database."""
        with suppress(StoreError), open_reader(self.starter.db) as store:
            return store.runs.all()
        return []

    def tidy(self) -> None:
        """Deletes what earlier apps left beside the database."""
        with suppress(StoreError), open_store(self.starter.db, create=False) as store:
            tidy(store.place, store.runs.all())


def start_page(request: Request) -> Response:
    """Runs, and the folders in which films are."""
    desk = _desk(request)
    folder = folder_at(desk.films.roots, request.query_params.get("in", "")) if desk.films.roots else None
    return page(request, "analyse.html.j2", rows=run_rows(desk.runs(), words(request)), folder=folder)


def runs_part(request: Request) -> Response:
    """The runs alone, for the script that asks again."""
    return page(request, "runs.html.j2", rows=run_rows(_desk(request).runs(), words(request)))


def film_page(request: Request) -> Response:
    """A film, and what can be asked of it."""
    desk, address = _desk(request), request.query_params.get("film", "")
    film = film_at(desk.films.roots, address)
    declared = asdict(desk.settings.declaration) | {"profile": desk.settings.profile}
    return page(
        request, "analyse_film.html.j2", address=address, name=plain(film.name), tasks_files=tasks_files(film),
        folder=address.rpartition("/")[0], shown=not desk.shared, declared=declared, profiles=PROFILES,
        settings=tuple(SETTINGS),
    )  # fmt: skip


def film_bytes(request: Request) -> Response:
    """The film from its place, in the ranges that the browser asks for."""
    desk = _desk(request)
    if desk.shared:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    path = film_at(desk.films.roots, request.query_params.get("film", ""))
    return FileResponse(path, content_disposition_type="inline")


async def start(request: Request) -> Response:
    """Starts what the form asks."""
    form = await _form(request)
    await run_in_threadpool(_desk(request).starter.start, _order(_desk(request), form))
    return Response(status_code=HTTPStatus.CREATED, headers={"location": "/analyse"})


async def act(request: Request) -> Response:
    """Pauses, goes on with, cancels or removes a run."""
    number = request.path_params["number"]
    if len(number) > 9 or not number.isascii() or not number.isdecimal():
        raise HTTPException(HTTPStatus.NOT_FOUND)
    await run_in_threadpool(_act, _desk(request).starter, int(number), request.path_params["verb"])
    return await run_in_threadpool(runs_part, request)


def _act(starter: Starter, run_id: int, verb: str) -> None:
    with open_store(starter.db, create=False) as store:
        if verb == "remove":
            store.runs.remove(run_id)
            tidy(store.place, store.runs.all())
        elif verb == "go-on" and not store.runs.one(run_id).is_under_way:
            starter.again(run_id)
        elif verb in ("pause", "go-on", "cancel"):
            store.runs.ask(run_id, "run" if verb == "go-on" else verb)  # type: ignore[arg-type]
        else:
            raise HTTPException(HTTPStatus.NOT_FOUND)


def _order(desk: Desk, form: Mapping[str, str]) -> Order:
    film = film_at(desk.films.roots, form.get("film", ""))
    wanted = form.get("tasks", "")
    if wanted and wanted not in tasks_files(film):
        raise StoreError(f"{wanted}: no such tasks file beside the film (any more)", hint="choose another one")
    names = (*NOTES, "profile")
    return Order(film, film.with_name(wanted) if wanted else None, {name: form.get(name, "") for name in names})


async def _form(request: Request) -> dict[str, str]:
    body = (await request.body()).decode("utf-8", "replace")
    return dict(urllib.parse.parse_qsl(body, max_num_fields=50))


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


ROUTES = [
    Route("/analyse", start_page),
    Route("/analyse/film", film_page),
    Route("/analyse/film/bytes", film_bytes),
    Route("/runs", runs_part),
    Route("/runs", start, methods=["POST"], max_body_size=MOST_BYTES),
    Route("/runs/{number}/{verb}", act, methods=["POST"]),
]
