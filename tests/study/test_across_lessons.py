"""Which lessons may be put together, what is said of them, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from contracts.store_records import session_start

from classroom_fer.errors import ConfigError, StoreError
from classroom_fer.lesson.across import LessonTask
from classroom_fer.lesson.records import Estimate, NotShown, StoredSession, Task, TaskSummary
from classroom_fer.study.across_lessons import compare_lessons
from classroom_fer.study.comparable import check_comparable, lesson_tasks

GAP = 0.15


def one(session_id: int, task: str = "Fractions", value: float | None = 60.0, **changes) -> LessonTask:
    index = None if value is None else Estimate(value, value - 5, value + 5)
    base = LessonTask(
        session_id=session_id, lesson=f"lesson {session_id}", school_class="7b", order=float(session_id), task=task,
        mode="board", position=1, minute=5.0, index=index, n=20, coverage=0.7, grade="A", not_shown=None,
    )  # fmt: skip
    return replace(base, **changes)


def many(count: int, slope: float = 0.0, step: float = 0.0, seed: int = 1) -> list[LessonTask]:
    """Two tasks at changing times in each of ``count`` lessons; points per ten minutes and per lesson."""
    rng = np.random.default_rng(seed)
    found = []
    for lesson in range(count):
        own = rng.normal(0, 4)
        for task, level in (("A", 60.0), ("B", 50.0)):
            minute = float(rng.uniform(2, 40))
            value = level + own + slope * minute / 10 + step * lesson + rng.normal(0, 1)
            found.append(one(lesson, task, value, minute=minute, order=float(lesson)))
    return found


def test_two_lessons_are_put_together_by_their_means_and_the_interval_is_wide():
    across = compare_lessons([one(1, value=60), one(2, value=70)], "task", GAP)
    (summary,) = across.summaries
    assert (summary.method, summary.lessons, across.no_model) == ("means", 2, "few_lessons")
    assert summary.index == Estimate(65.0, pytest.approx(1.469, abs=0.01), 100.0)  # t of one degree: 12.7 * 5


def test_many_lessons_have_a_model_and_its_effects_come_out():
    """95 % intervals: of 20 studies, 17 or more hold the truth in 98 of 100 such tests."""
    found = [compare_lessons(many(12, slope=-3.0, step=0.5, seed=seed), "task", GAP) for seed in range(20)]
    assert {s.method for across in found for s in across.summaries} == {"mixed"}
    assert {across.no_model for across in found} == {""}
    assert sum(across.time.points.low < -3.0 < across.time.points.high for across in found) >= 17
    assert sum(across.order.points.low < 0.5 < across.order.points.high for across in found) >= 17
    assert sum(across.time.points.high < 0 for across in found) >= 19
    assert np.median([across.lesson_sd for across in found]) == pytest.approx(4, abs=1)


def test_without_an_effect_its_interval_holds_zero_in_most_lessons():
    found = [compare_lessons(many(10, seed=seed), "task", GAP).time for seed in range(20)]
    assert sum(time is not None and time.points.low <= 0 <= time.points.high for time in found) >= 17


def test_time_cannot_be_told_from_tasks_that_always_come_at_their_time():
    tasks = [replace(task, minute=5.0 if task.task == "A" else 25.0) for task in many(8)]
    across = compare_lessons(tasks, "task", GAP)
    assert across.time is None and across.order is not None


def test_lessons_of_which_less_was_seen_are_left_out_and_marked():
    tasks = [one(k, coverage=c) for k, c in enumerate((0.8, 0.75, 0.7, 0.4))]
    across = compare_lessons(tasks, "task", GAP)
    assert [row.counts for row in across.rows] == [True, True, True, False]
    (summary,) = across.summaries
    assert (summary.lessons, summary.left_out, summary.coverage) == (3, 1, (0.7, 0.8))


def test_of_the_same_lessons_as_many_tasks_as_possible_are_put_together():
    seen = {("x", 1): 0.7, ("x", 2): 0.84, ("y", 1): 0.8, ("y", 2): 0.8, ("z", 1): 0.6, ("z", 2): 0.72}
    across = compare_lessons([one(lesson, name, coverage=c) for (name, lesson), c in seen.items()], "class", GAP)
    assert [row.task.coverage for row in across.rows if row.counts] == [0.7, 0.84, 0.8, 0.8, 0.72]
    assert (across.summaries[0].lessons, across.summaries[0].left_out) == (2, 0)


def test_coverages_that_are_too_far_apart_are_refused_with_both_ends():
    with pytest.raises(ConfigError, match=r"30% to 90% .* 15% may lie between"):
        compare_lessons([one(1, coverage=0.3), one(2, coverage=0.9)], "task", GAP)
    with pytest.raises(ConfigError, match="has a task with an index"):
        compare_lessons([one(k, value=None, not_shown=NotShown("few", None, 5)) for k in (1, 2)], "task", GAP)


def test_one_group_may_be_refused_while_another_is_shown():
    tasks = [one(1), one(2), one(1, "Quiz", coverage=0.3), one(2, "Quiz", coverage=0.9), one(1, "Once")]
    across = compare_lessons(tasks, "task", GAP)
    assert [(s.group, s.method, s.why) for s in across.summaries] == [
        ("Fractions", "means", ""), ("Quiz", "none", "coverage"), ("Once", "none", "one_lesson"),
    ]  # fmt: skip


def test_tasks_of_different_modes_are_never_one_group():
    tasks = [one(1), one(2), one(1, mode="desk", position=2), one(2, mode="desk", position=2)]
    for by in ("task", "class", "position", "mode"):
        assert {(s.mode, s.lessons) for s in compare_lessons(tasks, by, GAP).summaries} == {("board", 2), ("desk", 2)}


@pytest.mark.parametrize(
    ("by", "groups"),
    [("task", ["x", "y"]), ("class", ["7b", "-"]), ("mode", ["board"]), ("position", ["1", "2"])],
)
def test_lessons_are_grouped_by_what_was_asked_for(by, groups):
    tasks = [one(1, "x"), one(1, "y", position=2), one(2, "x", school_class=None), one(2, "y", position=2)]
    tasks += [one(3, "x", school_class=None), one(3, "y", position=2)]
    assert [s.group for s in compare_lessons(tasks, by, GAP).summaries] == groups


def session(number: int, **changes) -> StoredSession:
    start = session_start(video_sha256=f"{number:064x}", **changes)
    return StoredSession(number, start, "finished", start.expires_on, ())


def test_one_film_twice_is_not_two_lessons():
    film = session(1)
    with pytest.raises(ConfigError, match="sessions 1 and 2 are of one film"):
        check_comparable([film, replace(film, session_id=2)])


def test_lessons_that_were_measured_differently_are_refused_by_name():
    other = {"fps": 1.0, "rules": {"bins": {"seconds": 20.0}}}
    with pytest.raises(StoreError, match=r"differently \(rules.bins.seconds\)"):
        check_comparable([session(1), session(2, settings=other)])
    with pytest.raises(StoreError, match=r"differently \(model\)"):
        check_comparable([session(1), session(2, model_sha256="f" * 64)])


def test_what_is_not_two_finished_lessons_is_refused():
    with pytest.raises(ConfigError, match="two lessons or more"):
        check_comparable([session(1)])
    with pytest.raises(StoreError, match="not finished"):
        check_comparable([session(1), replace(session(2), status="running")])
    with pytest.raises(ConfigError, match="presence"):
        check_comparable([session(1), session(2, profile="presence")])


def told(*sessions: StoredSession) -> list[tuple[int, float | None]]:
    """(session, which lesson it was) of a task in each, in the order in which they are told."""
    summary = TaskSummary(Task("Quiz", 60.0, 180.0), 12, 18, 0.8, "A", Estimate(60.0, 55.0, 65.0), *[None] * 5)
    tasks = lesson_tasks(sessions, {session.session_id: [summary] for session in sessions})
    assert {(task.task, task.position, task.minute, task.coverage) for task in tasks} == {("Quiz", 1, 2.0, 0.8)}
    return [(task.session_id, task.order) for task in tasks]


def test_lessons_come_by_their_label_else_by_date():
    labelled = [replace(session(k), labels=(("lesson", str(10 - k)),)) for k in (1, 2)]
    assert told(*labelled) == [(2, 8.0), (1, 9.0)]
    days = [session(k, recorded_on=datetime(2026, 3, 9 - k, tzinfo=UTC)) for k in (1, 2)]
    assert told(*days) == [(2, 0.0), (1, 1.0)]
    assert told(labelled[0], session(2)) == [(1, None), (2, None)]  # the same date twice says nothing
    words = [replace(one, labels=(("lesson", "last"),)) for one in days]
    assert told(*words) == [(2, 0.0), (1, 1.0)]
