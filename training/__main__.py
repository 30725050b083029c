"""`python -m training`: train, evaluate and export a classifier. Parse, call, show."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from classroom_fer.commands.console import JsonOption, show, user_errors
from training import commands_train, commands_zoo
from training.config import DEFAULT_DATA

DataOption = Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder of FER2013 with labels.csv.")]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback()
def root() -> None:
    """Train, evaluate and export the classifiers of classroom-fer."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


commands_train.register(app)
commands_zoo.register(app)


@app.command()
def evaluate(
    model: Annotated[str, typer.Option(metavar="shipped|RUN")] = "shipped",
    protocol: str = "P8",
    split: Annotated[str, typer.Option(help="PublicTest, or PrivateTest (read it once).")] = "PublicTest",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Figures of the shipped model or of a run, one view of each face."""
    with user_errors():
        from training.evaluate import evaluate as figures_of

        result = figures_of(model, data, protocol=protocol, split=split)
        show(json.dumps(result, indent=2) if as_json else "\n".join(_lines(result)))


@app.command()
def export(
    run: Annotated[Path, typer.Argument(metavar="RUN")],
    data: DataOption = DEFAULT_DATA,
    folder: Annotated[Path | None, typer.Option(help="Where to; the package's model folder by default.")] = None,
) -> None:
    """Make a run the shipped model: weights, temperature, manifest."""
    with user_errors():
        from training.export import export_run

        manifest = export_run(run, data, folder=folder)
        show(f"{manifest['weights']} sha256 {manifest['sha256'][:12]}, temperature {manifest['temperature']:.3f}")
        show("\n".join(_lines({"model": str(run), "protocol": "P8"} | manifest["metrics"])))


def _lines(result: dict[str, Any]) -> list[str]:
    recalls = ", ".join(f"{name} {'-' if r is None else f'{r:.3f}'}" for name, r in result["recall"].items())
    lines = [
        f"{result['model']}, {result['protocol']} {result['split']}, {result['faces']} faces",
        f"accuracy {result['accuracy']:.4f}, macro-F1 {result['macro_f1']:.4f}, recall {result['macro_recall']:.4f}",
        f"recall: {recalls}",
        f"ECE {result['ece_before']:.4f}, with T = {result['temperature']:.3f} {result['ece']:.4f}",
    ]
    if "accuracy_not_in_training" in result:
        lines.append(
            f"accuracy without pictures seen in training {result['accuracy_not_in_training']:.4f} "
            f"({result['faces_not_in_training']} faces)"
        )
    return lines


if __name__ == "__main__":
    app()
