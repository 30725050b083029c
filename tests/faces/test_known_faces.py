"""Which faces a chunk knows after each look."""

from __future__ import annotations

from classroom_fer.faces.known_faces import SETTLED, KnownFace, after_look
from classroom_fer.lesson.records import Box


def face(x: float, y: float = 0.0, size: float = 40.0) -> Box:
    return (x, y, x + size, y + size)


def known(*boxes: Box, looks: int = SETTLED) -> list[KnownFace]:
    return [KnownFace(box, looks) for box in boxes]


def test_a_face_that_moved_a_little_is_the_same() -> None:
    assert after_look(known(face(0), face(100)), [face(110), face(5)], whole=False) == [
        KnownFace(face(110), SETTLED + 1), KnownFace(face(5), SETTLED + 1),
    ]  # fmt: skip


def test_a_face_out_of_reach_or_of_another_size_is_a_new_one() -> None:
    assert after_look(known(face(0)), [face(60)], whole=False) == [KnownFace(face(60)), KnownFace(face(0), 3, 1)]
    after = after_look(known(face(0)), [face(0, size=90)], whole=False)
    assert after == [KnownFace(face(0, size=90)), KnownFace(face(0), 3, 1)]


def test_a_box_goes_to_the_nearest_and_each_face_has_one() -> None:
    after = after_look(known(face(0), face(30)), [face(28)], whole=False)
    assert after == [KnownFace(face(28), SETTLED + 1)]
    both = after_look(known(face(0)), [face(4), face(20)], whole=False)
    assert both == [KnownFace(face(4), SETTLED + 1), KnownFace(face(20))]


def test_a_settled_face_keeps_its_place_and_a_passing_one_goes_with_the_next_whole_look() -> None:
    faces = [*known(face(0)), *known(face(200), looks=SETTLED - 1)]
    between = after_look(faces, [], whole=False)
    assert between == [KnownFace(face(0), SETTLED, 1), KnownFace(face(200), SETTLED - 1, 1)]
    assert after_look(between, [], whole=True) == [KnownFace(face(0), SETTLED, 2)]


def test_a_face_that_the_next_look_finds_again_is_hard_and_one_that_comes_back_later_is_not() -> None:
    once = after_look(known(face(0)), [], whole=False)
    hard = KnownFace(face(8), SETTLED + 1, is_hard=True)
    assert after_look(once, [face(8)], whole=False) == [hard]
    assert after_look([hard], [face(8)], whole=False) == [KnownFace(face(8), SETTLED + 2, is_hard=True)]
    twice = after_look(once, [], whole=False)
    assert after_look(twice, [face(8)], whole=False) == [KnownFace(face(8), SETTLED + 1)]
    assert after_look(twice, [face(8)], whole=True) == [hard]
