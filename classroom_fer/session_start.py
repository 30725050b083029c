"""What is stored of a film before its first chunk: what names its work, its settings, its tasks."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from classroom_fer import __version__
from classroom_fer.errors import ConfigError, VideoError
from classroom_fer.exchange.tasks_file import read_tasks
from classroom_fer.faces.model_manifest import Manifest, read_manifest
from classroom_fer.lesson.records import SessionStart, Task, VideoInfo
from classroom_fer.lesson.span import to_milliseconds
from classroom_fer.lesson.tasks import TaskTable, whole_lesson
from classroom_fer.settings.config import Config, load_config
from classroom_fer.settings.versions import RESULT_VERSION

NO_MODEL = "none"
"""Stands for the model's sha256 where nothing is inferred (profile presence)."""
MIN_LESSON_S = 0.001
"""A span shorter than this holds no sample (choice)."""
DISTRIBUTIONS = (
    "onnxruntime", "tensorflow", "keras", "torch", "torchvision", "facenet-pytorch", "opencv-python-headless", "av",
    "numpy", "scipy", "pandas", "sqlalchemy", "alembic", "jinja2", "weasyprint", "matplotlib", "typer",
)  # fmt: skip
"""Packages whose versions are stored with each session."""


def make_session_start(info: VideoInfo, config: Config) -> SessionStart:
    """The film and the settings at hand.

    Raises:
        VideoError: the span that was asked for begins after the end of the film.
        ModelError: the model's manifest cannot be read.
    """
    end = min(info.duration_s, config.end_s if config.end_s is not None else info.duration_s)
    if end - config.start_s < MIN_LESSON_S and config.start_s > 0:
        raise VideoError(
            f"{info.path}: --start {config.start_s:g} is past the end of the film ({info.duration_s:.1f} s)",
            hint="choose an earlier start",
        )
    manifest = read_manifest() if config.infers else None
    return SessionStart(
        video_name=info.path.name,
        video_sha256=info.sha256,
        duration_s=info.duration_s,
        width_px=info.width_px,
        height_px=info.height_px,
        source_fps=info.source_fps,
        recorded_on=info.recorded_on,
        sample_fps=config.fps,
        start_s=to_milliseconds(config.start_s),
        end_s=to_milliseconds(end),
        chunk_s=config.chunk_s,
        profile=config.profile,
        model_sha256=manifest.sha256 if manifest else NO_MODEL,
        observation_sha256=_observation_sha256(config, manifest),
        settings_sha256=config.settings_sha256(),
        settings=config.as_dict() | {"model": manifest.summary() if manifest else None},
        versions=versions(),
        expires_on=datetime.now(UTC) + timedelta(days=config.retention_days),
        declaration=config.declaration,
        regions=len(config.regions),
        result_version=RESULT_VERSION,
        film_repairs=info.repairs,
    )


def with_other_settings(start: SessionStart, config: Config) -> SessionStart:
    """``start`` as it is stored when its results are computed again with ``config``; its face rows stay as they are."""
    return replace(
        start,
        settings=config.as_dict() | {"model": start.settings.get("model")},
        settings_sha256=config.settings_sha256(),
        versions=versions(),
        profile=config.profile,
        declaration=config.declaration,
        result_version=RESULT_VERSION,
    )


def stored_settings(start: SessionStart) -> Config:
    """The settings that a session was made with; StoreError if they are damaged."""
    return replace(load_config(None, {"profile": start.profile}, stored=start.settings), declaration=start.declaration)


def _observation_sha256(config: Config, manifest: Manifest | None) -> str:
    """Settings that change face rows, those in the model's manifest included."""
    if manifest is None:
        return config.observation_sha256()
    model = f"{manifest.temperature!r} {manifest.scaling} {manifest.input_px}"
    return hashlib.sha256(f"{config.observation_sha256()} {model}".encode()).hexdigest()


def given_tasks(path: Path | None, start: SessionStart, tier: str | None = None) -> TaskTable:
    """What the user gave for this film; no task without a tasks file. TaskFileError for its mistakes.

    Args: ``tier`` is the one of ELAN's that holds the tasks.
    """
    if path is None and tier is not None:
        raise ConfigError("--tier names a tier of the tasks file, and none is given", hint="add --tasks FILE")
    if path is None:
        return TaskTable(())
    table = read_tasks(path, duration_s=start.duration_s, video=start.video_name, tier=tier)
    return replace(table, tasks=_in_milliseconds(table.tasks))


def one_task_for_all(start: SessionStart) -> tuple[Task, ...]:
    """The whole span as one task: what an analysis without a tasks file goes by."""
    return _in_milliseconds(whole_lesson(start.start_s, start.end_s))


def _in_milliseconds(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """As the store keeps them: otherwise equal tasks would look changed."""
    return tuple(
        replace(task, start_s=to_milliseconds(task.start_s), end_s=to_milliseconds(task.end_s)) for task in tasks
    )


def versions() -> dict[str, str]:
    """Versions of Python, this program and those of DISTRIBUTIONS that are installed; nothing is imported."""
    found = {"classroom-fer": __version__, "python": platform.python_version()}
    for name in DISTRIBUTIONS:
        with suppress(importlib.metadata.PackageNotFoundError):  # the training frameworks are an extra
            found[name] = importlib.metadata.version(name)
    return found
