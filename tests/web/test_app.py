"""Every page on the sample database: what it shows, what it hides, and what it says when something is wrong."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from command import LESSON
from contracts.store import finished
from named import add_named
from report.samples import SAMPLES
from still_pictures import encoded
from web.asgi import PORT, TOKEN
from web.conftest import Site
from web.lessons import LESSONS, UNFINISHED, with_film

from classroom_fer.errors import StoreError
from classroom_fer.lesson.records import Declaration
from classroom_fer.pictures.reading import MAX_BYTES
from classroom_fer.report.view import report_view
from classroom_fer.settings.config import default_config
from classroom_fer.settings.languages import LANGUAGES
from classroom_fer.settings.versions import RESULT_VERSION
from classroom_fer.store.store import open_reader, open_store
from classroom_fer.web import app as app_module
from classroom_fer.web.access import Access
from classroom_fer.web.app import Shown, build_app
from classroom_fer.web.exports import EXPORTS
from classroom_fer.web.films import Films
from classroom_fer.web.texts import APP, AppWording


def words(page: str) -> str:
    """The text of a page without its markup and its charts."""
    return " ".join(unescape(re.sub(r"(?s)<script.*?</script>|<[^>]+>", " ", page)).split())


def test_the_list_links_every_finished_lesson(site: Site) -> None:
    page = site.get("/").text
    assert set(re.findall(r'href="(/lessons/\d+)"', page)) == {
        site.lesson(name) for name in site.numbers if name != UNFINISHED
    }
    assert "not finished" in page


def test_the_search_finds_and_says_when_it_finds_nothing(site: Site) -> None:
    assert re.findall(r'href="(/lessons/\d+)"', site.get("/?q=folding").text) == [site.lesson("clear_effect")]
    nothing = site.get("/?q=%3Cb%3Enowhere").text
    assert "No lesson fits <bdi" in nothing
    assert "&lt;b&gt;nowhere" in nothing
    assert "<b>nowhere" not in nothing


def test_an_empty_database_says_what_to_do_next(tmp_path: Path, site_of: Callable[..., Site]) -> None:
    open_store(tmp_path / "new.sqlite").close()
    page = site_of(tmp_path / "new.sqlite").get("/").text
    assert "No lesson has been analysed yet" in page
    assert "classroom-fer analyze lesson.mp4 --tasks tasks.csv" in page


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_says_every_sentence_of_its_report(site: Site, name: str) -> None:
    page = site.get(site.lesson(name))
    view = report_view(*SAMPLES[name]())
    said = words(page.text)
    sentences = [*view.cautions, *view.limits, view.forbidden, view.camera.title, *view.camera.facts, view.tasks.title]
    sentences += [moment.sentence for moment in view.moments] + [*view.questions, *view.tasks.scale]
    sentences += [row.index for row in view.tasks.rows if row.index] + [row.reason for row in view.tasks.rows]
    assert page.status == 200
    assert [text for text in sentences if text and " ".join(text.split()) not in said] == []


@pytest.mark.parametrize("name", ["too_few", "presence"])
def test_what_print_hides_is_not_in_the_page_either(site: Site, name: str) -> None:
    page = site.get(site.lesson(name)).text
    assert 'id="plot-timeline"' not in page
    assert 'id="plot-expressions"' not in page
    assert ('id="plot-camera"' in page) is (name == "presence")


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_page_speaks_its_language_in_its_direction(site: Site, code: str) -> None:
    page = site.get(site.lesson("clear_effect"), accept_language=f"{code}-XX,en;q=0.5").text
    assert f'<html lang="{code}" dir="{LANGUAGES[code].direction}"' in page
    said = words(page)
    english = [text for text in APP.values() if isinstance(text, str) and len(text.split()) > 2 and text in said]
    assert bool(english) is (code == "en")
    assert AppWording(code)("app_pdf") in said


def test_a_chosen_language_stays(site: Site) -> None:
    chosen = site.get("/?lang=fr")
    assert 'lang="fr"' in chosen.text
    assert chosen["set-cookie"].startswith("lang=fr;")
    assert '<html lang="fr"' in site.get("/", cookie="lang=fr", accept_language="de").text
    assert '<html lang="de"' in site.get("/", cookie="lang=xx", accept_language="de").text


def test_a_chosen_look_is_there_from_the_first_moment(site: Site) -> None:
    assert 'data-theme="dark"' in site.get("/", cookie="theme=dark").text
    assert "data-theme" not in site.get("/", cookie='theme="><script>').text


def test_the_pdf_is_that_of_the_report_command_and_the_audit_says_so(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Renderer:
        def render_html(self, session: object, result: object) -> str:
            return "page"

        def pdf(self, page: str, identity: str) -> bytes:
            return f"%PDF {page} {len(identity)}".encode()

    styles = []
    monkeypatch.setattr(app_module.wiring, "build_renderer", lambda style: styles.append(style) or Renderer())
    answer = site.get(site.lesson("hostile_names", "/report.pdf"), cookie="lang=de")
    assert answer.body == b"%PDF page 32"
    assert answer["content-type"] == "application/pdf"
    assert re.fullmatch(r"attachment; filename\*=UTF-8''[\w%.-]+\.pdf", answer["content-disposition"])
    assert styles[0].lang == "de"
    with open_reader(site.db) as store:
        entry = store.audit_entries()[-1]
    assert (entry.action, entry.session_id) == ("report", site.numbers["hostile_names"])


@pytest.mark.parametrize(("address", "status", "said"), [
    ("/nothing", 404, "There is no such page"),
    ("/lessons/999", 422, "999"),
    ("/lessons/..%2f..", 422, "there is no session"),
    ("/static/0/../base.html.j2", 404, "There is no such page"),
])  # fmt: skip
def test_an_address_that_leads_nowhere_says_so(site: Site, address: str, status: int, said: str) -> None:
    answer = site.get(address)
    assert answer.status == status
    assert said in words(answer.text)
    assert 'href="/"' in answer.text


def test_an_unfinished_lesson_says_how_to_go_on(site: Site) -> None:
    said = words(site.get(site.lesson(UNFINISHED)).text)
    assert "is not finished" in said
    assert "give the same analyze command again" in said


def test_a_declaration_that_forbids_shows_the_law_and_keeps_presence(
    site: Site, site_of: Callable[..., Site]
) -> None:  # fmt: skip
    settings = replace(default_config(), declaration=Declaration(jurisdiction="FR", setting="education"))
    forbidden = site_of(site.db, site.numbers, settings)
    for more in ("", "/report.pdf"):
        answer = forbidden.get(forbidden.lesson("clear_effect", more))
        assert answer.status == 403
        assert "prohibits" in answer.text
        assert "fractions" not in answer.text
    assert forbidden.get(forbidden.lesson("presence")).status == 200


def test_a_database_that_is_missing_broken_or_newer_is_told_and_the_app_lives_on(
    tmp_path: Path, site_of: Callable[..., Site]
) -> None:  # fmt: skip
    path = tmp_path / "lessons.sqlite"
    one = site_of(path)
    with pytest.raises(StoreError) as told:
        open_reader(path)
    assert str(told.value) in words(one.get("/").text)
    assert "No lesson has been analysed yet" in one.get("/").text
    assert one.get("/lessons/1").status == 422
    assert not path.exists(), "looking makes no file"
    path.write_bytes(b"no database at all" * 100)
    assert one.get("/").status == 422
    path.unlink()
    open_store(path).close()
    assert one.get("/").status == 200
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert "newer" in words(one.get("/").text)


def test_a_bug_shows_no_trace_and_names_the_log_in_the_terminal(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:  # fmt: skip
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(app_module, "lesson_rows", lambda *_: 1 / 0)
    answer = site.get("/")
    assert answer.status == 500
    assert "This is a bug in classroom-fer (ZeroDivisionError)" in words(answer.text)
    assert "Traceback" not in answer.text
    assert "this is a bug" in capsys.readouterr().err


def test_the_app_leaves_a_database_as_it_found_it(site: Site) -> None:
    def content() -> list[str]:
        with sqlite3.connect(site.db) as connection:
            return list(connection.iterdump())

    before = content()
    for name in ("clear_effect", "presence", "too_few"):
        site.get(site.lesson(name))
    site.get("/")
    assert content() == before


def test_a_picture_without_faces_is_an_answer_that_says_so(site: Site) -> None:
    nobody = encoded(np.full((120, 200, 3), 120, np.uint8), "PNG")
    answer = site.post("/picture", nobody, x_file_name="%3Cb%3E%20room.png", x_fragment="1")
    assert answer.status == 200
    assert answer.text.lstrip().startswith("<section"), "a part of a page, for the script"
    assert "No face was found" in answer.text
    assert "&lt;b&gt; room.png" in answer.text
    assert "200 × 120" in answer.text


def test_what_is_no_picture_says_what_it_is_and_what_to_do(site: Site) -> None:
    answer = site.post("/picture", b"%PDF-1.7 ...", x_file_name="scan.jpg", x_fragment="1", accept_language="fr")
    assert answer.status == 422
    assert "scan.jpg: is a PDF, not a picture" in words(answer.text)
    assert "export its picture as PNG or JPEG" in words(answer.text)
    assert "<html" not in answer.text


def test_an_upload_over_the_limit_is_refused_before_it_is_read(site: Site) -> None:
    assert site.post("/picture", b"", content_length=str(MAX_BYTES + 1)).status == 413
    assert site.post("/", b"", content_length="2000000").status in (405, 413)


def test_a_declaration_that_forbids_inference_closes_the_page_of_pictures(
    site: Site, site_of: Callable[..., Site]
) -> None:
    forbidden = site_of(site.db, site.numbers, replace(default_config(), profile="presence"))
    assert forbidden.get("/picture").status == 403
    assert forbidden.post("/picture", b"x").status == 403


def test_a_picture_needs_our_own_page(site: Site) -> None:
    assert site.post("/picture", b"x", origin="http://evil.example").status == 403


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A database of two lessons, the second one with an opt-out region, and the folder of their film."""
    folder = tmp_path_factory.mktemp("films")
    film = folder / "lesson.mp4"
    film.write_bytes(bytes(range(256)) * 40)
    for regions in (0, 1):
        with_film(folder / "lessons.sqlite", film, (640, 360), regions=regions)
    return folder / "lessons.sqlite", folder


