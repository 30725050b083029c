"""Numbers and times as a report prints them: whole numbers, no share that singles out a child, each language its own
way (Babel), and names of others made safe to print."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from classroom_fer.lesson.records import Estimate
from classroom_fer.lesson.timecode import format_time
from classroom_fer.settings.languages import LANGUAGES, Language
from classroom_fer.text.characters import checked
from classroom_fer.text.graphemes import shortened

NBSP = "\N{NO-BREAK SPACE}"
NAME_SHOWN = 160
"""Characters of a name that are printed: five lines of the task column (choice)."""
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
LEFT_TO_RIGHT_MARK = "\u200e"


class Numbers:
    """Formats numbers, dates and shares in one language.

    >>> english, german, arabic = (Numbers(LANGUAGES[code]) for code in ("en", "de", "ar"))
    >>> english.whole(12250), german.whole(12250), english.whole(-11.4), english.whole(-0.2)
    ('12,250', '12.250', '−11', '0')
    """

    def __init__(self, language: Language = LANGUAGES["en"]) -> None:
        self.language = language

    @cached_property
    def _locale(self) -> Locale:
        return self.language.babel()

    def whole(self, value: float) -> str:
        """Rounded half up to a whole number, with a true minus sign."""
        rounded = int(abs(value) + 0.5)
        text = format_decimal(rounded, locale=self._locale)
        return self._signed("−", text) if value < 0 and rounded else text

    def change(self, value: float) -> str:
        """A difference with its sign.

        >>> Numbers().change(9.4), Numbers().change(-9.4)
        ('+9', '−9')
        """
        return self._signed("+", self.whole(value)) if value > 0 else self.whole(value)

    def _signed(self, sign: str, digits: str) -> str:
        """In a right-to-left line the sign would change sides without the mark."""
        return f"{LEFT_TO_RIGHT_MARK if self.language.direction == 'rtl' else ''}{sign}{digits}"

    def decimal(self, value: float, places: int = 2) -> str:
        """A setting or a constant, for the method page and the appendix only."""
        return format_decimal(value, "#,##0." + "0" * places, locale=self._locale)

    def setting(self, value: float) -> str:
        """A setting with as many decimals as it has, at most four.

        >>> Numbers(LANGUAGES["de"]).setting(29.97), Numbers().setting(1 / 3)
        ('29,97', '0.3333')
        """
        return format_decimal(value, "#,##0.####", locale=self._locale)

    def percent(self, value: float) -> str:
        """A setting in [0, 1] as per cent; for what was seen of people use ``Wording.share``.

        >>> Numbers().percent(0.025)
        '3\\xa0%'
        """
        rounded = int(100 * value + 0.5) / 100
        return format_percent(rounded, self.language.percent, locale=self._locale)

    def interval(self, estimate: Estimate, scale: float = 1.0) -> str:
        """
        >>> Numbers().interval(Estimate(64.2, 58.4, 69.9))
        '64 (58–70)'
        """
        low, high = self.whole(scale * estimate.low), self.whole(scale * estimate.high)
        return f"{self.whole(scale * estimate.value)} ({low}–{high})"

    def country(self, code: str) -> str:
        """The name of a country by its ISO 3166 code; the code itself where Babel has none.

        >>> Numbers().country("CH"), Numbers().country("XQ")
        ('Switzerland', 'XQ')
        """
        return str(self._locale.territories.get(code, code))

    def day(self, when: date) -> str:
        """A date in words.

        >>> Numbers().day(date(2026, 11, 18))
        '18 November 2026'
        """
        return format_date(when, "long", locale=self.language.locale)


def clock(seconds: float) -> str:
    """Film time, ``m:ss`` or ``h:mm:ss``, in every language alike: it is what the player shows."""
    return format_time(max(0.0, seconds))


def plain(text: str, limit: int = NAME_SHOWN) -> str:
    """Text of others, made safe to print: no control or direction-changing characters, one line, at most ``limit``
    code points. Letters and emoji stay whole.

    >>> plain("a\\x00b\\u202ec\\n d")
    'abc d'
    """
    kept = (c if fits else " " if c.isspace() else "" for c, fits in checked(text))
    return shortened(" ".join("".join(kept).split()), limit)


def quoted(name: str, limit: int = 60) -> str:
    """A name that stands inside a sentence: its direction of writing does not change its neighbours'."""
    return f"{FIRST_STRONG_ISOLATE}{plain(name, limit)}{POP_ISOLATE}"
