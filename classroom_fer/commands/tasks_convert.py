"""``classroom-fer tasks convert``: a tasks file of one program as that of another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer import wiring
from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import TierOption
from classroom_fer.commands.task_notices import notice_lines
from classroom_fer.errors import ExchangeError
from classroom_fer.exchange.tasks_file import read_tasks
from classroom_fer.exchange.tasks_formats import FORMATS, FilmOf, target_format
from classroom_fer.files import write_private
from classroom_fer.settings.config import default_config
from classroom_fer.terminal import counted, say, show, user_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertOptions:
    """What ``tasks convert`` is given."""

    source: Annotated[Path, typer.Argument(metavar="IN", help="The tasks file.")]
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new file.")]
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="NAME", help="csv, bids, boris or elan. [default: by the ending of OUT]"),
    ] = None
    video: Annotated[
        Path | None, typer.Option("--video", help="Choose this film's rows, check its length, name it in OUT.")
    ] = None
    tier: TierOption = None


@takes(ConvertOptions)
def convert(options: ConvertOptions) -> None:
    """Convert a tasks file: .csv (ours), .tsv (BIDS events), .boris, .eaf (ELAN).

    Whatever `tasks check` reads is read. Times and modes of the tasks are kept; files that exist are not written over.

    Examples:

      classroom-fer tasks convert coding.eaf tasks.csv --tier Activities

      classroom-fer tasks convert tasks.csv lesson.boris --video lesson.mp4
    """
    with user_errors():
        name = target_format(options.out, options.form)
        if options.out.exists():
            raise ExchangeError(f"{options.out}: this file exists and would be lost", hint="name a new file as OUT")
        film = _film(options.video)
        table = read_tasks(options.source, duration_s=film.duration_s, video=film.name, tier=options.tier)
        content = FORMATS[name](table.tasks, film, datetime.now(UTC))
        write_private(options.out, content, what="the tasks file", remedy="choose another place for OUT")
        for line in notice_lines(table.notices):
            say(f"note: {line}")
        show(f"{options.out}: {counted(len(table.tasks), 'task')}")


def _film(video: Path | None) -> FilmOf:
    if video is None:
        return FilmOf()
    with wiring.open_video(video, default_config()) as source:
        return FilmOf(video.name, source.info.duration_s, source.info.source_fps)
