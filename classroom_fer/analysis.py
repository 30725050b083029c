"""The use case: one film in, its session finished in the store, its PDF on disk."""

from __future__ import annotations

import hashlib
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from classroom_fer import wiring
from classroom_fer.errors import ConfigError, ReportError, VideoError
from classroom_fer.faces.model_manifest import Manifest, read_manifest
from classroom_fer.files import make_private_folders
from classroom_fer.film.masking import Blackout
from classroom_fer.lesson.protocols import OnProgress, ReportRenderer, Store, VideoSource
from classroom_fer.lesson.records import (
    SessionResult,
    SessionStart,
    StageFinished,
    StageStarted,
    StoredSession,
    Task,
    VideoInfo,
)
from classroom_fer.lesson.regions import check_fits
from classroom_fer.lesson.tasks import read_tasks, whole_lesson
from classroom_fer.pipeline import Chunk, Parts, Stopwatch, chunks_between, observe_missing, understand_session
from classroom_fer.session_choice import (
    brought_up_to_date,
    choose_session,
    has_faces,
    others_of_the_film,
    remove_superseded,
    report_name,
    unfinished,
)
from classroom_fer.settings.config import Config, load_config
from classroom_fer.settings.declaration import check_allowed
from classroom_fer.settings.report_style import Look
from classroom_fer.store.rows import seconds

_REPORT_HINT = "name another folder with --out, or leave the PDF out with --no-report"
NO_MODEL = "none"
"""Stands for the model's sha256 where nothing is inferred (profile presence)."""
MIN_LESSON_S = 0.001
"""A span shorter than this holds no sample (choice)."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for one film."""

    video: Path
    tasks: Path | None
    report_folder: Path | None
    """Where the PDF goes; None = no PDF."""
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one film."""

    session: StoredSession
    result: SessionResult
    report: Path | None
    reused: bool
    """The faces were in the database already."""
    recomputed: bool
    """Tasks or settings differ from those stored: the results were made again from the stored faces."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall seconds per stage of this run."""
    others: tuple[StoredSession, ...] = ()
    """Other sessions of the same film, which stay in the database."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an analysis would do (``--dry-run``)."""

    info: VideoInfo
    tasks: tuple[Task, ...]
    samples: int
    samples_left: int
    seconds: float | None
    """Estimated wall seconds; None when nothing is left to do."""


class Workshop:
    """The parts of one command: the store, and those that are loaded only when the first film needs them.

    Raises:
        PolicyError: what was declared forbids the profile.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        *,
        build_parts: Callable[[Config], Parts] = wiring.build_parts,
        build_renderer: Callable[[Look], ReportRenderer] = wiring.build_renderer,
    ) -> None:
        check_allowed(config.policy, config.profile)
        self.config, self.store = config, store
        self._build_parts, self._build_renderer = build_parts, build_renderer
        self._parts: Parts | None = None
        self._renderer: ReportRenderer | None = None

    def parts(self) -> Parts:
        """Detector and classifier, built once."""
        if self._parts is None:
            self._parts = self._build_parts(self.config)
        return self._parts

    def renderer(self) -> ReportRenderer:
        """The PDF renderer, built once."""
        if self._renderer is None:
            self._renderer = self._build_renderer(self.config.look)
        return self._renderer


def analyze(request: Request, shop: Workshop, on_progress: OnProgress) -> Outcome:
    """One film, from its bytes to a finished session and its PDF.

    What the store has already is not done again; ``request.fresh`` begins a new session and removes the older one
    of the same film and settings when the new one is finished.

    Raises:
        ClassroomFerError: of the part that cannot go on; finished chunks stay in the store.
    """
    watch = Stopwatch()
    if request.report_folder is not None:
        _check_writable(request.report_folder)
        shop.renderer()
    with _stage("reading the file", on_progress), watch.measure("open"):
        source = wiring.open_video(request.video, shop.config)
    with source:
        check_fits(shop.config.regions, source.info.width_px, source.info.height_px, source.info.path.name)
        start = _session_start(source.info, shop.config)
        session, reused, changed = _session(request, start, shop.store)
        _observe(session, source, shop, on_progress, watch)
    with _stage("tracks and timeline", on_progress):
        if session.status == "finished":
            result = shop.store.result(session.session_id)
        else:
            result = understand_session(session, shop.store, wiring.build_tracker(), shop.config, watch)
    session = _finished(session, shop.store)
    remove_superseded(session, shop.store)
    shop.store.record("analyze", session.session_id, {"reused": reused, **_audited(session.start)})
    report = None
    if request.report_folder is not None:
        report = request.report_folder / report_name(session, shop.store.sessions())
        with _stage("report", on_progress), watch.measure("report"):
            shop.renderer().render(session, result, report)
        shop.store.record("report", session.session_id, {"with": "analyze"})
    others = others_of_the_film(session, shop.store.sessions())
    return Outcome(session, result, report, reused, changed, watch.seconds, others)


def _finished(session: StoredSession, store: Store) -> StoredSession:
    """The session as it stays: with the profile teacher without its rows per face."""
    session = replace(session, status="finished")
    if session.start.profile == "teacher" and has_faces(session):
        return store.forget_faces(session.session_id)
    return session


def _audited(start: SessionStart) -> dict[str, object]:
    """What the audit keeps of the settings when the session is long gone: nothing that names anybody."""
    return {
        "profile": start.profile,
        "settings_sha256": start.settings_sha256,
        "regions": start.regions,
        "jurisdiction": start.policy.jurisdiction,
        "setting": start.policy.setting,
    }


def _session(request: Request, start: SessionStart, store: Store) -> tuple[StoredSession, bool, bool]:
    """The session to work on, whether its faces were there already, and whether its tasks or settings changed."""
    given = _tasks(request.tasks, start)
    session = choose_session(start, given, store.sessions(), fresh=request.fresh)
    if session is None:
        return store.begin_session(start, given or _whole(start)), False, False
    reused = store.finished_chunks(session.session_id) >= {c.index for c in _chunks(start)}
    session, changed = brought_up_to_date(session, start, given or session.tasks, store)
    return session, reused, changed and reused


def _check_writable(folder: Path) -> None:
    """An hour's analysis should not end in a folder that cannot be written: found out first."""
    try:
        make_private_folders(folder)
    except OSError as error:
        raise ReportError(
            f"{folder}: the folder for the PDF cannot be made ({error.strerror})", hint=_REPORT_HINT
        ) from error
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise ReportError(f"{folder}: the PDF cannot be written here", hint=_REPORT_HINT)


