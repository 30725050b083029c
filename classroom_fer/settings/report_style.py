"""How a report looks: the table ``[report]`` of the settings file and the options of the same names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from classroom_fer.settings.description import RECORD, About, YesNo
from classroom_fer.settings.languages import language

LONGEST_NAME = 80
"""Characters of a school's name; it is one line in the head of page 1 (choice)."""
PATHS = ("logo", "template_dir")
"""In a file they are relative to its folder."""


def _known_language(code: str) -> str:
    return language(code).code


@dataclass(config=RECORD, frozen=True, slots=True)
class ReportStyle:
    """None of this changes a number. ConfigError for a language that does not exist."""

    lang: Annotated[str, AfterValidator(_known_language), About("language of the PDF: en, de, fr, es, zh or ar")] = "en"
    school: Annotated[str, Field(max_length=LONGEST_NAME), About("name in the head of page 1")] = ""
    logo: Annotated[Path | None, About("a local PNG or SVG")] = None
    template_dir: Annotated[
        Path | None, About("a folder whose files stand in for the shipped ones of the same name")
    ] = None
    appendix: Annotated[YesNo, About("values, bounds, sizes, time steps and settings as tables")] = False
