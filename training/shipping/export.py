"""From a run to the shipped model: one float32 inference net, temperature, manifest; written together or not at all."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import keras
import numpy as np

from classroom_fer.faces.calibrated import joined
from classroom_fer.faces.expressions import BFLOAT16, FLOAT32, load_classifier
from classroom_fer.faces.expressions_onnx import load_classifier as load_product_classifier
from classroom_fer.faces.model_manifest import FORMAT, MANIFEST_FILE, MODEL_DIR, SecondHead
from classroom_fer.files import file_sha256
from classroom_fer.lesson.records import EMOTIONS, Image
from training.data.protocols import one_hot
from training.data.splits import FER7, Split, read_split
from training.evaluation.answers import run_facts
from training.evaluation.evaluate import temperature_targets
from training.evaluation.question import FITTED_ON
from training.figures.calibration import Matrix, fit_temperature, softmax
from training.figures.heads import second_head
from training.figures.split_figures import summary
from training.files.code_version import code_version
from training.files.folders import made_folder
from training.runs.folder import averaged_model
from training.runs.predictions import FER_HEAD, MAIN_HEAD, predict_heads
from training.settings.config import RefitSettings, TrainConfig
from training.shipping.inference_net import ExportError, Head, feature_net, inference_net, joint_heads
from training.shipping.nets import EXPRESSIONS, expressions_net, write_net
from training.shipping.offset import RecallOffset, recall_offset
from training.shipping.refit import refit_record, refitted_heads
from training.zoo import INPUT_PX, multiply_adds

PRODUCT_BACKEND = "tensorflow"
WEIGHTS_FILE = "expressions.keras"
NET_FILES = tuple(f"{EXPRESSIONS}{suffix}" for suffix in (".onnx", ".json"))
"""The same net as the product runs it."""
MAX_BYTES = 15_000_000
"""Limit of the shipped file."""
MAX_LOSS = 0.003
"""Accuracy that a reduced precision may cost (choice)."""
FEW_TURNED = 3
"""Faces of a small trial that bfloat16 may turn: so few are no measurement (choice)."""
MAX_FLOAT_DIFFERENCE = 1e-3
"""Of probabilities between the training graph and the product's classifier in float32; measured: below 1e-5."""
MAX_LOGIT_DIFFERENCE = 1e-2
"""Of logits in float32, which reach some 10; measured: below 1e-4."""
MAX_MULTIPLY_ADDS = 80_000_000
"""A face."""
PARITY_FACES = 256
ONNX = "onnx"
"""Name of the form that the product runs, in a manifest's record of parity."""
SCALING = "grey levels 0-255 go in; the network's first layer maps them to -1..1"
CHOSEN_ON = FITTED_ON
HEADS: Mapping[str, tuple[str, ...]] = {MAIN_HEAD: EMOTIONS, FER_HEAD: FER7}


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """What may be chosen at export; all of it on PublicTest."""

    temperature_from: str = "labels"
    """"labels": the plurality label, so that p means "how often right"; "votes": the spread of the ten votes."""
    macro_recall: float | None = None
    """Add the class offset with the best accuracy among those that reach this; None adds none."""
    refit: RefitSettings | None = None
    """Fit the last layers anew on the training faces; None leaves them as trained."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the product's classifier should say of a split."""

    split: Split
    probabilities: Matrix
    """[N, 8], both heads together."""
    others: Mapping[str, Matrix]
    """Logits [N, C] of the other heads."""


