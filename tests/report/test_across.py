"""The page of lessons beside each other: golden HTML, one page, six languages."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from html import unescape
from pathlib import Path

import pikepdf
import pytest
from report import printed
from report.test_texts_said import Recording
from study.test_across_lessons import GAP, many, one

from classroom_fer.lesson.across import Across
from classroom_fer.lesson.records import NotShown
from classroom_fer.report.across_view import GROUPS, ROWS, across_view
from classroom_fer.report.texts_across import ACROSS
from classroom_fer.report.wording import TEXT, Wording
from classroom_fer.settings import languages
from classroom_fer.study.across_lessons import compare_lessons
from classroom_fer.study.random_effects import MODEL_FROM

ROOT = Path(__file__).resolve().parents[2]
MADE = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)


def few() -> Across:
    """Three lessons with hostile names, one of which was seen less; a task that only one has."""
    tasks = [one(1, "<b>Fractions</b>", coverage=0.8), one(2, "<b>Fractions</b>", 64.0, coverage=0.75)]
    tasks += [one(3, "<b>Fractions</b>", 70.0, coverage=0.4, school_class=None), one(3, "كسور", 50.0, position=2)]
    return compare_lessons(tasks, "task", GAP)


SAMPLES = {
    "across_few": few,
    "across_many": lambda: compare_lessons(many(14, slope=-3.0), "task", GAP),
}


@cache
def page(name: str, lang: str = "en") -> str:
    return printed.renderer(lang).render_across_html(SAMPLES[name](), MADE, MODEL_FROM)


@pytest.mark.parametrize("name", SAMPLES)
def test_page_of_a_sample(name: str, golden: Callable[[str, str], None]) -> None:
    """The style sheet and the marks have their own golden texts and tests."""
    body = re.sub(r"<svg.*?</svg>", "<svg/>", page(name).partition("</head>")[2], flags=re.DOTALL)
    golden(f"report/{name}.html", re.sub(r' style="(left|right|top)[^"]*"', "", body))


def crowded() -> Across:
    """More groups than the page has lines for, with names of the longest kind, and lessons that are left out."""
    names = [f"Brüche vergleichen und anschließend ordnen, Teil {number:02}" for number in range(GROUPS + 2)]
    return compare_lessons(
        [
            one(k, name, lesson=f"Mathematik {name}", coverage=0.4 if k == 6 else 0.8)
            for k in range(7)
            for name in names
        ],
        "task",
        GAP,
    )


@pytest.mark.parametrize(("make", "code"), [(few, "en"), (SAMPLES["across_many"], "ar"), (crowded, "de")])
def test_it_is_one_page_however_much_there_is(make: Callable[[], Across], code: str) -> None:
    if not languages.has_font(code):
        pytest.skip("a font is missing")
    with pikepdf.open(io.BytesIO(printed.renderer(code).across_pdf(make(), MADE, MODEL_FROM))) as pdf:
        assert len(pdf.pages) == 1
        assert str(pdf.Root.Lang) == code


@pytest.mark.parametrize("code", [code for code in languages.LANGUAGES if code != "en"])
def test_no_english_sentence_is_left(code: str) -> None:
    english, other = unescape(page("across_few")), unescape(page("across_few", code))
    there = [text for text in TEXT.values() if isinstance(text, str) and len(text.split()) > 2 and text in english]
    assert len(there) > 10
    assert [text for text in there if text in other] == []


def every_case() -> Iterator[Across]:
    """Every grouping, every reason for no summary, every kind of model."""
    yield few()
    for by in ("class", "mode", "position"):
        yield compare_lessons([one(1), one(2, school_class=None), one(3, school_class=None)], by, GAP)
    yield compare_lessons(many(24), "task", GAP)
    fixed = [replace(task, minute=5.0 if task.task == "A" else 25.0, order=None) for task in many(8)]
    yield compare_lessons(fixed, "task", GAP)  # neither slope can be told
    yield compare_lessons([one(k, value=60.0 + k) for k in range(8)], "task", GAP)  # a value a lesson
    alike = [one(k, name, level + (-1) ** (k + at)) for k in range(8) for at, (name, level) in enumerate(LEVELS)]
    yield compare_lessons(alike, "task", GAP)
    unequal = [one(k, "Quiz", coverage=seen) for k, seen in ((1, 0.3), (2, 0.9))]
    hidden = [one(k, "Talk", value=None, coverage=None, not_shown=NotShown("few", None, 5)) for k in (1, 2)]
    yield compare_lessons([one(1), one(2), *unequal, *hidden], "task", GAP)


LEVELS = (("A", 60.0), ("B", 50.0))


def test_every_text_of_the_page_is_said_in_some_case() -> None:
    say = Recording()
    for across in every_case():
        across_view(across, MADE, MODEL_FROM, say)
        printed.renderer("en").render_across_html(across, MADE, MODEL_FROM)
    assert ACROSS.keys() - say.asked == IN_THE_TEMPLATE
    template = (ROOT / "templates" / "across.html.j2").read_text(encoding="utf-8")
    assert {key for key in IN_THE_TEMPLATE if f'say("{key}")' not in template} == set()


IN_THE_TEMPLATE = {"across_common", "across_each", "across_lessons", "across_lesson", "across_class", "across_group"}


def test_a_row_that_is_not_behind_the_summary_stands_in_brackets_and_names_stay_text() -> None:
    view = across_view(few(), MADE, MODEL_FROM, Wording())
    assert [line.index for line in view.lines] == ["60 (55–65)", "64 (59–69)", "(70 (65–75))", "(50 (45–55))"]
    assert [line.note for line in view.groups] == [
        "1 lesson is left out of it: more or less was seen there", "only one lesson has it",
    ]  # fmt: skip
    assert "<b>Fractions" not in page("across_few")


def test_a_long_list_says_how_much_of_it_is_elsewhere() -> None:
    view = across_view(SAMPLES["across_many"](), MADE, MODEL_FROM, Wording())
    assert (len(view.lines), len(view.groups) <= GROUPS) == (ROWS, True)
    assert view.more == f"{28 - ROWS} further rows are in the CSV file only."
