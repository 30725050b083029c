"""The pages of analysing: folders, a film and what is asked of it, runs."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from classroom_fer.errors import StoreError, TaskFileError
from classroom_fer.lesson.records import PROFILES, TASK_MODES
from classroom_fer.lesson.regions import parse_regions
from classroom_fer.lesson.runs import Run
from classroom_fer.report.formatting import plain
from classroom_fer.settings.config import Config
from classroom_fer.settings.declaration import SETTINGS
from classroom_fer.settings.declaration_file import NOTES
from classroom_fer.store.store import open_reader, open_store
from classroom_fer.web.drops import MOST_BYTES as MOST_FILM_BYTES
from classroom_fer.web.drops import Drops
from classroom_fer.web.films import Films
from classroom_fer.web.pages import page, words
from classroom_fer.web.places import film_at, folder_at, tasks_files
from classroom_fer.web.run_rows import run_rows
from classroom_fer.web.run_start import Order, Starter
from classroom_fer.web.typed_tasks import TYPED, mistakes_of, read_typed, tasks_table

DROPPED = "dropped"
"""First part of the address of a film that was dropped."""
MOST_BYTES = 300_000
"""Of a form: a table of tasks and regions have some thousand (choice)."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What analyses are asked for with."""

    starter: Starter
    drops: Drops
    settings: Config
    films: Films = field(default_factory=Films)
    shared: bool = False
    """Other machines see the page: no film is shown before its regions are known."""

    def runs(self) -> list[Run]:
        """Those of the database; none while there is no database."""
        with suppress(StoreError), open_reader(self.starter.db) as store:
            return store.runs.all()
        return []

    @property
    def places(self) -> dict[str, Path]:
        """Where films may be: below the folders that the user named, or dropped."""
        return {str(n): root for n, root in enumerate(self.films.roots)} | {DROPPED: self.drops.folder.resolve()}


def start_page(request: Request) -> Response:
    """Runs, and the folders in which films are."""
    desk = _desk(request)
    folder = folder_at(desk.places, request.query_params.get("in", "")) if desk.films.roots else None
    say = words(request)
    return page(request, "analyse.html.j2", rows=run_rows(desk.runs(), say), folder=folder,
                max_bytes=MOST_FILM_BYTES, gigabytes=say.whole(MOST_FILM_BYTES / 1e9))  # fmt: skip


def runs_part(request: Request) -> Response:
    """The runs alone, for the script that asks again."""
    return page(request, "runs.html.j2", rows=run_rows(_desk(request).runs(), words(request)))


def film_page(request: Request) -> Response:
    """A film, and what can be asked of it."""
    desk, address = _desk(request), request.query_params.get("film", "")
    film = film_at(desk.places, address)
    declared = asdict(desk.settings.declaration) | {"profile": desk.settings.profile}
    return page(
        request, "analyse_film.html.j2", address=address, name=plain(film.name), tasks_files=tasks_files(film),
        folder="" if address.startswith(DROPPED) else address.rpartition("/")[0], shown=not desk.shared,
        declared=declared, profiles=PROFILES,
        settings=tuple(SETTINGS), modes=TASK_MODES, typed=TYPED,
    )  # fmt: skip


def film_bytes(request: Request) -> Response:
    """The film from its place, in the ranges that the browser asks for."""
    desk = _desk(request)
    if desk.shared:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    path = film_at(desk.places, request.query_params.get("film", ""))
    return FileResponse(path, content_disposition_type="inline")


async def drop(request: Request) -> Response:
    """Takes a film that is the body of the request; it is deleted when no run needs it any more."""
    name = urllib.parse.unquote(request.headers.get("x-file-name", ""))
    size = request.headers.get("content-length", "")
    path = await _desk(request).drops.take(name, int(size) if size.isdecimal() else 0, request.stream())
    film = urllib.parse.quote(f"{DROPPED}/{path.parent.name}/{path.name}")
    return Response(status_code=HTTPStatus.CREATED, headers={"location": f"/analyse/film?film={film}"})


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
    await run_in_threadpool(_act, _desk(request), int(number), request.path_params["verb"])
    return await run_in_threadpool(runs_part, request)


def _act(desk: Desk, run_id: int, verb: str) -> None:
    starter = desk.starter
    with open_store(starter.db, create=False) as store:
        if verb == "remove":
            run = store.runs.one(run_id)
            store.runs.remove(run_id)
            desk.drops.release(run)
            desk.drops.tidy()
        elif verb == "go-on" and not store.runs.one(run_id).is_under_way:
            starter.again(run_id)
        elif verb in ("pause", "go-on", "cancel"):
            store.runs.ask(run_id, "run" if verb == "go-on" else verb)  # type: ignore[arg-type]
        else:
            raise HTTPException(HTTPStatus.NOT_FOUND)


async def check_tasks(request: Request) -> Response:
    """What is wrong in the tasks that are being typed, as ``tasks check`` says it."""
    rows, duration_s = read_typed(await request.body())
    return JSONResponse({"mistakes": [asdict(mistake) for mistake in mistakes_of(rows, duration_s)]})


def _order(desk: Desk, form: Mapping[str, str]) -> Order:
    film = film_at(desk.places, form.get("film", ""))
    wanted, drawn = form.get("tasks", ""), form.get("regions", "")
    table = tasks_table(form.get("typed", "")) if wanted == TYPED else None
    if wanted not in ("", TYPED, *tasks_files(film)):
        raise TaskFileError(f"{wanted}: no such tasks file beside the film (any more)", hint="choose another one")
    return Order(
        film,
        film.with_name(wanted) if wanted and table is None else None,
        {name: form.get(name, "") for name in (*NOTES, "profile")},
        table,
        parse_regions(drawn, "what was drawn") if drawn else (),
    )


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
    Route("/analyse/tasks", check_tasks, methods=["POST"], max_body_size=MOST_BYTES),
    Route("/analyse/drop", drop, methods=["POST"], max_body_size=MOST_FILM_BYTES),
    Route("/runs", runs_part),
    Route("/runs", start, methods=["POST"], max_body_size=MOST_BYTES),
    Route("/runs/{number}/{verb}", act, methods=["POST"]),
]
