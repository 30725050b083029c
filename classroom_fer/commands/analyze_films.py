"""What ``classroom-fer analyze`` does: plans or analyses every film, and shows the outcome."""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from classroom_fer import wiring
from classroom_fer.analysis import Analyzer, Outcome, Plan, Request
from classroom_fer.analysis_together import Ended, Together, ended_as
from classroom_fer.commands import summary
from classroom_fer.commands.analyze import AS_MANY_AS_CORES, AnalyzeOptions
from classroom_fer.commands.batch import Batch, do_each
from classroom_fer.commands.inputs import find_videos
from classroom_fer.commands.progress import FilmBar, ProgressBars
from classroom_fer.commands.run_records import RunRecords
from classroom_fer.commands.settings import settings_for_a_run, tell_declaration
from classroom_fer.commands.task_notices import notice_lines, notices_as_json
from classroom_fer.errors import ClusterError, FilmInUseError
from classroom_fer.executors.chunk_work import Executor, Makers
from classroom_fer.executors.processes import Processes
from classroom_fer.lesson.labels import read_labels
from classroom_fer.lesson.protocols import OnProgress
from classroom_fer.lesson.timecode import format_time
from classroom_fer.settings.config import Config
from classroom_fer.store.store import SqlStore, open_store
from classroom_fer.terminal import say, show, user_errors

NO_LOG = (
    "note: the database's folder has no shared memory (a network share?): it works without a write-ahead log, and "
    "readers wait while a chunk is stored; a local disk is better"
)


def run(options: AnalyzeOptions) -> None:
    """Works on every film; a bad one is reported and the others are still done."""
    with user_errors():
        settings, labels = _settings(options), read_labels(options.label or ())
        requests = [_request(options, film) for film in find_videos(options.videos)]
        tell_declaration(settings.declaration, quiet=options.quiet)
        with _store(options.db, dry_run=options.dry_run) as store:
            if not store.place.log and not options.quiet:
                say(NO_LOG)
            batch = _work(requests, Analyzer(settings, store, labels=labels), store, options)
        if options.as_json:
            show(json.dumps({"films": batch.results(), "errors": batch.failures("video")}, indent=2))
        elif len(requests) > 1 and not options.quiet:
            batch.show_table(lambda result: str(result.get("line", "planned")))
        batch.end()


def _settings(options: AnalyzeOptions) -> Config:
    """From the settings file and the options. ConfigError for mistakes; PolicyError."""
    flags = {
        "fps": options.fps,
        "min_face": options.min_face,
        "detector": options.detector,
        "start_s": options.start,
        "end_s": options.end,
        "profile": options.profile,
        "regions": options.regions,
        "lang": options.lang,
    }
    return settings_for_a_run(options.config, flags)


def _request(options: AnalyzeOptions, film: Path) -> Request:
    """What is asked for one of the films."""
    return Request(film, options.tasks, None if options.no_report else options.out, options.fresh, options.tier)


@contextmanager
def _store(db: str, *, dry_run: bool) -> Iterator[SqlStore]:
    """The database; for a dry run that has none yet, an empty one that is deleted afterwards."""
    if dry_run and "://" not in db and not Path(db).expanduser().exists():
        with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "empty.sqlite") as store:
            yield store
    else:
        with open_store(db) as store:
            yield store


@contextmanager
def _executor(options: AnalyzeOptions, settings: Config) -> Iterator[Executor]:
    """What looks at the films' chunks instead of this process: the workers of a cluster, or processes."""
    makers = Makers(wiring.open_video, wiring.build_parts)
    if options.executor is None:
        count = options.jobs if options.jobs != AS_MANY_AS_CORES else settings.jobs or wiring.threads(settings)
        with Processes(count, makers, settings) as pool:
            yield pool
        return
    try:
        from classroom_fer.executors.dask_cluster import PathMap, make_cluster
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("dask", "distributed"):
            raise
        raise ClusterError(
            f"--executor needs packages that are not installed ({error.name})",
            hint="pip install 'classroom-fer[cluster]'",
        ) from error
    paths = [PathMap(here, there) for here, there in options.path_map or ()]
    with make_cluster(options.executor, makers, settings, paths) as cluster:
        yield cluster


def _work(requests: list[Request], analyzer: Analyzer, store: SqlStore, options: AnalyzeOptions) -> Batch:
    """Plans or analyses every film."""
    silent = options.quiet or options.as_json

    def plan(request: Request) -> dict[str, Any]:
        found = analyzer.plan(request)
        if not silent:
            _show_plan(request, found)
        return _plan_as_json(request, found)

    if options.dry_run:
        return do_each(requests, plan, name=lambda request: str(request.video))

    def told(ended: Ended) -> dict[str, Any]:
        film, outcome = ended.request.video, ended.result()
        if not silent:
            for line in summary.lines(film, outcome, store.where):
                show(line)
        return summary.as_json(film, outcome, store.where)

    records = RunRecords(store, options, analyzer.config.settings_sha256())
    with records.analyzing(), ProgressBars(films=len(requests), quiet=silent) as bars:
        shown = Shown(bars, records)
        if options.jobs == 1 and options.executor is None:
            films = _one_by_one(requests, analyzer, shown)
        else:
            films = _together(requests, analyzer, _executor(options, analyzer.config), shown)
        return do_each(films, told, name=lambda ended: str(ended.request.video))


class Shown:
    """Where the progress of each film goes: to its bar, and to its run in the database."""

    def __init__(self, bars: ProgressBars, records: RunRecords) -> None:
        self._bars, self._records = bars, records
        self._bar: dict[Request, FilmBar] = {}

    def film(self, request: Request) -> OnProgress:
        """What hears of a film."""
        if request not in self._bar:
            self._bar[request] = self._bars.film(request.video.name)
        return self._records.film(request, self._bar[request])

    def ended(self, ended: Ended) -> Iterator[Ended]:
        """The film that has ended, while no bar is drawn."""
        self._records.ended(ended)
        self._bar[ended.request].remove()
        self._bars.count_film()
        with self._bars.paused():
            yield ended


def _one_by_one(requests: Sequence[Request], analyzer: Analyzer, shown: Shown) -> Iterator[Ended]:
    """Each film in this process; what another run holds is tried once more at the end."""
    held: list[Request] = []
    for number, request in enumerate(itertools.chain(requests, held)):
        ended = ended_as(request, partial(_analyzed, analyzer, request, shown))
        if isinstance(ended.outcome, FilmInUseError) and number < len(requests):
            held.append(request)
        else:
            yield from shown.ended(ended)


def _analyzed(analyzer: Analyzer, request: Request, shown: Shown) -> Outcome:
    return analyzer.analyze(request, shown.film(request))


def _together(
    requests: Sequence[Request], analyzer: Analyzer, executor: AbstractContextManager[Executor], shown: Shown
) -> Iterator[Ended]:
    """All films, their chunks looked at by ``executor``."""
    with executor as pool:
        for ended in Together(analyzer, pool, shown.film).analyze(requests):
            yield from shown.ended(ended)


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
