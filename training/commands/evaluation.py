"""`evaluate`, `compare`: parse, call, show."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import JsonOption
from classroom_fer.errors import ConfigError
from classroom_fer.faces.model_manifest import MODEL_DIR
from classroom_fer.terminal import say, show, user_errors
from training.commands.progress import AGAIN
from training.evaluation.compare import Contest
from training.evaluation.compare import compare as compared
from training.evaluation.compare import markdown as comparison_table
from training.evaluation.evaluate import Request
from training.evaluation.evaluate import evaluate as measured
from training.evaluation.explain import surest_mistakes
from training.evaluation.page import markdown, write_pages
from training.evaluation.question import Question
from training.evaluation.results import save_result
from training.files.folders import made_folder
from training.runs.teachers import SHIPPED
from training.settings.config import DEFAULT_DATA

UNASKED = Question(DEFAULT_DATA)
DataOption = Annotated[Path, typer.Option("--data", metavar="DIR", help="The data set.")]
TemperatureOption = Annotated[
    str, typer.Option("--temperature-from", help="Fit T on PublicTest to: labels (p = how often right), votes.")
]


@dataclass(frozen=True, kw_only=True)
class QuestionOptions:
    """Which faces are asked, and options."""

    protocol: Annotated[
        str, typer.Option("--protocol", help="Classes and labels: P8, P8-lit, P7, P4, P2, folders.")
    ] = UNASKED.protocol
    split: Annotated[str, typer.Option("--split", help="PublicTest, or PrivateTest (read it once).")] = UNASKED.split
    data: DataOption = UNASKED.data
    views: Annotated[
        str,
        typer.Option("--views", help="one; flip (and its mirror); ten (five crops, mirrored): probabilities averaged."),
    ] = UNASKED.views
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="First N faces of each split: a trial.")] = None
    leave_out: Annotated[
        Path | None, typer.Option("--leave-out", help="Manifest of faces to leave out, written by `clean`.")
    ] = None

    as_json: JsonOption = False

    def question(self) -> Question:
        """The same as a record; a split that is to be read once is warned of."""
        question = Question(self.data, self.protocol, self.split, self.views, self.limit, self.leave_out)
        if question.warning:
            say(f"warning: {question.warning}")
        return question


@dataclass(frozen=True, kw_only=True)
class CompareOptions(QuestionOptions):
    """What is compared."""

    runs: Annotated[list[str], typer.Argument(metavar="RUN|ENSEMBLE|EXPORT|shipped ...")]


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(QuestionOptions):
    """What is evaluated and where the figures go."""

    run: Annotated[str | None, typer.Argument(metavar="[RUN|ENSEMBLE|EXPORT|shipped]")] = None
    model: Annotated[
        str | None, typer.Option("--model", metavar="RUN|ENSEMBLE|EXPORT|shipped", help="The same, named.")
    ] = None
    temperature_from: TemperatureOption = "labels"
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write JSON, Markdown and HTML here. [default: RUN/evaluation]"),
    ] = None
    activation: Annotated[
        bool, typer.Option("--activation", help="In the page: what in each face spoke for the wrong answer (a map).")
    ] = False
    save_result: Annotated[bool, typer.Option("--save-result", help="Keep it in training/results.")] = False
    result_name: Annotated[str | None, typer.Option(help="Name of that file. [default: the run's folder]")] = None


@takes(EvaluateOptions)
def evaluate(options: EvaluateOptions) -> None:
    """Figures of the shipped model (default), of an exported one, of a run or of an ensemble of runs.

    Accuracy, balanced accuracy, macro-F1, every class, ROC-AUC, confusion, calibration, small faces, pictures that were
    trained on, agreement with the votes beside the human ceiling; with 95 % intervals. The page shows the 24 surest
    mistakes, with --activation what spoke for them.

    Examples:

      python -m training evaluate --model shipped --protocol P8 --json

      python -m training evaluate runs/baseline-cnn --protocol P8-lit --out pages

      python -m training evaluate runs/ours --split PrivateTest --save-result
    """
    with user_errors(interrupted=AGAIN):
        name, question = _one_name(options.run, options.model), options.question()
        folder = options.out or _beside(name)
        if options.out is not None:
            made_folder(options.out, "--out")  # may refuse, before minutes are spent
        request = Request(name, question, options.temperature_from)
        record = measured(request, progress(options.as_json))
        show(_json(record) if options.as_json else markdown(record))  # first: a full disk then loses no figure
        if folder:
            for path in write_pages(record, folder, surest_mistakes(request, activation=options.activation)):
                say(f"wrote {path}")
        if options.save_result:
            say(f"wrote {save_result(record, name=options.result_name)}")


@takes(CompareOptions)
def compare(options: CompareOptions) -> None:
    """Which classifier is better on the same faces: McNemar's exact test for each pair, Holm over pairs.

    Examples:

      python -m training compare runs/ours shipped --protocol P8

      python -m training compare runs/baseline-cnn runs/cnn-bn-dropout runs/ours --json
    """
    with user_errors(interrupted=AGAIN):
        record = compared(Contest(tuple(options.runs), options.question()), progress(options.as_json))
        show(_json(record) if options.as_json else comparison_table(record))


def progress(quiet: bool) -> Callable[[str], None]:
    """Tells on stderr what is being measured, unless a program reads."""

    def tell(step: str) -> None:
        if not quiet:
            say(step)

    return tell


def _beside(name: str) -> Path | None:
    """Where the pages of a run go; those of the package's own model only where --out says."""
    own = name == SHIPPED or Path(name).resolve() == MODEL_DIR.resolve()
    return None if own else Path(name) / "evaluation"


def _one_name(run: str | None, model: str | None) -> str:
    if run is not None and model is not None and run != model:
        raise ConfigError(f"two models, {run} and {model}", hint="name one, as an argument or with --model")
    return run or model or SHIPPED


def _json(record: Mapping[str, Any]) -> str:
    return json.dumps(record, indent=2, allow_nan=False)
