"""The use case: one film in, its session finished in the store, its PDF on disk."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from classroom_fer import wiring
from classroom_fer.errors import ConfigError, ReportError
from classroom_fer.files import make_private_folders
from classroom_fer.film.masking import Blackout
from classroom_fer.lesson.labels import changed
from classroom_fer.lesson.protocols import OnProgress, ReportRenderer, Store, VideoSource
from classroom_fer.lesson.records import (
    Advanced,
    ChunkResult,
    Progress,
    SessionResult,
    SessionStart,
    StageFinished,
    StageStarted,
    StoredSession,
    Task,
    VideoInfo,
)
from classroom_fer.lesson.regions import check_fits
from classroom_fer.lesson.span import Chunk
from classroom_fer.lesson.tasks import TaskNotice
from classroom_fer.pipeline import (
    OpenFilm,
    Parts,
    PureHalf,
    Stopwatch,
    measure_session,
    missing_chunks,
    observe_missing,
)
from classroom_fer.report.pdf_place import pdf_place
from classroom_fer.session_choice import (
    brought_up_to_date,
    choose_session,
    has_faces,
    is_by_older_rules,
    remove_superseded,
    report_identity,
    unfinished,
)
from classroom_fer.session_start import (
    given_tasks,
    make_session_start,
    one_task_for_all,
    stored_settings,
    with_other_settings,
)
from classroom_fer.settings.config import Config
from classroom_fer.settings.declaration import check_allowed
from classroom_fer.settings.report_style import ReportStyle

_REPORT_HINT = "name another folder with --out, or leave the PDF out with --no-report"


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for one film."""

    video: Path
    tasks: Path | None
    report_folder: Path | None
    """Where the PDF goes; None = no PDF."""
    fresh: bool = False
    tier: str | None = None
    """Of ELAN's tiers, the one that holds the tasks."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome for one film."""

    session: StoredSession
    result: SessionResult
    report: Path | None
    reused: bool
    """The faces were in the database already."""
    recomputed: bool
    """Tasks, settings or rules differ from those stored: the results were made again from the stored faces."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall seconds per stage of this run."""
    others: tuple[StoredSession, ...] = ()
    """Other sessions of the same film, which stay in the database."""
    notices: tuple[TaskNotice, ...] = ()
    """What should be said about the tasks file."""
    not_drawn: tuple[str, ...] = ()
    """What readers see as characters and no font here draws, in the PDF."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an analysis would do (``--dry-run``)."""

    info: VideoInfo
    tasks: tuple[Task, ...]
    samples: int
    samples_left: int
    seconds: float | None
    """Estimated wall seconds; None when nothing is left to do."""
    notices: tuple[TaskNotice, ...] = ()
    """What should be said about the tasks file."""


@dataclass(frozen=True, slots=True)
class Builders:
    """What builds the parts of an analysis; tests put fakes in."""

    open_video: Callable[[Path, Config], VideoSource] = wiring.open_video
    parts: Callable[[Config], Parts] = wiring.build_parts
    pure: Callable[[Config], PureHalf] = wiring.build_pure_half
    renderer: Callable[[ReportStyle], ReportRenderer] = wiring.build_renderer


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The session that a film's analysis works on."""

    session: StoredSession
    of_the_film: Sequence[StoredSession]
    """The film's sessions that were there before, this one included."""
    reused: bool = False
    """Its faces were stored already."""
    changed: bool = False
    """They were, but with other tasks, settings or rules."""
    notices: tuple[TaskNotice, ...] = ()


@dataclass(frozen=True, slots=True)
class Begun:
    """A film on its way: its session is in the store, perhaps without all of its chunks."""

    request: Request
    info: VideoInfo
    chosen: _Chosen
    watch: Stopwatch

    @property
    def session(self) -> StoredSession:
        """As it was when the film was begun."""
        return self.chosen.session


