"""ELAN's tab-delimited text, in the forms that its dialog offers."""

from __future__ import annotations

from pathlib import Path

import pytest
from exchange.tables import read, refusal, spans

from classroom_fer.lesson.tasks import TaskNotice

TIMES = "00:00:01.500\t1.5\t00:00:09.000\t9.0\t00:00:07.500\t7.5"
BARE = f"Task\t\t{TIMES}\tListening\nTask\t\t00:00:09.000\t9.0\t00:00:20.000\t20.0\t00:00:11.000\t11.0\tDesk work\n"
MEDIA = '"#C:\\lesson.eaf"\n"#file:///C:/films/lesson_A.mp4 -- offset: 0"\n'


def header(*names: str) -> str:
    return "\t".join(f"{name} - {form}" for name in names for form in ("hh:mm:ss.ms", "ss.msec"))


@pytest.mark.parametrize(
    "text",
    [
        BARE,
        MEDIA + BARE,
        header("Begin Time", "End Time", "Duration") + "\tTask\n" + BARE.replace("Task\t\t", ""),
        header("Temps de départ", "Temps de fin", "Durée") + "\tTask\n" + BARE.replace("Task\t\t", ""),
        "Tier\tParticipant\t" + header("Begin Time", "End Time", "Duration") + "\tAnnotation\n" + BARE,
        "Begin Time - msec\tEnd Time - msec\tTask\n1500\t9000\tListening\n9000\t20000\tDesk work\n",
        "Begin Time - ss.msec\tEnd Time - ss.msec\tTask\n1.5\t9\tListening\n9\t20\tDesk work\n",
    ],
    ids=["no header", "media lines", "a column a tier", "French", "tier column", "msec", "ss.msec"],
)
def test_every_form_is_read_alike(tmp_path: Path, text: str) -> None:
    assert spans(read(tmp_path, text, "lesson_A.mp4")) == [("Listening", 1.5, 9), ("Desk work", 9, 20)]


def test_the_media_lines_name_the_film(tmp_path: Path) -> None:
    assert "lesson_A.mp4" in str(refusal(tmp_path, MEDIA + BARE, "lesson_B.mp4"))
    table = read(tmp_path, MEDIA + BARE, "lesson_A.mov")
    assert table.notices == (TaskNotice("film_called", names=("lesson_A.mp4",)),)


def test_a_film_and_its_sound_are_one_recording(tmp_path: Path) -> None:
    sound = '"#file:///C:/films/lesson_A.wav -- offset: 0"\n'
    assert len(read(tmp_path, MEDIA + sound + BARE, "lesson_A.mov").tasks) == 2


@pytest.mark.parametrize(
    "text",
    [
        BARE + BARE.replace("Task", "Speech"),
        header("Begin Time", "End Time", "Duration") + "\tTask\tSpeech\n" + f"{TIMES}\tListening\thello\n",
    ],
    ids=["no header", "a column a tier"],
)
def test_several_tiers_are_refused_in_one_line_that_names_them_and_the_setting(tmp_path: Path, text: str) -> None:
    error = refusal(tmp_path, text)
    assert "'Task', 'Speech'" in str(error) and "\n" not in str(error)
    assert "--tier NAME" in error.hint


def test_of_several_tiers_the_named_one_is_read(tmp_path: Path) -> None:
    assert [task.name for task in read(tmp_path, BARE + BARE.replace("Task", "Speech"), tier="Task").tasks] == [
        "Listening",
        "Desk work",
    ]
    assert "no annotation of the tier 'task'" in str(refusal(tmp_path, BARE, tier="task"))


def test_an_offset_of_a_film_is_refused_aloud(tmp_path: Path) -> None:
    error = refusal(tmp_path, MEDIA.replace("offset: 0", "offset: 1200") + BARE)
    assert "line 2: this film has an offset of 1200 ms" in str(error) and ".eaf" in error.hint


@pytest.mark.parametrize(
    "text",
    [
        header("Begin Time") + "\tTask\n00:00:01.500\t1.5\tListening\n",
        "Temps de départ - ss.msec\tDurée - ss.msec\tTask\n1.5\t7.5\tListening\n",
        "Begin Time - hh:mm:ss:ff PAL\tEnd Time - hh:mm:ss:ff PAL\tTask\n00:00:01:12\t00:00:09:00\tListening\n",
        "Task\t\t00:00:01.500\t00:00:09.000\tListening\n",
    ],
    ids=["no end", "no end in another language", "frames only", "no header and no duration"],
)
def test_an_export_without_begin_and_end_names_the_setting_in_one_line(tmp_path: Path, text: str) -> None:
    error = refusal(tmp_path, text)
    assert "\n" not in str(error) and "tick begin time, end time and duration" in error.hint


def test_an_empty_annotation_is_a_mistake_of_its_line(tmp_path: Path) -> None:
    assert "line 1, column 'annotation': the task has no name" in str(refusal(tmp_path, f"Task\t\t{TIMES}\t\n"))
