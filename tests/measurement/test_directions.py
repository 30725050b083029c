"""Which samples are turned where: down by pitch, or by an unclear face that has sunk below its usual place."""

import dataclasses

import numpy as np
import pytest
from synthetic_class import RULES, Film, Look, film

from classroom_fer.lesson.camera import Similarity
from classroom_fer.lesson.records import Track
from classroom_fer.measurement.baselines import make_baselines
from classroom_fer.measurement.directions import Directions, make_directions
from classroom_fer.measurement.sample_table import sample_table

SIZE_PX = 80.0
LEARN_S, END_S = 200, 300


def directions(
    film_: Film, *, drop: float = 0.0, frontal: float | None = 0.99, tilt: float = 0.0, rules=RULES.pose
) -> Directions:
    """Of a class whose faces sink by ``drop`` of their size at LEARN_S and have this score from then on.

    ``tilt`` of their size is the camera's, which turns upwards then.
    """

    def later(sample):
        if sample.time_s < LEARN_S:
            return dataclasses.replace(sample, frontal=0.99)
        x1, y1, x2, y2 = sample.box
        box = (x1, y1 + drop * SIZE_PX, x2, y2 + drop * SIZE_PX)
        return dataclasses.replace(sample, box=box, frontal=frontal)

    tracks = [Track(t.track_id, tuple(map(later, t.samples))) for t in film_.tracks]
    places = {(second, 0): Similarity(shift=-1j * tilt * SIZE_PX * (second >= LEARN_S)) for second in range(END_S)}
    table = sample_table(tracks, places=places)
    return make_directions(table, make_baselines(table, table.time_s < LEARN_S, rules), rules)


def down_later(found: Directions) -> set[bool]:
    """Whether the samples after LEARN_S are down; before it nobody is."""
    by_time = found.down.reshape(-1, END_S)
    assert not by_time[:, :LEARN_S].any()
    return set(by_time[:, LEARN_S:].ravel().tolist())


def bent_by(pitch: float) -> Film:
    return film(2, END_S, lambda _, time: Look(0.0, 4 + pitch * (time >= LEARN_S), size_px=SIZE_PX))


@pytest.mark.parametrize(("pitch", "down"), [(19.9, False), (20, True), (35, True), (-30, False)])
def test_a_head_is_down_by_its_pitch_against_its_own_zero(pitch, down):
    assert down_later(directions(bent_by(pitch))) == {down}


@pytest.mark.parametrize(
    ("drop", "frontal", "down"),
    [(0.41, 0.79, True), (0.39, 0.79, False), (0.41, 0.81, False), (-0.6, 0.1, False), (0.6, None, False)],
)
def test_an_unclear_face_below_its_usual_place_is_down_whatever_its_pitch(drop, frontal, down):
    assert down_later(directions(bent_by(12), drop=drop, frontal=frontal)) == {down}


def test_a_camera_that_turns_upwards_lowers_nobody():
    assert down_later(directions(bent_by(12), drop=0.6, frontal=0.1, tilt=0.6)) == {False}
    assert down_later(directions(bent_by(12), drop=0.6, frontal=0.1, tilt=0.1)) == {True}


def test_without_a_place_of_its_own_only_the_pitch_counts():
    patient = dataclasses.replace(RULES.pose, baseline_min_samples=400)
    assert down_later(directions(bent_by(12), drop=0.6, frontal=0.1, rules=patient)) == {False}
    assert down_later(directions(bent_by(24), drop=0.6, frontal=0.1, rules=patient)) == {True}


def test_rules_of_before_know_pitch_only():
    before = dataclasses.replace(RULES.pose, sunk=1e6, unclear=0.0)
    assert down_later(directions(bent_by(12), drop=0.6, frontal=0.1, rules=before)) == {False}


def test_yaw_is_relative_to_the_tracks_zero_and_unknown_without_a_pose_or_on_a_small_face():
    def look(pupil, time):
        return Look(None if time == END_S - 1 else 10 + 5 * (time >= LEARN_S), size_px=31 if pupil else SIZE_PX)

    found = directions(film(2, END_S, look))
    large = found.yaw_deg.reshape(2, END_S)[0]
    assert (large[0], large[LEARN_S]) == (0, 5)
    assert np.isnan(large[-1])
    known = found.known.reshape(2, END_S)
    assert known[0, :-1].all()
    assert not known[0, -1]
    assert not known[1].any()
