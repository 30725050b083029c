"""The printed page: what it holds and how it reaches the disk."""

from __future__ import annotations

import errno
import itertools
import logging
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from report import printed, samples

from classroom_fer import files
from classroom_fer.errors import ReportError
from classroom_fer.report.formatting import plain
from classroom_fer.report.renderer import PdfRenderer
from classroom_fer.report.view import limits
from classroom_fer.report.wording import Wording
from classroom_fer.settings.report_style import ReportStyle

PAGES = {"clear_effect": 3, "no_effect": 3, "too_few": 2, "no_faces": 2, "short_whole_lesson": 3, "twelve_tasks": 3,
         "group_only": 3, "partly_lost": 3, "hostile_names": 3, "presence": 2, "checked": 3}  # fmt: skip


LARGEST_EMOJI_PX = 136
"""Of a glyph of Noto Color Emoji."""


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_page_of_a_sample(name: str, golden: Callable[[str, str], None]) -> None:
    """The style sheet and the figures have their own files and golden texts."""
    page = re.sub(r"<style>.*?</style>", "<style/>", printed.page(name), flags=re.DOTALL)
    page = re.sub(r"<svg.*?<title>(.*?)</title>.*?</svg>", r"<svg><title>\1</title></svg>", page, flags=re.DOTALL)
    golden(f"report/{name}.html", re.sub(r' style="(left|right|top)[^"]*"', "", page))


@pytest.mark.parametrize("name", PAGES)
def test_two_pages_and_one_of_method(name: str) -> None:
    """Twelve tasks with five moments too; a lesson of which little is known needs one page less."""
    with printed.opened(name) as pdf:
        assert len(pdf.pages) == PAGES[name]


@pytest.mark.parametrize("name", ["clear_effect", "no_faces", "hostile_names"])
def test_pdf_is_tagged_and_names_itself(name: str) -> None:
    with printed.opened(name) as pdf:
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


def elements(node: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """(type, element) of the structure tree in reading order."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield str(kid.S)[1:], kid
            yield from elements(kid, depth + 1)


@pytest.mark.parametrize("name", ["clear_effect", "twelve_tasks", "presence"])
def test_structure_tree_holds_headings_lists_tables_with_headers_and_figures_in_reading_order(name: str) -> None:
    with printed.opened(name) as pdf:
        found = list(elements(pdf.Root.StructTreeRoot))
        kinds = [kind for kind, _ in found]
        assert kinds[0] == "Document" and kinds.count("H1") == 1
        assert {"H2", "H3", "P", "L", "LI", "Table", "TR", "TH", "TD", "Figure"} <= set(kinds)
        assert kinds.index("H1") < kinds.index("H2") < kinds.index("Figure") < kinds.index("Table")
        levels = [int(kind[1]) for kind in kinds if re.fullmatch(r"H\d", kind)]
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), "a level is skipped"
        for kind, element in found:
            if kind == "Figure":
                assert len(str(element.get("/Alt", ""))) > 5
            if kind == "TH":
                assert "/Scope" in element.A or "/Headers" in element.A or element.get("/ID") is not None
        parents = pdf.Root.StructTreeRoot.ParentTree.Nums
        assert len(parents) // 2 >= len(pdf.pages) and all("/StructParents" in page for page in pdf.pages)


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_every_figure_has_an_alternative_text(name: str) -> None:
    with printed.opened(name) as pdf:
        figures = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"]
        assert all(len(str(figure.get("/Alt", ""))) > 5 for figure in figures)
        assert bool(figures) == (name not in ("no_faces", "too_few"))


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_limits_cautions_and_forbidden_uses_are_in_every_report(name: str) -> None:
    text, say = printed.words_of(printed.printed(name)), Wording()
    text = re.sub(r"[^\w ]", "", text)
    for key in ("read_first_title", "limits_title", "forbidden_title", "class_summary"):
        assert re.sub(r"[^\w ]", "", say(key)) in text
    assert "live alerts" in text and "Page 1 of" in text.replace("  ", " ")
    session, _ = samples.SAMPLES[name]()
    assert all(say(f"limit_{limit}") in printed.page(name) for limit in limits(session))


def test_a_pdf_holds_no_picture_but_the_emoji_of_a_name() -> None:
    """A font of emoji in colour draws each by a small picture of its own."""
    for name in samples.SAMPLES:
        with printed.opened(name) as pdf:
            streams = [item for item in pdf.objects if isinstance(item, pikepdf.Stream)]
            images = [item for item in streams if item.get("/Subtype") == "/Image"]
            sides = [int(side) for image in images for side in (image.Width, image.Height)]
        assert not images or name == "hostile_names"
        assert all(side <= LARGEST_EMOJI_PX for side in sides)


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
    tags.feed(printed.page("hostile_names"))
    assert not {"script", "b1", "img"} & set(tags.seen)
    for name in samples.HOSTILE_NAMES:
        assert plain(name) in tags.text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", tags.text)


def test_right_to_left_names_and_html_reach_the_paper() -> None:
    text = printed.words_of(printed.printed("hostile_names"))
    assert "<script>alert('x')</script>" in text and "{{ 7*7 }}" in text
    assert re.search("[\u0600-\u06ff\ufb50-\ufeff]{3}", text) and re.search("[\u0590-\u05ff]{3}", text)


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

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(ReportError, match="No space left on device") as caught:
        files.write_private(out, b"new")
    assert "the analysis itself is kept" in caught.value.hint
    assert out.read_bytes() == b"old" and list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("out", ["file/lesson.pdf", "folder", "/proc/nowhere/lesson.pdf"])
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, out: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ReportError, match="cannot be written"):
        files.write_private(tmp_path / out, b"new")
    assert not list(tmp_path.glob("**/*.tmp"))


def test_missing_template_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no such template folder") as caught:
        PdfRenderer(ReportStyle(template_dir=tmp_path / "nowhere"))
    assert "init-template" in caught.value.hint


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
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.WARNING):
        printed.renderer().pdf(printed.page("no_faces"))
    assert not caplog.records and capfd.readouterr() == ("", "")


def test_a_longer_lesson_is_hardly_more_to_lay_out() -> None:
    """Elements of the page and of its figures (curves are one each): about 900; printing them takes a second."""

    def elements(minutes: float) -> int:
        tasks = samples._tasks(*((f"Part {i}", minutes / 6, "board") for i in range(1, 7)))
        tags = Tags()
        tags.feed(printed.renderer().render_html(*samples.lesson("hour.mp4", tasks, [60.0] * 6, pupils=30)))
        return sum(tags.seen.values())

    assert elements(240) < 1.1 * elements(60)


def test_a_pdf_may_have_the_longest_name_that_a_folder_takes(tmp_path: Path) -> None:
    """255 bytes; an emoji has four."""
    out = tmp_path / ("🎉" * 62 + ".pdf")
    files.write_private(out, b"x")
    assert out.read_bytes() == b"x"
