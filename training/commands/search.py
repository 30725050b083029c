"""`kfold`, `tune`, `ensemble`: parse, call, show."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.commands.options import JsonOption
from classroom_fer.terminal import say, show
from training.commands.frame import RESUMES, frame
from training.commands.train import (
    DataOption,
    EpochsOption,
    LimitOption,
    ProtocolOption,
    SeedOption,
    SetOption,
    SystemOption,
    TensorBoardOption,
    resolved_config,
)
from training.runs.progress import TrainingProgress
from training.settings.search_space import parse_space

ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with what is in --workdir.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to ``app``."""
    for command in (kfold, tune, ensemble):
        app.command()(command)


def kfold(
    system: SystemOption = None,
    workdir: Annotated[Path | None, typer.Option(help="[default: runs/SYSTEM-kfold]")] = None,
    folds: Annotated[int, typer.Option(min=2)] = 5,
    repeats: Annotated[int, typer.Option(min=1, help="Other folds and another seed each time.")] = 1,
    protocol: ProtocolOption = None,
    data: DataOption = None,
    epochs: EpochsOption = None,
    limit: LimitOption = None,
    seed: SeedOption = None,
    settings: SetOption = None,
    tensorboard: TensorBoardOption = False,
    resume: ResumeOption = False,
    save_result: Annotated[bool, typer.Option("--save-result", help="Keep it in training/results.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Repeated k-fold cross-validation on the Training split: mean, spread, best fold.

    Identical pictures are kept in one fold. Finished runs are not repeated with --resume.

    Example:

        python -m training kfold --system happy-sad --folds 5 --repeats 2 --data DIR
    """
    flags = {
        "protocol": protocol, "data": data, "epochs": epochs, "limit": limit, "seed": seed,
        "tensorboard": tensorboard or None,
    }  # fmt: skip
    with frame(interrupted=RESUMES):
        config = resolved_config(system, settings, flags)
        from training.search.kfold import cross_validate, table

        with TrainingProgress(config.epochs) as progress:
            done = cross_validate(
                config, workdir or Path("runs") / f"{config.system}-kfold", folds=folds, repeats=repeats,
                resume=resume, on_run=progress.run, on_step=progress.step, on_epoch=progress.epoch,
            )  # fmt: skip
        if save_result:
            from training.evaluation.results_kfold import save_cross_validation

            say(f"wrote {save_cross_validation(done)}")
        show(json.dumps(done.as_dict(), indent=2) if as_json else table(done))


def tune(
    system: SystemOption = None,
    workdir: Annotated[Path | None, typer.Option(help="[default: runs/SYSTEM-tune]")] = None,
    space: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUES", help="key=a,b,c or key=low..high or key=low..high:log; repeatable."),
    ] = None,
    method: Annotated[str, typer.Option(help="grid, random, bayesian")] = "bayesian",
    trials: Annotated[int, typer.Option(min=1, help="In all, with those of earlier calls.")] = 20,
    prune: Annotated[bool, typer.Option("--prune", help="Cut short what stays under the median.")] = False,
    protocol: ProtocolOption = None,
    data: DataOption = None,
    epochs: EpochsOption = None,
    limit: LimitOption = None,
    seed: SeedOption = None,
    settings: SetOption = None,
    tensorboard: TensorBoardOption = False,
    resume: ResumeOption = False,
    as_json: JsonOption = False,
) -> None:
    """Search for settings by accuracy on PublicTest.

    Every trial is a run in WORKDIR, the study is WORKDIR/study.sqlite; a killed search goes on with --resume.

    Examples:

        python -m training tune --space learning_rate=1e-2..1e-1:log --space dropout=0..0.6 --trials 12 --epochs 5

        python -m training tune --method grid --space batch=64,128 --space "widths=32,64,96,128|32,64,128,192"
    """
    flags = {
        "protocol": protocol, "data": data, "epochs": epochs, "limit": limit, "seed": seed,
        "tensorboard": tensorboard or None,
    }  # fmt: skip
    with frame(interrupted=RESUMES):
        config = resolved_config(system, settings, flags)
        from training.search.tune import Search, search, table

        what = Search(parse_space(space or []), method, trials, prune)
        with TrainingProgress(config.epochs) as progress:
            results = search(
                config, workdir or Path("runs") / f"{config.system}-tune", what,
                resume=resume, on_run=progress.run, on_step=progress.step, on_epoch=progress.epoch,
            )  # fmt: skip
        show(json.dumps([asdict(r) for r in results], indent=2) if as_json else table(results))


def ensemble(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of runs or of ensembles.")],
    workdir: Annotated[Path, typer.Option(help="Where ensemble.json goes.")] = Path("runs/ensemble"),
    shares: Annotated[str, typer.Option(help="What is used: mean, learned.")] = "mean",
    split: Annotated[list[str] | None, typer.Option(help="Score on this split too, as PrivateTest.")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Runs that answer together: mean of probabilities, or shares learned on PublicTest.

    The result can be a teacher: `train --teacher runs/ensemble`.

    Example:

        python -m training ensemble runs/a runs/b runs/c --shares learned --workdir runs/abc
    """
    with frame():
        from training.evaluation.evaluate import READ_ONCE, WARNING
        from training.search.ensemble import make_ensemble, table

        if READ_ONCE in (split or []):
            say(f"warning: {WARNING}")
        result = make_ensemble(runs, workdir, data=data, shares=shares, splits=split or [])
        show(json.dumps(result, indent=2) if as_json else table(result))
