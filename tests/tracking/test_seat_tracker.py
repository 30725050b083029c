"""Promises of SeatTracker, on made-up classes whose truth is known."""

from __future__ import annotations

import dataclasses
import math
import random
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from synthetic import Habits, Seat, Truth, Walker, grid, make_frames, people_of
from work import calls

from classroom_fer.lesson.camera import CUT, CameraStep
from classroom_fer.lesson.records import FaceSample, FrameSample, Track
from classroom_fer.settings.config import default_config
from classroom_fer.tracking.seat_tracker import SeatTracker

RULES = default_config().rules.tracking

some = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def classes(draw: st.DrawFn) -> tuple[list[FrameSample], Truth]:
    """Classes with everything that goes wrong, at any sampling rate."""
    seats = draw(st.integers(0, 9))
    return make_frames(
        grid(seats, columns=3, pitch=draw(st.floats(1.2, 3))) if seats else [],
        duration_s=draw(st.integers(5, 50)),
        fps=draw(st.sampled_from([0.2, 0.5, 1, 2, 4])),
        seed=draw(st.integers(0, 10_000)),
        miss=draw(st.floats(0, 0.6)),
        false_rate=draw(st.floats(0, 3)),
        duplicate_rate=draw(st.floats(0, 0.5)),
        unsure_rate=draw(st.floats(0, 0.5)),
        sway=draw(st.floats(0, 0.8)),
        walkers=[Walker(5, 25, (0, 150), (1900, 250), 80)] if draw(st.booleans()) else [],
        unseen=[(10, 20)] if draw(st.booleans()) else [],
    )


def names(tracks: Sequence[Track]) -> list[tuple[int, list[tuple[int, int]]]]:
    return [(track.track_id, [(s.frame_index, s.face_index) for s in track.samples]) for track in tracks]


def main_person(track: Track, truth: Truth) -> int | None:
    people = people_of(track.samples, truth)
    return max(people, key=lambda person: people[person])


def person_shares(tracks: Sequence[Track], truth: Truth) -> dict[int, float]:
    """Of every person's detected faces, the share in their best track."""
    seen = Counter(person for person in truth.values() if person is not None)
    best: Counter[int] = Counter()
    for track in tracks:
        for person, count in people_of(track.samples, truth).items():
            if person is not None:
                best[person] = max(best[person], count)
    return {person: best[person] / count for person, count in seen.items()}


def strangers(track: Track, truth: Truth) -> int:
    """Samples that show somebody else than the track's main person."""
    people = people_of(track.samples, truth)
    return len(track.samples) - max(people.values())


@some
@given(classes())
def test_every_face_is_in_one_track_at_most_and_a_track_has_one_face_a_frame(
    made: tuple[list[FrameSample], Truth],
) -> None:
    frames, _ = made
    given_faces = {(f.frame_index, f.face_index): f for frame in frames for f in frame.faces}
    used: set[tuple[int, int]] = set()
    tracks = SeatTracker(RULES).track(frames)
    for track in tracks:
        times = [sample.time_s for sample in track.samples]
        assert times == sorted(set(times))
        keys = {(sample.frame_index, sample.face_index) for sample in track.samples}
        assert not keys & used
        assert all(given_faces[sample.frame_index, sample.face_index] is sample for sample in track.samples)
        used |= keys
    assert [track.track_id for track in tracks] == list(range(1, len(tracks) + 1))
    first = [(track.samples[0].time_s, track.samples[0].box) for track in tracks]
    assert first == sorted(first)


@some
@given(classes(), st.randoms(use_true_random=False))
def test_order_of_frames_and_of_faces_within_them_does_not_matter(
    made: tuple[list[FrameSample], Truth], shuffle: random.Random
) -> None:
    frames, _ = made
    mixed = [dataclasses.replace(f, faces=tuple(shuffle.sample(f.faces, len(f.faces)))) for f in frames]
    shuffle.shuffle(mixed)
    assert names(SeatTracker(RULES).track(mixed)) == names(SeatTracker(RULES).track(frames))


