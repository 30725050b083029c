"""Which pieces of tracks are one seat's."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from classroom_fer.settings.config import default_config
from classroom_fer.tracking.association import Tracklet
from classroom_fer.tracking.seats import SeatPart, adopt, join_seats, seat_part

RULES = default_config().rules.tracking
SIZE_PX = 60.0


def piece(frames: Iterable[int], *xs: float, key: int = 0) -> SeatPart:
    """A track with face ``key`` of each frame at height 400: at ``xs`` in turn, the last of them to the end."""
    numbers = list(frames)
    places = [np.array([xs[min(i, len(xs) - 1)], 400.0]) for i in range(len(numbers))]
    tracklet = Tracklet(seat=places[0], size=SIZE_PX, last=places[-1], last_s=0.0)
    tracklet.frames, tracklet.keys = numbers, [key] * len(numbers)
    tracklet.centres, tracklet.sizes = places, [SIZE_PX] * len(numbers)
    return seat_part(tracklet, RULES)


def test_pieces_of_one_place_that_show_together_once_are_one_seat() -> None:
    first, second = piece(range(21), 500), piece(range(20, 40), 520, key=1)
    (seat,) = join_seats([first, second], RULES)
    assert [frame for frame, _ in seat.faces] == list(range(40))


def test_where_both_pieces_have_a_face_the_one_nearer_to_the_longer_pieces_seat_is_kept() -> None:
    long, short = piece(range(30), *[500] * 29, 540), piece(range(29, 40), 510, key=1)
    (seat,) = join_seats([long, short], RULES)
    assert seat.faces[29] == (29, 1)
    assert len(seat.faces) == len(seat.centres) == len(seat.sizes) == 40


def test_pieces_that_often_show_together_are_two_people_however_near() -> None:
    pieces = [piece(range(20), 500), piece(range(10, 30), 530, key=1)]
    assert len(join_seats(pieces, RULES)) == 2


def test_who_comes_along_and_stands_before_a_seat_is_not_its_pupil() -> None:
    pupil = piece([*range(20), *range(40, 60)], 500)
    teacher = piece(range(20, 40), 100, 180, 260, 340, 420, 500)  # five steps, then a stop while the pupil is hidden
    assert len(join_seats([pupil, teacher], RULES)) == 2


def test_a_glimpse_goes_to_the_nearest_free_seat_and_to_nobody_who_walks() -> None:
    near, walker, glimpse = piece(range(20), 500), piece(range(20, 40), *range(100, 1300, 60)), piece([50], 520)
    seats = adopt([walker, near], [glimpse], RULES)
    assert [len(seat.faces) for seat in seats] == [20, 21]
