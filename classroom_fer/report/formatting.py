"""Numbers and times as a report prints them: whole numbers, no decimals, no share that singles out a child."""

from __future__ import annotations

import unicodedata

from classroom_fer.privacy import FEW, NEARLY_ALL
from classroom_fer.timecode import format_time
from classroom_fer.types import Estimate

NBSP = "\N{NO-BREAK SPACE}"
NAME_SHOWN = 160
"""Characters of a name that are printed: five lines of the task column (choice)."""
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
_JOINERS = "\u200c\u200d"
"""Format characters that letters and emoji need; every other one (overrides, isolates) is left out."""


def whole(value: float) -> str:
    """Rounded to a whole number, with a true minus sign.

    >>> whole(-11.4), whole(-0.2), whole(2.5)
    ('−11', '0', '3')
    """
    rounded = int(abs(value) + 0.5)
    return f"−{rounded}" if value < 0 and rounded else str(rounded)


def percent(value: float) -> str:
    """A setting in [0, 1] as per cent; for what was seen of people use ``share``.

    >>> percent(0.025)
    '3\\xa0%'
    """
    return f"{whole(100 * value)}{NBSP}%"


def share(value: float) -> str:
    """A share in [0, 1] as per cent.

    >>> share(0.714), share(0.05), share(0.96)
    ('71\\xa0%', '5\\xa0% or less', '95\\xa0% or more')
    """
    if value <= FEW:
        return f"{whole(100 * FEW)}{NBSP}% or less"
    if value >= NEARLY_ALL:
        return f"{whole(100 * NEARLY_ALL)}{NBSP}% or more"
    return percent(value)


def interval(estimate: Estimate, scale: float = 1.0) -> str:
    """
    >>> interval(Estimate(64.2, 58.4, 69.9))
    '64 (58–70)'
    """
    low, high = whole(scale * estimate.low), whole(scale * estimate.high)
    return f"{whole(scale * estimate.value)} ({low}–{high})"


def clock(seconds: float) -> str:
    """Film time, ``m:ss`` or ``h:mm:ss``."""
    return format_time(max(0.0, seconds))


def minutes(seconds: float) -> str:
    """
    >>> minutes(750), minutes(20), minutes(0)
    ('13\\xa0min', 'under 1\\xa0min', '0\\xa0min')
    """
    if 0 < seconds < 30:
        return f"under 1{NBSP}min"
    return f"{whole(seconds / 60)}{NBSP}min"


def plain(text: str, limit: int = NAME_SHOWN) -> str:
    """Text of others, made safe to print: no control or direction-changing characters, one line, at most ``limit``.

    >>> plain("a\\x00b\\u202ec\\n d")
    'abc d'
    """
    kept = "".join(c if c in _JOINERS or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else
                   (" " if c.isspace() else "") for c in text)  # fmt: skip
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def quoted(name: str, limit: int = 60) -> str:
    """A name that stands inside a sentence: its direction of writing does not change its neighbours'."""
    return f"{FIRST_STRONG_ISOLATE}{plain(name, limit)}{POP_ISOLATE}"
