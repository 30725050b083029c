"""``classroom-fer predict``: the faces in still pictures, one by one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import ConfigOption, DetectorOption, JsonOption, MinFaceOption


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictOptions:
    """What ``predict`` is given."""

    pictures: Annotated[list[str], typer.Argument(metavar="IMAGE|URL...", help="Pictures: files or http(s) addresses.")]
    annotate: Annotated[
        Path | None,
        typer.Option(
            "--annotate",
            metavar="OUT",
            help="Write a copy with boxes and classes: a .png file, or a folder for several pictures.",
        ),
    ] = None
    min_face: MinFaceOption = None
    detector: DetectorOption = None
    config: ConfigOption = None
    as_json: JsonOption = False


@takes(PredictOptions)
def predict(options: PredictOptions) -> None:
    """Find every face in pictures: class, calibrated probabilities, or why there is no class.

    For trying the classifier out and for studying its mistakes. A class names how a face looked to a model, not what
    the person feels: not for grading, discipline, ranking, identification, diagnosis or appraisal. Nothing is kept;
    only --annotate writes a copy. An http(s) address is fetched from the public web; nothing else here uses the
    network.

    Examples:

      classroom-fer predict group.jpg

      classroom-fer predict a.jpg b.png --json

      classroom-fer predict group.jpg --annotate group.faces.png

      classroom-fer predict https://example.org/group.jpg
    """
    from classroom_fer.commands.predict_pictures import run

    run(options)
