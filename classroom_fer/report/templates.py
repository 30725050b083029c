"""Users' own templates: found, sandboxed, checked, and kept from reading anything outside of their folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jinja2
from jinja2.sandbox import SandboxedEnvironment
from weasyprint.urls import URLFetcher, URLFetcherResponse

from classroom_fer.errors import ReportError
from classroom_fer.report.isolation import direction_of, isolated, names_isolated
from classroom_fer.resources import resource_dir

TEMPLATE, ACROSS, STYLE = "report.html.j2", "across.html.j2", "report.css"
LOGO = "classroom-fer:logo"
MIME = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".ttf": "font/ttf", ".otf": "font/otf",
        ".woff": "font/woff", ".woff2": "font/woff2"}  # fmt: skip


def template_folders(template_dir: Path | None) -> list[Path]:
    """Where templates are looked for, in this order.

    Raises:
        ReportError: the user's folder does not exist.
    """
    if template_dir is not None and not template_dir.is_dir():
        raise ReportError(
            f"{template_dir}: no such template folder",
            hint="`classroom-fer report init-template DIR` makes one with copies of the shipped templates",
        )
    return [folder.resolve() for folder in (template_dir, resource_dir("templates")) if folder is not None]


def environment(folders: Sequence[Path]) -> SandboxedEnvironment:
    """Jinja2 for templates that may be anybody's: no attribute of Python's insides, everything escaped."""
    env = SandboxedEnvironment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {"names": names_isolated, "isolated": isolated, "direction": direction_of}
    return env


def render(
    env: SandboxedEnvironment, folders: Sequence[Path], values: Mapping[str, Any], template: str = TEMPLATE
) -> str:
    """The page. ReportError with file, line and reason if a template is broken."""
    try:
        return env.get_template(template).render(values)
    except jinja2.TemplateSyntaxError as error:
        raise _broken(error.filename or error.name or template, error.lineno, str(error)) from error
    except jinja2.TemplateNotFound as error:
        raise _broken(str(error.name), None, "no such template") from error
    except Exception as error:  # a template is a user's program: whatever it raises is reported with its place
        raise _broken(*_place(error, folders), f"{type(error).__name__}: {error}") from error


def source(env: SandboxedEnvironment, name: str) -> str:
    """The text of a style sheet, safe inside ``<style>``. ReportError if it cannot be read as text."""
    assert env.loader is not None  # set in environment
    try:
        return env.loader.get_source(env, name)[0].replace("</", "<\\/")
    except (UnicodeDecodeError, OSError, jinja2.TemplateNotFound) as error:
        raise _broken(name, None, f"cannot be read: {error}") from error


def _broken(file: str, line: int | None, reason: str) -> ReportError:
    place = f"{file}, line {line}" if line else file
    return ReportError(f"{place}: the template is broken ({reason})", hint="compare it with the shipped template")


def _place(error: BaseException, folders: Sequence[Path]) -> tuple[str, int | None]:
    """The innermost line of a template in the traceback (Jinja2 rewrites tracebacks to template lines)."""
    found: tuple[str, int | None] = (TEMPLATE, None)
    trace = error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if any(file.is_relative_to(folder) for folder in folders):
            found = (str(file), trace.tb_lineno)
        trace = trace.tb_next
    return found


class TemplateFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint is not typed
    """Reads files of the template folders and the checked logo, and nothing else: no network, no data URI.

    Args:
        folders: resolved; a file missing from the first is looked for in the next.
        logo: a checked picture (``report.logo``) and its media type, which templates call ``classroom-fer:logo``.
    """

    def __init__(self, folders: Sequence[Path], logo: bytes = b"", logo_type: str = "") -> None:
        super().__init__(allowed_protocols=("file", "classroom-fer"), fail_on_errors=True)
        self._folders, self._logo, self._logo_type = folders, logo, logo_type
        self.refused: str | None = None

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """What is behind ``url``. ValueError (which stops the rendering) for anything else."""
        if url == LOGO and self._logo:
            return URLFetcherResponse(url, self._logo, {"Content-Type": self._logo_type})
        path = self._file(url)
        if path is None:
            self.refused = url if len(url) <= 100 else f"{url[:100]}…"
            raise ValueError(f"not in the template folder: {self.refused}")
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": MIME[path.suffix.lower()]})

    def _file(self, url: str) -> Path | None:
        parts = urlsplit(url)
        if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
            return None
        wanted = Path(unquote(parts.path))
        for asked in self._folders:
            if not wanted.is_relative_to(asked):
                continue
            for folder in self._folders:
                path = (folder / wanted.relative_to(asked)).resolve()
                if path.is_relative_to(folder) and path.is_file() and path.suffix.lower() in MIME:
                    return path
        return None