@some
@given(classes(), st.floats(0.2, 5), st.floats(-50, 50))
def test_resolution_and_start_of_the_film_do_not_matter(
    made: tuple[list[FrameSample], Truth], scale: float, later_s: float
) -> None:
    frames, _ = made

    def moved(face: FaceSample) -> FaceSample:
        x1, y1, x2, y2 = face.box
        box = (x1 * scale, y1 * scale, x2 * scale, y2 * scale)
        return dataclasses.replace(face, box=box, time_s=face.time_s + later_s)

    zoomed = [
        dataclasses.replace(f, time_s=f.time_s + later_s, faces=tuple(moved(face) for face in f.faces)) for f in frames
    ]
    assert Counter(len(track.samples) for track in SeatTracker(RULES).track(zoomed)) == Counter(
        len(track.samples) for track in SeatTracker(RULES).track(frames)
    )


@pytest.mark.parametrize("fps", [0.2, 0.5, 1, 2, 5])
def test_each_pupil_has_one_track_at_any_sampling_rate(fps: float) -> None:
    frames, truth = make_frames(20, duration_s=max(120.0, 60 / fps), fps=fps, seed=4, miss=0.3)
    tracks = SeatTracker(RULES).track(frames)
    assert sorted(main_person(track, truth) or 0 for track in tracks) == list(range(20))
    assert all(strangers(track, truth) == 0 for track in tracks)
    assert min(person_shares(tracks, truth).values()) >= 0.9


@some
@example(seed=2535, miss=0.5, pitch=2.0)  # the one in about 600 (measured) in which a track takes a neighbour's samples
@given(st.integers(0, 10_000), st.floats(0, 0.5), st.floats(2, 3))
def test_neighbours_do_not_share_a_track_even_two_face_sizes_apart(seed: int, miss: float, pitch: float) -> None:
    frames, truth = make_frames(grid(9, columns=3, pitch=pitch), duration_s=60, seed=seed, miss=miss)
    tracks = SeatTracker(RULES).track(frames)
    assert all(strangers(track, truth) <= 0.1 * len(track.samples) for track in tracks)


@some
@given(st.integers(0, 10_000), st.floats(0, 0.3), st.floats(2.2, 3))
def test_neighbours_never_share_a_track_where_most_faces_are_found(seed: int, miss: float, pitch: float) -> None:
    frames, truth = make_frames(grid(9, columns=3, pitch=pitch), duration_s=60, seed=seed, miss=miss)
    tracks = SeatTracker(RULES).track(frames)
    assert all(strangers(track, truth) == 0 for track in tracks)


@some
@given(st.integers(0, 10_000), st.integers(10, 100), st.integers(5, 1000))
def test_unseen_time_does_not_split_a_seat(seed: int, start_s: int, length_s: int) -> None:
    end_s = start_s + length_s
    frames, truth = make_frames(6, duration_s=end_s + 60, seed=seed, unseen=[(start_s, end_s)])
    tracks = SeatTracker(RULES).track(frames)
    assert [sorted(people_of(track.samples, truth)) for track in tracks] == [[main_person(t, truth)] for t in tracks]
    assert person_shares(tracks, truth) == dict.fromkeys(range(6), 1.0)


@some
@given(st.integers(0, 10_000), st.sets(st.integers(0, 59), min_size=1))
def test_dropping_any_frames_splits_nobody(seed: int, kept: set[int]) -> None:
    frames, truth = make_frames(6, duration_s=60, seed=seed)
    tracks = SeatTracker(RULES).track([frame for second, frame in enumerate(frames) if second in kept])
    assert [sorted(people_of(track.samples, truth)) for track in tracks] == [[main_person(t, truth)] for t in tracks]
    assert len({main_person(track, truth) for track in tracks}) == len(tracks)


@pytest.mark.parametrize("away_s", [20, 180, 590, 1500])
def test_a_pupil_who_comes_back_to_the_seat_after_minutes_is_the_same_track(away_s: int) -> None:
    frames, truth = make_frames(
        12, duration_s=away_s + 120, seed=1, fps=0.5, false_rate=0.2, absences={4: (60, 60 + away_s), 7: (0, 40)}
    )
    tracks = SeatTracker(RULES).track(frames)
    mine = [track for track in tracks if main_person(track, truth) == 4]
    assert len(mine) == 1
    assert mine[0].samples[0].time_s < 20
    assert mine[0].samples[-1].time_s > away_s + 100
    assert person_shares(tracks, truth)[4] >= 0.98


