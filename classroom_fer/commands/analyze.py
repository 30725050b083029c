"""``classroom-fer analyze``: films in, a database and a PDF each out."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from classroom_fer.analysis import Analyzer, Plan, Request
from classroom_fer.commands import summary
from classroom_fer.commands.batch import Batch, do_each
from classroom_fer.commands.inputs import find_videos
from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import DbOption, DetectorOption, JsonOption, LangOption, MinFaceOption, read_time
from classroom_fer.commands.progress import ProgressBar
from classroom_fer.commands.settings import ConfigOption, ProfileOption, settings_for_a_run, tell_declaration
from classroom_fer.commands.task_notices import notice_lines, notices_as_json
from classroom_fer.lesson.timecode import format_time
from classroom_fer.settings.config import Config
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.store.store import SqlStore, open_store
from classroom_fer.terminal import say, show, user_errors

NO_LOG = (
    "note: the database's folder has no shared memory (a network share?): it works without a write-ahead log, and "
    "readers wait while a chunk is stored; a local disk is better"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzeOptions:
    """What ``analyze`` is given."""

    videos: Annotated[list[str], typer.Argument(metavar="VIDEO...", help="Films, folders of films, or patterns.")]
    tasks: Annotated[Path | None, typer.Option("--tasks", help="CSV: task,start,end[,mode][,video].")] = None
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
    config: ConfigOption = None
    as_json: JsonOption = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar, no summary.")] = False
    fresh: Annotated[bool, typer.Option("--fresh", help="Analyse again even if the database has the result.")] = False
    no_report: Annotated[bool, typer.Option("--no-report", help="No PDF.")] = False
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be sampled and about how long it takes.")
    ] = False

    def settings(self) -> Config:
        """From the settings file and these options. ConfigError for mistakes; PolicyError."""
        flags = {
            "fps": self.fps,
            "min_face": self.min_face,
            "detector": self.detector,
            "start_s": self.start,
            "end_s": self.end,
            "profile": self.profile,
            "regions": self.regions,
            "lang": self.lang,
        }
        return settings_for_a_run(self.config, flags)

    def request(self, film: Path) -> Request:
        """What is asked for one of the films."""
        return Request(film, self.tasks, None if self.no_report else self.out, self.fresh)


@takes(AnalyzeOptions)
def analyze(options: AnalyzeOptions) -> None:
    """Analyse recorded lessons: faces, tracks, expressions and engagement per task, into a database and a PDF each.

    What is finished is kept: after a cut, the same command goes on where it was. It describes what a camera could see
    of a class, never a child: not for grading, discipline, ranking, identification, diagnosis or appraisal of a
    teacher.

    Examples:

      classroom-fer analyze lesson.mp4 --tasks tasks.csv

      classroom-fer analyze recordings/ --tasks tasks.csv --db study.sqlite --out reports --quiet

      classroom-fer analyze lesson.mp4 --tasks tasks.csv --start 5:00 --end 45:00 --json

      classroom-fer analyze lesson.mp4 --tasks tasks.csv --profile presence --regions regions.json
    """
    with user_errors():
        settings = options.settings()
        requests = [options.request(film) for film in find_videos(options.videos)]
        tell_declaration(settings.declaration, quiet=options.quiet)
        with _store(options.db, dry_run=options.dry_run) as store:
            if not store.place.log and not options.quiet:
                say(NO_LOG)
            batch = _work(requests, Analyzer(settings, store), store, options)
        if options.as_json:
            show(json.dumps({"films": batch.results(), "errors": batch.failures("video")}, indent=2))
        elif len(requests) > 1 and not options.quiet:
            batch.show_table(lambda result: str(result.get("line", "planned")))
        batch.end()


@contextmanager
def _store(db: str, *, dry_run: bool) -> Iterator[SqlStore]:
    """The database; for a dry run that has none yet, an empty one that is deleted afterwards."""
    if dry_run and "://" not in db and not Path(db).expanduser().exists():
        with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "empty.sqlite") as store:
            yield store
    else:
        with open_store(db) as store:
            yield store


def _work(requests: list[Request], analyzer: Analyzer, store: SqlStore, options: AnalyzeOptions) -> Batch:
    """Plans or analyses every film."""
    silent = options.quiet or options.as_json

    def plan(request: Request) -> dict[str, Any]:
        found = analyzer.plan(request)
        if not silent:
            _show_plan(request, found)
        return _plan_as_json(request, found)

    def analyze_one(request: Request) -> dict[str, Any]:
        with ProgressBar(request.video.name, quiet=silent) as bar:
            outcome = analyzer.analyze(request, bar)
        if not silent:
            for line in summary.lines(request.video, outcome, store.where):
                show(line)
        return summary.as_json(request.video, outcome, store.where)

    def name(request: Request) -> str:
        return str(request.video)

    if options.dry_run:
        return do_each(requests, plan, name=name)
    with store.exclusive():
        return do_each(requests, analyze_one, name=name)


def _show_plan(request: Request, plan: Plan) -> None:
    info = plan.info
    show(
        f"{request.video}: {format_time(info.duration_s)} of {info.width_px}x{info.height_px} {info.codec}, "
        f"{plan.samples} samples, {plan.samples_left} still to do"
        + (f", about {format_time(plan.seconds + 0.5)} on this machine" if plan.seconds is not None else "")
    )
    for line in notice_lines(plan.notices):
        show(f"  tasks file: {line}")
    for task in plan.tasks:
        show(f"  {format_time(task.start_s)}-{format_time(task.end_s)}  {task.name} ({task.mode})")


def _plan_as_json(request: Request, plan: Plan) -> dict[str, Any]:
    return {
        "video": str(request.video),
        "duration_s": plan.info.duration_s,
        "samples": plan.samples,
        "samples_left": plan.samples_left,
        "estimated_s": plan.seconds,
        "tasks_file_notices": notices_as_json(plan.notices),
        "tasks": [[task.name, task.start_s, task.end_s, task.mode] for task in plan.tasks],
    }
