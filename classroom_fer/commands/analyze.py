"""``classroom-fer analyze``: films in, a database and a PDF each out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import (
    ConfigOption,
    DbOption,
    DetectorOption,
    JsonOption,
    LangOption,
    MinFaceOption,
    ProfileOption,
    TierOption,
    read_time,
)
from classroom_fer.store.place import DEFAULT_DB

AS_MANY_AS_CORES = 0
"""``--jobs auto``."""


def read_jobs(text: str) -> int:
    """The number of processes as a user types it; for ``parser`` of an option."""
    if text == "auto":
        return AS_MANY_AS_CORES
    try:
        jobs = int(text)
    except ValueError:
        jobs = 0
    if jobs < 1:
        raise typer.BadParameter(f"{text!r} is no number of processes; give 1, 2, ... or auto")
    return jobs


EXECUTORS = {"dask://": "tcp://", "dask+tls://": "tls://"}
"""How an address begins that a user gives, and how Dask has it."""


def read_executor(text: str) -> str:
    """Dask's address of the scheduler that a user names; for ``parser`` of an option."""
    for ours, theirs in EXECUTORS.items():
        host, colon, port = text.removeprefix(ours).rpartition(":")
        if text.startswith(ours) and host and colon and port.isdecimal():
            return f"{theirs}{host}:{port}"
    raise typer.BadParameter(f"{text!r} is no scheduler's address; write dask://HOST:PORT")


def read_path_map(text: str) -> tuple[Path, Path]:
    """A folder here and the same folder on the workers; for ``parser`` of an option."""
    here, equals, there = text.partition("=")
    if not (here and equals and Path(there).is_absolute()):
        raise typer.BadParameter(f"{text!r} is no pair of folders; write HERE=THERE, THERE as a whole path")
    return Path(here), Path(there)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzeOptions:
    """What ``analyze`` is given."""

    videos: Annotated[list[str], typer.Argument(metavar="VIDEO...", help="Films, folders of films, or patterns.")]
    tasks: Annotated[Path | None, typer.Option("--tasks", help="Table (task,start,end,mode), BORIS, ELAN.")] = None
    tier: TierOption = None
    db: DbOption = DEFAULT_DB
    out: Annotated[Path, typer.Option("--out", help="Folder for the PDFs.")] = Path("reports")
    fps: Annotated[float | None, typer.Option("--fps", help="Samples per second of film. [default: 1]")] = None
    min_face: MinFaceOption = None
    detector: DetectorOption = None
    start: Annotated[
        float | None,
        typer.Option("--start", metavar="TIME", parser=read_time, help="Begin here (seconds or MM:SS)."),
    ] = None
    end: Annotated[
        float | None, typer.Option("--end", metavar="TIME", parser=read_time, help="Stop here (seconds or MM:SS).")
    ] = None
    lang: LangOption = None
    profile: ProfileOption = None
    regions: Annotated[
        Path | None, typer.Option("--regions", metavar="JSON", help="Regions in which nobody is looked for.")
    ] = None
    label: Annotated[
        list[str] | None,
        typer.Option("--label", metavar="LABEL=VALUE", help="Label of the session, e.g. class=7b; repeatable."),
    ] = None
    config: ConfigOption = None
    as_json: JsonOption = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar, no summary.")] = False
    fresh: Annotated[bool, typer.Option("--fresh", help="Analyse again even if the database has the result.")] = False
    no_report: Annotated[bool, typer.Option("--no-report", help="No PDF.")] = False
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            metavar="N|auto",
            parser=read_jobs,
            help="Processes that look at films at once; auto = one for each core.",
        ),
    ] = 1
    executor: Annotated[
        str | None,
        typer.Option(
            "--executor",
            metavar="dask://HOST:PORT",
            parser=read_executor,
            help="Dask scheduler whose workers look at the films instead (docs/cluster.md).",
        ),
    ] = None
    path_map: Annotated[
        list[Any] | None,
        typer.Option(
            "--path-map",
            metavar="HERE=THERE",
            parser=read_path_map,
            help="Where a folder of films lies on those workers, if not at the same path; repeatable.",
        ),
    ] = None
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be sampled and about how long it takes.")
    ] = False


@takes(AnalyzeOptions)
def analyze(options: AnalyzeOptions) -> None:
    """Analyse recorded lessons: faces, tracks, expressions and engagement per task, into a database and a PDF each.

    What is finished is kept: after a cut, the same command goes on where it was. It describes what a camera could see
    of a class, never a child: not for grading, discipline, ranking, identification, diagnosis or appraisal of a
    teacher.

    Examples:

      classroom-fer analyze lesson.mp4 --tasks tasks.csv

      classroom-fer analyze recordings/ --tasks tasks.csv --db study.sqlite --out reports --quiet

      classroom-fer analyze recordings/ --tasks tasks.csv --jobs auto

      classroom-fer analyze recordings/ --executor dask://head:8786 --db postgresql+psycopg://fer@db/lessons

      classroom-fer analyze lesson.mp4 --tasks tasks.csv --start 5:00 --end 45:00 --json

      classroom-fer analyze lesson.mp4 --tasks tasks.csv --profile presence --regions regions.json
    """
    from classroom_fer.commands.analyze_films import run

    run(options)
