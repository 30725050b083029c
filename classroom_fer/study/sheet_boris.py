"""The coding sheet as a project of BORIS: an observation for each clip, limited to its ten seconds; each answer is a
point event, for which BORIS asks the code."""

from __future__ import annotations

import re
from pathlib import Path

from classroom_fer.exchange.boris_project import (
    Behavior,
    BorisProject,
    MediaFile,
    Observation,
    Player,
    project_bytes,
)
from classroom_fer.exchange.boris_project_reader import parse_project
from classroom_fer.lesson.timecode import format_time
from classroom_fer.study.codebook import CANNOT_TELL, QUESTIONS, Question
from classroom_fer.study.sheets import OPEN, CodedClip, FoundCodes, Sheet, SheetClip

KEYS = {"present": "p", "on_task": "t", "facing": "f", "head_down": "h", "expression": "e", "pupils": "n"}
MOST_OFFERED = 60
"""Pupils that BORIS offers as a choice; more can be typed into the project's list (choice)."""
CLIP = re.compile(r"clip (\d+)")


def sheet_project(sheet: Sheet) -> bytes:
    """The project of one observer."""
    project = BorisProject(
        name=f"coding sheet {sheet.sheet_id}",
        behaviors=tuple(_behavior(question) for question in QUESTIONS),
        observations=tuple(_observation(clip) for clip in sheet.clips),
        description=f"sheet {sheet.sheet_id}\nResearch material about single pupils. Codes: instructions.md",
    )
    return project_bytes(project, sheet.drawn_at)


def _behavior(question: Question) -> Behavior:
    choices = question.codes if question.answers else (*map(str, range(MOST_OFFERED + 1)), CANNOT_TELL)
    return Behavior(question.key, is_state=False, description=question.asks, key=KEYS[question.key], choices=choices)


def _observation(clip: SheetClip) -> Observation:
    times = f"{format_time(clip.start_s)} to {format_time(clip.end_s)}"
    return Observation(
        name=f"clip {clip.number:03d}",
        players=(Player((MediaFile(clip.film),)),),
        description=f"{clip.where}\nTask: {clip.task} ({clip.mode})\nTime: {times}",
        interval_s=(clip.start_s, clip.end_s),
    )


def read_project_codes(data: bytes, path: Path) -> FoundCodes:
    """The codes of a project. ExchangeError if it is damaged, or of a newer format."""
    project = parse_project(data, path)
    found = FoundCodes(path, set(re.findall(r"sheet (\S+)", project.description.partition("\n")[0])))
    for observation in project.observations:
        match = CLIP.fullmatch(observation.name.strip())
        if match is None:
            found.mistakes.append(f"observation {observation.name[:40]!r}: is no clip of a sheet")
        else:
            found.clips.append(_coded(observation, int(match.group(1)), found))
    return found


def _coded(observation: Observation, number: int, found: FoundCodes) -> CodedClip:
    where, answers = f"observation {observation.name!r}", dict.fromkeys((q.key for q in QUESTIONS), OPEN)
    for event in observation.events:
        if event.code not in answers:
            found.mistakes.append(f"{where}: {event.code[:40]!r} is no question of the sheet")
        elif answers[event.code] not in {OPEN, event.modifier}:
            found.mistakes.append(f"{where}: {event.code} is answered {answers[event.code]!r} and {event.modifier!r}")
        else:
            answers[event.code] = "" if event.modifier == "None" else event.modifier
    return CodedClip(number, answers, where)
