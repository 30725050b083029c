"""Languages of the report: their catalogues (gettext), conventions (Babel) and fonts.

A language is a folder ``locale/CODE/LC_MESSAGES/report.po``; it is compiled when it is first used. English is the text
in the code. ``python scripts/catalogues.py`` brings the files up to date with the code.
"""

from __future__ import annotations

import gettext
import io
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from classroom_fer.errors import ConfigError

if TYPE_CHECKING:
    from babel import Locale

DOMAIN = "report"
FOLDER = Path(__file__).with_name("locale")


@dataclass(frozen=True, slots=True)
class Language:
    """What the report must know of a language besides its words."""

    code: str
    """As in ``--lang`` and in the PDF."""
    name: str
    """In the language itself."""
    locale: str
    """Babel's identifier: numbers and dates."""
    font_language: str
    """What fontconfig calls it."""
    package: str
    """Debian package of a font that covers it."""
    direction: Literal["ltr", "rtl"] = "ltr"
    percent: str | None = None
    """Babel pattern where the report's differs from the locale's own."""

    def babel(self) -> Locale:
        """Babel's locale."""
        from babel import Locale

        return Locale.parse(self.locale)


LANGUAGES: Mapping[str, Language] = {
    language.code: language
    for language in (
        Language("en", "English", "en_GB", "en", "fonts-dejavu-core", percent="#,##0\N{NO-BREAK SPACE}%"),
        Language("de", "Deutsch", "de", "de", "fonts-dejavu-core"),
        Language("fr", "Français", "fr", "fr", "fonts-dejavu-core"),
        Language("es", "Español", "es", "es", "fonts-dejavu-core", percent="#,##0\N{NO-BREAK SPACE}%"),
        Language("zh", "中文（简体）", "zh_Hans_CN", "zh-cn", "fonts-noto-cjk"),
        Language("ar", "العربية", "ar", "ar", "fonts-noto-core", "rtl"),
    )
}  # fmt: skip


def language(code: str) -> Language:
    """The language of a code. ConfigError with the known ones for any other."""
    if code not in LANGUAGES:
        known = ", ".join(f"{known.code} ({known.name})" for known in LANGUAGES.values())
        raise ConfigError(f"there is no report language {code!r}", hint=f"choose one of: {known}")
    return LANGUAGES[code]


def catalogue_file(code: str) -> Path:
    """Where the translations of a language are written."""
    return FOLDER / code / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def translations(code: str) -> gettext.NullTranslations:
    """The compiled catalogue of a language; texts that are missing or marked fuzzy stay English (a test fails then)."""
    if code == "en":
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with catalogue_file(code).open("rb") as file:
        catalogue = read_po(file, locale=LANGUAGES[code].locale, domain=DOMAIN)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


EMOJI, EMOJI_PACKAGE = "und-zsye", "fonts-noto-color-emoji"
"""What fontconfig calls emoji, and the Debian package of a font that has those of several code points too."""


def has_font(code: str) -> bool | None:
    """Whether fontconfig knows a font for the language; None where its tools are missing and nobody can say."""
    return _knows_font(LANGUAGES[code].font_language)


def has_emoji_font() -> bool | None:
    """Whether fontconfig knows a font of emoji; None where its tools are missing and nobody can say."""
    return _knows_font(EMOJI)


@cache
def _knows_font(font_language: str) -> bool | None:
    tool = shutil.which("fc-list")
    if tool is None:
        return None
    done = subprocess.run([tool, f":lang={font_language}", "family"], capture_output=True, text=True, check=False)
    return bool(done.stdout.strip()) if done.returncode == 0 else None
