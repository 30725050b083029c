"""BIDS events: instants and unknown lengths are legal there."""

from __future__ import annotations

from pathlib import Path

from exchange.tables import read, refusal, spans

from classroom_fer.lesson.tasks import TaskNotice


def events(*rows: str) -> str:
    return "onset\tduration\ttrial_type\n" + "".join(row.replace(" ", "\t", 2) + "\n" for row in rows)


def test_instants_and_unknown_lengths_are_left_out_aloud(tmp_path: Path) -> None:
    table = read(tmp_path, events("0.0 1.5 listening", "1.0 0 bell", "2.0 n/a question", "2.5 1.0 group work"))
    assert spans(table) == [("listening", 0, 1.5), ("group work", 2.5, 3.5)]
    assert table.notices == (TaskNotice("instants", 1), TaskNotice("unknown_length", 1))


def test_rows_of_which_no_onset_or_no_name_is_known_are_left_out_aloud(tmp_path: Path) -> None:
    table = read(tmp_path, events("0.0 1.5 listening", "n/a 2 question", "3 2 n/a", "6 2 n/a"))
    assert spans(table) == [("listening", 0, 1.5)]
    assert table.notices == (TaskNotice("unknown_length", 1), TaskNotice("unnamed", 2))


def test_what_begins_before_the_film_is_cut_or_left_out_aloud(tmp_path: Path) -> None:
    """An onset counts from the first sample of the recording and may be negative."""
    table = read(tmp_path, events("-10 5 before", "-2 4 across", "5 5 after"))
    assert spans(table) == [("across", 0, 2), ("after", 5, 10)]
    assert table.notices == (TaskNotice("before_film", 2),)


def test_numbers_as_programs_write_them_are_read(tmp_path: Path) -> None:
    table = read(tmp_path, events("1e-05 0.1 a", "0.1 0.2 b", "0.3 1.0000000000000000000001 c"))
    assert spans(table) == [("a", 0, 0.1), ("b", 0.1, 0.3), ("c", 0.3, 1.3)]


def test_a_negative_duration_is_a_mistake(tmp_path: Path) -> None:
    assert "line 2, column 'duration': '-1' is negative" in str(refusal(tmp_path, events("5 -1 a")))
