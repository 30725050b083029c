"""``classroom-fer predict``: the faces in still pictures, one by one."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from classroom_fer.commands.options import JsonOption
from classroom_fer.commands.settings import ConfigOption, settings_for_pictures
from classroom_fer.errors import ClassroomFerError
from classroom_fer.terminal import show, show_traceback, tell_bug, tell_error, user_errors

if TYPE_CHECKING:
    from classroom_fer.lesson.records import FaceSample
    from classroom_fer.pictures.picture import Picture
    from classroom_fer.pipeline import Parts
    from classroom_fer.settings.config import Config

HELP = """Find every face in pictures: class, calibrated probabilities, or why there is no class.

For trying the classifier out and for studying its mistakes. A class names how a face looked to a model, not what the
person feels: not for grading, discipline, ranking, identification, diagnosis or appraisal. Nothing is kept; only
--annotate writes a copy. An http(s) address is fetched from the public web; nothing else here uses the network.

Examples:

  classroom-fer predict group.jpg

  classroom-fer predict a.jpg b.png --json

  classroom-fer predict group.jpg --annotate group.faces.png

  classroom-fer predict https://example.org/group.jpg
"""


@dataclass(slots=True)
class _Batch:
    """How the pictures of one command fared."""

    done: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading one picture needs; tests put fakes in."""

    config: Config
    parts: Callable[[], Parts]
    """Loads the models when the first picture is there."""
    load: Callable[[str], Picture]
    outputs: dict[str, Path]
    """Where the annotated copy of each picture goes."""


def predict(
    pictures: Annotated[
        list[str], typer.Argument(metavar="IMAGE|URL...", help="Pictures: files or http(s) addresses.")
    ],
    annotate: Annotated[
        Path | None,
        typer.Option(
            "--annotate",
            metavar="OUT",
            help="Write a copy with boxes and classes: a .png file, or a folder for several pictures.",
        ),
    ] = None,
    min_face: Annotated[
        int | None, typer.Option("--min-face", help="Smallest face that is looked for, pixels. [default: 20]")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    with user_errors():
        from classroom_fer.pictures import answer_text
        from classroom_fer.pictures.output_names import outputs_for

        settings = settings_for_pictures(config, {"min_face": min_face})
        reader = Reader(settings, cache(lambda: _models(settings)), load_picture, outputs_for(pictures, annotate))
        batch = read_all(pictures, reader, quiet=as_json)
        if as_json:
            show(json.dumps(answer_text.document(batch.done, batch.failed), indent=2))
        elif batch.done:
            show(answer_text.HONESTY)
        if batch.failed:
            raise typer.Exit(max(int(failure["exit_code"]) for failure in batch.failed))


def read_all(names: Sequence[str], reader: Reader, *, quiet: bool) -> _Batch:
    """Reads every picture; a bad one is told and the others go on."""
    batch = _Batch()
    for name in names:
        try:
            batch.done.append(_one(name, reader, quiet=quiet))
        except ClassroomFerError as error:
            tell_error(error)
            show_traceback()
            batch.failed.append(_failure(name, str(error), error.hint, error.exit_code))
        except BrokenPipeError:
            raise  # the reader went away: not this picture's fault
        except Exception as error:  # noqa: BLE001  # a bug on one picture must not take the rest along
            tell_bug(error)
            batch.failed.append(_failure(name, f"bug: {error}", "see the log file", 3))
    return batch


def _failure(name: str, message: str, hint: str, code: int) -> dict[str, str]:
    return {"picture": name, "error": message, "hint": hint, "exit_code": str(code)}


def _one(name: str, reader: Reader, *, quiet: bool) -> dict[str, Any]:
    from classroom_fer.pictures import answer_text
    from classroom_fer.pipeline import observe_picture

    picture = reader.load(name)
    parts = reader.parts()
    faces = observe_picture(picture.image, parts, reader.config)
    rules = reader.config.rules.expression
    if not quiet:
        for line in answer_text.lines(picture, faces, rules, bars=sys.stdout.isatty()):
            show(line)
    out = reader.outputs.get(name)
    if out is not None:
        _annotate(picture, faces, out)
        if not quiet:
            show(f"  annotated: {out} (it shows the people: protect it and delete it when done)")
    return answer_text.as_json(picture, faces, out, model_sha256=parts.needed_classifier.sha256)


def _annotate(picture: Picture, faces: Sequence[FaceSample], out: Path) -> None:
    from classroom_fer.files import write_private
    from classroom_fer.pictures.annotation import annotated_png
    from classroom_fer.pictures.answer_text import label

    drawn = annotated_png(picture, [label(number, face) for number, face in enumerate(faces, 1)])
    write_private(out, drawn, what="the annotated picture", remedy="make room, or name another place with --annotate")


def load_picture(name: str) -> Picture:
    """The picture in a file or on the web."""
    from classroom_fer.pictures.reading import decode_picture, read_picture
    from classroom_fer.pictures.web_address import is_web_address

    if not is_web_address(name):
        return read_picture(Path(name))
    from classroom_fer.pictures.fetch import fetch

    with _waiting(f"fetching {name}"):
        return decode_picture(fetch(name), name)


def _models(config: Config) -> Parts:
    from classroom_fer import wiring

    with _waiting("loading the face detector and the classifier"):
        return wiring.build_parts(config)


@contextmanager
def _waiting(what: str) -> Iterator[None]:
    """Says on a terminal what takes its time."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.markup import escape

    from classroom_fer.terminal import printable

    with Console(stderr=True).status(escape(printable(what))):
        yield
