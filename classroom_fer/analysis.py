"""The use case: one film in, its session finished in the store, its PDF on disk."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from classroom_fer import wiring
from classroom_fer.config import Config
from classroom_fer.errors import ConfigError, ReportError
from classroom_fer.model_manifest import read_manifest
from classroom_fer.pipeline import Parts, Stopwatch, chunks_between, observe_missing, understand_session
from classroom_fer.protocols import OnProgress, ReportRenderer, Store, VideoSource
from classroom_fer.tasks import read_tasks, whole_lesson
from classroom_fer.types import SessionResult, SessionStart, StageFinished, StageStarted, StoredSession, Task, VideoInfo

_REPORT_HINT = "name another folder with --out, or leave the PDF out with --no-report"
MIN_LESSON_S = 0.001
"""A span shorter than this holds no sample (choice)."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for one film."""

    video: Path
    tasks: Path | None
    report: Path | None
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
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall seconds per stage of this run."""


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
    """The parts of one command: the store, and those that are loaded only when the first film needs them."""

    def __init__(
        self,
        config: Config,
        store: Store,
        *,
        build_parts: Callable[[Config], Parts] = wiring.build_parts,
        build_renderer: Callable[[], ReportRenderer] = wiring.build_renderer,
    ) -> None:
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
            self._renderer = self._build_renderer()
        return self._renderer


def analyze(request: Request, shop: Workshop, on_progress: OnProgress) -> Outcome:
    """One film, from its bytes to a finished session and its PDF.

    What the store has already is not done again; ``request.fresh`` begins a new session and removes the older one
    of the same film and settings when the new one is finished.

    Raises:
        ClassroomFerError: of the part that cannot go on; finished chunks stay in the store.
    """
    watch = Stopwatch()
    if request.report is not None:
        _check_writable(request.report)
    with _stage("reading the file", on_progress), watch.measure("open"):
        source = wiring.open_video(request.video, shop.config)
    with source:
        tasks = _tasks(request.tasks, source.info)
        start = _session_start(source.info, shop.config)
        session = None if request.fresh else shop.store.find_session(start)
        reused = session is not None and session.status == "finished"
        session = _prepare(session, start, tasks, shop.store)
        _observe(session, source, shop, on_progress, watch)
    with _stage("tracks and timeline", on_progress):
        if session.status == "finished":
            result = shop.store.result(session.session_id)
        else:
            result = understand_session(session, shop.store, wiring.build_tracker(), shop.config, watch)
    session = replace(session, status="finished")
    if request.fresh:
        _remove_older(session, shop.store)
    if request.report is not None:
        with _stage("report", on_progress), watch.measure("report"):
            shop.renderer().render(session, result, request.report)
    shop.store.record("analyze", session.session_id, {"reused": reused, "report": request.report is not None})
    return Outcome(session, result, request.report, reused, watch.seconds)


def _check_writable(report: Path) -> None:
    """An hour's analysis should not end in a folder that cannot be written: found out first."""
    try:
        report.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ReportError(
            f"{report.parent}: the folder for the PDF cannot be made ({error.strerror})", hint=_REPORT_HINT
        ) from error
    if not os.access(report.parent, os.W_OK) or report.is_dir():
        raise ReportError(f"{report}: the PDF cannot be written here", hint=_REPORT_HINT)


def plan(request: Request, shop: Workshop) -> Plan:
    """What ``analyze`` would do; measures a few frames to say how long it takes."""
    with wiring.open_video(request.video, shop.config) as source:
        tasks = _tasks(request.tasks, source.info)
        start = _session_start(source.info, shop.config)
        session = None if request.fresh else shop.store.find_session(start)
        done = shop.store.finished_chunks(session.session_id) if session else set()
        chunks = chunks_between(start.start_s, start.end_s, shop.config.chunk_s)
        total = _samples(start.start_s, start.end_s, shop.config.fps)
        left = sum(_samples(c.start_s, c.end_s, shop.config.fps) for c in chunks if c.index not in done)
        per_sample = _seconds_per_sample(source, start, shop) if left else 0.0
    return Plan(source.info, tasks, total, left, left * per_sample if left else None)


