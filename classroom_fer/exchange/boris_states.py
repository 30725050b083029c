"""Tasks of a BORIS project: its state events, from the key that starts one to the key that stops it.

A behavior's category may be a mode (board, desk, group, move).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path

from classroom_fer.exchange.boris import OVERLAP
from classroom_fer.exchange.boris_project import BorisProject, Observation
from classroom_fer.exchange.boris_project_reader import parse_project
from classroom_fer.exchange.films import Film
from classroom_fer.exchange.reading import Found, FoundRow, name_of, refuse
from classroom_fer.lesson.records import TaskMode
from classroom_fer.lesson.tasks import Part, task_mode

COLUMNS: Mapping[Part, str] = {"task": "code", "start": "time", "end": "time", "mode": "category"}
HINT = "correct it in BORIS and save; docs/tasks.md says how projects are read"
CREATION = (
    "BORIS added the times at which several films were made to the times of this observation",
    "observe each film on its own",
)
UNPAIRED = "correct it in BORIS (Observations > Close unpaired events, or edit the event) and save"


def is_project(data: bytes) -> bool:
    """Whether these bytes are a project of BORIS, perhaps a truncated one."""
    start = data[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(b"{") and b'"' in start


def read(data: bytes, path: Path) -> Found:
    """Every state of every observation, and its point events as instants.

    Raises:
        ExchangeError: the project is damaged, of a format that is not known, or its events are not on a film's clock.
        TaskFileError: no observation holds an event.
    """
    project = parse_project(data, path)
    if not any(one.events for one in project.observations):
        refuse(
            [f"{path}: no observation of this BORIS project holds an event"], "code the tasks as state events, and save"
        )
    modes = {one.code: mode for one in project.behaviors if one.category and (mode := task_mode(one.category))}
    rows = itertools.chain.from_iterable(_states(one, project, modes) for one in project.observations)
    return Found(tuple(rows), COLUMNS, numbered=True, overlap_remedy=OVERLAP, row_word="event", hint=HINT)


def _states(observation: Observation, project: BorisProject, modes: Mapping[str, TaskMode]) -> Iterator[FoundRow]:
    """A row for each state that starts; BORIS knows starts and stops by their order alone."""
    films = tuple(_films(observation))
    opened: dict[tuple[str, str, str], FoundRow] = {}
    offset_s = observation.offset_s or 0.0
    for number, event in enumerate(observation.events, start=1):
        key = (event.subject, event.code, event.modifier)
        if key in opened:
            opened.pop(key).end_s = event.time_s - offset_s
            continue
        row = FoundRow(number, films=films, group=observation.name)
        if event.code not in project.states:
            row.kind = "instant"
        else:
            row.name, row.start_s = name_of(row, event.code), event.time_s - offset_s
            if observation.offset_s is None:
                row.says("start", *CREATION)
            row.mode = modes.get(event.code, row.mode)
            opened[key] = row
        yield row
    for row in opened.values():
        row.says("end", f"{row.name!r} starts and never stops", UNPAIRED)


def _films(observation: Observation) -> Iterator[Film]:
    """Players run at the same time, the films of one player after each other."""
    for player in observation.players:
        begin: float | None = player.offset_s
        for file in player.files:
            end = None if begin is None or file.length_s is None else begin + file.length_s
            last = file is player.files[-1] or observation.offset_s is None
            yield Film(file.name, begin, None if last else end, queued=file is not player.files[0])
            begin = end
