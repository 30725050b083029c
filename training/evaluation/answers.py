"""What is evaluated, and how it answers a protocol: a run's network or the product's classifier, head by head."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ConfigError
from classroom_fer.faces.expressions import load_classifier, read_model
from classroom_fer.faces.model_manifest import MANIFEST_FILE
from classroom_fer.files import file_sha256
from classroom_fer.lesson.records import EMOTIONS, Image
from training.data.readers.class_names import OURS_TO_FER7
from training.data.splits import FER7, classes_of
from training.figures.calibration import TINY, Matrix, softmax
from training.runs.folder import CHECKPOINT, WEIGHTS, averaged_model, read_record, run_curve
from training.runs.predictions import FER_HEAD, MAIN_HEAD, by_head, predict_heads
from training.runs.teachers import ENSEMBLE, averaged_probabilities, exported_folder, members_of
from training.settings.config import TrainConfig
from training.zoo import multiply_adds

VIEWS = ("one", "flip", "ten")
TEN_CROP_PX = 44
"""Side of the crops of the view "ten" (choice; the published ten-crop figures use 40-44 of 48)."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A classifier under evaluation."""

    name: str
    heads: Mapping[str, tuple[str, ...]]
    """Classes in the order of each head's logits."""
    calibrated: Mapping[str, float]
    """The temperature that belongs to a head, where one does."""
    facts: Mapping[str, Any]
    """What else is known of it, for the record."""
    answer: Callable[[Image], Mapping[str, npt.NDArray[np.floating[Any]]]]
    """Grey [N, 48, 48] to logits [N, C] by head."""
    net: Any = None
    """In Keras; None of several nets."""

    def logits(self, images: Image, head: str) -> Matrix:
        """[N, C] of grey [N, 48, 48]."""
        return np.asarray(self.answer(images)[head], np.float64)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a head's classes answer a protocol's."""

    head: str
    columns: tuple[int, ...]
    """Column of the head for each class of the protocol."""
    description: str

    @property
    def is_whole(self) -> bool:
        """Does the head answer exactly the protocol's question?"""
        return self.description.startswith("its own")


def answer_for(protocol: str, classes: Sequence[str], subject: Subject) -> Answer:
    """The head that answers ``classes``: one made for them, else one that has them all under some name.

    Raises:
        ConfigError: no head knows all the classes.
    """
    order = [FER_HEAD, MAIN_HEAD] if tuple(classes) != subject.heads.get(MAIN_HEAD) else [MAIN_HEAD]
    for head in (h for h in order if h in subject.heads):
        names = subject.heads[head]
        known = [fer2013_name(n) for n in names]
        if all(fer2013_name(c) in known for c in classes):
            columns = tuple(known.index(fer2013_name(c)) for c in classes)
            return Answer(head, columns, _description(head, names, columns))
    raise ConfigError(
        f"{subject.name} cannot answer {protocol}: {', '.join(classes)}",
        hint=_protocol_hint(subject) + "it knows " + "; ".join(", ".join(names) for names in subject.heads.values()),
    )


def _protocol_hint(subject: Subject) -> str:
    trained_on = subject.facts.get("trained_on")
    return f"add --protocol {trained_on}: " if trained_on else ""


def fer2013_name(name: str) -> str:
    """The name that FER2013 has for a class of either set.

    >>> fer2013_name("happiness"), fer2013_name("fear")
    ('happy', 'fear')
    """
    return OURS_TO_FER7.get(name, name)


def _description(head: str, names: Sequence[str], columns: Sequence[int]) -> str:
    if list(columns) == list(range(len(names))):
        return f"its own head {head}"
    left = [name for k, name in enumerate(names) if k not in columns]
    out = f", {', '.join(left)} left out and the rest renormalised" if left else ""
    kind = "FER+ classes mapped by name" if tuple(names) == EMOTIONS else f"head {head}"
    return kind + out


def check_views(views: str) -> None:
    """What `views_of` knows.

    Raises:
        ConfigError: something else.
    """
    if views not in VIEWS:
        raise ConfigError(f"unknown views {views!r}", hint=f"known: {', '.join(VIEWS)}")


def views_of(images: Image, views: str) -> list[Image]:
    """The pictures whose probabilities are averaged: "one", "flip" (and its mirror), "ten" (five crops, mirrored).

    Raises:
        ConfigError: another name.
    """
    check_views(views)
    if views == "one":
        return [images]
    if views == "flip":
        return [images, images[:, :, ::-1]]
    side = images.shape[1]
    far, middle = side - TEN_CROP_PX, (side - TEN_CROP_PX) // 2
    corners = ((0, 0), (0, far), (far, 0), (far, far), (middle, middle))
    crops = [_enlarged(images[:, y : y + TEN_CROP_PX, x : x + TEN_CROP_PX], side) for y, x in corners]
    return crops + [crop[:, :, ::-1] for crop in crops]


def _enlarged(images: Image, side: int) -> Image:
    return np.stack([cv2.resize(i, (side, side), interpolation=cv2.INTER_LINEAR) for i in images]).astype(np.uint8)


def answer_logits(subject: Subject, answer: Answer, images: Image, views: str = "one") -> Matrix:
    """[N, C] in the protocol's order; of several views the logarithm of their mean probabilities."""
    columns = list(answer.columns)
    parts = [subject.logits(np.ascontiguousarray(v), answer.head)[:, columns] for v in views_of(images, views)]
    if len(parts) == 1:
        return parts[0]
    mean: Matrix = np.log(np.maximum(np.mean([softmax(part) for part in parts], axis=0), TINY))
    return mean