def test_a_pupil_who_arrives_late_gets_a_track_and_disturbs_nobody() -> None:
    frames, truth = make_frames(12, duration_s=120, seed=2, absences={6: (0, 60)})
    tracks = SeatTracker(RULES).track(frames)
    assert sorted(main_person(track, truth) or 0 for track in tracks) == list(range(12))
    assert [main_person(track, truth) for track in tracks][-1] == 6


def test_tracks_seen_in_the_same_frame_are_never_joined() -> None:
    close = [Seat(500, 400, 60), Seat(548, 400, 60)]  # .8 sizes apart: nearer than any join gate
    frames, truth = make_frames(close, duration_s=120, seed=3, sway=0.05, jitter=0.02, miss=0.2)
    tracks = SeatTracker(RULES).track(frames)
    assert sorted(main_person(track, truth) or 0 for track in tracks) == [0, 1]
    assert sum(strangers(track, truth) for track in tracks) <= 0.1 * len(truth)


def test_a_second_box_of_one_face_makes_no_second_track() -> None:
    frames, truth = make_frames(12, duration_s=120, seed=5, duplicate_rate=0.5)
    assert None in truth.values()
    tracks = SeatTracker(RULES).track(frames)
    assert len(tracks) == 12
    assert all(people_of(track.samples, truth).get(None, 0) == 0 for track in tracks)


def test_false_detections_make_no_track_and_steal_no_seat() -> None:
    frames, truth = make_frames(12, duration_s=300, seed=6, false_rate=0.5)
    tracks = SeatTracker(RULES).track(frames)
    assert sorted(main_person(track, truth) or 0 for track in tracks) == list(range(12))
    assert sum(strangers(track, truth) for track in tracks) <= 0.002 * len(truth)


def test_what_the_detector_is_hardly_ever_sure_of_is_no_pupil() -> None:
    torso, real = Seat(400, 400, 80), Seat(800, 400, 40)
    frames, truth = make_frames([torso, real], duration_s=100, seed=7, miss=0.2)

    def less_sure(face: FaceSample) -> FaceSample:
        torso_in_doubt = truth[face.frame_index, face.face_index] == 0 and face.frame_index % 4
        return dataclasses.replace(face, confidence=0.8) if torso_in_doubt else face

    frames = [dataclasses.replace(f, faces=tuple(less_sure(face) for face in f.faces)) for f in frames]
    tracks = SeatTracker(RULES).track(frames)
    assert [main_person(track, truth) for track in tracks] == [1]


def test_a_pupil_of_whom_half_the_detections_are_unsure_keeps_them_all() -> None:
    frames, truth = make_frames(6, duration_s=120, seed=8, unsure_rate=0.5)
    assert min(person_shares(SeatTracker(RULES).track(frames), truth).values()) >= 0.97


def test_a_passer_by_does_not_steal_a_seat_for_long() -> None:
    row = [Seat(300 + 160 * i, 400, 60) for i in range(8)]
    walkers = [Walker(30, 50, (0, 400), (1900, 420), 75), Walker(90, 102, (1900, 390), (0, 400), 85)]
    frames, truth = make_frames(row, duration_s=150, seed=9, walkers=walkers)
    tracks = SeatTracker(RULES).track(frames)
    pupils = {main_person(track, truth): track for track in tracks if len(track.samples) > 40}
    assert sorted(person for person in pupils if person is not None) == list(range(8))
    assert min(share for person, share in person_shares(tracks, truth).items() if person < 8) >= 0.97
    assert max(strangers(track, truth) for track in pupils.values()) <= 4


def test_pupils_who_swap_places_leave_as_many_tracks_as_pupils() -> None:
    # Without pictures nobody can tell who sits where after a swap that no frame shows: the seat is followed.
    frames, truth = make_frames(12, duration_s=120, seed=10, swaps=[(2, 9, 60)])
    tracks = SeatTracker(RULES).track(frames)
    assert len(tracks) == 12
    assert sum(len(track.samples) for track in tracks) == len(truth)