def showing(db: Path, **shown: object) -> Site:
    access = Access(PORT, token=TOKEN)
    return Site(build_app(Shown(str(db), default_config(), **shown), access), access, db, {})  # type: ignore[arg-type]


def test_a_film_is_served_in_the_ranges_that_are_asked_for(films: tuple[Path, Path]) -> None:
    site = showing(films[0], films=Films((films[1],)))
    assert 'src="/lessons/1/film"' in site.get("/lessons/1").text
    part = site.get("/lessons/1/film", range="bytes=256-259")
    assert (part.status, part.body, part["content-range"]) == (206, bytes(range(4)), "bytes 256-259/10240")
    assert part["content-type"] == "video/mp4"


def test_opt_out_regions_lie_black_over_the_film(films: tuple[Path, Path]) -> None:
    page = showing(films[0], films=Films((films[1],))).get("/lessons/2").text
    assert '<polygon points="0.00000,0.50000 0.30000,0.50000' in page
    assert "Opt-out regions are black here" in page


def test_other_machines_get_no_film_with_opt_out_regions(films: tuple[Path, Path]) -> None:
    site = showing(films[0], films=Films((films[1],)), shared=True)
    assert 'id="film"' not in site.get("/lessons/2").text
    assert site.get("/lessons/2/film").status == 404
    assert site.get("/lessons/1/film").status == 200


