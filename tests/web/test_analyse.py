"""The pages of analysing: folders, a film, runs; what they refuse and what they say."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from media import constant, write_film
from web.asgi import PORT, TOKEN, Answer
from web.conftest import Site

from classroom_fer.lesson.runs import ProcessIdentity, RunPlan, RunProgress
from classroom_fer.settings.config import default_config
from classroom_fer.store.process_identity import own_identity
from classroom_fer.store.store import SqlStore, open_store
from classroom_fer.web.access import Access
from classroom_fer.web.app import Shown, build_app
from classroom_fer.web.films import Films
from classroom_fer.web.typed_tasks import TYPED

FILM = "0/7b/lesson 2.mp4"


@pytest.fixture
def films(tmp_path: Path) -> Path:
    folder = tmp_path / "films" / "7b"
    folder.mkdir(parents=True)
    (folder / "lesson 2.mp4").write_bytes(b"bytes of a film")
    (folder / "lesson 2.csv").write_text("task,start,end\nTalk,0,5\n")
    return tmp_path / "films"


@pytest.fixture
def site(tmp_path: Path, films: Path) -> Site:
    return site_on(tmp_path / "lessons.sqlite", films)


def site_on(db: Path, films: Path, **shown: object) -> Site:
    access = Access(PORT, token=TOKEN)
    app = build_app(Shown(str(db), default_config(), Films((films,)), **shown), access)  # type: ignore[arg-type]
    return Site(app, access, db, {})


@pytest.fixture
def store(tmp_path: Path, empty_database: Path) -> SqlStore:
    return open_store(shutil.copyfile(empty_database, tmp_path / "lessons.sqlite"))


def ask(site: Site, **form: str) -> Answer:
    return site.post("/runs", urlencode(form).encode(), x_fragment="1")


def test_folders_lead_to_films_and_a_film_to_its_order(site: Site) -> None:
    assert 'href="/analyse?in=0/7b"' in site.get("/analyse").text
    assert 'href="/analyse/film?film=0/7b/lesson%202.mp4"' in site.get("/analyse?in=0/7b").text
    page = site.get("/analyse/film?film=0/7b/lesson%202.mp4").text
    assert '<option value="lesson 2.csv">' in page
    assert 'value="research" checked' in page
    assert site.get("/analyse/film/bytes?film=0/7b/lesson%202.mp4").body == b"bytes of a film"


def test_without_folders_the_page_says_how_to_name_one(tmp_path: Path, site_of: Callable[..., Site]) -> None:
    page = site_of(tmp_path / "lessons.sqlite").get("/analyse").text
    assert "classroom-fer web --root films" in page
    assert not (tmp_path / "lessons.sqlite").exists(), "looking makes no database"


def test_other_machines_are_shown_no_film_before_its_regions_are_known(tmp_path: Path, films: Path) -> None:
    site = site_on(tmp_path / "lessons.sqlite", films, shared=True)
    assert "<video" not in site.get("/analyse/film?film=0/7b/lesson%202.mp4").text
    assert site.get("/analyse/film/bytes?film=0/7b/lesson%202.mp4").status == 404


@pytest.mark.parametrize("address", ["/analyse?in=0/../..", "/analyse/film?film=0/7b/gone.mp4", "/analyse/film",
                                     "/analyse/film/bytes?film=0/7b/lesson%202.csv"])  # fmt: skip
def test_what_is_not_there_is_an_error_in_two_lines(site: Site, address: str) -> None:
    page = site.get(address)
    assert page.status == 422
    assert "go back to the folders and choose again" in page.text


def test_a_run_says_in_the_page_what_it_says_on_the_command_line(site: Site, store: SqlStore) -> None:
    own = own_identity()
    run = store.runs.add(RunPlan("/films/<b>5b.mp4", None, "9" * 64, ()), own)
    store.runs.tell(run.run_id, "running", RunProgress("faces", 300.0, 1200.0, 720.0))
    store.runs.add(RunPlan("/films/6a.mp4", None, "9" * 64, ()), ProcessIdentity(own.pid, 1.0, own.host))
    page = site.get("/runs", x_fragment="1").text
    assert "<html" not in page
    assert "&lt;b&gt;5b.mp4" in page and "<b>5b" not in page
    assert 'value="25"' in page
    assert "was killed, or the machine was switched off" in unescape(page)
    assert f'data-act="/runs/{run.run_id}/pause"' in site.get("/analyse").text


def test_a_run_is_paused_goes_on_is_cancelled_and_removed(site: Site, store: SqlStore) -> None:
    run_id = store.runs.add(RunPlan("/films/5b.mp4", None, "9" * 64, ()), own_identity()).run_id
    wishes = []
    for verb in ("pause", "go-on", "cancel"):
        assert site.post(f"/runs/{run_id}/{verb}", b"", x_fragment="1").status == 200
        wishes.append(store.runs.wish(run_id))
    assert wishes == ["pause", "run", "cancel"]
    early = site.post(f"/runs/{run_id}/remove", b"", x_fragment="1")
    assert (early.status, "cancel it first" in early.text) == (422, True)
    store.runs.end(run_id, "cancelled")
    late = site.post(f"/runs/{run_id}/pause", b"", x_fragment="1")
    assert (late.status, "is not under way: it is cancelled" in late.text) == (422, True)
    site.post(f"/runs/{run_id}/remove", b"", x_fragment="1")
    assert store.runs.all() == []
    assert site.post(f"/runs/{run_id}/cancel", b"").status == 422
    assert [site.post(address, b"").status for address in ("/runs/1/format-c", "/runs/x/cancel")] == [404, 404]


def test_what_is_wrong_in_an_order_is_said_and_nothing_is_started(site: Site, store: SqlStore) -> None:
    policy = ask(site, film=FILM, jurisdiction="DE", setting="education", profile="research")
    assert (policy.status, "use --profile presence" in policy.text) == (403, True)
    assert ask(site, film=FILM, tasks="../secret.csv").status == 422
    assert ask(site, film="0/../x.mp4").status == 422
    assert ask(site).status == 422
    assert site.post("/runs", b"x" * 400_000).status == 413
    assert store.runs.all() == []


def test_a_page_of_another_site_starts_nothing(site: Site, store: SqlStore) -> None:
    form = urlencode({"film": FILM}).encode()
    assert site.post("/runs", form, origin="http://evil.example").status == 403
    assert store.runs.all() == []


def test_tasks_are_checked_while_they_are_typed(site: Site) -> None:
    told = site.post("/analyse/tasks", b'{"rows": [["Talk", "0", "", "board"]], "duration": 60}').text
    assert json.loads(told)["mistakes"] == [
        {"row": 0, "part": "end", "text": "the time is missing; write seconds or [HH:]MM:SS"}
    ]
    assert site.post("/analyse/tasks", b"nonsense").status == 422


def test_wrong_tasks_and_regions_are_said_before_anything_is_started(site: Site, store: SqlStore) -> None:
    tasks = ask(site, film=FILM, tasks=TYPED, typed='{"rows": [["Talk", "0", "x", "board"]]}')
    assert (tasks.status, "task 1, end" in tasks.text) == (422, True)
    crossed = '{"regions": [{"points": [[0, 0], [1, 1], [1, 0], [0, 1]]}]}'
    regions = ask(site, film=FILM, regions=crossed)
    assert (regions.status, "crosses itself" in regions.text or "enclose nothing" in regions.text) == (422, True)
    assert store.runs.all() == []


def test_a_film_is_dropped_and_its_page_opens(site: Site, tmp_path: Path) -> None:
    write_film(tmp_path / "5b.mp4", constant(5, 5.0))
    taken = site.post("/analyse/drop", (tmp_path / "5b.mp4").read_bytes(), x_file_name="5%20b.mp4")
    assert taken.status == 201
    page = site.get(taken["location"]).text
    assert "<h1>" in page and "5 b.mp4" in page
    bad = site.post("/analyse/drop", b"no film", x_file_name="5b.mp4", x_fragment="1")
    assert (bad.status, "lessons.sqlite.runs" in bad.text) == (422, False)
    assert site.get("/analyse/film?film=dropped").status == 422
