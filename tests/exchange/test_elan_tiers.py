"""Tasks of ELAN documents: the tier is named or the only one, and every film has its own clock."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from exchange.tables import read, refusal, spans

from classroom_fer.exchange.eaf import Annotation, ElanDocument, Media, Tier, eaf_bytes
from classroom_fer.lesson.records import Task
from classroom_fer.lesson.tasks import TaskNotice

DATE = datetime.datetime(2026, 3, 5, tzinfo=datetime.UTC)
TASKS = Tier("Task", (Annotation(0.0, 85.0, "Listening"), Annotation(90.0, 170.0, "Desk work")))
SPEECH = Tier("Speech", (Annotation(1.0, 2.0, "hello"),))


def eaf(*tiers: Tier, media: tuple[Media, ...] = ()) -> bytes:
    return eaf_bytes(ElanDocument(tiers, media), DATE)


def test_the_only_tier_that_holds_something_needs_no_name(tmp_path: Path) -> None:
    assert spans(read(tmp_path, eaf(Tier("default"), TASKS))) == [("Listening", 0, 85), ("Desk work", 90, 170)]


def test_of_several_tiers_one_has_to_be_named_and_the_error_lists_them(tmp_path: Path) -> None:
    error = refusal(tmp_path, eaf(TASKS, SPEECH))
    assert "2 tiers" in str(error) and "'Task', 'Speech'" in str(error) and error.hint.endswith("--tier Task")
    assert spans(read(tmp_path, eaf(TASKS, SPEECH), tier="Speech")) == [("hello", 1, 2)]


@pytest.mark.parametrize(("tier", "said"), [("tasks", "is not in this"), ("default", "has no annotation")])
def test_a_tier_that_is_not_there_or_empty_is_an_error_that_lists_those_that_are(
    tmp_path: Path, tier: str, said: str
) -> None:
    error = refusal(tmp_path, eaf(Tier("default"), TASKS), tier=tier)
    assert said in str(error) and "'Task'" in str(error)


def test_a_tier_in_a_file_without_tiers_is_an_error(tmp_path: Path) -> None:
    for text in ("task,start,end\nA,0,1\n", '{"behaviors_conf": {}}'):
        assert "no file of ELAN" in str(refusal(tmp_path, text, tier="Task"))


def test_the_offset_of_each_film_is_taken_into_account(tmp_path: Path) -> None:
    document = eaf(TASKS, media=(Media("front.mp4"), Media("back.mp4", 2.5)))
    assert spans(read(tmp_path, document, "front.mp4")) == [("Listening", 0, 85), ("Desk work", 90, 170)]
    assert spans(read(tmp_path, document, "back.mp4")) == [("Listening", 2.5, 87.5), ("Desk work", 92.5, 172.5)]
    assert "--video" in refusal(tmp_path, document).hint
    assert spans(read(tmp_path, eaf(TASKS, media=(Media("back.mp4", 2.5),))))[0] == ("Listening", 2.5, 87.5)
    assert spans(read(tmp_path, eaf(TASKS, media=(Media("back.mp4", -2.5),))))[0] == ("Listening", 0, 82.5)


def test_a_tier_of_modes_gives_the_modes(tmp_path: Path) -> None:
    modes = Tier("Mode", (Annotation(0.0, 85.0, "group"), Annotation(90.0, 100.0, "desk")))
    assert read(tmp_path, eaf(TASKS, modes), tier="Task").tasks == (
        Task("Listening", 0.0, 85.0, "group"),
        Task("Desk work", 90.0, 170.0, "board"),
    )


def test_annotations_without_text_or_end_are_left_out_and_counted(tmp_path: Path) -> None:
    text = eaf(Tier("Task", (Annotation(0.0, 1.0, "A"), Annotation(1.0, 2.0, " "), Annotation(3.0, 4.0, "B"))))
    text = text.replace(b' TIME_VALUE="4000"', b"")
    table = read(tmp_path, text)
    assert spans(table) == [("A", 0, 1)]
    assert table.notices == (TaskNotice("unknown_length", 1), TaskNotice("unnamed", 1))


def test_mistakes_name_tier_and_annotation(tmp_path: Path) -> None:
    said = str(refusal(tmp_path, eaf(TASKS), duration_s=100))
    assert "tier 'Task', annotation 2, column 'end time': 2:50 is past the end" in said
