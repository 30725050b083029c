"""Which characters of other people's text can do harm, and which that look like it belong to letters and emoji.

Controls and format characters can move a cursor, turn the direction of writing or hide words. A few format characters
are part of what is written: joiners (Persian half spaces, Indic forms, emoji of several people), the tags that make a
regional flag, the numeral signs of Arabic and Kaithi.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""General categories: controls, formats, halves of surrogates, private use, separators of lines and paragraphs."""
JOINERS = "\u200c\u200d"
SIGNS = "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\u180e"
"""Format characters that are drawn (Unicode's Prepended_Concatenation_Mark) or shape Mongolian letters."""
_FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{2,6}\U000e007f"
"""A black flag, the region's letters as tags, the closing tag (UTS 51, ED-14a)."""
_BELONGS = re.compile(f"(?P<flag>{_FLAG})|[^\0-\x7f](?P<joiner>[{JOINERS}])|(?P<sign>[{SIGNS}])")


def checked(text: str) -> Iterator[tuple[str, bool]]:
    r"""Each character, and whether it may be written as it is.

    >>> [c for c, fits in checked("a\u202eb\u200d\x1b") if not fits] == ["\u202e", "\u200d", "\x1b"]
    True
    """
    belongs = {at for match in _BELONGS.finditer(text) for at in _places(match)}
    for at, character in enumerate(text):
        yield character, at in belongs or unicodedata.category(character) not in HARMFUL


def _places(match: re.Match[str]) -> range:
    """Where the characters of a match are that belong to what is before them. A joiner follows something visible."""
    if match["joiner"]:
        before = match.group()[0]
        visible = unicodedata.category(before) not in HARMFUL and not before.isspace()
        return range(match.start("joiner"), match.end() if visible else match.start("joiner"))
    return range(match.start(), match.end())
