"""The page of ``classroom-fer compare``: loaded for ``--pdf`` only, since it takes as long as the comparison."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from classroom_fer import wiring
from classroom_fer.commands.summary import glyph_lines
from classroom_fer.files import write_private
from classroom_fer.lesson.across import Across
from classroom_fer.settings.report_style import ReportStyle
from classroom_fer.study.random_effects import MODEL_FROM
from classroom_fer.terminal import say


def write_page(across: Across, style: ReportStyle, path: Path) -> None:
    """Writes the PDF, whole or not at all, and says which characters no font draws. ReportError if it cannot."""
    renderer = wiring.build_renderer(style)
    made = renderer.across_pdf(across, datetime.now(UTC), MODEL_FROM)
    write_private(path, made, remedy="make room or choose another file, then give the command again")
    for line in glyph_lines(renderer.not_drawn):
        say(line)