def plan(request: Request, shop: Workshop) -> Plan:
    """What ``analyze`` would do; loads the models and measures a few frames to say how long it takes."""
    config = shop.config
    with wiring.open_video(request.video, config) as source:
        check_fits(config.regions, source.info.width_px, source.info.height_px, source.info.path.name)
        start = _session_start(source.info, config)
        given = _tasks(request.tasks, start)
        session = choose_session(start, given, shop.store.sessions(), fresh=request.fresh)
        done = shop.store.finished_chunks(session.session_id) if session else set()
        left = sum(_samples(c.start_s, c.end_s, config.fps) for c in _chunks(start) if c.index not in done)
        wall = _estimate(source, start, shop, left) if left else None
    tasks = given or (session.tasks if session else _whole(start))
    return Plan(source.info, tasks, _samples(start.start_s, start.end_s, config.fps), left, wall)


def _estimate(source: VideoSource, start: SessionStart, shop: Workshop, left: int) -> float:
    """Wall seconds for ``left`` samples: loading the models, and what a few samples from the middle take.

    The first sample, which warms the parts up, is left out.
    """
    began = time.perf_counter()
    parts, middle = shop.parts(), (start.start_s + start.end_s) / 2
    blackout = Blackout(shop.config.regions, source.info.width_px, source.info.height_px)
    times = [time.perf_counter()]
    for frame in source.sample(middle, min(start.end_s, middle + 6 / shop.config.fps), shop.config.fps):
        parts.detector.detect([blackout.apply(frame).image])
        times.append(time.perf_counter())
    loading = times[0] - began
    if len(times) < 3:
        return loading + left * (times[-1] - times[0])
    return loading + left * (times[-1] - times[1]) / (len(times) - 2)


def _samples(start_s: float, end_s: float, fps: float) -> int:
    """Sampling intervals [k/fps, (k+1)/fps) that begin in the span."""
    return max(0, math.ceil(end_s * fps - 1e-6) - math.ceil(start_s * fps - 1e-6))


def _chunks(start: SessionStart) -> list[Chunk]:
    return chunks_between(start.start_s, start.end_s, start.chunk_s)


@contextmanager
def _stage(stage: str, on_progress: OnProgress) -> Iterator[None]:
    """Tells the progress of one stage that has no film time."""
    started = time.perf_counter()
    on_progress(StageStarted(stage, None))
    yield
    on_progress(StageFinished(stage, time.perf_counter() - started))


