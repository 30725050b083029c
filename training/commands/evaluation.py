"""`evaluate`, `compare`, `export`, `results`: parse, call, show."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from classroom_fer.commands.options import JsonOption
from classroom_fer.errors import ConfigError
from classroom_fer.faces.model_manifest import MODEL_DIR
from classroom_fer.terminal import say, show
from training.commands.frame import frame
from training.settings.config import DEFAULT_DATA, RefitSettings

REFIT = RefitSettings()
SHIPPED = "shipped"
DataOption = Annotated[Path, typer.Option("--data", metavar="DIR", help="The data set.")]
ProtocolOption = Annotated[str, typer.Option("--protocol", help="Classes and labels: P8, P8-lit, P7, P4, P2, folders.")]
SplitOption = Annotated[str, typer.Option("--split", help="PublicTest, or PrivateTest (read it once).")]
ViewsOption = Annotated[
    str, typer.Option("--views", help="one; flip (and its mirror); ten (five crops, mirrored): probabilities averaged.")
]
TemperatureOption = Annotated[
    str, typer.Option("--temperature-from", help="Fit T on PublicTest to: labels (p = how often right), votes.")
]
LimitOption = Annotated[int | None, typer.Option("--limit", min=1, help="First N faces of each split: a trial.")]
LeaveOutOption = Annotated[
    Path | None, typer.Option("--leave-out", help="Manifest of faces to leave out, written by `clean`.")
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Write JSON, Markdown and HTML here. [default: RUN/evaluation]"),
]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to ``app``."""
    for command in (evaluate, compare, export, results):
        app.command()(command)


def evaluate(
    run: Annotated[str | None, typer.Argument(metavar="[RUN|ENSEMBLE|EXPORT|shipped]")] = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="RUN|ENSEMBLE|EXPORT|shipped", help="The same, named.")
    ] = None,
    protocol: ProtocolOption = "P8",
    split: SplitOption = "PublicTest",
    data: DataOption = DEFAULT_DATA,
    views: ViewsOption = "one",
    temperature_from: TemperatureOption = "labels",
    limit: LimitOption = None,
    leave_out: LeaveOutOption = None,
    out: OutOption = None,
    save_result: Annotated[bool, typer.Option("--save-result", help="Keep it in training/results.")] = False,
    result_name: Annotated[str | None, typer.Option(help="Name of that file. [default: the run's folder]")] = None,
    as_json: JsonOption = False,
) -> None:
    """Figures of the shipped model (default), of an exported one, of a run or of an ensemble of runs.

    Accuracy, balanced accuracy, macro-F1, every class, ROC-AUC, confusion, calibration, small faces, pictures that were
    trained on, agreement with the votes beside the human ceiling; with 95 % intervals.

    Examples:

      python -m training evaluate --model shipped --protocol P8 --json

      python -m training evaluate runs/baseline-cnn --protocol P8-lit --out pages

      python -m training evaluate runs/ours --split PrivateTest --save-result
    """
    with frame():
        from training.evaluation.evaluate import READ_ONCE, WARNING, Request
        from training.evaluation.evaluate import evaluate as figures_of
        from training.evaluation.evaluation_page import markdown, write_pages
        from training.files.folders import made_folder

        if split == READ_ONCE:
            say(f"warning: {WARNING}")
        name = _one_name(run, model)
        request = Request(name, data, protocol, split, views, temperature_from, limit, leave_out)
        folder = out or _beside(name)
        if out is not None:
            made_folder(out, "--out")  # may refuse, before minutes are spent
        record = figures_of(request, progress(as_json))
        show(_json(record) if as_json else markdown(record))  # first: what is measured is not lost to a full disk
        for path in write_pages(record, folder) if folder else ():
            say(f"wrote {path}")
        if save_result:
            from training.evaluation.results import save_result as keep

            say(f"wrote {keep(record, name=result_name)}")


