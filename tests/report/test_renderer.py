"""The printed page: what it holds, what it refuses to read, and how it reaches the disk."""

from __future__ import annotations

import errno
import logging
import os
import re
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from report import samples

from classroom_fer.errors import ReportError
from classroom_fer.report import private_file
from classroom_fer.report.formatting import plain
from classroom_fer.report.renderer import PdfRenderer
from classroom_fer.report.view import LIMITS
from classroom_fer.report.wording import Wording
from classroom_fer.resources import resource_dir

PAGES = {"clear_effect": 3, "no_effect": 3, "too_few": 2, "no_faces": 2, "short_whole_lesson": 3, "twelve_tasks": 4,
         "group_only": 3, "partly_lost": 3, "hostile_names": 3}  # fmt: skip


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every sample as a PDF."""
    folder = tmp_path_factory.mktemp("printed")
    renderer = PdfRenderer()
    for name, make in samples.SAMPLES.items():
        renderer.render(*make(), folder / f"{name}.pdf")
    return {name: folder / f"{name}.pdf" for name in samples.SAMPLES}


def words_of(pdf: Path) -> str:
    """The text layer, as a reader copies it; skips where poppler is missing."""
    try:
        done = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True)
    except FileNotFoundError:
        pytest.skip("pdftotext (Debian package poppler-utils) is not installed")
    return " ".join(done.stdout.replace("\xa0", " ").split())


def folder_with(folder: Path, name: str, text: str) -> PdfRenderer:
    (folder / name).write_text(text, encoding="utf-8")
    return PdfRenderer(folder)


def shipped(name: str) -> str:
    return (resource_dir("templates") / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_page_of_a_sample(name: str, golden: Callable[[str, str], None]) -> None:
    """The style sheet and the figures have their own files and golden texts."""
    page = PdfRenderer().render_html(*samples.SAMPLES[name]())
    page = re.sub(r"<style>.*?</style>", "<style/>", page, flags=re.DOTALL)
    page = re.sub(r"<svg.*?<title>(.*?)</title>.*?</svg>", r"<svg><title>\1</title></svg>", page, flags=re.DOTALL)
    golden(f"report/{name}.html", page)


@pytest.mark.parametrize("name", PAGES)
def test_a_lesson_fills_as_many_pages_as_it_needs(printed: dict[str, Path], name: str) -> None:
    with pikepdf.open(printed[name]) as pdf:
        assert len(pdf.pages) == PAGES[name]


@pytest.mark.parametrize("name", ["clear_effect", "no_faces", "hostile_names"])
def test_pdf_is_tagged_and_names_itself(printed: dict[str, Path], name: str) -> None:
    with pikepdf.open(printed[name]) as pdf:
        assert str(pdf.Root.Lang) == "en"
        assert bool(pdf.Root.MarkInfo.Marked) and bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as xmp:
            assert xmp["pdfuaid:part"] == "1"
        lesson = plain(Path(samples.SAMPLES[name]()[0].start.video_name).stem)
        assert str(pdf.docinfo.Title) == f"What the camera saw: {lesson}"
        assert str(pdf.docinfo.Author) == "classroom-fer"
        assert str(pdf.docinfo.CreationDate).startswith("D:20261120")
        with pdf.open_outline() as outline:
            assert [str(entry.title) for entry in outline.root] == [lesson]
            titles = [str(entry.title) for entry in outline.root[0].children]
        assert {"Read this first", "The tasks, in lesson order", "Limits", "Method"} <= set(titles)


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_every_figure_has_an_alternative_text(printed: dict[str, Path], name: str) -> None:
    with pikepdf.open(printed[name]) as pdf:
        figures = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"]
        assert all(len(str(figure.get("/Alt", ""))) > 5 for figure in figures)
        assert bool(figures) == (name not in ("no_faces", "too_few"))


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_limits_cautions_and_forbidden_uses_are_in_every_report(printed: dict[str, Path], name: str) -> None:
    text, say = words_of(printed[name]), Wording()
    text = re.sub(r"[^\w ]", "", text)
    for key in ("read_first_title", "limits_title", "forbidden_title", "class_summary", "purpose_undeclared"):
        assert re.sub(r"[^\w ]", "", say(key)) in text
    assert "live alerts" in text and "Page 1 of" in text.replace("  ", " ")
    page = PdfRenderer().render_html(*samples.SAMPLES[name]())
    assert all(say(f"limit_{limit}") in page for limit in LIMITS)


def test_a_pdf_holds_no_picture(printed: dict[str, Path]) -> None:
    for path in printed.values():
        with pikepdf.open(path) as pdf:
            kinds = {str(item.get("/Subtype")) for item in pdf.objects if isinstance(item, pikepdf.Stream)}
        assert "/Image" not in kinds


class Tags(HTMLParser):
    """Counts elements and collects text outside of SVG and style."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, int] = {}
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1

    def handle_data(self, data: str) -> None:
        self.text += data


def test_names_in_any_script_or_markup_print_as_text() -> None:
    tags = Tags()
    tags.feed(PdfRenderer().render_html(*samples.hostile_names()))
    assert not {"script", "b1", "img"} & set(tags.seen)
    for name in samples.HOSTILE_NAMES:
        assert plain(name) in tags.text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", tags.text)


def test_right_to_left_names_and_html_reach_the_paper(printed: dict[str, Path]) -> None:
    text = words_of(printed["hostile_names"])
    assert "<script>alert('x')</script>" in text and "{{ 7*7 }}" in text
    assert re.search("[\u0600-\u06ff\ufb50-\ufeff]{3}", text) and re.search("[\u0590-\u05ff]{3}", text)