def test_somebody_new_next_to_an_empty_seat_gets_an_own_track() -> None:
    seats = [Seat(400, 300, 50), Seat(510, 300, 50)]
    frames, truth = make_frames(seats, duration_s=200, seed=11, absences={0: (80, 200), 1: (0, 100)})
    tracks = SeatTracker(RULES).track(frames)
    assert [sorted(people_of(track.samples, truth)) for track in tracks] == [[0], [1]]


def test_who_sits_down_on_one_side_while_somebody_leaves_on_the_other_moves_nobody() -> None:
    row = [Seat(400 + 70 * i, 300, 50) for i in range(3)]  # 1.4 sizes apart: each within reach of the next
    frames, truth = make_frames(row, 120, seed=15, sway=0.05, jitter=0.02, absences={0: (60, 120), 2: (0, 60)})
    tracks = SeatTracker(RULES).track(frames)
    assert [sorted(people_of(track.samples, truth)) for track in tracks] == [[0], [1], [2]]


def test_a_face_more_than_twice_as_large_at_the_same_place_is_somebody_else() -> None:
    pupil, teacher = Seat(400, 300, 40), Seat(400, 300, 100)
    frames, truth = make_frames([pupil, teacher], 120, seed=16, absences={0: (60, 80), 1: (0, 60)})
    frames = [frame for frame in frames if frame.time_s < 80]
    tracks = SeatTracker(RULES).track(frames)
    assert [sorted(people_of(track.samples, truth)) for track in tracks] == [[0], [1]]


def test_a_glimpse_of_a_pupil_after_a_long_absence_goes_to_the_pupils_seat() -> None:
    empty, _ = make_frames(4, duration_s=1600, fps=0.5, seed=14, miss=0, absences={2: (60, 1600)})
    full, _ = make_frames(4, duration_s=1600, fps=0.5, seed=14, miss=0)
    frames = [full[step] if step in (500, 780) else frame for step, frame in enumerate(empty)]
    tracks = SeatTracker(RULES).track(frames)
    assert len(tracks) == 4
    assert sum(len(track.samples) for track in tracks) == sum(len(frame.faces) for frame in frames)


def test_nobody_seen_is_no_track() -> None:
    assert SeatTracker(RULES).track([]) == []
    assert SeatTracker(RULES).track(make_frames([], duration_s=30)[0]) == []


def test_a_face_seen_twice_only_stays_without_a_track() -> None:
    frames, _ = make_frames(1, duration_s=2, seed=12, miss=0)
    assert SeatTracker(RULES).track(frames) == []
    frames, _ = make_frames(1, duration_s=3, seed=12, miss=0)
    assert len(SeatTracker(RULES).track(frames)) == 1


def test_a_cut_ends_every_track() -> None:
    frames, _ = make_frames(6, duration_s=120, seed=17, miss=0)
    frames[60] = dataclasses.replace(frames[60], camera=CUT)
    tracks = SeatTracker(RULES).track(frames)
    assert len(tracks) == 12
    assert {(track.samples[0].time_s, track.samples[-1].time_s) for track in tracks} == {(0.0, 59.0), (60.0, 119.0)}


def test_pupils_keep_their_seats_while_the_camera_pans() -> None:
    """By more than a seat's distance a sample, there and back again."""
    still, truth = make_frames(6, duration_s=120, seed=18)
    frames, at_px = [], 0.0
    for number, frame in enumerate(still):
        step_px = 90.0 * math.cos(number / 6)
        at_px += step_px
        faces = tuple(
            dataclasses.replace(face, box=(x1 - at_px, y1, x2 - at_px, y2))
            for face in frame.faces
            for x1, y1, x2, y2 in (face.box,)
        )
        frames.append(dataclasses.replace(frame, faces=faces, camera=CameraStep("moved", step_px)))
    tracks = SeatTracker(RULES).track(frames)
    assert sorted(sorted(people_of(track.samples, truth)) for track in tracks) == [[n] for n in range(6)]
    unaware = SeatTracker(RULES).track([dataclasses.replace(frame, camera=None) for frame in frames])
    assert len(unaware) != 6


