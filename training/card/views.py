"""Changed copies of all training faces that teachers and students see alike, and what teachers say of them.

A student learns best from a teacher that sees what it sees (Beyer et al. 2022, arXiv 2106.05237). Asking five teachers
at every step would cost more than the student itself; asked once for each of some forty views they need not be asked
again: the same seed gives every process the same views.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.card.changes import changed, draws
from training.card.run import Answers, Lessons, head_logits
from training.card.torch_net import TorchNet
from training.data.splits import FER7
from training.runs.predictions import HEADS, MAIN_HEAD
from training.settings.config import Augmentation, TrainConfig

ANSWERS = "answers.npy"


@dataclass(frozen=True, slots=True)
class Views:
    """Which views: how many, how far the faces are changed."""

    count: int
    augmentation: Augmentation
    seed: int = 2026

    def of(self, faces: Tensor, index: int) -> Tensor:
        """Bytes [N, 1, S, S] of the faces' bytes."""
        return changed(faces, self.augmentation, draws(faces.device, self.seed, index))


def write_answers(net: TorchNet, config: TrainConfig, faces: Tensor, views: Views, folder: Path) -> None:
    """The logits of a teacher of every view, float16 [views, N, C], heads side by side, in its run's folder."""
    parts = []
    for index in range(views.count):
        found = head_logits(net, views.of(faces, index), config)
        parts.append(np.concatenate([found[head] for head in HEADS], axis=1).astype(np.float16))
    np.save(folder / ANSWERS, np.stack(parts))


def lessons(teachers: Sequence[Path], faces: Tensor, views: Views, config: TrainConfig) -> Lessons:
    """What a student of ``config`` learns from runs that have written their answers; all count alike."""
    told = [torch.from_numpy(np.load(folder / ANSWERS)).to(faces.device) for folder in teachers]

    def view(index: int) -> tuple[Tensor, Answers]:
        answers = {head: torch.stack([_softened(t[index], head, config) for t in told]).mean(0) for head in HEADS}
        return views.of(faces, index), answers

    return Lessons(views.count, view)


def _softened(logits: Tensor, head: str, config: TrainConfig) -> Tensor:
    classes = logits.shape[1] - len(FER7)
    chosen = logits[:, :classes] if head == MAIN_HEAD else logits[:, classes:]
    return (chosen.float() / config.distill_temperature).softmax(1)
