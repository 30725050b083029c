"""One classifier on one split by one protocol: all figures, by face size, and apart from seen pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ConfigError
from classroom_fer.faces.crops import CONTEXT, face_crop
from classroom_fer.lesson.records import Image
from training.data.protocols import one_hot
from training.data.readers.faces import Fault
from training.data.splits import Split, open_source
from training.evaluation.answers import Answer, Subject, answer_for, answer_logits, check_views, open_subject
from training.evaluation.question import FITTED_ON, Question
from training.figures.calibration import Matrix, at_the_end, fit_temperature
from training.figures.split_figures import figures, share

TARGETS = ("labels", "votes")
SIZES_PX = (12, 16, 20, 24, 32, 48)
"""Width of the face in the frame."""

OnStep = Callable[[str], None]
"""Told what is being measured."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be evaluated."""

    model: str
    """"shipped", a folder that `export` wrote, or a run."""
    question: Question
    temperature_from: str = "labels"
    """What a temperature is fitted to where the classifier has none for the head that answers: labels or votes."""


def evaluate(request: Request, on_step: OnStep = lambda _: None) -> dict[str, Any]:
    """The JSON-able record of ``request``.

    Raises:
        DataError, ConfigError, ModelError: see the readers.
    """
    question = request.question
    check_targets(request.temperature_from)
    check_views(question.views)
    on_step("loading")
    faces = question.faces()
    subject = open_subject(request.model)
    answer = answer_for(question.protocol, faces.classes, subject)
    on_step(f"{len(faces.labels)} faces, {question.views} view" + ("s" if question.views != "one" else ""))
    logits = answer_logits(subject, answer, faces.images, question.views)
    temperature, source = _temperature(request, subject, answer, faces, logits)
    on_step("figures")
    about = {"model": subject.name, "facts": dict(subject.facts), "answered_by": answer.description}
    record = about | question.header() | {"remarks": list(faces.remarks)} | figures(logits, faces, temperature)
    record["calibration"]["temperature_from"] = source
    # all of it: a net that was trained by another protocol saw pictures that this one leaves out
    new = ~seen_in(faces.images, open_source(question.data).read("Training", _skipped).images)
    right = logits.argmax(axis=1) == faces.labels
    record["seen_in_training"] = share(int(right[~new].sum()), int((~new).sum()))
    record["not_in_training"] = share(int(right[new].sum()), int(new.sum()))
    record["sizes"] = {}
    for px in SIZES_PX:
        on_step(f"faces {px} px wide")
        small = logits if px == faces.images.shape[1] else answer_logits(
            subject, answer, resampled(faces.images, px), question.views
        )  # fmt: skip
        record["sizes"][str(px)] = share(int((small.argmax(axis=1) == faces.labels).sum()), len(faces.labels))
    return record


def _skipped(_: Fault) -> None:
    """A picture that cannot be read was seen by no training."""


def _temperature(request: Request, subject: Subject, answer: Answer, faces: Split, logits: Matrix) -> tuple[float, str]:
    """The classifier's own where it is for this question, else one fitted on PublicTest; and where it is from."""
    question = request.question
    if answer.is_whole and question.views == "one" and answer.head in subject.calibrated:
        return subject.calibrated[answer.head], "its manifest"
    if question.split != FITTED_ON:
        faces = question.faces(FITTED_ON)
        logits = answer_logits(subject, answer, faces.images, question.views)
    targets = temperature_targets(faces, request.temperature_from)
    temperature = fit_temperature(logits, targets)
    end = ", at the end of its range: it tells little" if at_the_end(temperature) else ""
    return temperature, f"fitted on {FITTED_ON} to the {request.temperature_from}{end}"


def temperature_targets(split: Split, kind: str) -> Matrix:
    """[N, C] that a temperature is fitted to.

    Raises:
        ConfigError: ``kind`` is neither "labels" nor "votes".
    """
    check_targets(kind)
    if kind == "labels":
        return one_hot(split.labels, len(split.classes)).astype(np.float64)
    return split.votes.astype(np.float64)


def check_targets(kind: str) -> None:
    """What a temperature may be fitted to.

    Raises:
        ConfigError: something else.
    """
    if kind not in TARGETS:
        raise ConfigError(f"temperature from {kind!r}", hint=f"known: {', '.join(TARGETS)}")


def seen_in(images: Image, others: Image) -> npt.NDArray[np.bool_]:
    """[N]: is there a byte-identical picture in ``others``?"""
    known = {image.tobytes() for image in others}
    return np.array([image.tobytes() in known for image in images], dtype=bool)


def resampled(images: Image, px: int) -> Image:
    """[N, S, S] as the product would crop the same faces if they were only ``px`` wide in the frame."""
    side = images.shape[1]
    margin = (px / CONTEXT - px) / 2
    box = (-margin, -margin, px + margin, px + margin)
    small = (cv2.resize(image, (px, px), interpolation=cv2.INTER_AREA) for image in images)
    return np.stack([face_crop(image, box, side) for image in small])
