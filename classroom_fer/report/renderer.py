"""Prints a session: Jinja2 makes HTML, WeasyPrint makes a tagged PDF (PDF/UA-1). Nothing is fetched from anywhere.

System libraries: Pango and HarfBuzz. Fonts: DejaVu Sans (Debian ``fonts-dejavu-core``, which Pango's packages bring);
``fonts-noto-core`` adds Arabic and most scripts, ``fonts-noto-cjk`` Chinese, Japanese and Korean,
``fonts-noto-color-emoji`` emoji.
"""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup

from classroom_fer.errors import ReportError
from classroom_fer.files import write_private
from classroom_fer.lesson.across import Across
from classroom_fer.lesson.records import SessionResult, StoredSession
from classroom_fer.report import charts
from classroom_fer.report.across_view import WHOLE, AcrossView, Room, across_view, likely_room
from classroom_fer.report.logo import read_logo
from classroom_fer.report.view import CHECKED_LIMIT, LIMITS, report_view
from classroom_fer.report.view_records import ReportView, School
from classroom_fer.report.visibility_check import left_out
from classroom_fer.report.wording import Wording
from classroom_fer.settings.languages import LANGUAGES, has_font
from classroom_fer.settings.report_style import ReportStyle

try:
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError
except OSError as error:  # a shared library that WeasyPrint loads is missing
    raise ReportError(
        f"the PDF library cannot start: {error}",
        hint="apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    ) from error

from classroom_fer.report import templates
from classroom_fer.report.glyphs import not_drawn
from classroom_fer.report.pango_threads import keep_their_code
from classroom_fer.report.style_check import check_styles

NOISY = ("weasyprint", "weasyprint.progress", "fontTools", "matplotlib")


class PdfRenderer:
    """Implements ``protocols.ReportRenderer``.

    Args:
        style: language, school and templates; see ``settings.report_style``.

    Raises:
        ReportError: no such template folder, a broken style sheet, a logo that is refused, no font for the language.
        ConfigError: no such language.
    """

    def __init__(self, style: ReportStyle | None = None) -> None:
        keep_their_code()
        self._style = style or ReportStyle()
        self.pages = 0
        """Of the last PDF."""
        self.not_drawn: tuple[str, ...] = ()
        """What readers see as characters and no font here draws as one, in the last PDF; see ``glyphs``."""
        self._say = Wording(self._style.lang)
        _check_font(self._style.lang)
        logo, kind = read_logo(self._style.logo) if self._style.logo else (b"", "")
        self._school = School(self._style.school, bool(logo))
        self._folders = templates.template_folders(self._style.template_dir)
        self._fetcher = templates.TemplateFetcher(self._folders, logo, kind)
        self._env = templates.environment(self._folders)
        if self._style.template_dir is not None:
            check_styles(sorted(self._folders[0].glob("**/*.css")), self._fetcher)

    def render(self, session: StoredSession, result: SessionResult, out: Path, identity: str = "") -> None:
        """Writes the PDF at ``out``, whole or not at all, mode 0600. ReportError if it cannot."""
        write_private(out, self.pdf(self.render_html(session, result), identity))

    def render_html(self, session: StoredSession, result: SessionResult) -> str:
        """The page that is printed, with its charts inside."""
        view = report_view(session, result, self._say, appendix=self._style.appendix)
        axis = (round(100 * charts.AXIS_LEFT, 3), round(100 * (charts.AXIS_RIGHT - charts.AXIS_LEFT), 3))
        values = {**self._common(), "view": view, "charts": drawings(view), "axis": axis}
        page = templates.render(self._env, self._folders, values)
        _check_complete(page, view, self._say)
        return page

    def across_pdf(self, across: Across, made_at: datetime, needed: int) -> bytes:
        """Lessons beside each other as PDF of one page, with as many rows as that holds; see ``across_view``."""
        room = likely_room(across)
        made = self.pdf(self.render_across_html(across, made_at, needed, room))
        while self.pages > 1 and room != room.less():
            room = room.less()
            made = self.pdf(self.render_across_html(across, made_at, needed, room))
        return made

    def render_across_html(self, across: Across, made_at: datetime, needed: int, room: Room = WHOLE) -> str:
        """The page of lessons beside each other, with so many rows at most."""
        view = across_view(across, made_at, needed, self._say, room)
        mirrored = view.direction == "rtl"
        figures = {
            "marks": {r.number: charts.interval_drawing(r.mark, mirrored=mirrored) for r in view.groups if r.mark},
            "scale": charts.scale_drawing(view.ticks, view.scale_alt, mirrored=mirrored),
        }
        values = {**self._common(), "view": view, "charts": figures}
        page = templates.render(self._env, self._folders, values, templates.ACROSS)
        _check_complete(page, view, self._say)
        return page

    def _common(self) -> dict[str, Any]:
        """What every page's template is given."""
        return {
            "say": self._say,
            "school": self._school,
            "style": Markup(templates.source(self._env, templates.STYLE)),
            "footer": Markup(_footer(self._say)),
        }

    def pdf(self, page: str, identity: str = "") -> bytes:
        """A page of ``render_html`` as PDF."""
        with _quiet() as boxes:
            try:
                base = self._folders[0].as_uri() + "/"
                document = weasyprint.HTML(string=page, base_url=base, url_fetcher=self._fetcher)
                laid_out = document.render(font_config=FontConfiguration(), pdf_variant="pdf/ua-1")
                if self._style.template_dir is not None:
                    self._check_visible(laid_out.pages)
                made: bytes = laid_out.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identity or None)
            except FatalURLFetchingError as error:
                refused = self._fetcher.refused or str(error)
                raise ReportError(
                    f"a template asks for {refused}, which is not in the template folder",
                    hint="put the file into the template folder and name it relative to it; nothing else is read",
                ) from error
            except OSError as error:
                raise ReportError(f"the PDF cannot be made: {error}", hint="check the fonts (fc-list)") from error
        self.pages = len(laid_out.pages)
        self.not_drawn = not_drawn(laid_out.pages, boxes.characters())
        return made

    def _check_visible(self, pages: Any) -> None:
        """A user's style sheet may hide nothing of the caution, the limits and the forbidden uses (S10, S13)."""
        needed = ("read_first", *(f"limit_{name}" for name in LIMITS[:-1]), "forbidden")
        hidden = left_out(pages, [self._say(key) for key in needed])
        either = [self._say(f"limit_{name}") for name in (LIMITS[-1], CHECKED_LIMIT)]  # one of them stands there
        missing = left_out(pages, either)
        hidden += missing if len(missing) == len(either) else []
        if hidden:
            raise ReportError(
                f"the style sheet hides what every report must say: {hidden[0]!r}",
                hint="let the sections `read-first`, `limits` and `forbidden` be seen, in letters that can be read",
            )


