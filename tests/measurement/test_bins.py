import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_fer.lesson.records import Task
from classroom_fer.measurement.bins import OUTSIDE, make_grid, needed_samples


@st.composite
def lessons(draw):
    """Tasks that do not overlap, in any order, and a span that need not hold them."""
    cuts = sorted(draw(st.lists(st.floats(0, 600, width=32), min_size=2, max_size=10, unique=True)))
    tasks = [Task(f"task {k}", a, b) for k, (a, b) in enumerate(zip(cuts[::2], cuts[1::2], strict=False))]
    tasks += [Task("next", tasks[-1].end_s, tasks[-1].end_s + 33)]
    start = draw(st.floats(0, 300))
    return (
        draw(st.permutations(tasks)),
        start,
        start + draw(st.floats(1, 500)),
        draw(st.sampled_from([1.0, 10.0, 45.0])),
    )


@given(lessons())
def test_bins_tile_the_span_and_every_task_exactly(lesson):
    tasks, start, end, seconds = lesson
    grid = make_grid(tasks, start, end, seconds)
    assert grid.edges_s[0] == start
    assert grid.edges_s[-1] == pytest.approx(end, abs=1e-5)
    assert (np.diff(grid.edges_s) > 0).all()
    for index, task in enumerate(grid.tasks):
        rows = np.flatnonzero(grid.task == index)
        inside = max(0.0, min(task.end_s, end) - max(task.start_s, start))
        assert grid.length_s()[rows].sum() == pytest.approx(inside, abs=1e-5)
        if len(rows):
            assert grid.edges_s[rows[0]] == pytest.approx(max(task.start_s, start), abs=1e-5)
            assert (np.diff(rows) == 1).all()


@given(lessons())
def test_no_bin_is_longer_than_one_and_a_half_or_shorter_than_half_unless_its_stretch_is(lesson):
    tasks, start, end, seconds = lesson
    grid = make_grid(tasks, start, end, seconds)
    lengths = grid.length_s()
    assert (lengths < 1.5 * seconds + 1e-5).all()
    for b in np.flatnonzero(lengths < seconds / 2 - 1e-5):
        neighbours = [grid.task[k] for k in (b - 1, b + 1) if 0 <= k < grid.size]
        assert grid.task[b] not in neighbours


@pytest.mark.parametrize(
    ("end", "lengths"),
    [(30, [10, 10, 10]), (34, [10, 10, 14]), (35, [10, 10, 10, 5]), (4, [4]), (14.9, [14.9]), (0.3, [0.3])],
)
def test_a_short_remainder_joins_the_last_bin_and_a_long_one_stands_alone(end, lengths):
    assert make_grid([Task("t", 0, end)], 0, end, 10).length_s() == pytest.approx(lengths)


def test_gaps_before_between_and_after_tasks_belong_to_no_task():
    grid = make_grid([Task("b", 40, 50), Task("a", 10, 30)], 0, 60, 10)
    assert [t.name for t in grid.tasks] == ["a", "b"]
    assert grid.task.tolist() == [OUTSIDE, 0, 0, OUTSIDE, 1, OUTSIDE]
    assert grid.mode(0) is None


def test_a_time_lies_in_the_bin_that_begins_with_it():
    grid = make_grid([Task("a", 12.5, 32.5)], 5, 40, 10)
    assert grid.edges_s.tolist() == [5, 12.5, 22.5, 32.5, 40]
    assert grid.place([4.9, 5, 12.4, 12.5, 32.5, 39.9, 40]).tolist() == [OUTSIDE, 0, 0, 1, 3, 3, OUTSIDE]


def test_a_task_outside_of_the_span_has_no_bins():
    grid = make_grid([Task("before", 0, 10), Task("after", 100, 200)], 20, 50, 10)
    assert grid.task.tolist() == [OUTSIDE] * 3


def test_overlapping_tasks_are_refused():
    with pytest.raises(ValueError, match="'a' and 'b' overlap"):
        make_grid([Task("a", 0, 20), Task("b", 19, 30)], 0, 40, 10)


def test_a_span_of_nothing_has_no_bins():
    grid = make_grid([Task("a", 0, 10)], 0, 0, 10)
    assert (grid.size, grid.place([0.0]).tolist()) == (0, [OUTSIDE])


@given(st.integers(1, 20), st.floats(0.05, 30), st.floats(0.5, 60))
def test_a_bin_never_needs_more_samples_than_the_film_can_give(at_reference, fps, length):
    needed = needed_samples(at_reference, fps, np.array([length]))[0]
    assert 1 <= needed <= max(1, fps * length + 1e-6)


def test_needed_samples_scale_with_rate_and_length():
    lengths = np.array([5.0, 10.0, 14.0])
    assert needed_samples(3, 1, lengths).tolist() == [2, 3, 4]
    assert needed_samples(3, 5, lengths).tolist() == [8, 15, 21]
    assert needed_samples(2, 0.2, lengths).tolist() == [1, 1, 1]
