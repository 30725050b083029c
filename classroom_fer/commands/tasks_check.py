"""``classroom-fer tasks check``: is the tasks file right, before a long run needs it?"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer import wiring
from classroom_fer.commands.options import JsonOption, TierOption
from classroom_fer.commands.task_notices import notice_lines, notices_as_json
from classroom_fer.exchange.tasks_file import read_tasks
from classroom_fer.lesson.tasks import TaskTable, gaps
from classroom_fer.lesson.timecode import format_time
from classroom_fer.settings.config import default_config
from classroom_fer.terminal import counted, show, user_errors


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The tasks file.")],
    video: Annotated[
        Path | None, typer.Option("--video", help="Choose this film's rows and check against its length.")
    ] = None,
    tier: TierOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a tasks file: every mistake with line, column and remedy; gaps between tasks are listed.

    Read are our own table (task,start,end), BORIS's projects and exports of events, ELAN's documents and tab-delimited
    text, BIDS events and PySceneDetect's list of scenes. docs/tasks.md has an example of each. With --video the rows of
    that film are chosen.

    Examples:

      classroom-fer tasks check tasks.csv

      classroom-fer tasks check tasks.csv --video lesson.mp4

      classroom-fer tasks check coding.eaf --tier Activities

      classroom-fer tasks check boris-aggregated-events.tsv --video lesson.mp4 --json
    """
    with user_errors():
        duration = None
        if video is not None:
            with wiring.open_video(video, default_config()) as source:
                duration = source.info.duration_s
        table = read_tasks(file, duration_s=duration, video=video.name if video else None, tier=tier)
        end = duration if duration is not None else table.tasks[-1].end_s
        if as_json:
            show(json.dumps(_as_json(file, table, end), indent=2))
        else:
            _show(file, table, end)


def _as_json(file: Path, table: TaskTable, end_s: float) -> dict[str, object]:
    return {
        "file": str(file),
        "tasks": [asdict(task) for task in table.tasks],
        "gaps": gaps(table.tasks, end_s),
        "notices": notices_as_json(table.notices),
    }


def _show(file: Path, table: TaskTable, end_s: float) -> None:
    for task in table.tasks:
        times = f"{format_time(task.start_s)}-{format_time(task.end_s)}"
        show(f"{times:<17} {task.mode:<6} {task.name}")
    for start, end in gaps(table.tasks, end_s):
        show(f"{format_time(start)}-{format_time(end)}: no task (allowed; no value is given for this stretch)")
    for line in notice_lines(table.notices):
        show(f"note: {line}")
    show(f"{file}: {counted(len(table.tasks), 'task')}, no mistake")
