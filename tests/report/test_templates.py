"""A school's own look: what may be changed, what is told of mistakes, and what no template can do."""

from __future__ import annotations

import io
import socket
import stat
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from report import printed, samples

from classroom_fer.errors import ReportError
from classroom_fer.report.renderer import PdfRenderer
from classroom_fer.report.style_check import style_mistakes
from classroom_fer.report.template_copy import copy_templates
from classroom_fer.resources import resource_dir
from classroom_fer.settings.report_style import ReportStyle


def folder_with(folder: Path, name: str, text: str) -> PdfRenderer:
    (folder / name).write_text(text, encoding="utf-8")
    return PdfRenderer(ReportStyle(template_dir=folder))


def shipped(name: str) -> str:
    return (resource_dir("templates") / name).read_text(encoding="utf-8")


def test_the_style_sheet_alone_can_be_replaced(tmp_path: Path) -> None:
    mine = folder_with(tmp_path, "report.css", shipped("report.css") + "\nh1 { color: #123456 }")
    page = mine.render_html(*samples.no_faces())
    assert "h1 { color: #123456 }" in page
    assert page.partition("</style>")[2] == printed.page("no_faces").partition("</style>")[2]


def test_one_template_alone_can_be_replaced(tmp_path: Path) -> None:
    mine = folder_with(tmp_path, "report.html.j2", shipped("report.html.j2").replace("<header>", "<header><p>Ours</p>"))
    assert "<p>Ours</p>" in mine.render_html(*samples.no_faces())


def test_copied_templates_give_the_shipped_report(tmp_path: Path) -> None:
    copied = copy_templates(tmp_path / "ours")
    assert [path.name for path in copied] == ["across.html.j2", "report.css", "report.html.j2", "report_parts.html.j2"]
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == 0o700
    mine = PdfRenderer(ReportStyle(template_dir=tmp_path / "ours"))
    assert mine.render_html(*samples.SAMPLES["clear_effect"]()) == printed.page("clear_effect")


def test_copying_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "report.css").write_text("mine")
    with pytest.raises(ReportError, match=r"report\.css is there already"):
        copy_templates(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["report.css"]
    assert (tmp_path / "report.css").read_text() == "mine"


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("report.html.j2", "<p>\n{% if %}", r"report\.html\.j2, line 2: the template is broken"),
        ("report.html.j2", "<p>\n\n{{ view.teacher_score }}", r"report\.html\.j2, line 3: .*teacher_score"),
        (
            "report_parts.html.j2",
            "{% macro kicker(a, b) %}\n{{ a / 0 }}{% endmacro %}",
            r"report_parts\.html\.j2, line 2",
        ),
        ("report.html.j2", "{% include 'logo.html.j2' %}", r"logo\.html\.j2: .*no such template"),
        ("report.html.j2", "x\n{{ view.__class__.__mro__ }}", r"line 2: .*SecurityError"),
        ("report.html.j2", "x\n{{ ''.__class__.__base__.__subclasses__() }}", r"line 2: .*SecurityError"),
        ("report.html.j2", "{% for i in range(10 ** 9) %}{% endfor %}", r"line 1: .*OverflowError"),
        ("report.html.j2", "<p>{{ view.title }}</p>", "leaves out what every report must say"),
        ("report.css", "h1 {\n  colr: red;\n}", r"report\.css, line 2: `colr: red`: unknown property"),
        ("report.css", "h1 { color: 12px }\np::shadow { color: red }", r"line 1: `color: 12px`?.*\n.*line 2: .*shadow"),
        ("extra.css", "@page { size: A99 }", r"extra\.css, line 1: .*A99"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_reason(tmp_path: Path, file: str, text: str, told: str) -> None:
    with pytest.raises(ReportError, match=told) as caught:
        folder_with(tmp_path, file, text).render_html(*samples.no_faces())
    assert caught.value.hint


def test_a_style_sheet_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "report.css").write_bytes(b"h1 { content: '\xff' }")
    with pytest.raises(ReportError, match=r"report\.css: not UTF-8"):
        PdfRenderer(ReportStyle(template_dir=tmp_path))


def test_the_shipped_style_sheet_has_no_mistake() -> None:
    assert style_mistakes(shipped("report.css")) == []


@pytest.mark.parametrize(
    "rule",
    [".limits { display: none }", ".forbidden { visibility: hidden }", ".read-first p { font-size: 1px }"],
)
def test_a_style_sheet_cannot_hide_what_must_be_said(tmp_path: Path, rule: str) -> None:
    mine = folder_with(tmp_path, "report.css", f"{shipped('report.css')}\n{rule}")
    with pytest.raises(ReportError, match="hides what every report must say"):
        mine.pdf(mine.render_html(*samples.no_faces()))


def test_capitals_and_broken_lines_hide_nothing(tmp_path: Path) -> None:
    rule = ".limits, .read-first { text-transform: uppercase; width: 40mm; hyphens: auto } p { font-size: 7pt }"
    mine = folder_with(tmp_path, "report.css", f"{shipped('report.css')}\n{rule}")
    assert mine.pdf(mine.render_html(*samples.no_faces())).startswith(b"%PDF")


def test_limits_cannot_be_taken_out_by_a_template(tmp_path: Path) -> None:
    without = shipped("report.html.j2").replace("{{ limit }}", "")
    with pytest.raises(ReportError, match="leaves out"):
        folder_with(tmp_path, "report.html.j2", without).render(*samples.no_faces(), tmp_path / "out.pdf")
    assert not (tmp_path / "out.pdf").exists()


@pytest.mark.parametrize(
    "url",
    ["https://example.org/x.css", "http://127.0.0.1:9/x.png", "file:///etc/passwd", "../../../../etc/passwd",
     "file:///etc/hostname", "ftp://example.org/a", "data:text/css,h1%7Bcolor:red%7D", "//example.org/x.css",
     "link.css", "notes.txt", "%2e%2e/secret.css", "classroom-fer:logo", "classroom-fer:/etc/passwd"],
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


@pytest.mark.parametrize("rule", ["@import 'https://example.org/x.css';", "@import '/etc/hostname.css';"])
def test_a_style_sheet_imports_nothing_from_elsewhere(tmp_path: Path, rule: str) -> None:
    with pytest.raises(ReportError, match="not in the template folder"):
        folder_with(tmp_path, "report.css", rule)


def test_files_of_the_template_folder_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "more.css").write_text("@page { size: A5 }")
    page = shipped("report.html.j2").replace("</head>", '<link rel="stylesheet" href="more.css"></head>')
    mine = folder_with(tmp_path, "report.html.j2", page)
    with pikepdf.open(io.BytesIO(mine.pdf(mine.render_html(*samples.no_faces())))) as pdf:
        assert round(float(pdf.pages[0].mediabox[2])) == 420
