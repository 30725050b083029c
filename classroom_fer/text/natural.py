"""The order in which people expect names with numbers in them."""

from __future__ import annotations

import re


def natural_key(text: str) -> tuple[tuple[int, int | str], ...]:
    """A key by which ``lesson 10`` comes after ``lesson 9``; upper and lower case are the same.

    >>> sorted(["b2", "B10", "a"], key=natural_key)
    ['a', 'b2', 'B10']
    """
    parts = re.split(r"([0-9]+)", text.casefold())
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in parts if part)
