"""How a report looks: the table ``[report]`` of the settings file and the options of the same names."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic.dataclasses import dataclass

from classroom_fer.errors import ConfigError
from classroom_fer.settings.fields import STRICT, Checked, YesNo, setting
from classroom_fer.settings.languages import language

LONGEST_NAME = 80
"""Characters of a school's name; it is one line in the head of page 1 (choice)."""
PATHS = ("logo", "template_dir")
"""In a file they are relative to its folder."""


@dataclass(frozen=True, slots=True, config=STRICT)
class ReportStyle(Checked):
    """None of this changes a number."""

    SECTION: ClassVar[str] = "report."
    lang: str = setting("en", "language of the PDF: en, de, fr, es, zh or ar")
    school: str = setting("", "name in the head of page 1")
    logo: Path | None = setting(None, "a local PNG or SVG")
    template_dir: Path | None = setting(
        None, "a folder whose files stand in for the shipped ones of the same name (docs/report.md)"
    )
    appendix: YesNo = setting(default=False, about="values, bounds, sizes, time steps and settings as tables")

    @property
    def names_files(self) -> bool:
        """Whether files of the user's have a part in the report."""
        return self.logo is not None or self.template_dir is not None

    def __post_init__(self) -> None:
        language(self.lang)
        if len(self.school) > LONGEST_NAME:
            raise ConfigError(f"report.school has {len(self.school)} characters", hint=f"shorten it to {LONGEST_NAME}")