def test_one_file_of_the_shipped_templates_can_be_replaced(tmp_path: Path) -> None:
    mine = folder_with(tmp_path, "report.css", shipped("report.css") + "\nh1 { color: #123456 }")
    assert "h1 { color: #123456 }" in mine.render_html(*samples.no_faces())


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("report.html.j2", "<p>\n{% if %}", r"report\.html\.j2, line 2: the template is broken"),
        ("report.html.j2", "<p>\n\n{{ view.teacher_score }}", r"report\.html\.j2, line 3: .*teacher_score"),
        (
            "report_parts.html.j2",
            "{% macro heading(a, b) %}\n{{ a / 0 }}{% endmacro %}",
            r"report_parts\.html\.j2, line 2",
        ),
        ("report.html.j2", "{% include 'logo.html.j2' %}", r"logo\.html\.j2: .*no such template"),
        ("report.html.j2", "x\n{{ view.__class__.__mro__ }}", r"line 2: .*SecurityError"),
        ("report.html.j2", "<p>{{ view.title }}</p>", "leaves out what every report must say"),
    ],
)
def test_a_broken_template_gives_file_line_and_reason(tmp_path: Path, file: str, text: str, told: str) -> None:
    with pytest.raises(ReportError, match=told) as caught:
        folder_with(tmp_path, file, text).render_html(*samples.no_faces())
    assert caught.value.hint


def test_limits_cannot_be_taken_out_by_a_template(tmp_path: Path) -> None:
    without = shipped("report.html.j2").replace("{{ limit }}", "")
    with pytest.raises(ReportError, match="leaves out"):
        folder_with(tmp_path, "report.html.j2", without).render(*samples.no_faces(), tmp_path / "out.pdf")
    assert not (tmp_path / "out.pdf").exists()


@pytest.mark.parametrize(
    "url",
    ["https://example.org/x.css", "http://127.0.0.1:9/x.png", "file:///etc/passwd", "../../../../etc/passwd",
     "file:///etc/hostname", "ftp://example.org/a", "data:text/css,h1%7Bcolor:red%7D", "//example.org/x.css",
     "link.css", "notes.txt", "%2e%2e/secret.css"],
)  # fmt: skip
def test_nothing_outside_of_the_template_folder_is_read(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    folder = tmp_path / "templates"
    folder.mkdir()
    (tmp_path / "secret.css").write_text("h1 { color: red }")
    (folder / "link.css").symlink_to(tmp_path / "secret.css")
    (folder / "notes.txt").write_text("not a style sheet")
    page = shipped("report.html.j2").replace("<meta name", f'<link rel="stylesheet" href="{url}"><meta name', 1)
    with pytest.raises(ReportError, match="not in the template folder"):
        folder_with(folder, "report.html.j2", page).render(*samples.no_faces(), tmp_path / "out.pdf")
    assert not (tmp_path / "out.pdf").exists()


def test_files_of_the_template_folder_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "more.css").write_text("@page { size: A5 }")
    page = shipped("report.html.j2").replace("</head>", '<link rel="stylesheet" href="more.css"></head>')
    folder_with(tmp_path, "report.html.j2", page).render(*samples.no_faces(), tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert round(float(pdf.pages[0].mediabox[2])) == 420


def test_pdf_and_its_new_folders_belong_to_their_owner_alone(tmp_path: Path) -> None:
    os.umask(os.umask(0o022))
    out = tmp_path / "a" / "b" / "lesson.pdf"
    PdfRenderer().render(*samples.no_faces(), out)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (out, out.parent, out.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]
    assert [path.name for path in out.parent.iterdir()] == ["lesson.pdf"]


def test_full_disk_leaves_the_old_pdf_and_no_half_of_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "lesson.pdf"
    out.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(private_file.os, "fsync", full)
    with pytest.raises(ReportError, match="No space left on device") as caught:
        private_file.write_private(out, b"new")
    assert "the analysis itself is kept" in caught.value.hint
    assert out.read_bytes() == b"old" and list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("out", ["file/lesson.pdf", "folder", "/proc/nowhere/lesson.pdf"])
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, out: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ReportError, match="cannot be written"):
        private_file.write_private(tmp_path / out, b"new")
    assert not list(tmp_path.glob("**/*.tmp"))


def test_missing_template_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no such template folder"):
        PdfRenderer(tmp_path / "nowhere")


def test_missing_pango_names_the_packages(tmp_path: Path) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')")
    code = (
        "from classroom_fer.errors import ReportError\n"
        "try:\n    import classroom_fer.report.renderer\n"
        "except ReportError as error:\n    print(error, '|', error.hint)"
    )
    root = Path(__file__).resolve().parents[2]
    env = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{root}"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert "libpango-1.0-0" in done.stdout
    assert done.stdout.strip().endswith("apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0")


def test_libraries_say_nothing_on_the_terminal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.WARNING):
        PdfRenderer().render(*samples.hostile_names(), tmp_path / "out.pdf")
    assert not caplog.records and capfd.readouterr() == ("", "")


def test_sixty_minutes_print_in_ten_seconds(tmp_path: Path) -> None:
    """Processor time of this process: the machine may be shared."""
    tasks = samples._tasks(*((f"Part {i}", 10, "board") for i in range(1, 7)))
    lesson = samples.lesson("hour.mp4", tasks, [60.0] * 6, pupils=30)
    assert len(lesson[1].bins) == 360
    before = time.process_time()
    PdfRenderer().render(*lesson, tmp_path / "out.pdf")
    assert time.process_time() - before < 10