def test_without_a_root_there_is_no_film(films: tuple[Path, Path]) -> None:
    site = showing(films[0])
    assert 'id="film"' not in site.get("/lessons/1").text
    assert site.get("/lessons/1/film").status == 404


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_an_archive_of_the_files_of_the_command_with_their_dictionary(site: Site, name: str) -> None:
    answer = site.get(site.lesson("clear_effect", f"/export/{name}.zip"))
    assert answer.status == 200
    assert answer["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        names = archive.namelist()
    assert any("dictionary" in one for one in names)
    assert all(one.startswith("fractions-5b") for one in names)
    with open_reader(site.db) as store:
        assert store.audit_entries()[-1].action == "export"


def test_exports_hide_what_print_hides(site: Site) -> None:
    answer = site.get(site.lesson("too_few", "/export/tasks-csv.zip"))
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        table = archive.read(next(one for one in archive.namelist() if one.endswith(".csv"))).decode("utf-8-sig")
    heads, *rows = csv.reader(io.StringIO(table))
    assert len(rows) == 3
    assert {row[heads.index(column)] for row in rows for column in ("n", "coverage", "engagement")} <= {"", "n/a"}


def test_no_rows_of_single_faces_and_no_other_export_can_be_asked_for(site: Site) -> None:
    assert {level for _, level, _ in EXPORTS.values()} == {"task", "bin"}
    assert "there is no such export" in site.get(site.lesson("clear_effect", "/export/faces-csv.zip")).text


def test_labels_stand_beside_the_lesson_and_are_found(tmp_path: Path, site_of: Callable[..., Site]) -> None:
    number = with_film(tmp_path / "labelled.sqlite", LESSON, (1280, 720))
    with open_store(tmp_path / "labelled.sqlite") as store:
        store.set_labels(number, (("class", "7b"), ("room", "<b>")))
    site = site_of(tmp_path / "labelled.sqlite")
    for address in ("/", f"/lessons/{number}", "/?q=class%3D7b"):
        assert "class : 7b" in words(site.get(address).text)
        assert "&lt;b&gt;" in site.get(address).text
    assert "No lesson fits" in site.get("/?q=8c").text


def test_named_results_are_pages_downloads_and_errors_of_their_own(
    tmp_path: Path, site_of: Callable[..., Site]
) -> None:
    db = tmp_path / "named.sqlite"
    with open_store(db) as store:
        number = finished(store, result_version=RESULT_VERSION).session_id
        add_named(store, number)
    site = site_of(db)
    own, flat, halves = (site.get(f"/lessons/{number}{query}") for query in ("", "?result=flat", "?result=halves"))
    for page in (own, flat, halves):
        assert page.status == 200
        assert set(re.findall(rf'href="/lessons/{number}\?result=(\w+)"', page.text)) == {"flat", "halves"}
    assert ["Further result flat" in words(page.text) for page in (own, flat, halves)] == [False, True, False]
    assert ["/export/bins-csv.zip" in page.text for page in (own, flat, halves)] == [True, True, False]
    assert f'/lessons/{number}/report.pdf?result=flat"' in flat.text
    packed = zipfile.ZipFile(io.BytesIO(site.get(f"/lessons/{number}/export/tasks-csv.zip?result=flat").body))
    (table,) = (name for name in packed.namelist() if name.endswith("_task.csv"))
    rows = list(csv.DictReader(io.TextIOWrapper(packed.open(table), encoding="utf-8-sig")))
    assert (rows[0]["aggregation"], rows[0]["engagement"]) == ("flat", "11")
    assert site.get(f"/lessons/{number}/export/bins-csv.zip?result=halves").status == 403
    wrong = site.get(f"/lessons/{number}?result=%3Cb%3Esteep")
    assert wrong.status == 422 and "it has flat, halves" in words(wrong.text) and "<b>steep" not in wrong.text