def _tasks(path: Path | None, start: SessionStart) -> tuple[Task, ...] | None:
    """What the user gave; None without a tasks file."""
    if path is None:
        return None
    return _to_milliseconds(read_tasks(path, duration_s=start.duration_s, video=start.video_name))


def _whole(start: SessionStart) -> tuple[Task, ...]:
    return _to_milliseconds(whole_lesson(start.start_s, start.end_s))


def _to_milliseconds(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """As the store keeps them: otherwise equal tasks would look changed."""
    return tuple(replace(task, start_s=seconds(task.start_s), end_s=seconds(task.end_s)) for task in tasks)


def _session_start(info: VideoInfo, config: Config) -> SessionStart:
    end = min(info.duration_s, config.end_s if config.end_s is not None else info.duration_s)
    if end - config.start_s < MIN_LESSON_S and config.start_s > 0:
        raise VideoError(
            f"{info.path}: --start {config.start_s:g} is past the end of the film ({info.duration_s:.1f} s)",
            hint="choose an earlier start",
        )
    manifest = read_manifest() if config.infers else None
    settings = config.as_dict() | {"model": manifest.summary() if manifest else None}
    return SessionStart(
        video_name=info.path.name,
        video_sha256=info.sha256,
        duration_s=info.duration_s,
        width_px=info.width_px,
        height_px=info.height_px,
        source_fps=info.source_fps,
        recorded_on=info.recorded_on,
        sample_fps=config.fps,
        start_s=config.start_s,
        end_s=end,
        chunk_s=config.chunk_s,
        profile=config.profile,
        model_sha256=manifest.sha256 if manifest else NO_MODEL,
        observation_sha256=_observation_sha256(config, manifest),
        settings_sha256=config.settings_sha256(),
        settings=settings,
        versions=wiring.versions(),
        expires_on=datetime.now(UTC) + timedelta(days=config.retention_days),
        policy=config.policy,
        regions=len(config.regions),
    )


def _observation_sha256(config: Config, manifest: Manifest | None) -> str:
    """Settings that change face rows, those in the model's manifest included."""
    if manifest is None:
        return config.observation_sha256()
    model = f"{manifest.temperature!r} {manifest.scaling} {manifest.input_px}"
    return hashlib.sha256(f"{config.observation_sha256()} {model}".encode()).hexdigest()


def _observe(
    session: StoredSession, source: VideoSource, shop: Workshop, on_progress: OnProgress, watch: Stopwatch
) -> None:
    if {c.index for c in _chunks(session.start)} - shop.store.finished_chunks(session.session_id):
        stage = "loading the models" if shop.config.infers else "loading the detector"
        with _stage(stage, on_progress), watch.measure("load"):
            parts = shop.parts()
        observe_missing(session, source, parts, shop.store, shop.config, on_progress, watch)


def aggregate(session: StoredSession, tasks_file: Path | None, config: Config, store: Store) -> Outcome:
    """The pure half again on stored rows, with other tasks or settings; no film is needed.

    Args:
        session: one whose faces are all stored.
        tasks_file: other tasks; None = the stored ones.
        config: ``config.load_config(..., stored=session.start.settings)``, so what was not given stays as it was.

    Raises:
        PolicyError: what was declared forbids the profile.
        StoreError: faces are missing, or were deleted (profile teacher).
        ConfigError: a setting that made the stored rows would change.
    """
    check_allowed(config.policy, config.profile)
    watch, start = Stopwatch(), session.start
    if {c.index for c in _chunks(start)} - store.finished_chunks(session.session_id):
        raise unfinished(session)
    if config.observation_sha256() != load_config(None, {}, stored=start.settings).observation_sha256():
        raise ConfigError(
            "fps, min_face, chunk_s, start, end, regions, rules.expression and profile presence made the stored faces "
            "and cannot change without the film",
            hint="leave them out here, or analyze the film again with them",
        )
    tasks = _tasks(tasks_file, start) or session.tasks
    start = replace(
        start,
        settings=config.as_dict() | {"model": start.settings["model"]},
        settings_sha256=config.settings_sha256(),
        versions=wiring.versions(),
        profile=config.profile,
        policy=config.policy,
    )
    session = store.set_tasks(session.session_id, tasks, start)
    result = understand_session(session, store, wiring.build_tracker(), config, watch)
    session = _finished(session, store)
    details = {"tasks": tasks_file is not None, "weights": config.rules.profile, **_audited(start)}
    store.record("aggregate", session.session_id, details)
    return Outcome(session, result, None, True, True, watch.seconds)
