"""A session as the file of another program: BORIS's project, ELAN's document, OpenFace's table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from classroom_fer.exchange.boris_project import (
    Behavior,
    BorisProject,
    Event,
    ExternalData,
    MediaFile,
    Observation,
    Player,
)
from classroom_fer.exchange.eaf import Annotation, ElanDocument, Media, Tier
from classroom_fer.exchange.elan_tiers import MODE_TIER
from classroom_fer.exchange.legends import OPENFACE
from classroom_fer.exchange.levels import Row
from classroom_fer.exchange.table_formats import separated
from classroom_fer.exchange.timeline_file import UNITS, curves_shown, timeline_header
from classroom_fer.lesson.records import SessionResult, SessionStart, Task, TimelineBin

KEYS = "123456789abcdefghijklmnopqrstuvwxyz"
"""That BORIS offers for the tasks, in order."""
NO_PIPE = "\N{BROKEN BAR}"
"""Stands for the one character that BORIS does not take in a code (``project.py``)."""
DRAWN = ("engagement", "coverage")
"""The two curves that BORIS draws at once (it has room for two)."""
MOMENT_S = 1.0
"""Length of a moment's annotation: ELAN holds no instants (choice)."""


def task_states(tasks: Sequence[Task]) -> tuple[tuple[Behavior, ...], tuple[Event, ...]]:
    """Each task as a behavior, with its mode as category, and the two events of its state."""
    keys = [*KEYS, *[""] * len(tasks)]
    codes = [task.name.replace("|", NO_PIPE) for task in tasks]
    behaviors = tuple(
        Behavior(code, category=task.mode, key=key) for code, task, key in zip(codes, tasks, keys, strict=False)
    )
    events = [
        Event(time_s, code) for code, task in zip(codes, tasks, strict=True) for time_s in (task.start_s, task.end_s)
    ]
    return behaviors, tuple(sorted(events, key=lambda event: event.time_s))


def boris_project(
    start: SessionStart, tasks: Sequence[Task], bins: Sequence[TimelineBin], timeline: str
) -> BorisProject:
    """The tasks as state events of one observation, the curves as its external data.

    Args: ``timeline`` is the name of the file that ``write_timeline`` makes of ``bins``.
    """
    behaviors, events = task_states(tasks)
    film = MediaFile(start.video_name, start.duration_s, start.source_fps)
    header, shown = timeline_header(bins), curves_shown(bins)
    external = tuple(
        ExternalData(timeline, header.index(name) + 1, name, UNITS[name]) for name in DRAWN if name in shown
    )
    observation = Observation(start.video_name.strip(), (Player((film,)),), events, external=external)
    return BorisProject(start.video_name, behaviors, (observation,), "Class level; made by classroom-fer")


def task_tiers(tasks: Sequence[Task]) -> tuple[Tier, Tier]:
    """Names and modes of the tasks."""
    names = tuple(Annotation(task.start_s, task.end_s, task.name) for task in tasks)
    modes = tuple(Annotation(task.start_s, task.end_s, task.mode) for task in tasks)
    return Tier("Task", names), Tier(MODE_TIER, modes)


def elan_document(start: SessionStart, result: SessionResult) -> ElanDocument:
    """Tasks and moments, coverage and engagement of each bin; what is not shown has no annotation."""
    tasks, modes = task_tiers([summary.task for summary in result.tasks])
    coverage = [(bin_, f"{bin_.coverage:.3f}") for bin_ in result.bins if bin_.coverage is not None]
    engagement = [(bin_, f"{bin_.engagement.value:.1f}") for bin_ in result.bins if bin_.engagement is not None]
    tiers = [tasks, modes]
    for name, values in (("Coverage", coverage), ("Engagement", engagement)):
        tiers.append(Tier(name, tuple(Annotation(bin_.start_s, bin_.end_s, text) for bin_, text in values)))
    tiers.append(Tier("Moments", tuple(_moments(result))))
    return ElanDocument(tuple(tiers), (Media(start.video_name),))


def _moments(result: SessionResult) -> Iterator[Annotation]:
    next_s = [*(moment.time_s for moment in result.moments[1:]), math.inf]
    for moment, end_s in zip(result.moments, next_s, strict=False):  # no moment has no next one
        text = f"{moment.change:+.1f} points (n = {moment.n})"
        yield Annotation(moment.time_s, min(moment.time_s + MOMENT_S, end_s), text)


def write_openface(file: BinaryIO, names: Sequence[str], rows: Iterable[Row]) -> None:
    """Faces by OpenFace's column names and conventions: frames from 1, angles in radians, yaw to the person's left.

    OpenFace: R = Rx Ry Rz, x to the right, y down, z away from the camera; so pitch down is + as here, yaw is + to the
    image's left (here: right), roll is + clockwise as here.
    Args: ``names`` of the columns of ``rows``, those of ``v_face``.
    """
    separated(file, tuple(OPENFACE), (_openface(dict(zip(names, row, strict=True))) for row in rows))


def _openface(face: dict[str, object]) -> list[str]:
    angles = [face["pitch_deg"], face["yaw_deg"], face["roll_deg"]]
    signs = (1.0, -1.0, 1.0)
    radians = [
        f"{sign * math.radians(angle):.6f}" if isinstance(angle, float) else ""
        for sign, angle in zip(signs, angles, strict=True)
    ]
    track = "" if face["track_id"] is None else str(face["track_id"])
    known = str(int(all(radians)))
    number = int(str(face["frame_index"])) + 1
    return [str(number), track, f"{face['time_s']:.3f}", f"{face['confidence']:.6f}", known, *radians]
