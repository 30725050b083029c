"""What the report says, sample by sample: the numbers it prints and the numbers it keeps back."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report import samples

from classroom_fer.errors import StoreError
from classroom_fer.lesson.records import Comparison, Estimate, TimelineBin
from classroom_fer.report.formatting import NBSP
from classroom_fer.report.view import report_view
from classroom_fer.report.wording import TEXT

NEVER = re.compile(
    r"\b(because|caused?|causes|due to|led to|angry|sad|afraid|attention|attentive|bored|best|worst|rank(ed)?|score)\b",
    re.IGNORECASE,
)
ALLOWED = ("Neutral does not mean bored or attentive.", TEXT["across_read_first"])


def words(value: Any) -> Iterator[str]:
    """Every string in a tree of records."""
    if isinstance(value, str):
        yield value.replace(NBSP, " ")
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from words(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from words(item)


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_pages_one_and_two_hold_whole_numbers_only(name: str) -> None:
    if name == "hostile_names":
        pytest.skip("its names hold anything")
    view = report_view(*samples.SAMPLES[name]())
    front = replace(view, method=None)  # type: ignore[arg-type]  # the method page names versions and T
    assert not [text for text in words(front) if re.search(r"\d[.,]\d(?!\d\d)", text)]


def test_fixed_texts_hold_no_cause_no_ranking_and_no_feeling() -> None:
    texts = [text for value in TEXT.values() for text in (value if isinstance(value, tuple) else (value,))]
    assert not [text for text in texts if NEVER.search(text) and text not in ALLOWED and "Not to be" not in text
                and not text.startswith("grading")]  # fmt: skip


def test_the_task_table_keeps_the_order_of_the_lesson() -> None:
    session, result = samples.clear_effect()
    views = [report_view(session, replace(result, tasks=order)).tasks.rows for order in permutations(result.tasks)]
    assert all(rows == views[0] for rows in views)
    assert [row.index for row in views[0]] == [
        "74 (69–79)", "64 (59–69)", "no index: there is no front to face", "65 (60–70)",
    ]  # fmt: skip


def test_a_task_below_the_smallest_group_has_a_sentence_and_no_number() -> None:
    row = report_view(*samples.partly_lost()).tasks.rows[1]
    assert row.sentence == "Not enough seen in \u2068Writing\u2069 (fewer than 5 faces); no number is given."
    assert row.reason == "", "the sentence has said it"
    assert (row.faces, row.seen, row.grade, row.index, row.mark) == ("", "", "", "", None)


@pytest.mark.parametrize(
    ("verdict", "value", "sentence"),
    [
        ("higher", 9.2, "Higher in B than in A: by about 9 points (5 to 14)."),
        ("lower", -9.2, "Lower in B than in A: by about 9 points (5 to 14)."),
        ("no_clear_difference", 2.0, "No clear difference between the tasks."),
        ("not_separable_from_time", 9.2,
         "B and A differ by about 9 points, but this cannot be separated from time in the lesson."),
    ],
)  # fmt: skip
def test_the_four_wordings_of_a_comparison(verdict: Any, value: float, sentence: str) -> None:
    session, result = samples.no_effect()
    tasks = tuple(replace(s, task=replace(s.task, name=n)) for s, n in zip(result.tasks, "ABC", strict=True))
    ends = (4.6, 13.8) if value > 0 else (-13.8, -4.6)
    one = Comparison("A", "B", Estimate(value, *ends), 0.001, 10, verdict)
    view = report_view(session, replace(result, tasks=tasks, comparisons=(one,)))
    assert [re.sub("[\u2068\u2069]", "", text) for text in view.tasks.comparisons[:1]] == [sentence]


def test_pairs_that_are_not_compared_say_why() -> None:
    session, result = samples.no_effect()
    pair = result.comparisons[:1]
    (told, few) = report_view(session, replace(result, comparisons=pair)).tasks.comparisons
    assert told == "No clear difference between the tasks."
    assert re.sub("[\u2068\u2069]", "", few) == (
        "Not compared (too few of the same faces seen in both): Story – Film; Questions – Film."
    )
    assert report_view(*samples.clear_effect()).tasks.comparisons[-1] == "Tasks of different kinds are not compared."


def test_a_moment_says_what_changed_and_not_why() -> None:
    first, second = (note.sentence for note in report_view(*samples.clear_effect()).moments)
    assert first == "14:20 – fewer faces turned to the work or the front than in the 2 minutes before (about −11)."
    assert (
        second
        == "37:30 – looks that count more in the index were more frequent than in the 2 minutes before (about +9)."
    )


@pytest.mark.parametrize(
    ("make", "camera", "timeline", "tasks", "evidence"),
    [
        (samples.clear_effect, "At least 13 of up to 18 faces were visible in three quarters of the film",
         "Fewer faces were turned to the work or the front after 14:20; 1 more below", "Lower in task 4 than in task 1",
         "grade A"),
        (samples.no_effect, "At least 5 of up to 10 faces were visible in three quarters of the film",
         "No sudden change stood out in the lesson", "No clear difference between the tasks", "grade B"),
        (samples.too_few, "Fewer than 5 faces were visible at once; so small a group is not drawn",
         "Not enough was seen to draw an index over the lesson", "No task was seen well enough for a number",
         "not enough seen"),
        (samples.no_faces, "No faces were seen in this film", "Not enough was seen to draw an index over the lesson",
         "No task was seen well enough for a number", "not enough seen"),
        (samples.short_whole_lesson, "At least 9 of up to 12 faces were visible in three quarters of the film",
         "The lesson is too short to look for sudden changes", "One task, one number: there is nothing to compare",
         "grade B"),
        (samples.group_only, "At least 8 of up to 14 faces were visible in three quarters of the film",
         "No index over time: these tasks have no front to face", "These tasks have no index; coverage only",
         "grade B"),
        (samples.partly_lost, "At least 6 of up to 12 faces were visible in three quarters of the film",
         "No sudden change stood out in the lesson", "Differences cannot be separated from time in the lesson",
         "grade B for 2 of 3 tasks"),
    ],
)  # fmt: skip
def test_titles_say_what_the_data_show(
    make: Callable[[], samples.Sample], camera: str, timeline: str, tasks: str, evidence: str
) -> None:
    view = report_view(*make())
    shown = (view.camera.title, view.timeline_title, view.tasks.title, dict(view.header.facts)["Evidence"])
    assert shown == (camera, timeline, tasks, evidence)


def test_most_of_the_time_is_true_of_the_bins() -> None:
    session, result = samples.twelve_tasks()
    few = int(re.findall(r"\d+", report_view(session, result).camera.title)[0])
    seen = [b.faces for b in result.bins if b.faces is not None]
    assert sum(faces >= few for faces in seen) >= 0.75 * len(seen)


def test_film_that_was_not_read_is_a_gap_and_a_sentence() -> None:
    view = report_view(*samples.partly_lost())
    assert "Part of the film could not be read: 8 min and 12,250 frames; nothing is said about it." in list(
        words(view.camera)
    )
    assert view.timeline is not None
    unread = [gap.span for gap in view.timeline.gaps if gap.label == "not read"]
    assert [(span.start_s, span.end_s) for span in unread] == [(1300.0, 1790.0)]


def test_a_drawn_gap_is_never_bridged_or_filled_by_smoothing() -> None:
    _, result = samples.partly_lost()
    view = report_view(*samples.partly_lost())
    assert view.timeline is not None
    for bin_, value in zip(result.bins, view.timeline.engagement, strict=True):
        assert (value is None) == (bin_.engagement is None or (bin_.n or 0) < 5)


def test_bounds_hold_whatever_the_unseen_faces_did() -> None:
    """O = .60, C = .52: nobody unseen facing the front 31 %, everybody 79 %."""
    assert report_view(*samples.partly_lost()).method.bounds[0] == (
        "1",
        "Vocabulary",
        f"60{NBSP}%",
        f"31{NBSP}% – 79{NBSP}%",
    )


def test_settings_survive_the_database_as_json() -> None:
    session, result = samples.clear_effect()
    stored = replace(session, start=replace(session.start, settings=json.loads(json.dumps(session.start.settings))))
    assert report_view(stored, result) == report_view(session, result)


def test_settings_of_an_earlier_release_are_read_and_damaged_ones_are_an_error() -> None:
    session, result = samples.clear_effect()
    settings = json.loads(json.dumps(session.start.settings))
    del settings["rules"]["tracking"]
    earlier = replace(session, start=replace(session.start, settings=settings))
    assert report_view(earlier, result) == report_view(session, result)
    settings["rules"]["evidence"]["min_group"] = "five"
    with pytest.raises(StoreError, match="min_group"):
        report_view(replace(session, start=replace(session.start, settings=settings)), result)


def test_a_report_by_older_rules_says_so_first() -> None:
    session, result = samples.clear_effect()
    older = replace(session, start=replace(session.start, result_version=session.start.result_version - 1))
    assert len(report_view(older, result).cautions) == len(report_view(session, result).cautions) + 1
    assert report_view(older, result).cautions[-1] == TEXT["older_rules_note"]


def test_what_was_declared_stands_in_the_head_and_on_the_method_page() -> None:
    view = report_view(*samples.partly_lost())
    facts = dict(view.header.facts)
    assert (facts["Purpose"], facts["Legal basis"], facts["Profile"]) == (
        "reflection of the teacher",
        "consent",
        "research",
    )
    declared = dict(view.method.provenance)["Declared"]
    assert declared == (
        "jurisdiction Switzerland; setting education; purpose reflection of the teacher; legal basis consent"
    )
    assert "2 regions of the picture were blacked out before the analysis." in view.camera.facts


def test_nothing_declared_is_said_in_the_head() -> None:
    view = report_view(*samples.clear_effect())
    assert ("", "purpose not declared") in view.header.facts
    assert dict(view.method.provenance)["Declared"] == "no purpose, setting or legal basis was declared"
    assert "Excluded regions: none." in view.camera.facts


def test_presence_prints_counts_coverage_and_minutes_only() -> None:
    view = report_view(*samples.presence(), appendix=True)
    assert view.timeline is None and not view.moments and not view.method.weights and not view.method.abstentions
    assert not view.method.bounds and view.tasks.comparisons == () and view.tasks.ticks is None
    assert [(row.minutes, row.faces, row.seen) for row in view.tasks.rows] == [
        ("8 min", "22", f"70{NBSP}%"), ("12 min", "22", f"70{NBSP}%"), ("10 min", "22", f"70{NBSP}%"),
    ]  # fmt: skip
    assert any("no index computed" in text for text in view.cautions)
    shown = " ".join(words(replace(view, limits=(), cautions=(), questions=())))
    assert not re.search(r"neutral|smil|engagement|direction O|VEI|Expression E", shown.partition("rules.")[0])


def test_presence_hides_a_small_group_too() -> None:
    session, result = samples.presence()
    few = replace(result, visibility=replace(result.visibility, simultaneous_p95=4, coverage=None, sizes=()),
                  tasks=tuple(replace(s, n=None, coverage=None) for s in result.tasks))  # fmt: skip
    view = report_view(session, few, appendix=True)
    assert view.camera.figure is None and view.camera.sizes is None and len(view.appendix) == 1
    assert {(row.faces, row.seen) for row in view.tasks.rows} == {("", "")}


@pytest.mark.parametrize(
    ("fps", "printed"),
    [
        (1.0, "One picture a second"), (2.0, "2 pictures a second"), (25.0, "25 pictures a second"),
        (0.5, "One picture every 2 s"), (0.1, "One picture every 10 s"), (0.05, "One picture every 20 s"),
        (0.7, "0.7 pictures a second"), (1.4, "1.4 pictures a second"), (29.97, "29.97 pictures a second"),
        (0.4, "0.4 pictures a second"), (1.5, "1.5 pictures a second"), (0.95, "0.95 pictures a second"),
    ],
)  # fmt: skip
def test_the_method_page_prints_the_rate_at_which_the_film_was_sampled(fps: float, printed: str) -> None:
    session, result = samples.clear_effect()
    view = report_view(replace(session, start=replace(session.start, sample_fps=fps)), result)
    assert [text for _, text in view.method.formulas if text.startswith(f"{printed}; ")]


def steps_of(bins: tuple[TimelineBin, ...]) -> list[tuple[str, list[str]]]:
    """(time, printed faces) of every line of the appendix' table of steps."""
    session, result = samples.clear_effect()
    view = report_view(session, replace(result, bins=bins), appendix=True)
    (table,) = (table for table in view.appendix if table.kind == "steps")
    places = table.spans[1]
    return [(row[0], list(row[1 + places : 1 + 2 * places])) for row in table.rows]


