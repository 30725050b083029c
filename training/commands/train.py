"""`train`: parse, call, show; and the options that all commands which train have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from classroom_fer.commands.options import JsonOption
from classroom_fer.terminal import say, show
from training.commands.frame import RESUMES, frame
from training.runs.progress import TrainingProgress
from training.settings.config import CHOICES, TrainConfig, read_config
from training.settings.overrides import parse_settings, with_settings
from training.settings.systems import default_config

BASE = TrainConfig()


def one_of(name: str) -> str:
    """The words of a setting, for its help."""
    return ", ".join(CHOICES[name])


SystemOption = Annotated[
    str | None, typer.Option("--system", help=f"Network with its authors' settings, by name. [default: {BASE.system}]")
]
ProtocolOption = Annotated[str | None, typer.Option("--protocol", help="Classes: P8, P8-lit, P7, P4, P2, folders.")]
DataOption = Annotated[Path | None, typer.Option("--data", metavar="DIR", help=f"The data set. [default: {BASE.data}]")]
EpochsOption = Annotated[int | None, typer.Option("--epochs", min=1, help="[default: the authors']")]
BatchOption = Annotated[int | None, typer.Option("--batch", min=1)]
LimitOption = Annotated[int | None, typer.Option("--limit", min=1, help="Use the first N faces of each split.")]
SeedOption = Annotated[int | None, typer.Option("--seed", min=0)]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Any other setting, also augmentation.KEY; repeatable."),
]
TensorBoardOption = Annotated[bool, typer.Option("--tensorboard", help="Write event files for TensorBoard.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to ``app``."""
    app.command()(train)


def resolved_config(
    system: str | None, settings: list[str] | None, flags: Mapping[str, Any], *, base: TrainConfig | None = None
) -> TrainConfig:
    """``base`` (default: the authors' settings of ``system``), then --set, then the flags that were given."""
    given = {key: value for key, value in flags.items() if value is not None}
    if base is None:
        base = default_config(system or BASE.system)
    elif system is not None:
        given["system"] = system
    return with_settings(base, parse_settings(settings or []) | given)


def stored_config(folder: Path) -> TrainConfig | None:
    """The config of the run that was begun in ``folder``."""
    path = folder / "config.json"
    return read_config(path) if path.is_file() else None


def train(
    system: SystemOption = None,
    workdir: Annotated[Path | None, typer.Option(help="Folder of the run. [default: runs/SYSTEM]")] = None,
    protocol: ProtocolOption = None,
    data: DataOption = None,
    leave_out: Annotated[Path | None, typer.Option(help="Manifest of faces to leave out, written by `clean`.")] = None,
    epochs: EpochsOption = None,
    batch: BatchOption = None,
    optimizer: Annotated[str | None, typer.Option(help=one_of("optimizer"))] = None,
    learning_rate: Annotated[float | None, typer.Option(min=0)] = None,
    schedule: Annotated[str | None, typer.Option(help=one_of("schedule"))] = None,
    early_stopping: Annotated[int | None, typer.Option(min=0, help="Epochs without improvement; 0 = off.")] = None,
    loss: Annotated[str | None, typer.Option(help=one_of("loss"))] = None,
    targets: Annotated[str | None, typer.Option(help=one_of("targets"))] = None,
    label_smoothing: Annotated[float | None, typer.Option(min=0, max=1)] = None,
    class_weights: Annotated[str | None, typer.Option(help=one_of("class_weights"))] = None,
    mixup: Annotated[float | None, typer.Option(min=0, help="Alpha; 0 = off.")] = None,
    ema: Annotated[float | None, typer.Option(min=0, max=1, help="Averaging of weights, as .998; 0 = off.")] = None,
    dropout: Annotated[float | None, typer.Option(min=0, max=1)] = None,
    precision: Annotated[str | None, typer.Option(help=one_of("precision"))] = None,
    weights: Annotated[str | None, typer.Option(help="First weights of transfer nets: " + one_of("weights"))] = None,
    start: Annotated[str | None, typer.Option(metavar="RUN", help="Begin with that run's averaged weights.")] = None,
    teacher: Annotated[list[str] | None, typer.Option(metavar="RUN", help="Distil from a run; repeatable.")] = None,
    distill_weight: Annotated[float | None, typer.Option(min=0, max=1)] = None,
    distill_temperature: Annotated[float | None, typer.Option(min=0.1)] = None,
    seed: SeedOption = None,
    limit: LimitOption = None,
    settings: SetOption = None,
    tensorboard: TensorBoardOption = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --workdir, if there is one.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Train a system; a killed run goes on with --resume, which remembers its settings.

    Every setting has its authors' value unless it is given here. TensorBoard, if asked for, reads WORKDIR/tensorboard.

    Examples:

        python -m training train --system baseline-cnn --data DIR --epochs 12

        python -m training train --system ours --workdir runs/a --resume

        python -m training train --system ours --workdir runs/longer --start runs/a

        python -m training train --system ours --workdir runs/b --teacher runs/a --set augmentation.blur=0.2
    """
    flags = {
        "protocol": protocol,
        "data": data,
        "leave_out": leave_out,
        "epochs": epochs,
        "batch": batch,
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "schedule": schedule,
        "early_stopping": early_stopping,
        "loss": loss,
        "targets": targets,
        "label_smoothing": label_smoothing,
        "class_weights": class_weights,
        "mixup": mixup,
        "ema": ema,
        "dropout": dropout,
        "precision": precision,
        "weights": weights,
        "start": start,
        "teachers": tuple(teacher) if teacher else None,
        "distill_weight": distill_weight,
        "distill_temperature": distill_temperature,
        "seed": seed,
        "limit": limit,
        "tensorboard": tensorboard or None,
    }
    with frame(interrupted=RESUMES):
        folder = workdir or Path("runs") / (system or BASE.system)
        config = resolved_config(system, settings, flags, base=stored_config(folder) if resume else None)
        from training.data.readers.source import open_source
        from training.runs.folder import CHECKPOINT, finished_epochs, open_run, read_record
        from training.runs.train import train_and_evaluate
        from training.zoo.transfer import from_scratch_note

        if config.start and not (folder / CHECKPOINT).exists():
            finished_epochs(Path(config.start))
        before = open_run(config, folder, resume=resume)  # it may refuse, before anything is said of the data
        say(f"data: {open_source(config.data).found}")
        note = None if config.start else from_scratch_note(config)
        if note:
            say(note)
        with TrainingProgress(config.epochs) as progress:
            train_and_evaluate(config, folder, resume=resume, on_step=progress.step, on_epoch=progress.epoch)
        record = read_record(folder) or {}
        show(json.dumps(record, indent=2) if as_json else _in_words(folder, record, epochs_before=len(before)))


def _in_words(folder: Path, record: Mapping[str, Any], *, epochs_before: int) -> str:
    kept = record["kept"] or {}
    said = "already finished: " if record["epochs_done"] == epochs_before else ""
    ending = " (stopped early)" if record["stopped_early"] else ""
    return (
        f"{folder}: {said}{record['epochs_done']} epochs{ending} in {record['seconds']:.0f} s, {record['parameters']} "
        f"parameters; kept epoch {kept.get('epoch')}, PublicTest accuracy {kept.get('accuracy') or float('nan'):.4f}"
    )
