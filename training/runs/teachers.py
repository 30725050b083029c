"""Teachers: runs, ensembles or exported models whose averaged probabilities a student learns from.

They see the student's own batch, changed and mixed as it is, not the untouched face once: a teacher that is consistent
with what the student sees is what makes distillation work (Beyer et al. 2022, arXiv 2106.05237), and mixed faces have
no stored answer. The price is one forward pass of the teachers a step.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ConfigError
from classroom_fer.faces.expressions import in_bfloat16, read_model
from classroom_fer.faces.model_manifest import MANIFEST_FILE, MODEL_DIR, read_manifest, verify
from training.figures.calibration import Matrix, log_softmax
from training.runs.folder import averaged_model
from training.runs.predictions import MAIN_HEAD, by_head, head_logits

ENSEMBLE = "ensemble.json"
SHIPPED = "shipped"
"""The name of the model that the product ships."""
BFLOAT16 = "mixed_bfloat16"
TeacherAnswers = dict[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class Teacher:
    """Networks and their shares (summing to 1); the answer is the weighted mean of their probabilities."""

    models: tuple[Any, ...]
    shares: tuple[float, ...]

    def probabilities(self, images: npt.NDArray[Any], temperature: float) -> TeacherAnswers:
        """[B, C] of grey [B, 48, 48, 1] for every head that all members have."""
        answers = [head_logits(model.predict_on_batch(images.astype(np.float32))) for model in self.models]
        return averaged_probabilities(answers, self.shares, temperature)


def averaged_probabilities(
    answers: Sequence[Mapping[str, Matrix]], shares: Sequence[float], temperature: float = 1.0
) -> TeacherAnswers:
    """The weighted mean of softmax(logits / temperature) over members, for every head that all of them have.

    >>> one, other = {"emotions": np.array([[0.0, 0.0]])}, {"emotions": np.array([[99.0, 0.0]]), "fer7": np.eye(7)}
    >>> averaged_probabilities([one, other], [0.5, 0.5])["emotions"].round(2).tolist()
    [[0.75, 0.25]]
    """
    common = [head for head in answers[0] if all(head in answer for answer in answers)]
    return {
        head: np.sum(
            [s * np.exp(log_softmax(a[head], temperature)) for a, s in zip(answers, shares, strict=True)], axis=0
        ).astype(np.float32)
        for head in common
    }


def load_teacher(folders: Sequence[str | Path], *, classes: int | None = None, precision: str = "float32") -> Teacher:
    """The runs, ensembles and exported models in ``folders`` as one teacher; several folders count alike.

    Args: ``precision`` "mixed_bfloat16" lets the teachers compute in bfloat16, as their student does.

    Raises:
        ConfigError: no run there, or a member with another number of classes than ``classes``.
        ModelError: an exported model is damaged.
    """
    members: list[tuple[Path, float]] = []
    for folder in folders:
        members += [(path, share / len(folders)) for path, share in members_of(Path(folder))]
    models = []
    for path, _ in members:
        model, protocol = _member(path)
        found = _classes(model)
        if classes is not None and found != classes:
            raise ConfigError(
                f"{path}: a teacher of {found} classes ({protocol}) for a student of {classes}",
                hint="take teachers of the student's protocol",
            )
        models.append(in_bfloat16(model) if precision == BFLOAT16 else model)
    return Teacher(tuple(models), tuple(share for _, share in members))


def _member(folder: Path) -> tuple[Any, str]:
    """The net of a run or of an exported model, and its protocol."""
    exported = exported_folder(folder)
    if exported is None:
        model, config = averaged_model(folder)
        return model, config.protocol
    manifest = read_manifest(exported)
    verify(manifest)
    return read_model(manifest), str(manifest.data.get("protocol"))


def exported_folder(name: str | Path) -> Path | None:
    """Where the exported model of that name or folder lies; None if it is none.

    >>> exported_folder("shipped").name, exported_folder("runs/ours")
    ('model', None)
    """
    if str(name) == SHIPPED:
        return MODEL_DIR
    return Path(name) if (Path(name) / MANIFEST_FILE).is_file() else None


def members_of(folder: Path, inside: tuple[Path, ...] = ()) -> list[tuple[Path, float]]:
    """The runs that ``folder`` stands for, with their shares: itself, or an ensemble's members (nested ones too).

    ``inside``: the ensembles that it is a member of.

    Raises:
        ConfigError: the ensemble's file is not what `ensemble` writes, or the ensemble is a member of itself.
    """
    path = folder / ENSEMBLE
    if not path.is_file():
        return [(folder, 1.0)]
    own = folder.resolve()
    if own in inside:
        raise ConfigError(f"{path}: an ensemble that is a member of itself", hint="delete that file")
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        entries = [(Path(entry["run"]), float(entry["share"])) for entry in table["members"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path}: not an ensemble ({error})", hint="write it with `ensemble RUN...`") from error
    return [(run, share * inner) for entry, share in entries for run, inner in members_of(entry, (*inside, own))]


def _classes(model: Any) -> int:
    return int(by_head(model.output)[MAIN_HEAD][0].shape[-1])
