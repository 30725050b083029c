"""Protocols keep the faces that they say, with the labels that they say."""

from __future__ import annotations

import numpy as np
import pytest

from classroom_fer.lesson.records import EMOTIONS
from training.data.protocols import PROTOCOLS, majority, plurality, select
from training.data.readers.faces import FER7, UNKNOWN, DataError, Faces


def faces(votes: list[list[int]] | None = None, fer7: list[int] | None = None, **more: object) -> Faces:
    count = len(votes or fer7 or [])
    return Faces(
        "Training", np.zeros((count, 48, 48), np.uint8), tuple(map(str, range(count))),
        np.array(fer7 or [UNKNOWN] * count), votes=None if votes is None else np.array(votes), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def test_p8_keeps_the_plurality_and_gives_ties_to_the_first_column() -> None:
    votes = np.array([[4, 0, 4, 0, 0, 0, 0, 0, 2, 0], [0, 3, 0, 0, 0, 0, 0, 0, 7, 0], [0, 0, 0, 0, 0, 0, 0, 4, 0, 6]])
    kept, winner = plurality(votes)
    assert kept.tolist() == [True, False, False]
    assert winner[0] == 0


def test_p8_shares_do_not_count_votes_for_unknown() -> None:
    chosen = select(faces(votes=[[2, 5, 0, 0, 0, 0, 0, 0, 3, 0]]), PROTOCOLS["P8"])
    assert chosen.votes[0] == pytest.approx([2 / 7, 5 / 7, 0, 0, 0, 0, 0, 0])


@pytest.mark.parametrize(
    ("votes", "kept"),
    [
        ([5, 4, 1, 0, 0, 0, 0, 0, 0, 0], True),  # the single vote is gone: 5 of 9
        ([5, 5, 0, 0, 0, 0, 0, 0, 0, 0], False),  # half is not more than half
        ([4, 3, 0, 0, 0, 0, 0, 0, 2, 0], False),  # votes for unknown remain in the sum
        ([0, 0, 0, 0, 0, 0, 0, 0, 8, 2], False),  # unknown wins
        ([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], False),  # nothing remains
    ],
)
def test_p8_lit_follows_the_published_rule(votes: list[int], kept: bool) -> None:
    assert majority(np.array([votes]))[0].tolist() == [kept]


def test_p8_lit_targets_have_no_single_votes() -> None:
    listed = np.array([[6, 1, 0, 3, 0, 0, 0, 0, 0, 0]])
    chosen = select(faces(fer7=[0], label_votes=listed), PROTOCOLS["P8-lit"])
    assert chosen.votes[0] == pytest.approx([6 / 9, 0, 0, 3 / 9, 0, 0, 0, 0])


@pytest.mark.parametrize(("protocol", "field"), [("P8", "label_votes"), ("P8-lit", "votes")])
def test_votes_of_the_other_file_are_used_and_remarked(protocol: str, field: str) -> None:
    ten = np.array([[9, 0, 0, 0, 0, 0, 0, 0, 0, 0]])
    chosen = select(
        Faces("Training", np.zeros((1, 48, 48), np.uint8), ("a",), np.array([0]), **{field: ten}), PROTOCOLS[protocol]
    )
    assert chosen.labels.tolist() == [0]
    assert "differ" in chosen.remark


def test_p4_keeps_four_classes_in_its_own_order() -> None:
    chosen = select(faces(fer7=[0, 1, 2, 3, 4, 5, 6, UNKNOWN]), PROTOCOLS["P4"])
    assert chosen.rows.tolist() == [3, 4, 5, 6]
    assert chosen.labels.tolist() == [0, 1, 2, 3]
    assert np.array_equal(chosen.votes, np.eye(4))


def test_eight_class_folders_answer_p8_whatever_their_order() -> None:
    names = tuple(sorted(EMOTIONS))
    chosen = select(faces(fer7=[UNKNOWN] * 8, folder_labels=np.arange(8), folder_classes=names), PROTOCOLS["P8"])
    assert [EMOTIONS[k] for k in chosen.labels] == list(names)
    assert "without votes" in chosen.remark


@pytest.mark.parametrize("protocol", ["P8", "P8-lit"])
def test_fer_plus_protocols_refuse_fer2013_labels(protocol: str) -> None:
    with pytest.raises(DataError, match=f"{protocol} needs the votes of FER"):
        select(faces(fer7=list(range(len(FER7)))), PROTOCOLS[protocol])


@pytest.mark.parametrize("protocol", ["P7", "P4", "P2"])
def test_fer2013_protocols_refuse_votes_alone(protocol: str) -> None:
    with pytest.raises(DataError, match="own labels"):
        select(faces(votes=[[10, 0, 0, 0, 0, 0, 0, 0, 0, 0]]), PROTOCOLS[protocol])


def test_protocol_folders_needs_folders() -> None:
    with pytest.raises(DataError, match="a folder for each class"):
        select(faces(fer7=[0]), PROTOCOLS["folders"])
