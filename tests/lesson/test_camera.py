"""A lesson whose camera moves, and is cut: where places go, and which frames are away from the usual view."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_fer.lesson.camera import CUT, SAME, UNMOVED, CameraStep, Similarity, to_first
from classroom_fer.lesson.records import FrameSample
from classroom_fer.lesson.shots import away, cuts, shots

numbers = st.floats(-500, 500)
similarities = st.builds(
    lambda x, y, zoom, turn: CameraStep("moved", x, y, zoom, turn).back,
    numbers, numbers, st.floats(0.2, 5), st.floats(-170, 170),
)  # fmt: skip


def film(*steps: CameraStep | None) -> list[FrameSample]:
    return [FrameSample(number, float(number), (), camera=step) for number, step in enumerate(steps)]


@given(similarities, similarities, numbers, numbers)
def test_movements_add_up_and_can_be_undone(first: Similarity, then: Similarity, x: float, y: float) -> None:
    point = complex(x, y)
    assert abs((then @ first)(point) - then(first(point))) < 1e-6
    assert abs(first.inverse()(first(point)) - point) < 1e-6


@given(similarities, numbers, numbers)
def test_a_stored_step_is_the_movement(back: Similarity, x: float, y: float) -> None:
    step = CameraStep.moved(back)
    assert step.change == "moved"
    assert abs(step.back(complex(x, y)) - back(complex(x, y))) < 1e-6


def test_a_cut_parts_a_film_and_what_came_before_is_forgotten() -> None:
    frames = film(None, CameraStep("moved", 5.0), CUT, SAME, CameraStep("moved", 0.0, 2.0), CUT)
    assert [[frame.frame_index for frame in shot] for shot in shots(frames)] == [[0, 1], [2, 3, 4], [5]]
    places = [place(1 + 1j) for place in to_first(frame.camera for frame in frames)]
    assert places == [1 + 1j, 6 + 1j, 1 + 1j, 1 + 1j, 1 + 3j, 1 + 1j]


def test_a_film_begins_without_a_cut_whatever_was_shown_before_it() -> None:
    assert cuts(film(CUT, SAME, SAME)) == 0
    assert cuts(film(None, SAME, CUT, CUT)) == 2
    assert cuts(film(None, None)) is None
    assert shots([]) == [[]]
    assert to_first([]) == []


@pytest.mark.parametrize(("shift_px", "share"), [(5.0, 0.0), (150.0, 0.2)])
def test_frames_that_look_elsewhere_are_away(shift_px: float, share: float) -> None:
    """For two frames of ten the camera looks ``shift_px`` to the side, and back."""
    there, back = CameraStep("moved", shift_px), CameraStep("moved", -shift_px)
    frames = film(None, *[SAME] * 5, there, SAME, back, SAME)
    found = away(frames, 1000, 0.1)
    assert len(found) == share * len(frames)
    assert found <= {(6, 0), (7, 0)}


def test_every_part_between_cuts_has_a_usual_view_of_its_own() -> None:
    frames = film(None, *[SAME] * 9, CUT, CameraStep("moved", 400.0), *[SAME] * 7)
    assert away(frames, 1000, 0.1) == {(10, 0)}


def test_a_camera_of_which_nothing_is_known_stands() -> None:
    assert to_first([None, None]) == [UNMOVED, UNMOVED]
    assert away(film(None, None), 1000, 0.1) == frozenset()
