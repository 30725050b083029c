"""`train`, and the options of all commands that train."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import JsonOption
from classroom_fer.terminal import say, show, user_errors
from training.commands.progress import RESUMES, TrainingProgress
from training.commands.setting_options import Given, TakesSettings, with_settings_of
from training.data.readers.source import open_source
from training.runs.folder import CHECKPOINT, finished_epochs, open_run, read_record
from training.runs.train import train_and_evaluate
from training.settings.config import TrainConfig, read_config
from training.settings.overrides import parse_settings, with_settings
from training.settings.systems import default_config
from training.zoo.transfer import from_scratch_note

FEW = ("protocol", "data", "epochs", "limit", "seed", "tensorboard")
"""What `kfold` and `tune` ask for by name; the rest is given by --set."""
FLAGS = {"teachers": "--teacher", "tensorboard": "--tensorboard"}


@dataclass(frozen=True, kw_only=True)
class RunOptions(TakesSettings):
    """Which network is trained, where, and what is shown: what all commands have that train."""

    system: Annotated[
        str | None,
        typer.Option(
            "--system", help=f"Network with its authors' settings, by name. [default: {TrainConfig().system}]"
        ),
    ] = None
    workdir: Annotated[
        Path | None, typer.Option("--workdir", help="Folder of the run, or of the runs. [default: in runs, by system]")
    ] = None
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Any other setting, also augmentation.KEY; repeatable."),
    ] = None
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what is in --workdir, if anything is.")] = False
    as_json: JsonOption = False

    def folder(self, system: str, ending: str = "") -> Path:
        """Where the run lies, or the runs do."""
        return self.workdir or Path("runs") / f"{system}{ending}"

    def config(self, base: TrainConfig | None = None) -> TrainConfig:
        """``base`` (default: the authors' settings of the system), then --set, then the options that were given.

        Raises:
            ConfigError: an unknown system or setting, or a value that a setting cannot have.
        """
        named: Given = {"system": self.system} if base is not None and self.system is not None else {}
        base = base or default_config(self.system or TrainConfig().system)
        return with_settings(base, parse_settings(self.settings or []) | named | self.given())


@with_settings_of(
    TrainConfig,
    *FEW, "leave_out", "batch", "optimizer", "learning_rate", "schedule", "early_stopping", "loss", "targets",
    "label_smoothing", "class_weights", "mixup", "ema", "dropout", "precision", "weights", "start", "teachers",
    "distill_weight", "distill_temperature", flags=FLAGS,
)  # fmt: skip
@dataclass(frozen=True, kw_only=True)
class TrainOptions(RunOptions):
    """Of one run."""


def stored_config(folder: Path) -> TrainConfig | None:
    """The config of the run that was begun in ``folder``."""
    path = folder / "config.json"
    return read_config(path) if path.is_file() else None


@takes(TrainOptions)
def train(options: TrainOptions) -> None:
    """Train a system; a killed run goes on with --resume, which remembers its settings.

    Every setting has its authors' value unless it is given here. TensorBoard, if asked for, reads WORKDIR/tensorboard.

    Examples:

        python -m training train --system baseline-cnn --data DIR --epochs 12

        python -m training train --system ours --workdir runs/a --resume

        python -m training train --system ours --workdir runs/longer --start runs/a

        python -m training train --system ours --workdir runs/b --teacher runs/a --set augmentation.blur=0.2
    """
    with user_errors(interrupted=RESUMES):
        folder = options.folder(options.system or TrainConfig().system)
        config = options.config(stored_config(folder) if options.resume else None)
        if config.start and not (folder / CHECKPOINT).exists():
            finished_epochs(Path(config.start))
        before = open_run(config, folder, resume=options.resume)  # it may refuse, before anything is said of the data
        say(f"data: {open_source(config.data).found}")
        note = None if config.start else from_scratch_note(config)
        if note:
            say(note)
        with TrainingProgress(config.epochs) as progress:
            train_and_evaluate(config, folder, resume=options.resume, watch=progress.watch)
        record = read_record(folder) or {}
        said = "already finished: " if record["epochs_done"] == len(before) else ""
        show(json.dumps(record, indent=2) if options.as_json else in_words(folder, record, said))


def in_words(folder: Path, record: Mapping[str, Any], said: str = "") -> str:
    """What became of a run, in a line."""
    kept = record["kept"] or {}
    ending = " (stopped early)" if record["stopped_early"] else ""
    return (
        f"{folder}: {said}{record['epochs_done']} epochs{ending} in {record['seconds']:.0f} s, {record['parameters']} "
        f"parameters; kept epoch {kept.get('epoch')}, PublicTest accuracy {kept.get('accuracy') or float('nan'):.4f}"
    )