def export_run(
    workdir: Path,
    data: Path,
    *,
    folder: Path | None = None,
    settings: ExportSettings | None = None,
    on_view: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Writes weights and manifest of the run in ``workdir`` to ``folder`` (default: the package's); gives the manifest.

    ``on_view`` hears of each finished view of a refit.

    Raises:
        ConfigError, DataError: no such run or data, or the macro recall is out of reach.
        ExportError: not a net of the eight emotions, the file is over 15 MB, a face takes over 80 million
            multiply-adds, the product's classifier differs, or it cannot run here and ``folder`` is the package's.
    """
    _check_backend(folder)
    folder, settings = folder or MODEL_DIR, settings or ExportSettings()
    model, config = averaged_model(workdir)
    public, train = _splits(workdir, config, data)
    heads, net_of_features = joint_heads(model), feature_net(model)
    _check_joint(model, net_of_features, heads, public.images[:PARITY_FACES])
    if settings.refit is not None:
        heads = refitted_heads(model, config, train, settings.refit, on_view=on_view)
    features = net_of_features.predict(public.images[..., None], batch_size=256, verbose=0)
    trained = heads[MAIN_HEAD].logits(features)
    offset = recall_offset(trained, public.labels, settings.macro_recall) if settings.macro_recall is not None else None
    net = inference_net(model, offset=offset.values if offset else None, heads=heads)
    _check_work(net)
    expected = trained + (offset.values if offset else 0.0)
    temperature = fit_temperature(expected, temperature_targets(public, settings.temperature_from))
    others = {head: joint.logits(features) for head, joint in heads.items() if head != MAIN_HEAD}
    second = _second_head(others, public)
    facts = {
        "temperature": temperature,
        "temperature_from": f"{settings.temperature_from}, {CHOSEN_ON}",
        "second_head": asdict(second) if second is not None else None,
        "refit": refit_record(settings.refit, heads) if settings.refit is not None else None,
        "offset": _offset_record(offset),
        "data": _data(config, train, public),
        "metrics": {"split": CHOSEN_ON} | summary(expected, public, temperature),
        "training": recipe_of(config) | _course(run_facts(workdir, model, config)),
    }
    answers = Answers(public, _joint(softmax(expected, temperature), others, second), others)
    return _write_together(net, facts, answers, made_folder(folder, "--folder"))


def _second_head(others: Mapping[str, Matrix], public: Split) -> SecondHead | None:
    """The head that learnt FER2013's labels with its own temperature; None where the net or the data lacks it."""
    known = public.fer7 >= 0
    if FER_HEAD not in others or not known.any():
        return None
    return second_head(fit_temperature(others[FER_HEAD][known], one_hot(public.fer7[known], len(FER7))))


def _joint(votes: Matrix, others: Mapping[str, Matrix], second: SecondHead | None) -> Matrix:
    return votes if second is None else joined(votes, softmax(others[second.head], second.temperature), second)


def _check_backend(folder: Path | None) -> None:
    if folder is None and keras.backend.backend() != PRODUCT_BACKEND:
        raise ExportError(
            f"Keras runs on {keras.backend.backend()} here: the product's classifier cannot be compared with the run",
            hint="unset KERAS_BACKEND, or name another --folder",
        )


def _splits(workdir: Path, config: TrainConfig, data: Path) -> tuple[Split, Split]:
    """PublicTest and Training as the run had them."""
    public, train = (
        read_split(data, usage, protocol=config.protocol, limit=config.limit, leave_out=config.leave_out)
        for usage in (CHOSEN_ON, "Training")
    )
    if public.classes != EMOTIONS:
        raise ExportError(
            f"{workdir} answers {', '.join(public.classes)}, the product needs the eight emotions of FER+",
            hint="export a run of --protocol P8 or P8-lit",
        )
    return public, train


def _write_together(net: Any, facts: Mapping[str, Any], answers: Answers, folder: Path) -> dict[str, Any]:
    """Writes weights and manifest, which the product's classifier has read and agreed with; gives the manifest."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="partial-") as name:
        partial = Path(name)
        net.save(partial / WEIGHTS_FILE)
        _check_size(partial / WEIGHTS_FILE)
        manifest = _identity(partial / WEIGHTS_FILE, net) | dict(facts)
        _write(manifest, partial)
        write_net(expressions_net(partial), partial)
        manifest["parity"] = check_parity(partial, answers)
        _write(manifest, partial)
        for file in (WEIGHTS_FILE, *NET_FILES, MANIFEST_FILE):
            (partial / file).replace(folder / file)
    return manifest


def _check_joint(model: Any, net_of_features: Any, heads: Mapping[str, Head], images: Image) -> None:
    """Are the joint heads on the features what the training graph answers?"""
    features = net_of_features.predict(images[..., None], verbose=0)
    for head, expected in predict_heads(model, images).items():
        difference = float(np.abs(heads[head].logits(features) - expected).max())
        if difference > MAX_LOGIT_DIFFERENCE:
            raise ExportError(
                f"head {head!r}: its branches together differ from the training graph by {difference:.2g}",
                hint="report this bug",
            )


def _check_work(net: Any) -> None:
    work = multiply_adds(net)
    if work > MAX_MULTIPLY_ADDS:
        raise ExportError(
            f"a face takes {work / 1e6:.1f} million multiply-adds, {MAX_MULTIPLY_ADDS / 1e6:.0f} is the limit",
            hint="train a narrower net, this one as its --teacher",
        )


def _check_size(path: Path) -> None:
    size = path.stat().st_size
    if size >= MAX_BYTES:
        raise ExportError(f"the weights take {size} bytes, {MAX_BYTES} is the limit", hint="train a narrower net")


def _identity(path: Path, net: Any) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "weights": WEIGHTS_FILE,
        "sha256": file_sha256(path),
        "labels": list(EMOTIONS),
        "outputs": {head: list(HEADS[head]) for head in net.output},
        "input_px": INPUT_PX,
        "scaling": SCALING,
        "network": {
            "parameters": int(net.count_params()),
            "multiply_adds": multiply_adds(net),
            "bytes": path.stat().st_size,
        },
        "code_version": code_version(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _offset_record(offset: RecallOffset | None) -> dict[str, Any] | None:
    if offset is None:
        return None
    return asdict(offset) | {
        "chosen_on": CHOSEN_ON,
        "values": dict(zip(EMOTIONS, offset.values, strict=True)),
        "note": "already in the last layer's bias; held_out: chosen on four fifths of the faces, measured on the fifth",
    }


def recipe_of(config: TrainConfig) -> dict[str, Any]:
    """Settings that change the weights; of other runs and of a manifest only the names, not where they lay."""
    table = config.recipe()
    return table | {
        "start": Path(table["start"]).name if table["start"] else table["start"],
        "teachers": [Path(teacher).name for teacher in table["teachers"]],
        "leave_out": Path(table["leave_out"]).name if table["leave_out"] else None,
    }


def _course(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "epochs_done": facts["epochs"],
        "seconds": facts["seconds"],
        "stopped_early": facts["stopped_early"],
        "first_weights": facts["weights"],
        "started_from": facts["start"],
    }


def _data(config: TrainConfig, train: Split, public: Split) -> dict[str, Any]:
    return {
        "source": "FER2013 with FER+ votes",
        "protocol": config.protocol,
        "faces": {"Training": len(train.labels), CHOSEN_ON: len(public.labels)},
        "sha256": {"Training": data_sha256(train), CHOSEN_ON: data_sha256(public)},
    }


def data_sha256(split: Split) -> str:
    """Of pixels, labels, votes and FER2013's own labels, in order."""
    digest = hashlib.sha256()
    arrays = (split.images, split.labels.astype("<i8"), split.votes.astype("<f4"), split.fer7.astype("<i8"))
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def check_parity(folder: Path, answers: Answers) -> dict[str, Any] | None:
    """What the product's classifier in ``folder`` says against ``answers``.

    None where Keras does not run on TensorFlow, which the product's classifier needs.

    Raises:
        ExportError: float32 differs, or bfloat16 costs more than .3 points of accuracy.
    """
    if keras.backend.backend() != PRODUCT_BACKEND:
        return None
    split, expected = answers.split, answers.probabilities
    record: dict[str, Any] = {
        "against": f"the training graph with these last layers, {CHOSEN_ON}",
        "faces": len(split.labels),
    }
    before = float((expected.argmax(axis=1) == split.labels).mean())
    for precision in (FLOAT32, BFLOAT16):
        classifier = load_classifier(folder, batch=128, precision=precision)
        got = classifier.classify(split.images)
        if precision == FLOAT32 and answers.others:
            logits = classifier.logits(split.images)
            record["largest_logit_difference"] = {
                head: float(np.abs(logits[head] - wanted).max()) for head, wanted in answers.others.items()
            }
        record[precision] = {
            "largest_difference": float(np.abs(got - expected).max()),
            "accuracy_change": float((got.argmax(axis=1) == split.labels).mean()) - before,
        }
    grey = split.images
    record[ONNX] = {
        "largest_difference": float(np.abs(load_product_classifier(folder).classify(grey) - expected).max())
    }
    _check_agreement(record)
    return record


def _check_agreement(record: Mapping[str, Any]) -> None:
    """Is the product's classifier near enough to the training graph?"""
    differs = (
        max(record[kind]["largest_difference"] for kind in (FLOAT32, ONNX)) > MAX_FLOAT_DIFFERENCE
        or max(record.get("largest_logit_difference", {"": 0.0}).values()) > MAX_LOGIT_DIFFERENCE
    )
    if differs:
        raise ExportError(f"the product's classifier differs from the training graph: {record}", hint="report this bug")
    lost, faces = -record[BFLOAT16]["accuracy_change"], record["faces"]
    if lost > max(MAX_LOSS, FEW_TURNED / faces):
        raise ExportError(
            f"bfloat16 costs {100 * lost:.1f} points of accuracy on {faces} faces, {100 * MAX_LOSS:.1f} is the limit",
            hint="train longer, or on more faces: answers near a tie turn",
        )


def _write(manifest: Mapping[str, Any], folder: Path) -> None:
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
