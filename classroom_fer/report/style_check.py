"""Mistakes in a user's style sheet, which WeasyPrint would only leave out in silence."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import weasyprint
from weasyprint.urls import FatalURLFetchingError

from classroom_fer.errors import ReportError

MISTAKES_SHOWN = 5
"""Mistakes that one message names (choice)."""


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def style_mistakes(css: str, fetcher: Any = None) -> list[tuple[int, str]]:
    """(line, reason) of everything in ``css`` that would not be followed.

    >>> style_mistakes("h1 {\\n  colr: red }")
    [(2, '`colr: red`: unknown property')]
    """
    logger, collector = logging.getLogger("weasyprint"), _Collector()
    level, propagate = logger.level, logger.propagate
    logger.addHandler(collector)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        weasyprint.CSS(string=css, base_url="file:///", url_fetcher=fetcher)
    finally:
        logger.removeHandler(collector)
        logger.setLevel(level)
        logger.propagate = propagate
    return sorted({_placed(message, css) for message in collector.messages})


def _placed(message: str, css: str) -> tuple[int, str]:
    """WeasyPrint's sentence as a line and a reason."""
    found = re.search(r" at (\d+):\d+", message)
    text = " ".join(re.sub(r"^Ignored |^Error: ", "", re.sub(r" at \d+:\d+", "", message)).rstrip(".").split())
    text = re.sub(r"`([^`]*?) ?`, ", r"`\1`: ", text)
    if found:
        return int(found.group(1)), text if len(text) <= 160 else f"{text[:160]}…"
    quoted = re.search(r"'([^']+)'", message)  # an unknown selector comes without its line
    before = css.partition(quoted.group(1).strip())[0] if quoted and quoted.group(1).strip() in css else ""
    return before.count("\n") + 1, text


def check_styles(files: Iterable[Path], fetcher: Any) -> None:
    """Raises ReportError with file, line and reason of the mistakes in style sheets."""
    for path in files:
        try:
            mistakes = style_mistakes(path.read_text(encoding="utf-8"), fetcher)
        except UnicodeDecodeError as error:
            raise ReportError(f"{path}: not UTF-8 text ({error.reason})", hint="save it as UTF-8") from error
        except FatalURLFetchingError as error:
            raise ReportError(
                f"{path}: asks for {getattr(fetcher, 'refused', None) or error}, which is not in the template folder",
                hint="put the file into the template folder and name it relative to it; nothing else is read",
            ) from error
        if mistakes:
            lines = [f"{path}, line {line}: {reason}" for line, reason in mistakes[:MISTAKES_SHOWN]]
            more = [f"and {len(mistakes) - MISTAKES_SHOWN} more"] if len(mistakes) > MISTAKES_SHOWN else []
            raise ReportError("\n".join([*lines, *more]), hint="correct or delete these lines; the rest is fine")