def drawings(view: ReportView) -> dict[str, Any]:
    """Every figure of the report, None where there is none; ``marks`` by task number."""
    mirrored = view.direction == "rtl"
    camera, tasks, expressions = view.camera, view.tasks, view.expressions.figure if view.with_index else None
    return {
        "camera": charts.camera_drawing(camera.figure, mirrored=mirrored) if camera.figure else None,
        "sizes": charts.bars_drawing(camera.sizes, mirrored=mirrored) if camera.sizes else None,
        "timeline": charts.timeline_drawing(view.timeline, mirrored=mirrored) if view.timeline else None,
        "expressions": charts.expressions_drawing(expressions, mirrored=mirrored) if expressions else None,
        "marks": {r.number: charts.interval_drawing(r.mark, mirrored=mirrored) for r in tasks.rows if r.mark},
        "scale": charts.scale_drawing(tasks.ticks, tasks.scale_alt, mirrored=mirrored) if tasks.ticks else None,
    }


def _check_font(lang: str) -> None:
    if has_font(lang) is False:
        known = LANGUAGES[lang]
        raise ReportError(
            f"there is no font for {known.name} ({lang}) on this machine: the report would be boxes",
            hint=f"apt-get install {known.package}",
        )


def _footer(say: Wording) -> str:
    """CSS of the footer; it cannot come from a style sheet because it holds words."""

    def text(words: str) -> str:
        return '"' + re.sub(r"[^\w ,.…-]", lambda m: f"\\{ord(m.group()):06x} ", words) + '"'

    counters = {"{page}": "counter(page)", "{pages}": "counter(pages)"}
    parts = [counters.get(part, text(part)) for part in re.split(r"(\{pages?\})", say("page_of")) if part]
    near, far = ("right", "left") if say.language.direction == "rtl" else ("left", "right")
    way = f"direction: {say.language.direction}"
    return (
        f"@page {{ @bottom-{near} {{ {way}; content: {text(say('class_summary'))} }} "
        f"@bottom-{far} {{ {way}; content: {' '.join(parts)} }} }}"
    )


def _check_complete(page: str, view: ReportView | AcrossView, say: Wording) -> None:
    """The limits, the cautions and the forbidden uses are in every report, whatever its templates (S10, S13)."""
    needed = (*view.limits, *view.cautions, view.forbidden, say("class_summary"))
    plain_page = page.replace("&#34;", "&quot;")
    missing = [text for text in needed if str(Markup.escape(text)).replace("&#34;", "&quot;") not in plain_page]
    if missing:
        raise ReportError(
            f"the template leaves out what every report must say: {missing[0]!r}",
            hint="keep the parts `cautions`, `limits` and `forbidden` of the shipped template",
        )


class _Boxes(logging.Filter):
    """Drops every message and remembers the characters that WeasyPrint says it has no glyph for."""

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[str, None] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if str(record.msg).startswith(".notdef") and isinstance(record.args, tuple) and record.args:
            self._found[str(record.args[0])] = None
        return False

    def characters(self) -> str:
        return "".join(self._found)


@contextlib.contextmanager
def _quiet() -> Iterator[_Boxes]:
    """Keeps the libraries' advice about fonts and CSS off the terminal."""
    loggers, boxes = [logging.getLogger(name) for name in NOISY], _Boxes()
    for logger in loggers:
        logger.addFilter(boxes)
    try:
        yield boxes
    finally:
        for logger in loggers:
            logger.removeFilter(boxes)