def bins_of(*parts: tuple[str | None, float, float]) -> tuple[TimelineBin, ...]:
    """Bins of 10 s from the start of each part, numbered by their faces."""
    made: list[TimelineBin] = []
    for task, left, right in parts:
        edges = [*np.arange(left, right, 10.0), right]
        for a, b in itertools.pairwise(edges):
            made.append(TimelineBin(task, a, b, 10, 10.0 + len(made), None, 0.5, None, None, None, None))
    return tuple(made)


def test_steps_of_tasks_that_begin_within_a_minute_stand_at_their_time() -> None:
    bins = bins_of((None, 0, 7), ("talk", 7, 97), ("work", 97, 167))
    assert steps_of(bins) == [
        ("0:00", ["10", "", "", "", "", ""]),
        ("0:07", ["11", "12", "13", "14", "15", "16"]),
        ("1:07", ["17", "18", "19", "", "", ""]),
        ("1:37", ["20", "21", "22", "23", "24", "25"]),
        ("2:37", ["26", "", "", "", "", ""]),
    ]


@settings(max_examples=20)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=6))
def test_no_step_is_left_out_wherever_tasks_begin(lengths: list[int]) -> None:
    edges = list(itertools.accumulate(lengths, initial=0))
    bins = bins_of(*((f"task {k}", float(a), float(b)) for k, (a, b) in enumerate(itertools.pairwise(edges))))
    printed = [text for _, row in steps_of(bins) for text in row if text]
    assert printed == [f"{bin_.faces:.0f}" for bin_ in bins]


def test_a_step_that_was_not_seen_keeps_its_place() -> None:
    bins = bins_of(("talk", 7, 97))
    unseen = replace(bins[2], frames=0, faces=None, coverage=None)
    first, _ = steps_of((*bins[:2], unseen, *bins[3:]))
    assert first == ("0:07", ["10", "11", "–", "13", "14", "15"])
