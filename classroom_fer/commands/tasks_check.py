"""``classroom-fer tasks check``: is the tasks file right, before a long run needs it?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.terminal import counted, show, user_errors

HELP = """Check a tasks file: every mistake with line, column and remedy; gaps between tasks are listed.

Examples:

  classroom-fer tasks check tasks.csv

  classroom-fer tasks check tasks.csv --video lesson.mp4
"""


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The tasks file.")],
    video: Annotated[Path | None, typer.Option("--video", help="Also check against this film's length.")] = None,
) -> None:
    with user_errors():
        from classroom_fer import wiring
        from classroom_fer.lesson.tasks import gaps, read_tasks
        from classroom_fer.lesson.timecode import format_time
        from classroom_fer.settings.config import default_config

        duration = None
        if video is not None:
            with wiring.open_video(video, default_config()) as source:
                duration = source.info.duration_s
        tasks = read_tasks(file, duration_s=duration, video=video.name if video else None)
        for task in tasks:
            times = f"{format_time(task.start_s)}-{format_time(task.end_s)}"
            show(f"{times:<17} {task.mode:<6} {task.name}")
        for start, end in gaps(tasks, duration if duration is not None else tasks[-1].end_s):
            show(f"{format_time(start)}-{format_time(end)}: no task (allowed; no value is given for this stretch)")
        show(f"{file}: {counted(len(tasks), 'task')}, no mistake")
