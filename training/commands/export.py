"""`export`: parse, call, show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import JsonOption
from classroom_fer.errors import ConfigError
from classroom_fer.terminal import show, user_errors
from training.commands.evaluation import DataOption, TemperatureOption, progress
from training.commands.progress import AGAIN
from training.commands.setting_options import Given, TakesSettings, with_settings_of
from training.settings.config import DEFAULT_DATA, RefitSettings
from training.shipping.export import ExportSettings, export_run


@with_settings_of(RefitSettings, "views", "penalty", "balance", prefix="refit")
@dataclass(frozen=True, kw_only=True)
class ExportOptions(TakesSettings):
    """What may be chosen at export."""

    run: Annotated[Path, typer.Argument(metavar="RUN")]
    data: DataOption = DEFAULT_DATA
    folder: Annotated[Path | None, typer.Option("--folder", help="Where to. [default: the package's model folder]")] = (
        None
    )
    temperature_from: TemperatureOption = "labels"
    macro_recall: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Choose a class offset on PublicTest: best accuracy at this macro recall; 0: accuracy alone.",
        ),
    ] = None
    refit: Annotated[
        bool, typer.Option("--refit", help="Fit the last layers anew to the training faces' labels, branches together.")
    ] = False
    as_json: JsonOption = False


@takes(ExportOptions)
def export(options: ExportOptions) -> None:
    """Make a run the shipped model: one float32 net (batch norms folded, branches averaged), temperature, manifest.

    Examples:

      python -m training export runs/ours --folder candidate

      python -m training export runs/ours --refit

      python -m training export runs/ours --macro-recall .70
    """
    with user_errors(interrupted=AGAIN):
        refit = _refit_settings(options.given(), refit=options.refit)
        settings = ExportSettings(options.temperature_from, options.macro_recall, refit)
        tell = progress(options.as_json)
        manifest = export_run(
            options.run, options.data, folder=options.folder, settings=settings,
            on_view=lambda n, of: tell(f"features, view {n} of {of}"),
        )  # fmt: skip
        show(json.dumps(manifest, indent=2, allow_nan=False) if options.as_json else export_lines(manifest))


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


def _refit_settings(given: Given, *, refit: bool) -> RefitSettings | None:
    if given and not refit:
        raise ConfigError(f"--refit-{next(iter(given))} does nothing alone", hint="add --refit")
    return RefitSettings(**given) if refit else None
