from pathlib import Path

import pytest
from exchange.tables import AGGREGATED, TABULAR
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom_fer.errors import ExchangeError
from classroom_fer.exchange.tasks_file import read_tasks
from classroom_fer.lesson.records import Task
from classroom_fer.lesson.tasks import TaskTable


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "tasks.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def table_in(folder: Path, text: str | bytes, **known: object) -> TaskTable:
    return read_tasks(write(folder, text), **known)  # type: ignore[arg-type]


def tasks_in(folder: Path, text: str | bytes, **known: object) -> tuple[Task, ...]:
    """Of a table about which nothing needs to be said."""
    table = table_in(folder, text, **known)
    assert table.notices == ()
    return table.tasks


def mistakes(folder: Path, text: str | bytes, **known: object) -> str:
    with pytest.raises(ExchangeError) as caught:
        read_tasks(write(folder, text), **known)  # type: ignore[arg-type]
    assert caught.value.hint
    return str(caught.value)


FOUR = "task,start,end,mode\nIntro,0,1:25,board\nDesks,1:30,170,desk\nGroups,3:00,4:20,group\nEnd,270,00:05:50,\n"


def test_all_ways_to_write_a_time_give_the_same_tasks(tmp_path: Path) -> None:
    assert tasks_in(tmp_path, FOUR, duration_s=360) == (
        Task("Intro", 0, 85, "board"),
        Task("Desks", 90, 170, "desk"),
        Task("Groups", 180, 260, "group"),
        Task("End", 270, 350, "board"),
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_file_saved_by_excel_reads_the_same(tmp_path: Path, delimiter: str, bom: bytes, newline: str) -> None:
    text = FOUR.replace(",", delimiter).replace("\n", newline)
    assert tasks_in(tmp_path, bom + text.encode()) == tasks_in(tmp_path, FOUR)


def test_decimal_commas_of_a_semicolon_file_are_read(tmp_path: Path) -> None:
    assert tasks_in(tmp_path, "task;start;end\nA;0;90,5\n") == (Task("A", 0, 90.5),)


def test_names_in_any_script_and_with_quotes_are_kept(tmp_path: Path) -> None:
    names = [t.name for t in tasks_in(tmp_path, 'task,start,end\n"=1+1, ""x""",0,1\nقراءة 🎈 <b>,1,2\n')]
    assert names == ['=1+1, "x"', "قراءة 🎈 <b>"]


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ("task,start,end,colour\nA,0,1,x\n", 1, "colour", "unknown column"),
        ("task,start\nA,0\n", 1, "end", "missing"),
        ("task,start,start,end\nA,0,0,1\n", 1, "start", "twice"),
        ("task,start,end\nA,zero,1\n", 2, "start", "is not a time"),
        ("task,start,end\nA,0,1:75\n", 2, "end", "more than 59"),
        ("task,start,end\nA,5,2\n", 2, "end", "ends before it starts"),
        ("task,start,end\nA,5,5\n", 2, "end", "has no length"),
        ("task,start,end\nA,-5,2\n", 2, "start", "negative"),
        ("task,start,end\nA,0,\n", 2, "end", "time is missing"),
        ("task,start,end\n,0,1\n", 2, "task", "no name"),
        ("task,start,end\nA,0,500\n", 2, "end", "past the end of the film"),
        ("task,start,end\nA,0,10\n\nB,9,20\n", 4, "start", "before 'A' (line 2) ends"),
        ("task,start,end\nA,0,10\nA,10,20\n", 3, "task", "stands in line 2 too"),
        ("task,start,end,mode\nA,0,10,bord\n", 2, "mode", "did you mean 'board'?"),
    ],
)
def test_each_mistake_names_line_column_and_remedy(
    tmp_path: Path, text: str, line: int, column: str, what: str
) -> None:
    message = mistakes(tmp_path, text, duration_s=100)
    assert f"tasks.csv, line {line}, column '{column}'" in message
    assert what in message
    assert ";" in message.partition(what)[2] or "did you mean" in message


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    assert len(mistakes(tmp_path, "task,start,end\nA,x,1\nB,2,y\nC,9,3\n").splitlines()) == 3


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"task,start,end\nPause \x81,0,1\n", "line 2: the file is not UTF-8"),
        (b"<?xml version='1.0'?>\n<ANNOTATION_DOCUMENT AUTHOR=''/>", "no tier of this ELAN document"),
        (b'{"time_format": "hh:mm:ss", "project_format_version": "7.0"}', "no project of BORIS"),
        (b"\x1f\x8b\x08rest", "compressed"),
        (b"<!DOCTYPE html><table><tr><td>task", "web page"),
        (b"PK\x03\x04rest of a workbook", "workbook"),
        (b"task,start,end\n", "no task"),
        (b'task,start,end\n"A,0,1\n', "the time is missing"),
    ],
)
def test_files_that_are_no_tasks_file_are_explained(tmp_path: Path, data: bytes, what: str) -> None:
    assert what in mistakes(tmp_path, data)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match=r"nowhere\.csv: no such file"):
        read_tasks(tmp_path / "nowhere.csv")


