"""End to end: what the real command says of the sample lesson, against the schedule that the lesson was made from.

One analysis for all tests. sample_videos/README.md has the figures; each limit lies a little below them.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from command import LESSON, TASKS, rows, run
from lesson_score import Score, index_of_truth, index_stored, read_score

from classroom_fer.settings.config import default_config

RULES = default_config().rules
CLEAR_POINTS = RULES.compare.min_points
LEFT_SEAT, LEFT_S = 4, 500
"""The pupil who goes and does not come back, and when."""
CHANGE_S = 360
"""When half of the heads come up in the desk task."""
BACK_S = 430
"""When most of them go down again."""

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Analysis:
    said: dict[str, Any]
    db: Path
    pdf: Path
    score: Score

    def tracks_at(self, seat_number: int) -> Counter[int]:
        """How many faces of each track were found at a seat."""
        (seat,) = (seat for seat in self.score.seats if seat.number == seat_number)
        return Counter(f.track_id for f in self.score.faces if f.track_id and seat.holds(f.x_px, f.y_px))


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    folder = tmp_path_factory.mktemp("lesson")
    db = folder / "lesson.sqlite"
    done = run("analyze", LESSON, "--tasks", TASKS, "--db", db, "--out", folder, "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return Analysis(json.loads(done.stdout), db, folder / "lesson.pdf", read_score(db))


# presence


def test_sixteen_pupils_are_counted(analysis: Analysis) -> None:
    query = "SELECT tracks, simultaneous_p95, frames_sampled, frames_lost FROM v_session"
    assert rows(analysis.db, query) == [(16, 16, 720, 0)]


def test_each_seat_is_one_track_and_each_track_one_seat(analysis: Analysis) -> None:
    own = []
    for seat in analysis.score.seats:
        count = analysis.tracks_at(seat.number)
        ((track, faces),) = count.most_common(1)
        assert faces / count.total() >= 0.95, (seat.number, count)
        own.append(track)
    assert len(set(own)) == 16


def test_nobody_is_seen_where_nobody_sits(analysis: Analysis) -> None:
    assert analysis.score.strays() == []
    assert analysis.score.seen_at_empty_seats() == 0


def test_pupils_who_are_there_are_seen(analysis: Analysis) -> None:
    assert analysis.score.seen() >= 0.985
    for seat in analysis.score.seats:
        there = [look.face is not None for look in analysis.score.looks if look.seat == seat and look.state.present]
        assert mean(there) >= 0.95, seat.number


def test_the_track_of_a_pupil_who_leaves_ends(analysis: Analysis) -> None:
    ((track, _),) = analysis.tracks_at(LEFT_SEAT).most_common(1)
    ((last_s,),) = rows(analysis.db, f"SELECT last_s FROM track WHERE track_id = {track}")
    assert LEFT_S - 2 <= last_s <= LEFT_S + 1, "leaving takes a second"
    ((before,),) = rows(analysis.db, f"SELECT max(faces) FROM v_timeline WHERE end_s <= {LEFT_S}")
    ((after,),) = rows(analysis.db, f"SELECT max(faces) FROM v_timeline WHERE start_s > {LEFT_S}")
    assert (before, after) == (16, 15)


# direction


FOUND = {"front": 0.95, "left": 0.80, "right": 0.88, "down": 0.95}
"""Least recall; measured 1.00, .88, .95, .996. No direction is carried by the others."""
CALLED_RIGHTLY = 0.93
"""Least precision; measured .97 for "front", which the missed turns are called, 1.00 for the others."""


@pytest.mark.parametrize("facing", FOUND)
def test_directions_agree_with_the_schedule(analysis: Analysis, facing: str) -> None:
    assert len(analysis.score.posed()) > 8000
    assert analysis.score.facing_found(facing, RULES) >= FOUND[facing]
    assert analysis.score.facing_right(facing, RULES) >= CALLED_RIGHTLY


def test_yaw_is_read_too_small_but_not_by_more_than_known(analysis: Analysis) -> None:
    assert abs(analysis.score.yaw_error_deg("front")) <= 2
    for facing in ("left", "right"):  # measured: -14, -12
        assert -18 <= analysis.score.yaw_error_deg(facing) <= -5, facing


# tasks


def test_index_orders_the_tasks_as_the_schedule_does(analysis: Analysis) -> None:
    stored, truth = index_stored(analysis.db), index_of_truth(analysis.score.seats, RULES)
    assert stored.keys() == truth.keys() and len(truth) == 5
    for first, second in itertools.combinations(truth, 2):
        if abs(truth[first] - truth[second]) >= CLEAR_POINTS:
            assert (stored[first] > stored[second]) == (truth[first] > truth[second]), (first, second)
        else:
            assert abs(stored[first] - stored[second]) < CLEAR_POINTS, (first, second)


def test_explanations_are_higher_than_discussions_both_times_and_nothing_else_differs(analysis: Analysis) -> None:
    query = (
        "SELECT a.name, b.name, verdict FROM comparison c JOIN task a ON a.task_index = c.first_task_index "
        "JOIN task b ON b.task_index = c.second_task_index ORDER BY c.comparison_index"
    )
    assert rows(analysis.db, query) == [
        ("Explaining 1", "Discussing 1", "lower"),
        ("Explaining 1", "Explaining 2", "no_clear_difference"),
        ("Explaining 1", "Discussing 2", "lower"),
        ("Discussing 1", "Explaining 2", "higher"),
        ("Discussing 1", "Discussing 2", "no_clear_difference"),
        ("Explaining 2", "Discussing 2", "lower"),
    ]


def test_one_moment_stands_out_where_heads_come_up(analysis: Analysis) -> None:
    ((time_s, change, of_orientation),) = rows(analysis.db, "SELECT time_s, change, change_orientation FROM moment")
    assert abs(time_s - CHANGE_S) <= 45  # t is nearly as large for a minute: 5:30 of 6:00 measured
    assert change <= -RULES.moments.min_points
    assert abs(of_orientation) > abs(change - of_orientation), "heads turn; looks change little"


# expression: the classifier is unsure of these warped photographs (sample_videos/README.md)


def test_every_pupil_s_smiles_look_more_like_smiles_than_the_same_pupil_s_neutral_face(analysis: Analysis) -> None:
    happy: dict[tuple[int, str], list[float]] = {}
    for look in analysis.score.looks:
        if look.face is not None and look.face.p_happiness is not None and look.state.facing == "front":
            happy.setdefault((look.seat.number, look.state.expression), []).append(look.face.p_happiness)
    more = [mean(happy[number, "smiling"]) - mean(happy[number, "neutral"]) for number in range(5, 17)]
    assert min(more) > 0.1 and mean(more) > 0.3, more


def test_smiles_are_called_so_more_often_than_neutral_faces(analysis: Analysis) -> None:
    smiling, neutral = (analysis.score.called("happiness", shown) for shown in ("smiling", "neutral"))
    assert smiling >= neutral + 0.7  # measured: .91, .09
    assert neutral < 0.10


def test_report_is_printed_and_the_json_names_every_task(analysis: Analysis) -> None:
    assert analysis.pdf.read_bytes().startswith(b"%PDF")
    assert all(name in json.dumps(analysis.said) for (name,) in rows(analysis.db, "SELECT task FROM v_task"))


def test_they_turn_together_when_the_schedule_says_so(analysis: Analysis) -> None:
    turned = rows(
        analysis.db, "SELECT start_s, synchrony, synchrony_chance FROM v_timeline WHERE synchrony IS NOT NULL"
    )
    desk = sorted((share, start) for start, share, _ in turned if 260 <= start < 460)
    assert {start for _, start in desk[-2:]} == {CHANGE_S, BACK_S}
    above = {start for start, share, chance in turned if share > chance}
    assert {CHANGE_S, BACK_S} <= above
    assert len(above - {CHANGE_S, BACK_S}) <= 0.05 * len(turned)