class Analyzer:
    """Analyses films one after the other into one store; models and renderer are loaded once, for the first film.

    ``labels`` are added to those of every session that it finishes.

    Raises:
        PolicyError: what was declared forbids the profile.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        builders: Builders | None = None,
        *,
        labels: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        check_allowed(config.declaration, config.profile)
        self._labels = labels
        self._config, self._store = config, store
        self._builders = builders or Builders()

    @property
    def config(self) -> Config:
        """The settings at hand."""
        return self._config

    @cached_property
    def parts(self) -> Parts:
        """Detector and classifier, loaded when they are first asked for."""
        return self._builders.parts(self._config)

    @cached_property
    def renderer(self) -> ReportRenderer:
        """The PDF renderer, loaded when it is first asked for."""
        return self._builders.renderer(self._config.report_style)

    def analyze(self, request: Request, on_progress: OnProgress) -> Outcome:
        """One film, from its bytes to a finished session and its PDF.

        What the store has already is not done again; ``request.fresh`` begins a new session and removes the older one
        of the same film and settings when the new one is finished.

        Raises:
            ClassroomFerError: of the part that cannot go on; finished chunks stay in the store.
        """
        if request.report_folder is not None:
            _check_writable(request.report_folder)
            if self._config.report_style.names_files:
                _ = self.renderer  # a template or logo that is broken is reported before anything is done
            on_progress = self._loading_renderer(on_progress)
        begun, source = self._opened(request, on_progress)
        try:
            with source:
                self._observe(begun.session, source, on_progress, begun.watch)
        except BaseException:
            self.abandon(begun)
            raise
        return self.finish(begun, on_progress)

    def begin(self, request: Request, on_progress: OnProgress) -> Begun:
        """The film's session, with what it lacks; other processes will look at the film.

        The film is claimed in the store until ``finish`` or ``abandon``.

        Raises:
            FilmInUseError: another run has claimed the film.
            ClassroomFerError: of the film, its tasks, or what prints the PDF.
        """
        if request.report_folder is not None:
            _check_writable(request.report_folder)
            _ = self.renderer  # nothing waits for it: this process looks at no frame
        begun, source = self._opened(request, on_progress)
        source.close()
        return begun

    def missing_chunks(self, begun: Begun) -> list[Chunk]:
        """What the store does not have yet, in order of film time."""
        return missing_chunks(begun.session, self._store)

    def store_chunk(self, begun: Begun, result: ChunkResult, seconds: Mapping[str, float]) -> None:
        """Keeps what another process saw of a begun film, and adds up its ``seconds`` by stage."""
        for stage, spent in seconds.items():
            begun.watch.seconds[stage] = begun.watch.seconds.get(stage, 0.0) + spent
        with begun.watch.measure("store"):
            self._store.write_chunk(begun.session.session_id, result)

    def abandon(self, begun: Begun) -> None:
        """Lets other runs have a film that is not going to be finished here; what is stored of it stays."""
        self._store.release(begun.info.sha256)

    def finish(self, begun: Begun, on_progress: OnProgress) -> Outcome:
        """Tracks, results and PDF of a film whose chunks are all stored.

        Raises:
            ClassroomFerError: of the part that cannot go on.
        """
        try:
            return self._finish(begun, on_progress)
        finally:
            self._store.release(begun.info.sha256)

    def _finish(self, begun: Begun, on_progress: OnProgress) -> Outcome:
        request, chosen, watch = begun.request, begun.chosen, begun.watch
        with _stage("tracks and timeline", on_progress):
            result = self._measure(chosen.session, watch)
        session = _finished(chosen.session, self._store)
        others = remove_superseded(session, chosen.of_the_film, self._store)
        session = self._labelled(session)
        self._store.record("analyze", session.session_id, {"reused": chosen.reused, **_audited(session.start)})
        report = None
        if request.report_folder is not None:
            with _stage("report", on_progress), watch.measure("report"):
                report = self._print(session, result, request.report_folder)
        return Outcome(
            session,
            result,
            report,
            chosen.reused,
            chosen.changed,
            watch.seconds,
            others,
            chosen.notices,
            self.renderer.not_drawn if report else (),
        )

    def _opened(self, request: Request, on_progress: OnProgress) -> tuple[Begun, VideoSource]:
        watch = Stopwatch()
        with _stage("reading the file", on_progress), watch.measure("open"):
            source = self._builders.open_video(request.video, self._config)
        with ExitStack() as undo:
            undo.callback(source.close)
            self._store.claim(source.info.sha256)
            undo.callback(self._store.release, source.info.sha256)
            begun = Begun(request, source.info, self._choose(request, self._start(source.info)), watch)
            undo.pop_all()
        return begun, source

    def _loading_renderer(self, on_progress: OnProgress) -> OnProgress:
        """``on_progress`` that loads the renderer once the first faces are told.

        So the first frame does not wait a second for the libraries of the PDF, and a library or font that is missing is
        reported after seconds, not after the analysis.
        """

        def tell(event: Progress) -> None:
            on_progress(event)
            if isinstance(event, Advanced):
                _ = self.renderer

        return tell

    def plan(self, request: Request) -> Plan:
        """What ``analyze`` would do; loads the models and measures a few frames to say how long it takes.

        Raises:
            ClassroomFerError: as ``analyze``, of what it does before the first frame.
        """
        with self._builders.open_video(request.video, self._config) as source:
            start = self._start(source.info)
            table = given_tasks(request.tasks, start, request.tier)
            known = self._store.sessions_of(start.video_sha256)
            session = choose_session(start, table.tasks or None, known, fresh=request.fresh)
            done = self._store.finished_chunks(session.session_id) if session else set()
            left = start.span.samples(chunk for chunk in start.span.chunks() if chunk.index not in done)
            wall = self._estimate(source, start, left) if left else None
        tasks = table.tasks or (session.tasks if session else one_task_for_all(start))
        samples = len(start.span.intervals())
        return Plan(source.info, tasks, samples, left, wall, table.notices)

    def _start(self, info: VideoInfo) -> SessionStart:
        """The film and the settings at hand; RegionsError if the regions do not fit into its picture."""
        check_fits(self._config.regions, info.width_px, info.height_px, info.path.name)
        return make_session_start(info, self._config)

    def _choose(self, request: Request, start: SessionStart) -> _Chosen:
        store, table = self._store, given_tasks(request.tasks, start, request.tier)
        known = store.sessions_of(start.video_sha256)
        session = choose_session(start, table.tasks or None, known, fresh=request.fresh)
        if session is None:
            begun = store.begin_session(start, table.tasks or one_task_for_all(start))
            return _Chosen(begun, known, notices=table.notices)
        reused = store.finished_chunks(session.session_id) >= {c.index for c in start.span.chunks()}
        session, changed = brought_up_to_date(session, start, table.tasks or session.tasks, store)
        return _Chosen(session, known, reused, changed and reused, table.notices)

    def _observe(self, session: StoredSession, source: VideoSource, on_progress: OnProgress, watch: Stopwatch) -> None:
        if missing_chunks(session, self._store):
            stage = "loading the models" if self._config.infers else "loading the detector"
            with _stage(stage, on_progress), watch.measure("load"):
                parts = self.parts
            observe_missing(session, OpenFilm(source, parts, self._config), self._store, on_progress, watch)

    def _measure(self, session: StoredSession, watch: Stopwatch) -> SessionResult:
        if session.status == "finished":
            return self._store.result(session.session_id)
        return measure_session(session, self._store, self._builders.pure(self._config), self._config, watch)

    def _labelled(self, session: StoredSession) -> StoredSession:
        """The session with the labels that were given beside those that it has."""
        if not self._labels:
            return session
        known = self._store.session(session.session_id).labels
        return self._store.set_labels(session.session_id, changed(known, self._labels))

    def _print(self, session: StoredSession, result: SessionResult, folder: Path) -> Path:
        identity = report_identity(session, self._store.database_id())
        with pdf_place(folder, session.start.video_name, session.session_id, identity) as report:
            self.renderer.render(session, result, report, identity)
        self._store.record("report", session.session_id, {"with": "analyze"})
        return report

    def _estimate(self, source: VideoSource, start: SessionStart, left: int) -> float:
        """Wall seconds for ``left`` samples: loading the models, and what a few samples from the middle take.

        The first picture is looked at once before, which warms the parts up.
        """
        fps, middle = self._config.fps, (start.start_s + start.end_s) / 2
        began = time.perf_counter()
        search = self.parts.detector.search()
        blackout = Blackout(self._config.regions, source.info.width_px, source.info.height_px)
        loading = time.perf_counter() - began
        times: list[float] = []
        for frame in source.sample(middle, min(start.end_s, middle + 6 / fps), fps):
            masked = blackout.apply(frame)
            if not times:
                self.parts.detector.detect([masked.image])
                times.append(time.perf_counter())
            search.look([masked])
            times.append(time.perf_counter())
        return loading + left * (times[-1] - times[0]) / (len(times) - 1) if times else loading


def aggregate(
    session: StoredSession, tasks_file: Path | None, config: Config, store: Store, tier: str | None = None
) -> Outcome:
    """The pure half again on stored rows, with other tasks or settings; no film is needed.

    Args:
        session: one whose faces are all stored.
        tasks_file: other tasks; None = the stored ones. ``tier``: of ELAN's tiers, the one that holds them.
        config: ``config.load_config(..., stored=session.start.settings)``, so what was not given stays as it was.

    Raises:
        PolicyError: what was declared forbids the profile.
        StoreError: faces are missing, or were deleted (profile teacher).
        ConfigError: a setting that made the stored rows would change.
    """
    check_allowed(config.declaration, config.profile)
    watch, start = Stopwatch(), session.start
    if missing_chunks(session, store):
        raise unfinished(session)
    if config.observation_sha256() != stored_settings(start).observation_sha256():
        raise ConfigError(
            "fps, min_face, detector, chunk_s, start, end, regions, rules.expression, rules.looks and profile presence "
            "made the stored faces and cannot change without the film",
            hint="leave them out here, or analyze the film again with them",
        )
    table = given_tasks(tasks_file, start, tier)
    session = store.set_tasks(session.session_id, table.tasks or session.tasks, with_other_settings(start, config))
    result = measure_session(session, store, wiring.build_pure_half(config), config, watch)
    session = _finished(session, store)
    details = {"tasks": tasks_file is not None, "weights": config.rules.weight_set, **_audited(session.start)}
    store.record("aggregate", session.session_id, details)
    return Outcome(session, result, None, True, True, watch.seconds, notices=table.notices)


def by_todays_rules(session: StoredSession, store: Store) -> StoredSession:
    """The finished session, computed again from its stored faces where an earlier version's rules made its results.

    As it is where its faces were deleted (profile teacher): its report then says which rules it is by.

    Raises:
        StoreError: its stored settings are damaged; another run holds the database.
    """
    if not is_by_older_rules(session) or not has_faces(session):
        return session
    with store.exclusive():
        return aggregate(session, None, stored_settings(session.start), store).session


def _finished(session: StoredSession, store: Store) -> StoredSession:
    """The session as it stays: with the profile teacher without its rows per face."""
    session = replace(session, status="finished")
    if session.start.profile == "teacher" and has_faces(session):
        return store.forget_faces(session.session_id)
    return session


def _audited(start: SessionStart) -> dict[str, object]:
    """What the audit keeps of the settings when the session is long gone: no names."""
    return {
        "profile": start.profile,
        "settings_sha256": start.settings_sha256,
        "regions": start.regions,
        "jurisdiction": start.declaration.jurisdiction,
        "setting": start.declaration.setting,
    }


def _check_writable(folder: Path) -> None:
    """Fails at once where the PDF cannot be written, and not after an hour of analysis."""
    try:
        make_private_folders(folder)
    except OSError as error:
        raise ReportError(
            f"{folder}: the folder for the PDF cannot be made ({error.strerror})", hint=_REPORT_HINT
        ) from error
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise ReportError(f"{folder}: the PDF cannot be written here", hint=_REPORT_HINT)


@contextmanager
def _stage(stage: str, on_progress: OnProgress) -> Iterator[None]:
    """Tells the progress of one stage that has no film time."""
    started = time.perf_counter()
    on_progress(StageStarted(stage, None))
    yield
    on_progress(StageFinished(stage, time.perf_counter() - started))