def open_subject(model: str) -> Subject:
    """The classifier that ``model`` names: "shipped", a folder that `export` or `ensemble` wrote, or a run.

    Raises:
        ConfigError, ModelError: nothing of the kind there.
    """
    exported = exported_folder(model)
    if exported is not None:
        return product_subject(model, exported)
    if (Path(model) / ENSEMBLE).is_file():
        return ensemble_subject(Path(model))
    return run_subject(Path(model))


def product_subject(name: str, folder: Path) -> Subject:
    """The model in ``folder`` through the product's own classifier, in the form that this machine runs.

    Raises:
        ConfigError: Keras was told to run on something else than TensorFlow.
        ModelError: the model is missing or changed.
    """
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend != "tensorflow":
        raise ConfigError(
            f"{name}: the product's classifier runs on TensorFlow, KERAS_BACKEND is {backend}",
            hint="unset KERAS_BACKEND, or evaluate the run that the model was exported from",
        )
    classifier = load_classifier(folder, batch=128)
    side = classifier.input_px
    heads = {MAIN_HEAD: EMOTIONS, FER_HEAD: FER7}
    known = classifier.logits(np.zeros((1, side, side), np.uint8))
    return Subject(
        name=name,
        heads={head: heads[head] for head in known},
        calibrated={MAIN_HEAD: classifier.manifest.temperature},
        facts={"sha256": classifier.sha256, "precision": classifier.precision} | exported_facts(folder),
        answer=classifier.logits,
        net=read_model(classifier.manifest),
    )


def exported_facts(folder: Path) -> dict[str, Any]:
    """What a manifest says of the run that a model was exported from, under the names of `run_facts`."""
    manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    training, network, offset = (manifest.get(key) or {} for key in ("training", "network", "offset"))
    return {
        "system": training.get("system"),
        "trained_on": training.get("protocol", manifest["data"].get("protocol")),
        "parameters": network.get("parameters"),
        "multiply_adds": network.get("multiply_adds"),
        "epochs": training.get("epochs_done"),
        "epochs_planned": training.get("epochs"),
        "stopped_early": training.get("stopped_early", False),
        "seconds": training.get("seconds"),
        "weights": training.get("first_weights"),
        "start": training.get("started_from"),
        "limit": training.get("limit"),
        "leave_out": Path(training["leave_out"]).name if training.get("leave_out") else None,
        "teachers": training.get("teachers"),
        "refit": manifest.get("refit"),
        "offset": offset.get("values"),
    }


def run_subject(workdir: Path) -> Subject:
    """The averaged weights of a run, in Keras on whatever backend."""
    model, config = averaged_model(workdir)
    return Subject(
        name=str(workdir),
        heads=heads_of(model, config),
        calibrated={},
        facts=run_facts(workdir, model, config),
        answer=lambda images: predict_heads(model, images),
        net=model,
    )


def ensemble_subject(folder: Path) -> Subject:
    """The runs of an ensemble with their shares; its logits are the logarithm of the mixed probabilities."""
    members = members_of(folder)
    opened = [averaged_model(run) for run, _ in members]
    heads = heads_of(*opened[0])

    def answer(images: Image) -> dict[str, Matrix]:
        parts = [predict_heads(model, images) for model, _ in opened]
        mixed = averaged_probabilities(parts, [share for _, share in members])
        return {head: np.log(np.maximum(p.astype(np.float64), TINY)) for head, p in mixed.items()}

    return Subject(
        name=str(folder),
        heads={head: names for head, names in heads.items() if all(head in heads_of(m, c) for m, c in opened)},
        calibrated={},
        facts={
            "members": {str(run): share for run, share in members},
            "trained_on": opened[0][1].protocol,
            "parameters": sum(int(model.count_params()) for model, _ in opened),
        },
        answer=answer,
    )


def run_facts(workdir: Path, model: Any, config: TrainConfig) -> dict[str, Any]:
    """What a results table says of a run beside its figures; None what a copy of only its weights does not tell.

    Raises:
        ConfigError: a damaged curve or summary.
    """
    record = read_record(workdir) or {}
    curve = run_curve(workdir) if (workdir / CHECKPOINT).is_file() else None
    return {
        "system": config.system,
        "trained_on": config.protocol,
        "sha256": file_sha256(workdir / WEIGHTS),
        "parameters": int(model.count_params()),
        "multiply_adds": multiply_adds(model),
        "epochs": None if curve is None else len(curve),
        "epochs_planned": config.epochs,
        "stopped_early": record.get("stopped_early", False),
        "seconds": round(sum(entry.seconds for entry in curve), 1) if curve else None,
        "weights": record.get("weights"),
        "start": record.get("start"),
        "limit": config.limit,
        "leave_out": config.leave_out.name if config.leave_out else None,
        "teachers": list(config.teachers),
    }


def heads_of(model: Any, config: TrainConfig) -> dict[str, tuple[str, ...]]:
    """Classes of each head of a network that was trained by ``config``.

    Raises:
        DataError: by protocol "folders" the classes are those of the data, which are gone.
    """
    classes = classes_of(config.data, config.protocol)
    return {MAIN_HEAD: classes} | ({FER_HEAD: FER7} if FER_HEAD in by_head(model.output) else {})
