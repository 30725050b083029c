"""``classroom-fer analyze``: films in, a database and a PDF each out."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from classroom_fer.commands.options import DEFAULT_DB, DbOption, JsonOption, LangOption, time_given
from classroom_fer.commands.settings import ConfigOption, ProfileOption, settings_for_a_run, tell_declaration
from classroom_fer.errors import ClassroomFerError
from classroom_fer.terminal import show, show_traceback, tell_bug, tell_error, user_errors

if TYPE_CHECKING:
    from classroom_fer.analysis import Analyzer, Request
    from classroom_fer.store.store import SqlStore

HELP = """Analyse recorded lessons: faces, tracks, expressions and engagement per task, into a database and a PDF each.

What is finished is kept: after a cut, the same command goes on where it was. It describes what a camera could see
of a class, never a child: not for grading, discipline, ranking, identification, diagnosis or appraisal of a teacher.

Examples:

  classroom-fer analyze lesson.mp4 --tasks tasks.csv

  classroom-fer analyze recordings/ --tasks tasks.csv --db study.sqlite --out reports --quiet

  classroom-fer analyze lesson.mp4 --tasks tasks.csv --start 5:00 --end 45:00 --json

  classroom-fer analyze lesson.mp4 --tasks tasks.csv --profile presence --regions regions.json
"""


@dataclass(slots=True)
class _Batch:
    """How the films of one command fared."""

    done: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)


def analyze(
    videos: Annotated[list[str], typer.Argument(metavar="VIDEO...", help="Films, folders of films, or patterns.")],
    tasks: Annotated[Path | None, typer.Option("--tasks", help="CSV: task,start,end[,mode][,video].")] = None,
    db: DbOption = DEFAULT_DB,
    out: Annotated[Path, typer.Option("--out", help="Folder for the PDFs.")] = Path("reports"),
    fps: Annotated[float | None, typer.Option("--fps", help="Samples per second of film. [default: 1]")] = None,
    min_face: Annotated[
        int | None, typer.Option("--min-face", help="Smallest face that is looked for, pixels. [default: 20]")
    ] = None,
    start: Annotated[str | None, typer.Option("--start", metavar="TIME", help="Begin here (seconds or MM:SS).")] = None,
    end: Annotated[str | None, typer.Option("--end", metavar="TIME", help="Stop here (seconds or MM:SS).")] = None,
    lang: LangOption = None,
    profile: ProfileOption = None,
    regions: Annotated[
        Path | None, typer.Option("--regions", metavar="JSON", help="Regions in which nobody is looked for.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar, no summary.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Analyse again even if the database has the result.")] = False,
    no_report: Annotated[bool, typer.Option("--no-report", help="No PDF.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be sampled and about how long it takes.")
    ] = False,
) -> None:
    with user_errors():
        from classroom_fer import analysis
        from classroom_fer.commands.inputs import find_videos

        flags = {
            "fps": fps,
            "min_face": min_face,
            "start_s": time_given("--start", start),
            "end_s": time_given("--end", end),
        }
        flags_of_text = {"profile": profile, "regions": regions, "lang": lang}
        settings = settings_for_a_run(config, {**flags, **flags_of_text})
        films = find_videos(videos)
        tell_declaration(settings.policy, quiet=quiet)
        batch = _Batch()
        with _store(db, dry_run=dry_run) as store:
            analyzer = analysis.Analyzer(settings, store)
            requests = [analysis.Request(film, tasks, None if no_report else out, fresh) for film in films]
            if dry_run:
                _each(requests, batch, lambda request: _plan(request, analyzer, quiet=quiet or as_json))
            else:
                with store.exclusive():
                    _each(
                        requests, batch, lambda request: _one(request, analyzer, quiet=quiet or as_json, db=store.where)
                    )
        if as_json:
            show(json.dumps({"films": batch.done, "errors": batch.failed}, indent=2))
        elif len(films) > 1 and not quiet:
            _table(batch)
        if batch.failed:
            raise typer.Exit(max(_code(failure) for failure in batch.failed))


@contextmanager
def _store(db: str, *, dry_run: bool) -> Iterator[SqlStore]:
    """The database; for a dry run that has none yet, an empty one that is gone afterwards."""
    from classroom_fer import wiring

    if dry_run and "://" not in db and not Path(db).expanduser().exists():
        with tempfile.TemporaryDirectory() as folder, wiring.open_store(Path(folder) / "empty.sqlite") as store:
            yield store
    else:
        with wiring.open_store(db) as store:
            yield store


def _code(failure: dict[str, str]) -> int:
    return int(failure["exit_code"])


def _each(requests: list[Any], batch: _Batch, work: Any) -> None:
    """Does every film; a bad one is told and the others go on."""
    for request in requests:
        try:
            batch.done.append(work(request))
        except ClassroomFerError as error:
            tell_error(error)
            show_traceback()
            batch.failed.append(_failure(request, str(error), error.hint, error.exit_code))
        except BrokenPipeError:
            raise  # the reader went away: not this film's fault
        except Exception as error:  # noqa: BLE001  # a bug in one film must not take the rest of the batch along
            tell_bug(error)
            batch.failed.append(_failure(request, f"bug: {error}", "see the log file", 3))


def _failure(request: Any, message: str, hint: str, code: int) -> dict[str, str]:
    return {"video": str(request.video), "error": message, "hint": hint, "exit_code": str(code)}


def _one(request: Request, analyzer: Analyzer, *, quiet: bool, db: str) -> dict[str, Any]:
    from classroom_fer.commands import summary
    from classroom_fer.commands.progress import ProgressBar

    with ProgressBar(request.video.name, quiet=quiet) as bar:
        outcome = analyzer.analyze(request, bar)
    if not quiet:
        for line in summary.lines(request.video, outcome, db):
            show(line)
    return summary.as_json(request.video, outcome, db)


def _plan(request: Request, analyzer: Analyzer, *, quiet: bool) -> dict[str, Any]:
    from classroom_fer.commands.task_notices import notice_lines, notices_as_json
    from classroom_fer.lesson.timecode import format_time

    found = analyzer.plan(request)
    info = found.info
    if not quiet:
        show(
            f"{request.video}: {format_time(info.duration_s)} of {info.width_px}x{info.height_px} {info.codec}, "
            f"{found.samples} samples, {found.samples_left} still to do"
            + (f", about {format_time(found.seconds + 0.5)} on this machine" if found.seconds is not None else "")
        )
        for line in notice_lines(found.notices):
            show(f"  tasks file: {line}")
        for task in found.tasks:
            show(f"  {format_time(task.start_s)}-{format_time(task.end_s)}  {task.name} ({task.mode})")
    return {
        "video": str(request.video),
        "duration_s": info.duration_s,
        "samples": found.samples,
        "samples_left": found.samples_left,
        "estimated_s": found.seconds,
        "tasks_file_notices": notices_as_json(found.notices),
        "tasks": [[task.name, task.start_s, task.end_s, task.mode] for task in found.tasks],
    }


def _table(batch: _Batch) -> None:
    """The summary at the end of a batch."""
    width = max(len(Path(row["video"]).name) for row in [*batch.done, *batch.failed])
    show("")
    for row in batch.done:
        show(f"{Path(row['video']).name:<{width}}  {row.get('line', 'planned')}")
    for row in batch.failed:
        show(f"{Path(row['video']).name:<{width}}  FAILED: {row['error'].splitlines()[0]}")
    show(f"{len(batch.done)} done, {len(batch.failed)} failed")
