"""`kfold`, `tune`, `ensemble`: parse, call, show."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import JsonOption
from classroom_fer.terminal import say, show, user_errors
from training.commands.progress import AGAIN, RESUMES, TrainingProgress
from training.commands.setting_options import with_settings_of
from training.commands.train import FEW, FLAGS, RunOptions
from training.evaluation.question import READ_ONCE, WARNING
from training.evaluation.results_kfold import save_cross_validation
from training.search.cross_validation import table as fold_table
from training.search.ensemble import make_ensemble
from training.search.ensemble import table as ensemble_table
from training.search.kfold import Folds, cross_validate
from training.search.tune import Search, search
from training.search.tune import table as trial_table
from training.settings.config import TrainConfig
from training.settings.search_space import parse_space


@with_settings_of(TrainConfig, *FEW, flags=FLAGS)
@dataclass(frozen=True, kw_only=True)
class FoldOptions(RunOptions):
    """How the faces are divided, and whether the result is kept."""

    folds: Annotated[int, typer.Option(min=2, help="Parts of the Training split, each held out once.")] = 5
    repeats: Annotated[int, typer.Option(min=1, help="Other folds and another seed each time.")] = 1
    save_result: Annotated[bool, typer.Option("--save-result", help="Keep it in training/results.")] = False


@with_settings_of(TrainConfig, *FEW, flags=FLAGS)
@dataclass(frozen=True, kw_only=True)
class SearchOptions(RunOptions):
    """What is searched, how and how long."""

    space: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUES", help="key=a,b,c or key=low..high or key=low..high:log; repeatable."),
    ] = None
    method: Annotated[str, typer.Option(help="grid, random, bayesian")] = "bayesian"
    trials: Annotated[int, typer.Option(min=1, help="In all, with those of earlier calls.")] = 20
    prune: Annotated[bool, typer.Option("--prune", help="Cut short what stays under the median.")] = False


@dataclass(frozen=True, kw_only=True)
class EnsembleOptions:
    """How runs answer together, and on which faces that is measured."""

    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of runs or of ensembles.")]
    workdir: Annotated[Path, typer.Option(help="Where ensemble.json goes.")] = Path("runs/ensemble")
    shares: Annotated[str, typer.Option(help="What is used: mean, learned.")] = "mean"
    split: Annotated[list[str] | None, typer.Option(help="Score on this split too, as PrivateTest.")] = None
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="The data set. [default: the first run's]")
    ] = None
    as_json: JsonOption = False


@takes(FoldOptions)
def kfold(options: FoldOptions) -> None:
    """Repeated k-fold cross-validation on the Training split: mean, spread, best fold.

    Identical pictures are kept in one fold. Finished runs are not repeated with --resume.

    Example:

        python -m training kfold --system happy-sad --folds 5 --repeats 2 --data DIR
    """
    with user_errors(interrupted=RESUMES):
        config = options.config()
        with TrainingProgress(config.epochs) as progress:
            folder, into = options.folder(config.system, "-kfold"), Folds(options.folds, options.repeats)
            done = cross_validate(config, folder, into, resume=options.resume, watch=progress.watch)
        if options.save_result:
            say(f"wrote {save_cross_validation(done)}")
        show(json.dumps(done.as_dict(), indent=2) if options.as_json else fold_table(done))


@takes(SearchOptions)
def tune(options: SearchOptions) -> None:
    """Search for settings by accuracy on PublicTest.

    Every trial is a run in WORKDIR, the study is WORKDIR/study.sqlite; a killed search goes on with --resume.

    Examples:

        python -m training tune --space learning_rate=1e-2..1e-1:log --space dropout=0..0.6 --trials 12 --epochs 5

        python -m training tune --method grid --space batch=64,128 --space "widths=32,64,96,128|32,64,128,192"
    """
    with user_errors(interrupted=RESUMES):
        config = options.config()
        what = Search(parse_space(options.space or []), options.method, options.trials, options.prune)
        with TrainingProgress(config.epochs) as progress:
            folder = options.folder(config.system, "-tune")
            results = search(config, folder, what, resume=options.resume, watch=progress.watch)
        show(json.dumps([asdict(r) for r in results], indent=2) if options.as_json else trial_table(results))


@takes(EnsembleOptions)
def ensemble(options: EnsembleOptions) -> None:
    """Runs that answer together: mean of probabilities, or shares learned on PublicTest.

    The result can be a teacher: `train --teacher runs/ensemble`.

    Example:

        python -m training ensemble runs/a runs/b runs/c --shares learned --workdir runs/abc
    """
    with user_errors(interrupted=AGAIN):
        splits = options.split or []
        if READ_ONCE in splits:
            say(f"warning: {WARNING}")
        result = make_ensemble(options.runs, options.workdir, data=options.data, shares=options.shares, splits=splits)
        show(json.dumps(result, indent=2) if options.as_json else ensemble_table(result))
