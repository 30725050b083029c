"""A file of tasks, whoever wrote it, as the tasks of one film."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from classroom_fer.exchange import bids, boris, boris_states, elan_tab, elan_tiers, own_table, scenes
from classroom_fer.exchange.films import Choice, choose_film
from classroom_fer.exchange.reading import Found, FoundRow, refuse
from classroom_fer.exchange.source import Table, parse_table, read_bytes
from classroom_fer.lesson.tasks import (
    Mistake,
    TaskNotice,
    TaskRow,
    TaskTable,
    as_tasks,
    in_order,
    mistakes_between,
    mistakes_of_times,
)

TYPED = Path("tasks")
"""Names a table that is no file yet, in errors."""
SHORT_FILM_S = 10.0
"""In a longer film it is strange when all tasks lie within its first second (choice)."""
QUEUED = (
    "the film was played after another one whose length the table does not hold",
    "export it with BORIS 8 or later, or observe each film on its own",
)


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of table: how it is recognised and how it is read."""

    is_this: Callable[[Table], bool]
    read: Callable[[Table], Found]


FORMATS: dict[str, Format] = {
    "BIDS events": Format(lambda table: table.header(*bids.NEEDED) is not None, bids.read),
    "BORIS aggregated events": Format(lambda table: boris.aggregated_header(table) is not None, boris.read_aggregated),
    "BORIS tabular events": Format(lambda table: boris.tabular_header(table) is not None, boris.read_tabular),
    "PySceneDetect scenes": Format(lambda table: table.header(*scenes.NEEDED) is not None, scenes.read),
    "tasks": Format(lambda _: True, own_table.read),
}
"""The first that recognises a table reads it; our own is the last because it explains what is wrong in any other."""


def read_tasks(
    path: Path, *, duration_s: float | None = None, video: str | None = None, tier: str | None = None
) -> TaskTable:
    """Tasks of one film in order of time, and what should be said about the file.

    Args:
        path: the tasks file.
        duration_s: length of the film; tasks that end later are mistakes. None = not known.
        video: file name of the film; rows about other films are left out. None = the file must be about one film.
        tier: the one of ELAN's that holds the tasks; None = only one does.

    Raises:
        ExchangeError: the file cannot be read.
        TaskFileError: it holds mistakes (all of them, a line each).
    """
    found = _found(path, tier)
    choice = choose_film([row.films for row in found.rows], video, str(path))
    mine = [_rounded(own, found) for row in found.rows if (own := _of_film(row, choice)) is not None]
    states = [row for row in mine if row.kind == "state"]
    good, mistakes = _checked(states, found, duration_s)
    if mistakes:
        refuse([_sentence(path, mistake, found) for mistake in mistakes], found.hint)
    notices = [*_about_table(found, choice, len(found.rows) - len(mine)), *_about_rows(mine)]
    if not good:
        refuse([f"{path}: no task{f' for the film {video!r}' if video else ''}{_why(mine, found)}"], found.hint)
    return TaskTable(as_tasks(good, duration_s), tuple(n for n in notices if _is_worth_saying(n, duration_s)))


def mistakes_of_table(data: bytes, duration_s: float | None = None) -> list[Mistake]:
    """Every mistake in a table of our own that somebody is still typing; its header is line 1.

    Raises:
        TaskFileError: the table as a whole is wrong: times as a spreadsheet keeps them.
    """
    found = own_table.read(parse_table(data, TYPED))
    return _checked([_rounded(row, found) for row in found.rows], found, duration_s)[1]


def _found(path: Path, tier: str | None) -> Found:
    """What the file's own reader finds in it: a document of ELAN, a project of BORIS, or a table."""
    data = read_bytes(path)
    if elan_tiers.is_eaf(data):
        return elan_tiers.read(data, path, tier)
    if boris_states.is_project(data):
        _check_no_tier(path, tier)
        return boris_states.read(data, path)
    table = parse_table(data, path)
    if not table.lines:
        refuse([f"{path}: no header line"])
    if elan_tab.is_elan(table):
        found = elan_tab.read(table, tier)
    else:
        _check_no_tier(path, tier)
        found = next(known for known in FORMATS.values() if known.is_this(table)).read(table)
    if not table.guessed_encoding:
        return found
    return replace(found, notices=(TaskNotice("encoding", names=(table.guessed_encoding,)), *found.notices))


def _check_no_tier(path: Path, tier: str | None) -> None:
    """Nothing, unless a tier was named for a file that has none."""
    if tier is not None:
        refuse([f"{path}: this is no file of ELAN, so it has no tier {tier[:60]!r}"], "leave --tier out")


