"""Times as people write them: seconds (``90``, ``90.5``) or ``[HH:]MM:SS[.mmm]``; and as programs do."""

from __future__ import annotations

import re

_SECONDS = re.compile(r"\d+(\.\d+)?")
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{1,2}(?:\.\d+)?)")
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d{1,3})?")
LONGEST_TEXT = 20
"""Characters; 20 digits of seconds are longer than any film (choice)."""
LONGEST_NUMBER = 40
"""Characters of a number that a program wrote with every digit it has (choice)."""
FARTHEST_S = 1e9
"""A number of seconds beyond this is no time of a film (choice: 30 years)."""
REMEDY = "write seconds (90.5) or [HH:]MM:SS (1:30)"


def parse_time(text: str, *, decimal_comma: bool = False) -> float:
    """Seconds from media start.

    Args:
        text: what a person typed.
        decimal_comma: also take ``90,5`` (spreadsheets in many languages write it so). In a clock time nothing else can
            be meant: ``0:01:30,5`` is always taken.

    Raises:
        ValueError: not a time, negative, or more than 59 seconds or (after hours) minutes.

    >>> parse_time("90.5"), parse_time("1:30"), parse_time("1:00:05.250")
    (90.5, 90.0, 3605.25)
    """
    cleaned = text.strip()
    if decimal_comma or ":" in cleaned:
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


def parse_seconds(text: str, *, decimal_comma: bool = False) -> float:
    """Seconds as a program writes them: with a sign, all its digits, an exponent; or as ``parse_time`` takes them.

    Raises:
        ValueError: neither, or too far from any film.

    >>> parse_seconds("-0.30000000000000004"), parse_seconds("1e-05"), parse_seconds("0:01:30.250")
    (-0.30000000000000004, 1e-05, 90.25)
    """
    cleaned = text.strip()
    if decimal_comma:
        cleaned = cleaned.replace(",", ".")
    if len(cleaned) > LONGEST_NUMBER or not _NUMBER.fullmatch(cleaned):
        return parse_time(cleaned)
    value = float(cleaned)
    if abs(value) > FARTHEST_S:
        raise ValueError("is too long for a time")
    return value


def seconds_of(value: object) -> float:
    """Seconds from a file's value (JSON, TOML): a number that is not negative, or text as ``parse_time`` takes it.

    Raises:
        ValueError: anything else.

    >>> seconds_of(90), seconds_of("1:30")
    (90.0, 90.0)
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= FARTHEST_S:
        return float(value)
    return parse_time(value if isinstance(value, str) else "")


def format_time(seconds: float) -> str:
    """``m:ss``, or ``h:mm:ss`` from one hour on; fractions are cut off, not rounded up.

    >>> format_time(65.9), format_time(3605)
    ('1:05', '1:00:05')
    """
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
