"""Teachers, then a student that learns from them: one resumable chain of runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from training.runs.folder import read_record
from training.runs.train import UNWATCHED, train_and_evaluate
from training.runs.watch import Watch
from training.settings.config import TrainConfig
from training.zoo.transfer import from_scratch_note

STUDENT = "student"


@dataclass(frozen=True, slots=True)
class Link:
    """One run of a chain."""

    folder: Path
    config: TrainConfig


def chain(teachers: Sequence[TrainConfig], student: TrainConfig, workdir: Path) -> list[Link]:
    """The runs in their order; the student's last. Teachers that it has already stay its teachers.

    >>> links = chain([TrainConfig(system="mobilenet-v2")], TrainConfig(teachers=("runs/a",)), Path("runs/b"))
    >>> [link.folder.as_posix() for link in links], links[-1].config.teachers
    (['runs/b/mobilenet-v2', 'runs/b/student'], ('runs/a', 'runs/b/mobilenet-v2'))
    """
    links = [Link(workdir / config.system, config) for config in teachers]
    learnt_from = (*student.teachers, *(link.folder.as_posix() for link in links))
    return [*links, Link(workdir / STUDENT, replace(student, teachers=learnt_from))]


def distil(links: Sequence[Link], *, resume: bool = False, watch: Watch = UNWATCHED) -> list[dict[str, Any]]:
    """Trains the links one after another; gives their summaries. Finished ones are not repeated with ``resume``.

    Raises:
        DataError, ConfigError, DivergedError: see `train_and_evaluate`.
    """
    records = []
    for link in links:
        watch.run(link.config.system, link.config.epochs)
        if note := from_scratch_note(link.config):
            watch.note(note)
        train_and_evaluate(link.config, link.folder, resume=resume, watch=watch)
        records.append({"run": link.folder.as_posix()} | (read_record(link.folder) or {}))
    return records
