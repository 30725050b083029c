import dataclasses
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_class import RULES, Look, film, only

from classroom_fer.lesson.records import ExpressionShares, NotShown, Task

BOARD, DESK, GROUP = (Task("task", 0, 120, mode) for mode in ("board", "desk", "group"))


def summary(task, pupils=12, script=lambda k, t: Look(), seconds=120, rules=RULES):
    return film(pupils, seconds, script).understood([task], rules).tasks[0]


def test_a_class_that_faces_the_board_and_looks_neutral_scores_100():
    got = summary(BOARD)
    assert (got.engagement.value, got.orientation.value, got.expression.value) == pytest.approx((100, 1, 1))
    assert (got.n, got.coverage, got.bins, got.readable, got.grade) == (12, 1, 12, 1, "B")
    assert got.shares == ExpressionShares(1, 0, 0, 0)


def test_looking_down_is_half_at_the_board_and_all_at_the_desk():
    down = lambda k, t: Look(pitch_deg=25)  # noqa: E731 - one line reads best here
    assert summary(BOARD, script=down).orientation.value == 0.5
    assert summary(DESK, script=down).orientation.value == 1


def test_group_work_has_expression_and_shares_but_no_index():
    got = summary(GROUP)
    assert (got.engagement, got.orientation) == (None, None)
    assert got.expression.value == pytest.approx(1)
    assert (got.shares.neutral, got.grade, got.not_shown_because) == (1, "B", None)


def test_orientation_and_expression_add_up_to_the_index():
    got = summary(BOARD, script=lambda k, t: Look(4.0 * k, 0, only("happiness", 0.7 + k / 40)))
    assert got.engagement.value == pytest.approx(100 * (0.7 * got.orientation.value + 0.3 * got.expression.value))


@pytest.mark.parametrize(
    ("pupils", "seen_s", "grade"),
    [(15, 120, "A"), (14, 120, "B"), (15, 70, "B"), (9, 120, "C"), (5, 120, "C"), (4, 120, None)],
)
def test_the_grade_follows_pupils_and_coverage(pupils, seen_s, grade):
    assert summary(BOARD, pupils, lambda k, t: Look() if t < seen_s else None).grade == grade


@pytest.mark.parametrize(
    ("task", "pupils", "seen_s", "reason"),
    [
        (Task("t", 0, 59), 12, 120, NotShown("short", 59, 60)),
        (Task("t", 90, 300), 12, 120, NotShown("partly_analysed", 30, 60)),
        (Task("t", 120, 300), 12, 120, NotShown("outside")),
        (Task("t", 0, 120), 0, 120, NotShown("nobody")),
        (Task("t", 0, 120), 12, 30, NotShown("nobody")),
        (Task("t", 0, 120), 1, 120, NotShown("few", None, 5)),
        (Task("t", 0, 120), 4, 120, NotShown("few", None, 5)),
    ],
)
def test_a_task_that_is_not_shown_says_why_and_gives_no_number(task, pupils, seen_s, reason):
    got = summary(task, pupils, lambda k, t: Look() if t < seen_s else None)
    assert got.not_shown_because == reason
    values = (got.grade, got.engagement, got.orientation, got.expression, got.shares, got.readable)
    assert values == (None,) * 6


def test_a_class_seen_now_and_then_is_not_shown():
    """Twelve at once for a while, then six: N95 stays 12, so half of the class is missing."""
    rules = dataclasses.replace(RULES, evidence=dataclasses.replace(RULES.evidence, c_min=0.8, c_b=0.85, c_a=0.9))
    got = summary(BOARD, 12, lambda k, t: Look() if k < 6 or t < 60 else None, rules=rules)
    assert got.not_shown_because == NotShown("coverage", pytest.approx(0.75), 0.8)


def test_pieces_of_pupils_do_not_raise_n_above_the_faces_seen_at_once():
    """Twelve tracks, but never more than six at a time."""
    half = lambda k, t: Look() if (t % 60 < 60 and (t < 120) == (k < 6)) else None  # noqa: E731
    got = film(12, 240, half).understood([Task("t", 0, 240)]).tasks[0]
    assert (got.n, got.coverage) == (6, 1)


def test_a_pupil_who_turns_away_for_half_the_task_still_counts():
    """E abstains just when O is 0: asking for both in one bin would drop the bins of turned heads."""
    got = summary(BOARD, script=lambda k, t: Look(60.0 if t < 60 else 0.0))
    assert got.orientation.value == pytest.approx(0.5)
    assert got.engagement.value == pytest.approx(65)
    assert got.readable == pytest.approx(0.5)


def test_an_unknown_pose_is_missing_and_not_turned_away():
    got = summary(BOARD, script=lambda k, t: Look(None) if t >= 70 else Look())
    assert got.orientation.value == 1
    assert got.coverage == pytest.approx(7 / 12)


def test_shares_count_every_pupil_once_and_uncertain_looks_as_other():
    """Six smile and are always seen, six are unsure and seen half of the time."""

    def look(k, t):
        if k < 6:
            return Look(emotion=only("happiness"))
        if t < 70:
            return Look(emotion=only("neutral", 0.5) if t % 2 else only("surprise"))
        return None

    assert summary(GROUP, script=look).shares == ExpressionShares(0, 0.5, 0.25, 0.25)


@given(st.lists(st.sampled_from(["neutral", "happiness", "surprise", "anger", "contempt"]), min_size=5, max_size=5))
@settings(max_examples=15)
def test_shares_sum_to_1(emotions):
    got = summary(GROUP, 5, lambda k, t: Look(emotion=only(emotions[(k + int(t)) % 5]))).shares
    assert sum(dataclasses.astuple(got)) == pytest.approx(1)


def test_long_bins_ask_for_no_more_bins_than_there_are():
    rules = dataclasses.replace(RULES, bins=dataclasses.replace(RULES.bins, seconds=60.0))
    got = summary(BOARD, rules=rules)
    assert (got.bins, got.n, got.grade) == (2, 12, "B")


@given(st.sets(st.integers(0, 11), max_size=11), st.sampled_from(["board", "desk", "group"]))
@settings(max_examples=20)
def test_lost_film_lowers_coverage_but_not_the_values_of_a_class_that_never_changes(lost, mode):
    task = Task("task", 0, 120, mode)
    whole = film(6, 120, lambda k, t: Look(5.0 * k, 0, only("happiness", 0.8)))
    before = whole.understood([task]).tasks[0]
    after = whole.without(lambda t: t // 10 in lost).understood([task]).tasks[0]
    if after.n is None:  # too few pupils with six bins: nothing is told
        assert (len(lost) > 6, after.coverage) == (True, None)
        return
    assert after.coverage == pytest.approx(before.coverage * (12 - len(lost)) / 12)
    assert (after.engagement is None) == (len(lost) > 6 or mode == "group")
    for name in ("engagement", "orientation", "expression"):
        a, b = getattr(after, name), getattr(before, name)
        if a is not None:
            assert dataclasses.astuple(a) == pytest.approx(dataclasses.astuple(b))


def test_intervals_hold_their_values():
    got = summary(BOARD, script=lambda k, t: Look(4.0 * k, 0, only("happiness", 0.7 + k / 40)))
    for estimate in (got.engagement, got.orientation, got.expression):
        assert estimate.low < estimate.value < estimate.high


def test_tasks_come_in_lesson_order():
    tasks = [Task("a", 0, 60), Task("b", 60, 120), Task("c", 130, 190)]
    made = film(6, 200)
    for order in itertools.permutations(tasks):
        assert [t.task.name for t in made.understood(order).tasks] == ["a", "b", "c"]