def compare(
    runs: Annotated[list[str], typer.Argument(metavar="RUN|ENSEMBLE|EXPORT|shipped ...")],
    protocol: ProtocolOption = "P8",
    split: SplitOption = "PublicTest",
    data: DataOption = DEFAULT_DATA,
    views: ViewsOption = "one",
    limit: LimitOption = None,
    leave_out: LeaveOutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Which classifier is better on the same faces: McNemar's exact test for each pair, Holm over pairs.

    Examples:

      python -m training compare runs/ours shipped --protocol P8

      python -m training compare runs/baseline-cnn runs/cnn-bn-dropout runs/ours --json
    """
    with frame():
        from training.evaluation.compare import Contest, markdown
        from training.evaluation.compare import compare as compared
        from training.evaluation.evaluate import READ_ONCE, WARNING

        if split == READ_ONCE:
            say(f"warning: {WARNING}")
        record = compared(Contest(tuple(runs), data, protocol, split, views, limit, leave_out), progress(as_json))
        show(_json(record) if as_json else markdown(record))


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN")],
    data: DataOption = DEFAULT_DATA,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where to. [default: the package's model folder]")
    ] = None,
    temperature_from: TemperatureOption = "labels",
    macro_recall: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Choose a class offset on PublicTest: best accuracy at this macro recall; 0: accuracy alone.",
        ),
    ] = None,
    refit: Annotated[
        bool, typer.Option("--refit", help="Fit the last layers anew to the training faces' labels, branches together.")
    ] = False,
    refit_views: Annotated[
        int | None, typer.Option(min=0, help=f"Changed copies of every face. [default: {REFIT.views}]")
    ] = None,
    refit_penalty: Annotated[
        float | None, typer.Option(min=0, help=f"Holds the weights near the run's. [default: {REFIT.penalty}]")
    ] = None,
    refit_balance: Annotated[
        float | None,
        typer.Option(min=0, max=1, help=f"Rare classes weigh more: frequency ** -this. [default: {REFIT.balance}]"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a run the shipped model: one float32 net (batch norms folded, branches averaged), temperature, manifest.

    Examples:

      python -m training export runs/ours --folder candidate

      python -m training export runs/ours --refit

      python -m training export runs/ours --macro-recall .70
    """
    with frame():
        from training.shipping.export import ExportSettings, export_run

        given = {"views": refit_views, "penalty": refit_penalty, "balance": refit_balance}
        anew = _refit_settings({key: value for key, value in given.items() if value is not None}, refit=refit)
        settings = ExportSettings(temperature_from=temperature_from, macro_recall=macro_recall, refit=anew)
        tell = progress(as_json)
        manifest = export_run(
            run, data, folder=folder, settings=settings, on_view=lambda n, of: tell(f"features, view {n} of {of}")
        )
        show(_json(manifest) if as_json else export_lines(manifest))


def results(
    page: Annotated[Path | None, typer.Option(help="[default: training/RESULTS.md]")] = None,
    folder: Annotated[Path | None, typer.Option(help="The result files. [default: training/results]")] = None,
) -> None:
    """Write training/RESULTS.md: every system's figures beside those that its authors print.

    Example: python -m training results
    """
    with frame(keras=False):
        from training.evaluation.results import FOLDER, PAGE, write_page

        show(f"wrote {write_page(page or PAGE, folder or FOLDER)}")


def progress(quiet: bool) -> Callable[[str], None]:
    """Tells on stderr what is being measured, unless a program reads."""

    def tell(step: str) -> None:
        if not quiet:
            say(step)

    return tell


def export_lines(manifest: Mapping[str, Any]) -> str:
    """What was exported, in a few lines."""
    network, found, parity = manifest["network"], manifest["metrics"], manifest["parity"]
    lines = [
        f"{manifest['weights']} sha256 {manifest['sha256'][:12]}: {network['parameters']:,} parameters, "
        f"{network['multiply_adds'] / 1e6:.1f} MMAC a crop, {network['bytes'] / 1e6:.1f} MB",
        f"outputs: {', '.join(manifest['outputs'])}",
        f"{found['split']}: accuracy {found['accuracy']:.4f}, macro recall {found['macro_recall']:.4f}, "
        f"macro-F1 {found['macro_f1']:.4f}",
        f"temperature {manifest['temperature']:.3f} ({manifest['temperature_from']}): "
        f"ECE {found['ece_before']:.4f} -> {found['ece']:.4f}",
    ]
    if manifest["offset"]:
        before, after, held = (manifest["offset"][key] for key in ("before", "after", "held_out"))
        lines.append(
            f"offset: macro recall {before['macro_recall']:.4f} -> {after['macro_recall']:.4f} (held out "
            f"{held['macro_recall']:.4f}), accuracy {before['accuracy']:.4f} -> {after['accuracy']:.4f} (held out "
            f"{held['accuracy']:.4f})"
        )
    if not parity:
        lines.append("not compared with the product's classifier, which runs on TensorFlow; export again there")
        return "\n".join(lines)
    for precision in ("float32", "bfloat16"):
        row = parity[precision]
        lines.append(
            f"product in {precision}: probabilities within {row['largest_difference']:.1e} of the training graph, "
            f"accuracy {row['accuracy_change']:+.4f}"
        )
    return "\n".join(lines)


def _refit_settings(given: dict[str, Any], *, refit: bool) -> RefitSettings | None:
    if given and not refit:
        raise ConfigError(f"--refit-{next(iter(given))} does nothing alone", hint="add --refit")
    return replace(REFIT, **given) if refit else None


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
