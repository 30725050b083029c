"""Tasks as files of other programs: whatever tasks a lesson may have come back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from classroom_fer.errors import ConfigError
from classroom_fer.exchange.bids import MISSING
from classroom_fer.exchange.tasks_file import read_tasks
from classroom_fer.exchange.tasks_formats import FORMATS, FilmOf, target_format
from classroom_fer.lesson.records import Task

DATE = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
FILM = FilmOf("=film 1.mp4", 100_000.0, 25.0)
LETTERS = st.characters(exclude_categories=["C", "Z"], include_characters=" ")
NAMES = st.text(LETTERS, min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool)
MODES = st.sampled_from(["board", "desk", "group", "move"])


@st.composite
def lessons(draw: st.DrawFn) -> tuple[Task, ...]:
    """Tasks in order of time, in milliseconds, each with a name of its own."""
    names = draw(st.lists(NAMES | st.sampled_from(["=1", "'=1", "-", "+a", "@x", "'", "n/a", "NA", "#1", '"', "a,b"]),
                          min_size=1, max_size=4, unique=True))  # fmt: skip
    at, tasks = 0, []
    for name in names:
        start = at + draw(st.integers(0, 5000))
        at = start + draw(st.integers(1, 5_000_000))
        tasks.append(Task(name, start / 1000, at / 1000, draw(MODES)))
    return tuple(tasks)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tasks")


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=60, deadline=None)
@given(lessons(), st.sampled_from([FilmOf(), FILM]))
def test_whatever_tasks_a_lesson_has_come_back(folder: Path, name: str, tasks: tuple[Task, ...], film: FilmOf) -> None:
    if name == "bids":
        assume(all(task.name.lower() not in MISSING for task in tasks))  # which are no names there
    path = folder / name
    path.write_bytes(FORMATS[name](tasks, film, DATE))
    found = read_tasks(path, video=film.name, duration_s=film.duration_s).tasks
    assert [(task.start_s, task.end_s, task.mode) for task in found] == [
        (task.start_s, task.end_s, task.mode) for task in tasks
    ]
    kept = [task.name.replace("|", "\N{BROKEN BAR}") if name == "boris" else task.name for task in tasks]
    assert [task.name for task in found] == kept


def test_the_ending_says_the_format_unless_one_is_named() -> None:
    assert [target_format(Path(f"out{end}"), None) for end in (".csv", ".TSV", ".boris", ".eaf")] == list(FORMATS)
    assert target_format(Path("out.txt"), "elan") == "elan"
    with pytest.raises(ConfigError, match="does not say which format"):
        target_format(Path("out.txt"), None)
