"""Text of others inside a page: escaped, and with a direction of writing of its own."""

from __future__ import annotations

import re
import unicodedata
from html import escape

from markupsafe import Markup

from classroom_fer.report.formatting import FIRST_STRONG_ISOLATE, POP_ISOLATE


def direction_of(text: str) -> str:
    """ltr or rtl by the first letter that has a direction (Unicode's rule for isolated text); ltr without one.

    >>> direction_of("12 كسور"), direction_of("5b")
    ('rtl', 'ltr')
    """
    kinds = (unicodedata.bidirectional(character) for character in text)
    return "rtl" if next((kind for kind in kinds if kind in ("L", "R", "AL")), "L") != "L" else "ltr"


def isolated(text: str) -> Markup:
    """Text of others with its own direction. WeasyPrint knows no ``dir=auto``, so the direction is written down."""
    return Markup(f'<bdi dir="{direction_of(str(text))}">{escape(str(text))}</bdi>')


def names_isolated(sentence: str) -> Markup:
    """Escapes a sentence and isolates each quoted name."""

    def named(text: str) -> str:
        return f'<bdi class="name" dir="{direction_of(text)}">{escape(text)}</bdi>'

    marked = f"{FIRST_STRONG_ISOLATE}([^{POP_ISOLATE}]*){POP_ISOLATE}"
    between = re.split(marked, str(sentence))  # text, name, text, name ... text
    return Markup("".join(named(part) if at % 2 else escape(part) for at, part in enumerate(between)))