def test_rows_of_other_films_are_left_out(tmp_path: Path) -> None:
    path = write(tmp_path, "task,start,end,video\nA,0,10,one.mp4\nB,0,500,two.mp4\nC,10,20,\n")
    assert [t.name for t in read_tasks(path, duration_s=20, video="one.mp4").tasks] == ["A", "C"]


def test_a_film_without_rows_is_an_error_not_an_empty_lesson(tmp_path: Path) -> None:
    assert "no row is about the film 'b.mp4'; the table has rows of 'a.mp4'" in mistakes(
        tmp_path, "task,start,end,video\nA,0,1,a.mp4\n", video="b.mp4"
    )


def test_a_task_that_ends_with_a_rounded_duration_is_cut_at_the_film(tmp_path: Path) -> None:
    assert tasks_in(tmp_path, "task,start,end\nA,0,60\n", duration_s=59.96)[0].end_s == 59.96


@pytest.mark.parametrize(
    "text",
    [
        "onset\tduration\ttrial_type\textra\n0\t10\tA\tx\n10\t5\tB\ty\n",
        "Observation id,Behavior,Modifier #1,Start (s),Stop (s),Comment\no1,A,,0,10,\no1,B,,10,15,\n",
    ],
    ids=["BIDS", "BORIS"],
)
def test_tables_of_other_tools_are_read_by_their_headers(tmp_path: Path, text: str) -> None:
    assert tasks_in(tmp_path, text) == (Task("A", 0, 10), Task("B", 10, 15))


def test_a_scene_list_may_begin_with_its_timecode_row(tmp_path: Path) -> None:
    text = (
        "Timecode List:,00:00:10.000\n"
        "Scene Number,Start Frame,Start Time (seconds),End Frame,End Time (seconds)\n"
        "1,0,0.0,250,10.0\n2,250,10.0,500,20.0\n"
    )
    assert tasks_in(tmp_path, text) == (Task("Scene 1", 0, 10), Task("Scene 2", 10, 20))


def test_repeated_conditions_are_numbered(tmp_path: Path) -> None:
    text = "onset\tduration\ttrial_type\n0\t5\trest\n5\t5\trest\n"
    assert [t.name for t in tasks_in(tmp_path, text)] == ["rest", "rest (2)"]


@given(st.binary(max_size=300))
def test_any_bytes_give_tasks_or_an_explained_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    path.write_bytes(data)
    try:
        assert read_tasks(path).tasks
    except ExchangeError as error:
        assert "fuzz.csv" in str(error)


@given(st.text(max_size=200))
def test_any_text_below_the_header_gives_tasks_or_an_explained_error(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz2.csv"
    path.write_text("task,start,end,mode\n" + text, encoding="utf-8", errors="ignore")
    try:
        assert read_tasks(path).tasks
    except ExchangeError as error:
        assert "fuzz2.csv" in str(error)


HEADERS = {
    "own": "task,start,end,mode,video",
    "BIDS": "onset\tduration\ttrial_type",
    "BORIS": "\t".join(AGGREGATED),
    "BORIS, tabular": "\t".join(TABULAR),
    "ELAN": "Tier\tBegin Time - hh:mm:ss.ms\tEnd Time - hh:mm:ss.ms\tTask",
    "ELAN, bare": "Task\t\t00:00:01.500\t00:00:09.000\t00:00:07.500\tListening",
    "scenes": "Scene Number,Start Time (seconds),End Time (seconds)",
}
CELLS = st.sampled_from([
    "", "A", "B (2)", "0", "1", "-1", "1.5", "1,5", "1e400", "1e-9", "nan", "n/a", "NA", "0:30", "00:00:01.500",
    "POINT", "STATE", "START", "STOP", "a.mp4", "player #1:a.mp4;b.mp4|player #2:c.mp4", "10.0;20.0|5", ";|;", "#", '"',
    "\x00", "9" * 400, "9" * 19, "1900-01-00 0:05", "\u0663", "Task", "²",
]) | st.text(max_size=6)  # fmt: skip
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=28), max_size=8)


@settings(max_examples=300)
@given(st.sampled_from(sorted(HEADERS)), ROWS, st.sampled_from([None, "a.mp4", "b.mov"]), st.sampled_from([None, 30.0]))
def test_any_cells_below_any_header_give_tasks_or_an_explained_error(
    tmp_path_factory: pytest.TempPathFactory,
    known: str,
    rows: list[list[str]],
    video: str | None,
    duration_s: float | None,
) -> None:
    header = HEADERS[known]
    lines = [header, *(("\t" if "\t" in header else ",").join(row) for row in rows)]
    path = tmp_path_factory.getbasetemp() / "fuzz3.tsv"
    path.write_text("\n".join(lines), encoding="utf-8", errors="ignore")
    try:
        table = read_tasks(path, duration_s=duration_s, video=video)
    except ExchangeError as error:
        assert "fuzz3.tsv" in str(error) and error.hint
        return
    assert table.tasks
    edges = [edge for task in table.tasks for edge in (task.start_s, task.end_s)]
    assert edges == sorted(edges) and edges[0] >= 0
    assert len({task.name for task in table.tasks}) == len(table.tasks)
