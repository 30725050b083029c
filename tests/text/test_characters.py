"""What other people's characters may do: letters and emoji stay whole, commands and hidden words do not pass."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_fer.report.formatting import plain
from classroom_fer.terminal import escaped
from classroom_fer.text.characters import HARMFUL, checked

WHOLE = {
    "people": "👩🏽‍🏫 👨‍👩‍👧 🧑‍🤝‍🧑",
    "flags": "🇨🇭 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "keycap": "1️⃣",
    "heart on fire": "❤️‍🔥",
    "text and emoji presentation": "↔︎ ✔️",
    "Persian half space": "می‌خواهم",
    "Hijri year at the end of a word": "ه‍",
    "old Malayalam chillu": "അവന്‍",
    "Indic half form": "क्‍ष",
    "combining marks": "e\u0301 ก็ בְּ",
    "Arabic end of verse": "\u06dd١",
    "Mongolian vowel separator": "ᠠ\u180eᠠ",
}
SMUGGLED = {
    "direction overridden": "a\u202eb",
    "direction isolated": "\u2067a\u2069",
    "marks of direction": "א\u200eb\u200f",
    "joiner between letters that do not join": "a\u200db",
    "joiner before everything": "\u200dא",
    "joiners in a row": "א\u200d\u200d\u200cב",
    "words in tags": "🏴" + "".join(chr(0xE0000 + ord(c)) for c in "ignore this"),
    "tags without a flag": "a\U000e0067\U000e007f",
    "zero width space": "a\u200bb",
    "escape": "\x1b[31m",
    "next line": "\x85",
    "line separator": "a\u2028b",
}


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_letters_and_emoji_reach_terminal_and_page_whole(text: str) -> None:
    assert escaped(text) == text
    assert plain(text) == text


@pytest.mark.parametrize("text", SMUGGLED.values(), ids=SMUGGLED)
def test_what_hides_or_turns_words_is_shown_on_the_terminal_and_left_out_of_the_page(text: str) -> None:
    assert escaped(text) != text and "\\" in escaped(text)
    assert plain(text) != text


@given(st.text())
def test_only_what_belongs_to_the_letter_before_it_is_excepted(text: str) -> None:
    marks = [fits for _, fits in checked(text)]
    assert len(marks) == len(text)
    for at, (character, fits) in enumerate(zip(text, marks, strict=True)):
        if unicodedata.category(character) not in HARMFUL:
            assert fits
        elif character in "\u200c\u200d" and fits:
            assert at and not text[at - 1].isascii()
