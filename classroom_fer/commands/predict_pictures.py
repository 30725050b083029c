"""What ``classroom-fer predict`` does: pictures in, their faces with classes or reasons out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from classroom_fer import wiring
from classroom_fer.commands.batch import Batch, do_each
from classroom_fer.commands.predict import PredictOptions
from classroom_fer.commands.settings import settings_for_pictures
from classroom_fer.files import write_private
from classroom_fer.lesson.records import FaceSample
from classroom_fer.pictures import answer_text
from classroom_fer.pictures.annotation import annotated_png
from classroom_fer.pictures.fetch import fetch
from classroom_fer.pictures.output_names import outputs_for
from classroom_fer.pictures.picture import Picture
from classroom_fer.pictures.reading import decode_picture, read_picture
from classroom_fer.pictures.web_address import is_web_address
from classroom_fer.pipeline import Parts, observe_picture
from classroom_fer.settings.config import Config
from classroom_fer.terminal import can_be_written, escaped, show, user_errors


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading one picture needs; tests put fakes in."""

    config: Config
    parts: Callable[[], Parts]
    """Loads the models when the first picture is there."""
    load: Callable[[str], Picture]
    outputs: dict[str, Path]
    """Where the annotated copy of each picture goes."""


def run(options: PredictOptions) -> None:
    """Reads and shows every picture."""
    with user_errors():
        settings = settings_for_pictures(options.config, {"min_face": options.min_face, "detector": options.detector})
        outputs = outputs_for(options.pictures, options.annotate)
        reader = Reader(settings, cache(lambda: _models(settings)), load_picture, outputs)
        batch = read_all(options.pictures, reader, quiet=options.as_json)
        if options.as_json:
            show(json.dumps(answer_text.document(batch.results(), batch.failures("picture")), indent=2))
        elif batch.done:
            show(answer_text.HONESTY)
        batch.end()


def read_all(names: Sequence[str], reader: Reader, *, quiet: bool) -> Batch:
    """Reads every picture; a bad one is reported and the others are still read."""
    return do_each(names, lambda name: _one(name, reader, quiet=quiet), name=str)


def _one(name: str, reader: Reader, *, quiet: bool) -> dict[str, Any]:
    picture = reader.load(name)
    parts = reader.parts()
    faces = observe_picture(picture.image, parts, reader.config)
    if not quiet:
        for line in answer_text.lines(picture, faces, reader.config.rules.expression, cell=_bar_cell()):
            show(line)
    out = reader.outputs.get(name)
    if out is not None:
        _annotate(picture, faces, out)
        if not quiet:
            show(f"  annotated: {out} (it shows the people: protect it and delete it when done)")
    return answer_text.as_json(picture, faces, out, model_sha256=parts.needed_classifier.sha256)


def _bar_cell() -> str | None:
    """What a bar of a probability is made of; None where the output is no terminal, which gets numbers."""
    if not sys.stdout.isatty():
        return None
    return "█" if can_be_written("█") else "#"


def _annotate(picture: Picture, faces: Sequence[FaceSample], out: Path) -> None:
    labels = [answer_text.label(number, face) for number, face in enumerate(faces, 1)]
    drawn = annotated_png(picture, labels)
    write_private(out, drawn, what="the annotated picture", remedy="make room, or name another place with --annotate")


def load_picture(name: str) -> Picture:
    """The picture in a file or on the web."""
    if not is_web_address(name):
        return read_picture(Path(name))
    with _waiting(f"fetching {name}"):
        return decode_picture(fetch(name), name)


def _models(config: Config) -> Parts:
    with _waiting("loading the face detector and the classifier"):
        return wiring.build_parts(config)


@contextmanager
def _waiting(what: str) -> Iterator[None]:
    """Says on a terminal that models are being loaded."""
    if not sys.stderr.isatty():
        yield
        return
    with Console(stderr=True).status(escape(escaped(what))):
        yield