def _of_film(row: FoundRow, choice: Choice) -> FoundRow | None:
    """The row on the film's own clock, None where it is about another film."""
    if not row.films:
        return row
    film = next((film for film in row.films if film.name in choice.names), None)
    if film is None or (row.start_s is not None and not film.holds(row.start_s)):
        return None
    if film.begins_s is None:
        own = replace(row, mistakes=list(row.mistakes))
        if row.kind == "state":
            own.says("start", *QUEUED)
        return own
    start, end = (None if time is None else time - film.begins_s for time in (row.start_s, row.end_s))
    return replace(row, start_s=start, end_s=end)


def _rounded(row: FoundRow, found: Found) -> FoundRow:
    """To milliseconds, as the store keeps them: sums of decimals would overlap by a last digit."""
    start, end = (None if time is None else round(time, 3) for time in (row.start_s, row.end_s))
    kind = "instant" if found.numbered and start is not None and start == end else row.kind
    return replace(row, start_s=start, end_s=end, kind=kind)


def _checked(states: Sequence[FoundRow], found: Found, duration_s: float | None) -> tuple[list[TaskRow], list[Mistake]]:
    """Rows in order of time, and every mistake in them."""
    mistakes = [mistake for row in states for mistake in row.mistakes]
    rows = in_order([
        TaskRow(row.line, row.name, max(0.0, row.start_s), row.end_s, row.mode)
        for row in states
        if not row.mistakes and row.start_s is not None and row.end_s is not None and not _is_before(row)
    ])  # fmt: skip
    wrong = {row.line: of_row for row in rows if (of_row := mistakes_of_times(row, duration_s))}
    rows = [row for row in rows if row.line not in wrong]
    if found.numbered:
        rows = _numbered(rows)
    between = [
        replace(mistake, remedy=found.overlap_remedy) if mistake.part == "start" else mistake
        for mistake in mistakes_between(rows)
    ]
    mistakes += [mistake for of_row in wrong.values() for mistake in of_row] + between
    return rows, sorted(mistakes, key=lambda mistake: mistake.line)


def _is_before(row: FoundRow) -> bool:
    """Whether all of it lies before the film's first picture."""
    return row.start_s is not None and row.end_s is not None and row.start_s < 0 and row.end_s <= 0


def _numbered(rows: Sequence[TaskRow]) -> list[TaskRow]:
    """Names made unique: "rest", "rest (2)"."""
    taken, result = {row.name for row in rows}, list[TaskRow]()
    used: set[str] = set()
    for row in rows:
        name, number = row.name, 1
        while name in used or (number > 1 and name in taken):
            number += 1
            name = f"{row.name} ({number})"
        used.add(name)
        result.append(replace(row, name=name))
    return result


def _about_table(found: Found, choice: Choice, others: int) -> Iterator[TaskNotice]:
    yield from choice.notices
    if others:
        films = {film.name for row in found.rows for film in row.films} - choice.names
        yield TaskNotice("other_films", others, tuple(sorted(film_name for film_name in films)))
    yield from found.notices


def _about_rows(mine: Sequence[FoundRow]) -> Iterator[TaskNotice]:
    counts = Counter(row.kind for row in mine)
    if counts["instant"]:
        yield TaskNotice("instants", counts["instant"])
    if counts["unknown"]:
        yield TaskNotice("unknown_length", counts["unknown"])
    if counts["unnamed"]:
        yield TaskNotice("unnamed", counts["unnamed"])
    early = sum(1 for row in mine if row.kind == "state" and row.start_s is not None and row.start_s < 0)
    if early:
        yield TaskNotice("before_film", early)
    groups = sorted({row.group for row in mine if row.kind == "state" and row.group})
    if len(groups) > 1:
        yield TaskNotice("observations", len(groups), tuple(groups))


def _is_worth_saying(notice: TaskNotice, duration_s: float | None) -> bool:
    """A short film may well have tasks of less than a second."""
    return notice.code != "first_second" or duration_s is None or duration_s > SHORT_FILM_S


def _why(mine: Sequence[FoundRow], found: Found) -> str:
    """Why a table has no task, with a remedy."""
    if not found.rows:
        return "; write at least one line below the header"
    if mine and all(row.kind != "state" for row in mine):
        which = f"all of its {len(mine)} rows are instants, or of unknown length or name"
        return f": {which}; a task needs a name, a beginning and an end"
    return ": no row lies in it; check the times and the film of each row"


def _sentence(path: Path, mistake: Mistake, found: Found) -> str:
    column = found.columns[mistake.part]
    return f"{path}, {found.row_word} {mistake.line}, column {column!r}: {mistake.what}; {mistake.remedy}"