def _seconds_per_sample(source: VideoSource, start: SessionStart, shop: Workshop) -> float:
    """Measured on a few samples from the middle of the film; the first one, which warms the parts up, is left out."""
    parts, middle = shop.parts(), (start.start_s + start.end_s) / 2
    times = []
    for frame in source.sample(middle, min(start.end_s, middle + 6 / shop.config.fps), shop.config.fps):
        parts.detector.detect([frame.image])
        times.append(time.perf_counter())
    return (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else 0.2


def _samples(start_s: float, end_s: float, fps: float) -> int:
    return max(0, round((end_s - start_s) * fps))


@contextmanager
def _stage(stage: str, on_progress: OnProgress) -> Iterator[None]:
    """Tells the progress of one stage that has no film time."""
    started = time.perf_counter()
    on_progress(StageStarted(stage, None))
    yield
    on_progress(StageFinished(stage, time.perf_counter() - started))


def _tasks(path: Path | None, info: VideoInfo) -> tuple[Task, ...]:
    """To the millisecond, as the store keeps them: otherwise equal tasks would look changed."""
    if path is None:
        tasks = whole_lesson(info.duration_s)
    else:
        tasks = read_tasks(path, duration_s=info.duration_s, video=info.path.name)
    return tuple(replace(task, start_s=round(task.start_s, 3), end_s=round(task.end_s, 3)) for task in tasks)


def _session_start(info: VideoInfo, config: Config) -> SessionStart:
    end = min(info.duration_s, config.end_s if config.end_s is not None else info.duration_s)
    if end - config.start_s < MIN_LESSON_S and config.start_s > 0:
        raise ConfigError(
            f"{info.path}: --start {config.start_s:g} is past the end of the film ({info.duration_s:.1f} s)",
            hint="choose an earlier start",
        )
    manifest = read_manifest()
    settings = config.as_dict() | {"model": manifest.summary()}
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
        profile="research",
        model_sha256=manifest.sha256,
        observation_sha256=config.observation_sha256(),
        settings_sha256=config.settings_sha256(),
        settings=settings,
        versions=wiring.versions(),
        expires_on=datetime.now(UTC) + timedelta(days=config.retention_days),
    )


def _prepare(session: StoredSession | None, start: SessionStart, tasks: Sequence[Task], store: Store) -> StoredSession:
    """The session to work on: new, continued, or with its tasks and settings brought up to date."""
    if session is None:
        return store.begin_session(start, tasks)
    same = session.tasks == tuple(tasks) and session.start.settings_sha256 == start.settings_sha256
    return session if same else store.set_tasks(session.session_id, tasks, start)


def _observe(
    session: StoredSession, source: VideoSource, shop: Workshop, on_progress: OnProgress, watch: Stopwatch
) -> None:
    span = session.start
    missing = {c.index for c in chunks_between(span.start_s, span.end_s, span.chunk_s)}
    if missing - shop.store.finished_chunks(session.session_id):
        with _stage("loading the models", on_progress), watch.measure("load"):
            parts = shop.parts()
        observe_missing(session, source, parts, shop.store, shop.config, on_progress, watch)


def _remove_older(session: StoredSession, store: Store) -> None:
    for other in store.sessions():
        same = (other.start.video_sha256, other.start.model_sha256, other.start.observation_sha256) == (
            session.start.video_sha256, session.start.model_sha256, session.start.observation_sha256,
        )  # fmt: skip
        if same and other.session_id < session.session_id:
            store.delete(other.session_id)


def aggregate(session: StoredSession, tasks_file: Path | None, config: Config, store: Store) -> Outcome:
    """The pure half again on stored rows, with other tasks or settings; no film is needed.

    The settings that made the face rows stay those of the session.
    """
    watch, start = Stopwatch(), session.start
    tasks = session.tasks
    if tasks_file is not None:
        tasks = read_tasks(tasks_file, duration_s=start.duration_s, video=start.video_name)
    kept = {key: start.settings[key] for key in ("fps", "min_face", "start_s", "end_s", "chunk_s", "model")}
    settings = config.as_dict() | kept
    used = replace(
        config, fps=start.sample_fps, min_face=kept["min_face"], start_s=kept["start_s"], end_s=kept["end_s"],
        chunk_s=start.chunk_s,
    )  # fmt: skip
    start = replace(start, settings=settings, settings_sha256=used.settings_sha256(), versions=wiring.versions())
    session = store.set_tasks(session.session_id, tasks, start)
    result = understand_session(session, store, wiring.build_tracker(), used, watch)
    store.record("aggregate", session.session_id, {"tasks": tasks_file is not None, "weights": config.rules.profile})
    return Outcome(replace(session, status="finished"), result, None, True, watch.seconds)
