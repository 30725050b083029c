"""What spreadsheets do to our own table: encodings, separators, times."""

from __future__ import annotations

from pathlib import Path

import pytest
from exchange.tables import read, refusal, spans

from classroom_fer.errors import ExchangeError
from classroom_fer.exchange.tasks_file import read_tasks
from classroom_fer.lesson.tasks import TaskNotice

TEXT = "task;start;end;mode\r\nZuhören für Größe;0:00;0:04,5;board\r\nPartnerarbeit;0:04,5;0:10;group\r\n"
TASKS = [("Zuhören für Größe", 0, 4.5), ("Partnerarbeit", 4.5, 10)]


@pytest.mark.parametrize("first", ["", "sep=;\r\n", '"sep=;"\r\n', "SEP=;\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_way_in_which_excel_saves_unicode_is_read_alike(tmp_path: Path, first: str, encoding: str) -> None:
    table = read(tmp_path, (first + TEXT).encode(encoding))
    assert spans(table) == TASKS and table.notices == ()


def test_the_separator_line_counts_as_a_line(tmp_path: Path) -> None:
    assert "line 3, column 'start'" in str(refusal(tmp_path, "sep=;\ntask;start;end\nA;zero;1\n"))


def test_the_separator_line_decides(tmp_path: Path) -> None:
    assert spans(read(tmp_path, "sep=|\ntask|start|end\na,b,c,d,e|0|1\n")) == [("a,b,c,d,e", 0, 1)]


def test_western_letters_are_read_and_it_is_said_that_this_is_a_guess(tmp_path: Path) -> None:
    table = read(tmp_path, TEXT.encode("cp1252"))
    assert spans(table) == TASKS
    assert table.notices == (TaskNotice("encoding", names=("Windows-1252",)),)


DAYS = "task;start;end\nListening;0;0,00347222\nGroup;0,00347222;0,00694444\nBoard;0,00694444;0,03125\n"


@pytest.mark.parametrize("text", [DAYS, DAYS.replace(",", ".").replace(";", ",")], ids=["comma", "point"])
@pytest.mark.parametrize("duration_s", [None, 3600.0])
def test_parts_of_a_day_are_refused_with_cause_and_remedy(tmp_path: Path, text: str, duration_s: float | None) -> None:
    said = str(refusal(tmp_path, text, duration_s=duration_s))
    assert "parts of a day" in said and "is 5:00" in said and "[h]:mm:ss" in said


@pytest.mark.parametrize("first", ["3.47E-05", "3,47222E-05", "0.00003472222222222222222222222222222222222"])
def test_parts_of_a_day_are_known_however_many_digits_are_written(tmp_path: Path, first: str) -> None:
    said = str(refusal(tmp_path, f"task;start;end\nA;{first};5.2E-03\n"))
    assert "parts of a day" in said and "is 0:03" in said and "[h]:mm:ss" in said


@pytest.mark.parametrize("duration_s", [None, 3600.0])
def test_times_that_a_spreadsheet_keeps_with_their_date_name_cause_and_remedy(
    tmp_path: Path, duration_s: float | None
) -> None:
    rows = "task;start;end\nA;45000,25;45000,2534722\nB;45000,2534722;45000,26\n"
    said = str(refusal(tmp_path, rows, duration_s=duration_s))
    assert "are dates" in said and "is 360:00" in said and "[h]:mm:ss" in said


def test_late_tasks_of_a_long_film_are_no_dates(tmp_path: Path) -> None:
    assert spans(read(tmp_path, "task,start,end\nA,45000.25,45060.5\n")) == [("A", 45_000.25, 45_060.5)]


def test_a_decimal_comma_in_a_clock_time_is_read_in_any_table(tmp_path: Path) -> None:
    rows = 'task,start,end\nA,"0:00:30,5","0:01:00,500"\n'
    assert spans(read(tmp_path, rows)) == [("A", 30.5, 60.5)]


def test_one_column_of_parts_of_a_day_is_enough(tmp_path: Path) -> None:
    assert "column 'end'" in str(refusal(tmp_path, "task,start,end\nA,0:00,0.00347222\nB,5:00,0.0069\n"))


def test_all_tasks_within_a_second_are_doubted_where_the_film_is_not_as_short(tmp_path: Path) -> None:
    noon = "task,start,end\nA,0,0.25\nB,0.25,0.5\n"
    assert [notice.code for notice in read(tmp_path, noon).notices] == ["first_second"]
    assert [notice.code for notice in read(tmp_path, noon, duration_s=3600).notices] == ["first_second"]
    assert read(tmp_path, noon, duration_s=4).notices == ()


@pytest.mark.parametrize("text", ["task,start,end\nA,0,0.5\nB,0.5,2.125\n", "task,start,end\nA,0,1\n"])
def test_short_tasks_that_a_person_typed_are_not_doubted(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text).notices == ()


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("1900-01-00 00:05:00", "is a date"),
        ("00.01.1900 00:05:00", "is a date"),
        ("1899-12-30T00:05:00", "is a date"),
        ("1/0/1900 0:05", "is a date"),
        ("12:05:00 AM", "is a time of day"),
        ("0:05 p.m.", "is a time of day"),
    ],
)
def test_dates_and_times_of_day_name_cause_and_remedy(tmp_path: Path, cell: str, what: str) -> None:
    said = str(refusal(tmp_path, f"task,start,end\nA,0,{cell}\n"))
    assert what in said and "line 2, column 'end'" in said and "[h]:mm:ss" in said


def test_a_table_of_nobody_known_is_one_line(tmp_path: Path) -> None:
    said = str(refusal(tmp_path, "a,b,c,d,e,f\n1,2,3,4,5,6\n"))
    assert "\n" not in said and "task,start,end" in said and "BORIS" in said


def test_a_film_in_place_of_a_table_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "table.tsv"
    with path.open("wb") as file:
        file.truncate(3_000_000_000)
    with pytest.raises(ExchangeError, match="too large"):
        read_tasks(path)