def test_a_film_twice_as_long_is_about_twice_the_work() -> None:
    """With thirty pupils and people who walk about."""

    def frames(seconds: float) -> list[FrameSample]:
        times = range(0, int(seconds), 60)
        walkers = [Walker(20 + at, 32 + at, (0, 100 + at / 6), (1900, 160 + at / 6), 60) for at in times]
        made, _ = make_frames(
            grid(30, columns=6), seconds, seed=13, false_rate=0.5, duplicate_rate=0.1, walkers=walkers
        )
        return made

    short, long = frames(180), frames(360)
    assert calls(lambda: SeatTracker(RULES).track(long)) < 2.2 * calls(lambda: SeatTracker(RULES).track(short))


def test_a_large_face_needs_a_higher_score_than_a_far_one() -> None:
    rules = dataclasses.replace(RULES, sure_confidence=0.55, sure_confidence_large=0.70, large_face_px=48)
    frames, truth = make_frames([Seat(400, 400, 85), Seat(800, 400, 20)], duration_s=60, seed=20, jitter=0.02)
    frames = [
        dataclasses.replace(f, faces=tuple(dataclasses.replace(x, confidence=0.62) for x in f.faces)) for f in frames
    ]
    tracks = SeatTracker(rules).track(frames)
    assert [main_person(track, truth) for track in tracks] == [1]


@pytest.mark.parametrize(("seed", "fps"), [(1, 0.5), (2, 1), (3, 2)])
def test_of_heads_that_touch_and_hide_each_other_each_keeps_a_track(seed: int, fps: float) -> None:
    pairs = [Seat(300 + 300 * pair + 66 * side, 300, 60 - 3 * side) for pair in range(4) for side in (0, 1)]
    habits = Habits(shift=0.12, posture_s=40, hidden=0.12, hidden_s=10, covers=0.3)
    frames, truth = make_frames(pairs, 120, fps, seed, sway=0.12, habits=habits)
    tracks = SeatTracker(RULES).track(frames)
    assert sorted(main_person(track, truth) or 0 for track in tracks) == list(range(8))
    assert sum(strangers(track, truth) for track in tracks) <= 0.005 * len(truth)


def test_pupils_who_swap_seats_before_the_camera_leave_two_tracks_of_seats() -> None:
    seats = grid(9, columns=3)
    away = {2: (60.0, 66.0), 6: (60.0, 66.0)}
    ways = [(seats[2], seats[6]), (seats[6], seats[2])]
    walkers = [Walker(60, 66, (a.x, a.y), (b.x, b.y), a.size, hides=False) for a, b in ways]
    frames, truth = make_frames(seats, 120, 1, 21, absences=away, swaps=[(2, 6, 63)], walkers=walkers)
    tracks = SeatTracker(RULES).track(frames)
    seated = [track for track in tracks if len(track.samples) > 60]
    assert len(seated) == 9
    assert sorted(len(people_of(track.samples, truth).keys() & {2, 6}) for track in seated) == [0] * 7 + [2, 2]


def test_a_pupil_whom_posture_moves_by_a_face_stays_one_track() -> None:
    leaning = [Seat(400, 300, 60), Seat(463, 300, 60)]  # of one pupil
    frames, _ = make_frames(leaning, 120, 2, 22, sway=0.05, jitter=0.02, absences={0: (60, 120), 1: (0, 60)})
    assert len(SeatTracker(RULES).track(frames)) == 1


def test_a_newcomer_who_is_seen_seconds_late_and_a_pupil_who_leaves_next_door_are_two() -> None:
    seats = [Seat(400, 300, 50), Seat(465, 300, 50)]
    frames, truth = make_frames(seats, 120, 1, 23, sway=0.05, jitter=0.02, absences={0: (65, 120), 1: (0, 60)})
    tracks = SeatTracker(RULES).track(frames)
    assert [sorted(people_of(track.samples, truth)) for track in tracks] == [[0], [1]]
