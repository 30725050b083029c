"""Times as people write them: seconds (``90``, ``90.5``) or ``[HH:]MM:SS[.mmm]``."""

from __future__ import annotations

import re

_SECONDS = re.compile(r"\d+(\.\d+)?")
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{1,2}(?:\.\d+)?)")
LONGEST_TEXT = 20
"""Characters; 20 digits of seconds are longer than any film (choice)."""


def parse_time(text: str, *, decimal_comma: bool = False) -> float:
    """Seconds from media start.

    Args:
        text: what a person typed.
        decimal_comma: also take ``90,5`` (spreadsheets in many languages write it so).

    Raises:
        ValueError: not a time, negative, or more than 59 seconds or (after hours) minutes.

    >>> parse_time("90.5"), parse_time("1:30"), parse_time("1:00:05.250")
    (90.5, 90.0, 3605.25)
    """
    cleaned = text.strip()
    if decimal_comma:
        cleaned = cleaned.replace(",", ".")
    if cleaned.startswith(("-", "\N{MINUS SIGN}")):
        raise ValueError("is negative")
    if len(cleaned) > LONGEST_TEXT:
        raise ValueError("is too long for a time")
    if _SECONDS.fullmatch(cleaned):
        return float(cleaned)
    match = _CLOCK.fullmatch(cleaned)
    if match is None:
        raise ValueError("is not a time")
    hours, minutes, seconds = match.groups()
    if float(seconds) >= 60 or (hours is not None and int(minutes) >= 60):
        raise ValueError("has more than 59 minutes or seconds")
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)


def format_time(seconds: float) -> str:
    """``m:ss``, or ``h:mm:ss`` from one hour on; fractions are cut off, not rounded up.

    >>> format_time(65.9), format_time(3605)
    ('1:05', '1:00:05')
    """
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
