"""The folder of a run: what lies in it, how it is opened, gone on with and read back.

``config.json``; ``history.json`` (one entry an epoch); ``checkpoint.npz`` (every variable, the optimiser's included);
``averaged.weights.h5`` (what is evaluated and exported: the averaged weights as of the last scored epoch or, with early
stopping, of the best one); ``run.json`` (the summary that the results table is made of). While they are trained, some
runs keep frozen maps there too (`training.runs.frozen`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from classroom_fer.errors import ConfigError
from training.data.splits import Split
from training.files.folders import made_folder
from training.files.json_file import write_json
from training.runs.checkpoint import damaged, reading
from training.runs.history import EpochResult, best_entry, read_history, should_stop
from training.settings.config import TrainConfig, read_config, save_config
from training.settings.overrides import NESTED, PREFIX
from training.zoo import build_model

CHECKPOINT = "checkpoint.npz"
CONFIG = "config.json"
HISTORY = "history.json"
WEIGHTS = "averaged.weights.h5"
RECORD = "run.json"
EVENTS = "tensorboard"


def open_run(config: TrainConfig, workdir: Path, *, resume: bool) -> list[EpochResult]:
    """The curve so far: empty in a folder without a finished epoch, which is then this run's.

    Raises:
        ConfigError: the folder holds a run and ``resume`` is not set, or it is another run (only the number of epochs,
            the data's place and the event files may differ), or damaged, or cannot be written.
    """
    made_folder(workdir, "--workdir")
    if not (workdir / CHECKPOINT).exists():
        save_config(config, workdir / CONFIG)
        return []
    if not resume:
        raise ConfigError(f"{workdir} already holds a run", hint="add --resume, or name another --workdir")
    changed = _changes(read_config(workdir / CONFIG), config)
    if changed:
        raise ConfigError(
            f"{workdir} was started with another {', '.join(changed)}", hint="give the same settings or a new --workdir"
        )
    course = run_curve(workdir)
    save_config(config, workdir / CONFIG)
    return course


def run_curve(workdir: Path) -> list[EpochResult]:
    """The curve up to the checkpoint, before which it is written."""
    done, history = finished_epochs(workdir), read_history(workdir / HISTORY)
    if len(history) < done:
        raise damaged(workdir / HISTORY, f"{len(history)} of {done} epochs")
    return history[:done]


def _changes(known: TrainConfig, wanted: TrainConfig) -> list[str]:
    """The settings that make two runs of them, each with its two values."""
    there, here = (_by_setting(config.recipe()) for config in (known, wanted))
    return [
        f"{key} ({_as_text(there[key])} there, {_as_text(value)} here)"
        for key, value in here.items()
        if there[key] != value and key != "epochs"
    ]


def _by_setting(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """By the names that --set knows."""
    nested = {PREFIX + key: value for key, value in recipe[NESTED].items()}
    return {key: value for key, value in recipe.items() if key != NESTED} | nested


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        value = ",".join(str(part) for part in value)
    return "none" if value is None else str(value) or "none"


def finished_epochs(workdir: Path) -> int:
    """Epochs that the checkpoint of a run stands for.

    Raises:
        ConfigError: no run there, or a damaged one.
    """
    try:
        with reading(workdir / CHECKPOINT), np.load(workdir / CHECKPOINT) as saved:
            done = int(saved["epochs_done"])
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ConfigError(f"{workdir}: no such run", hint="name the folder given to --workdir when training") from error
    return done


def averaged_model(workdir: Path) -> tuple[Any, TrainConfig]:
    """The weights that a run is judged by in a float32 network, and the run's config.

    Raises:
        ConfigError: no run there, no scored epoch, or damaged weights.
    """
    config = read_config(workdir / CONFIG)
    if not (workdir / WEIGHTS).is_file():
        raise ConfigError(f"{workdir}: no epoch has been scored", hint="train first; --resume continues a run")
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        model = build_model(replace(config, weights="none"))  # the first weights are overwritten: do not fetch them
        with reading(workdir / WEIGHTS):
            model.load_weights(workdir / WEIGHTS)
    finally:
        keras.config.set_dtype_policy(policy)
    return model, config


def start_from(model: Any, config: TrainConfig) -> dict[str, Any]:
    """Gives ``model`` the averaged weights of the run ``config.start``; tells which run that was and what it took.

    Epochs and seconds are those of that run and of all that it began with.

    Raises:
        ConfigError: no run there, no scored epoch, or another network.
    """
    folder = Path(config.start)
    source, known = averaged_model(folder)
    found, wanted = ([w.shape for w in net.weights] for net in (source, model))
    if found != wanted:
        raise ConfigError(
            f"{folder} is a run of {known.system} ({known.protocol}) whose weights do not fit this network",
            hint="start from a run with the same --system, --protocol, widths, blocks and branches",
        )
    model.set_weights(source.get_weights())
    record = read_record(folder) or {}
    earlier = record.get("start") or {"epochs": 0, "seconds": 0.0}
    course = run_curve(folder)
    return {
        "run": folder.name,
        "weights": record.get("weights", "none"),
        "epochs": len(course) + earlier["epochs"],
        "seconds": round(sum(entry.seconds for entry in course) + earlier["seconds"], 1),
    }


def save_weights(model: Any, workdir: Path) -> None:
    """Replaces the weights that the run is judged by, in one step."""
    partial = workdir / f"partial-{WEIGHTS}"
    model.save_weights(partial)
    partial.replace(workdir / WEIGHTS)


def read_record(workdir: Path) -> dict[str, Any] | None:
    """The summary of a run; None where there is none yet.

    Raises:
        ConfigError: damaged.
    """
    try:
        table = json.loads((workdir / RECORD).read_text(encoding="utf-8"))
        if not isinstance(table, dict):
            raise ValueError("no table")
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ConfigError(
            f"{workdir / RECORD}: not the summary of a run ({error})", hint="delete it and --resume the run"
        ) from error
    return table


def facts_of(model: Any, training: Split, validation: Split) -> dict[str, Any]:
    """What the summary says of a net and its faces."""
    return {
        "parameters": int(model.count_params()),
        "weights": str(getattr(model, "first_weights", "none")),
        "training_faces": len(training.labels),
        "validation_faces": len(validation.labels),
        "backend": keras.backend.backend(),
        "keras": keras.__version__,
    }


def write_record(workdir: Path, config: TrainConfig, history: Sequence[EpochResult], facts: dict[str, Any]) -> None:
    """Writes ``run.json``: the run's curve in a few numbers, and ``facts`` (parameters, first weights, ...)."""
    stopped = should_stop(history, patience=config.early_stopping, monitor=config.monitor)
    scored = [entry for entry in history if entry.accuracy is not None]
    best = best_entry(history, "accuracy")
    kept = best_entry(history, config.monitor) if config.early_stopping else (scored[-1] if scored else None)
    table = facts | {
        "system": config.system,
        "protocol": config.protocol,
        "epochs": config.epochs,
        "epochs_done": len(history),
        "finished": stopped or len(history) >= config.epochs,
        "stopped_early": stopped and len(history) < config.epochs,
        "seconds": round(sum(entry.seconds for entry in history) + facts.get("frozen_maps_seconds", 0), 1),
        "validation_accuracy_best": None if best is None else best.accuracy,
        "validation_accuracy_last": scored[-1].accuracy if scored else None,
        "kept": None if kept is None else asdict(kept),
        "teachers": list(config.teachers),
        "limit": config.limit,
        "seed": config.seed,
    }
    write_json(table, workdir / RECORD)
