"""Prints a session: Jinja2 makes HTML, WeasyPrint makes a tagged PDF (PDF/UA-1). Nothing is fetched from anywhere.

System libraries: Pango and HarfBuzz. Fonts: DejaVu Sans (Debian ``fonts-dejavu-core``, which Pango's packages bring);
``fonts-noto-core`` adds most scripts, ``fonts-noto-cjk`` Chinese and Japanese, ``fonts-noto-color-emoji`` emoji.
"""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jinja2
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from classroom_fer.errors import ReportError
from classroom_fer.report import charts
from classroom_fer.report.formatting import FIRST_STRONG_ISOLATE, POP_ISOLATE
from classroom_fer.report.printable import ReportView
from classroom_fer.report.private_file import write_private
from classroom_fer.report.view import report_view
from classroom_fer.report.wording import Wording
from classroom_fer.resources import resource_dir
from classroom_fer.types import SessionResult, StoredSession

try:
    import weasyprint
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse
except OSError as error:  # a shared library that WeasyPrint loads is missing
    raise ReportError(
        f"the PDF library cannot start: {error}",
        hint="apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    ) from error

TEMPLATE, STYLE = "report.html.j2", "report.css"
NOISY = ("weasyprint", "weasyprint.progress", "fontTools", "matplotlib")
MIME = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".ttf": "font/ttf", ".otf": "font/otf",
        ".woff": "font/woff", ".woff2": "font/woff2"}  # fmt: skip


class PdfRenderer:
    """Implements ``protocols.ReportRenderer``.

    Args:
        template_dir: a folder whose files stand in for the shipped ones of the same name; the others stay.

    Raises:
        ReportError: the folder does not exist.
    """

    def __init__(self, template_dir: Path | None = None) -> None:
        if template_dir is not None and not template_dir.is_dir():
            raise ReportError(f"{template_dir}: no such template folder", hint="check the path given to --template-dir")
        shipped = resource_dir("templates")
        self._folders = [folder.resolve() for folder in (template_dir, shipped) if folder is not None]
        self._env = _environment(self._folders)

    def render(self, session: StoredSession, result: SessionResult, out: Path) -> None:
        """Writes the PDF at ``out``, whole or not at all, mode 0600. ReportError if it cannot."""
        view = report_view(session, result)
        write_private(out, self._pdf(self._html(view)))

    def render_html(self, session: StoredSession, result: SessionResult) -> str:
        """The page that is printed, with its charts inside."""
        return self._html(report_view(session, result))

    def _html(self, view: ReportView) -> str:
        try:
            page = self._env.get_template(TEMPLATE).render(
                view=view,
                say=Wording(),
                charts=chart_texts(view),
                style=Markup(self._source(STYLE)),
                footer=Markup(_footer(Wording())),
                axis=(round(100 * charts.AXIS_LEFT, 3), round(100 * (charts.AXIS_RIGHT - charts.AXIS_LEFT), 3)),
            )
        except jinja2.TemplateSyntaxError as error:
            raise _broken(error.filename or error.name or TEMPLATE, error.lineno, str(error)) from error
        except jinja2.TemplateNotFound as error:
            raise _broken(str(error.name), None, "no such template") from error
        except Exception as error:  # a template is a user's program: whatever it raises is told with its place
            raise _broken(*_place(error, self._folders), f"{type(error).__name__}: {error}") from error
        _check_complete(page, view)
        return page

    def _source(self, name: str) -> str:
        assert self._env.loader is not None  # set in _environment
        return self._env.loader.get_source(self._env, name)[0].replace("</", "<\\/")

    def _pdf(self, page: str) -> bytes:
        fetcher = TemplateFetcher(self._folders)
        with _quiet():
            try:
                base = self._folders[0].as_uri() + "/"
                document = weasyprint.HTML(string=page, base_url=base, url_fetcher=fetcher)
                pdf: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
            except FatalURLFetchingError as error:
                refused = fetcher.refused or str(error)
                raise ReportError(
                    f"a template asks for {refused}, which is not in the template folder",
                    hint="put the file into the template folder and name it relative to it; nothing else is read",
                ) from error
            except OSError as error:
                raise ReportError(f"the PDF cannot be made: {error}", hint="check the fonts (fc-list)") from error
        return pdf


class TemplateFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint is not typed
    """Reads files of the template folders and nothing else: no network, no other file, no data URI.

    Args:
        folders: resolved; a file missing from the first is looked for in the next.
    """

    def __init__(self, folders: list[Path]) -> None:
        super().__init__(allowed_protocols=("file",), fail_on_errors=True)
        self._folders = folders
        self.refused: str | None = None

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """The file behind ``url``. ValueError (which stops the rendering) for anything else."""
        parts = urlsplit(url)
        wanted = Path(unquote(parts.path))
        if parts.scheme == "file" and parts.netloc in ("", "localhost"):
            for asked in self._folders:
                if not wanted.is_relative_to(asked):
                    continue
                for folder in self._folders:
                    path = (folder / wanted.relative_to(asked)).resolve()
                    if path.is_relative_to(folder) and path.is_file() and path.suffix.lower() in MIME:
                        kind = {"Content-Type": MIME[path.suffix.lower()]}
                        return URLFetcherResponse(url, path.read_bytes(), kind)
        self.refused = url if len(url) <= 100 else f"{url[:100]}…"
        raise ValueError(f"not in the template folder: {self.refused}")


def chart_texts(view: ReportView) -> dict[str, Any]:
    """Every figure of the report as SVG, None where there is none; ``marks`` by task number."""
    camera, expressions = view.camera, view.expressions
    marks = {row.number: Markup(charts.interval_svg(row.mark)) for row in view.tasks.rows if row.mark}
    return {
        "camera": Markup(charts.camera_svg(camera.figure)) if camera.figure else None,
        "sizes": Markup(charts.bars_svg(camera.sizes)) if camera.sizes else None,
        "timeline": Markup(charts.timeline_svg(view.timeline)) if view.timeline else None,
        "expressions": Markup(charts.expressions_svg(expressions.figure)) if expressions.figure else None,
        "marks": marks,
        "scale": Markup(charts.interval_svg(None, "0, 50, 100")) if marks else None,
    }


def _environment(folders: list[Path]) -> SandboxedEnvironment:
    env = SandboxedEnvironment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["names"] = names_isolated
    return env


def names_isolated(sentence: str) -> Markup:
    """Escapes a sentence and puts each quoted name into ``<bdi>``."""
    text = escape(str(sentence))
    return Markup(text.replace(FIRST_STRONG_ISOLATE, '<bdi class="name">').replace(POP_ISOLATE, "</bdi>"))


def _footer(say: Wording) -> str:
    """CSS of the footer; it cannot come from a style sheet because it holds words."""

    def text(words: str) -> str:
        return '"' + re.sub(r"[^\w ,.…-]", lambda m: f"\\{ord(m.group()):06x}", words) + '"'

    before, between, after = re.split(r"\{page\}|\{pages\}", say("page_of"))
    pages = f"{text(before)} counter(page) {text(between)} counter(pages) {text(after)}"
    return f"@page {{ @bottom-left {{ content: {text(say('class_summary'))} }} @bottom-right {{ content: {pages} }} }}"


def _check_complete(page: str, view: ReportView) -> None:
    """The limits, the first caution and the forbidden uses are in every report, whatever its templates (S10, S13)."""
    needed = (*view.limits, Wording()("read_first"), view.forbidden, Wording()("class_summary"))
    plain_page = page.replace("&#34;", "&quot;")
    missing = [text for text in needed if str(Markup.escape(text)).replace("&#34;", "&quot;") not in plain_page]
    if missing:
        raise ReportError(
            f"the template leaves out what every report must say: {missing[0]!r}",
            hint="keep the parts `read_first`, `limits` and `forbidden` of the shipped template",
        )


def _broken(file: str, line: int | None, reason: str) -> ReportError:
    place = f"{file}, line {line}" if line else file
    return ReportError(f"{place}: the template is broken ({reason})", hint="compare it with the shipped template")


def _place(error: BaseException, folders: list[Path]) -> tuple[str, int | None]:
    """The innermost line of a template in the traceback (Jinja2 rewrites tracebacks to template lines)."""
    found: tuple[str, int | None] = (TEMPLATE, None)
    trace = error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if any(file.is_relative_to(folder) for folder in folders):
            found = (str(file), trace.tb_lineno)
        trace = trace.tb_next
    return found


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps the libraries' advice about fonts and CSS off the terminal."""
    loggers = [logging.getLogger(name) for name in NOISY]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
