"""What makes rows tasks, and what keeps them from being one."""

from classroom_fer.lesson.records import Task
from classroom_fer.lesson.tasks import (
    TaskRow,
    as_tasks,
    gaps,
    in_order,
    mistakes_between,
    mistakes_of_times,
    task_mode,
    whole_lesson,
)

ROWS = [TaskRow(3, "B", 10, 60, "desk"), TaskRow(2, "A", 0, 10)]


def test_rows_become_tasks_in_order_of_time_cut_where_the_film_ends() -> None:
    assert as_tasks(in_order(ROWS), 59.5) == (Task("A", 0, 10, "board"), Task("B", 10, 59.5, "desk"))


def test_a_row_needs_a_length_inside_of_the_film() -> None:
    rows = [TaskRow(2, "A", 5, 5), TaskRow(2, "A", 5, 4), TaskRow(2, "A", 0, 102), TaskRow(2, "A", 100, 100.5)]
    assert [[mistake.part for mistake in mistakes_of_times(row, 100)] for row in rows] == [["end"]] * 4
    assert mistakes_of_times(TaskRow(2, "A", 0, 101), 100) == []
    assert mistakes_of_times(TaskRow(2, "A", 0, 102), None) == []


def test_a_row_without_a_length_is_not_told_to_swap_its_times() -> None:
    assert "swap" not in mistakes_of_times(TaskRow(2, "A", 5, 5), None)[0].remedy
    assert "swap" in mistakes_of_times(TaskRow(2, "A", 5, 4), None)[0].remedy


def test_names_stand_once_and_tasks_do_not_overlap() -> None:
    rows = [TaskRow(2, "A", 0, 10), TaskRow(3, "A", 10, 20), TaskRow(4, "B", 19, 30)]
    assert [(mistake.line, mistake.part) for mistake in mistakes_between(rows)] == [(3, "task"), (4, "start")]


def test_a_mode_is_known_by_its_name_in_any_case_and_left_out_it_is_board() -> None:
    assert [task_mode(text) for text in ("", "DESK", "sport")] == ["board", "desk", None]


def test_gaps_are_what_no_task_covers() -> None:
    assert gaps([Task("a", 10, 20), Task("b", 20, 30)], 60) == [(0.0, 10), (30, 60)]
    assert gaps(whole_lesson(0, 60), 60) == []
