"""Labels: what a user types, what is kept."""

from __future__ import annotations

import unicodedata

import pytest

from classroom_fer.errors import ConfigError
from classroom_fer.lesson.labels import LONGEST_VALUE, MOST, changed, read_key, read_label, read_labels


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("class=7b", ("class", "7b")),
        (" class = 7 b ", ("class", "7 b")),
        ("note=a=b", ("note", "a=b")),
        ("fach.2_x-y=数学", ("fach.2_x-y", "数学")),
        (unicodedata.normalize("NFD", "größe=é"), ("größe", "é")),
    ],
)
def test_a_label_is_read(text: str, label: tuple[str, str]) -> None:
    assert read_label(text) == label


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("class", "is no label"),
        ("=7b", "cannot be the name"),
        ("1=7b", "cannot be the name"),
        ("a b=7b", "cannot be the name"),
        (f"{'a' * 31}=x", "cannot be the name"),
        ("class=", "has no value"),
        ("class=  ", "has no value"),
        (f"class={'x' * (LONGEST_VALUE + 1)}", f"has {LONGEST_VALUE + 1} characters"),
        ("class=7b\x1b[31m", "cannot be printed"),
        ("class=a\nb", "cannot be printed"),
        ("class=\u202e7b", "cannot be printed"),
    ],
)
def test_what_is_no_label_is_refused_with_a_remedy(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_label(text)
    assert said in str(caught.value) and caught.value.hint


def test_one_label_cannot_have_two_values() -> None:
    assert read_labels(["class=7b", "class=7b", "lesson=3"]) == {"class": "7b", "lesson": "3"}
    with pytest.raises(ConfigError, match="given as '7b' and as '8a'"):
        read_labels(["class=7b", "class=8a"])


def test_labels_are_added_replaced_and_taken_away() -> None:
    labels = changed((), {"lesson": "3", "class": "7b"})
    assert labels == (("class", "7b"), ("lesson", "3"))
    assert changed(labels, {"class": "8a"}, [read_key(" lesson ")]) == (("class", "8a"),)
    with pytest.raises(ConfigError, match="no label 'room' to remove") as caught:
        changed(labels, {}, ["room"])
    assert caught.value.hint == "labels: class, lesson"


def test_a_session_has_so_many_labels_and_no_more() -> None:
    full = changed((), {f"a{number}": "x" for number in range(MOST)})
    assert len(changed(full, {"a1": "y"})) == MOST
    with pytest.raises(ConfigError, match="too many"):
        changed(full, {"one-more": "x"})
