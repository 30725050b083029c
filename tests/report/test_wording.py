"""Codes and numbers of the pure half in words."""

from __future__ import annotations

from typing import get_args

import pytest

from classroom_fer.lesson.records import Moment, NotShown, NotShownCode, SizeClass, Task
from classroom_fer.measurement.visibility import size_classes
from classroom_fer.report.formatting import NBSP
from classroom_fer.report.wording import TEXT, Wording, change_name
from classroom_fer.settings.config import default_config
from classroom_fer.settings.languages import LANGUAGES

NOT_SAID = {"not_inferred", "unknown"}


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (NotShown("outside"), "it lies outside of what was analysed"),
        (NotShown("short", 42, 60), "it is shorter than 60 s"),
        (NotShown("partly_analysed", 29.999, 60), "only 29 s of it were analysed; at least 60 s are needed"),
        (NotShown("nobody"), "no face was seen well enough"),
        (NotShown("few", needed=5), "fewer than 5 faces were seen well enough"),
        (NotShown("coverage", 0.249, 0.25), "seen only 24 % of the time; at least 25 % are needed"),
        (NotShown("coverage", 0.29, 0.3), "seen only 29 % of the time; at least 30 % are needed"),
        (NotShown("not_inferred"), ""),
        (NotShown("unknown"), ""),
    ],
)
def test_a_reason_in_words(why: NotShown, words: str) -> None:
    assert Wording().reason(why).replace(NBSP, " ").replace("%", " %").replace("  ", " ") == words


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", sorted(set(get_args(NotShownCode)) - NOT_SAID))
def test_every_reason_is_said_in_every_language_with_its_numbers(code: NotShownCode, lang: str) -> None:
    say = Wording(lang)
    text = say.reason(NotShown(code, 0.5, 7))
    assert text and (lang == "en" or text != Wording().reason(NotShown(code, 0.5, 7)))
    assert (say.whole(7) in text) == ("{needed}" in str(TEXT[f"reason_{code}"]))


def test_size_classes_in_words() -> None:
    assert [Wording().size(size) for size in size_classes([], default_config().rules)] == [
        "under 32 pixels", "32 to 36 pixels", "36 to 72 pixels", "72 pixels and more",
    ]  # fmt: skip
    assert Wording("de").size(SizeClass(0, 1200, 1)) == "unter 1.200 Pixel"


@pytest.mark.parametrize(
    ("orientation", "expression", "mode", "name"),
    [
        (-10.0, -1.0, "board", "fewer_front"),
        (10.0, 1.0, "board", "more_front"),
        (-10.0, -1.0, "desk", "fewer_work"),
        (1.0, 10.0, "desk", "higher_expression"),
        (-1.0, -10.0, "board", "lower_expression"),
    ],
)
def test_what_changed_most_has_texts(orientation: float, expression: float, mode: str, name: str) -> None:
    moment = Moment(50.0, orientation + expression, orientation, expression, 5.0, 9)
    assert change_name(moment, [Task("t", 0, 100, mode)]) == name  # type: ignore[arg-type]
    assert {f"moment_{name}", f"timeline_{name}"} <= TEXT.keys()
