"""What a chain on a card trains: teachers from ImageNet's weights, students, and every system of the seed projects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from training.card.chain import Job
from training.settings.systems import OUR_OWN, SYSTEMS, TRAVELLING, default_config
from training.zoo.transfer import BASES, Download

ON_CARD: Mapping[str, Any] = MappingProxyType({"batch": 256, "ema": 0.996, "precision": "mixed_bfloat16"})
"""Twice the batch of `TrainConfig`, so twice the rate and half the memory of the averages."""
TEACHERS: Mapping[str, tuple[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "mobilenet-96": ("mobilenet-v2", {"inner_px": 96, "weights": "imagenet"}),
        "lite0-96": ("efficientnet-lite0", {"inner_px": 96, "weights": "imagenet"}),
        "lite0-128": ("efficientnet-lite0", {"inner_px": 128, "weights": "imagenet", "seed": 2}),
        "wide": ("ours", {"widths": (64, 128, 256, 320), "blocks": (1, 2, 2, 2), "branches": 1, "dropout": 0.4}),
    }
)
"""Three that begin with ImageNet's weights and one of another kind that begins with none."""
SCRATCH: Mapping[str, tuple[str, Mapping[str, Any]]] = MappingProxyType(
    {"lite0-96-scratch": ("efficientnet-lite0", {"inner_px": 96, "weights": "none"})}
)
"""What ImageNet's weights are compared with: the same net and cost, from random ones. It teaches nobody."""
STUDENTS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "small": {},
        "deep": {"widths": (24, 48, 96, 176), "blocks": (1, 1, 2, 2)},
        "deep-2": {"widths": (24, 48, 96, 176), "blocks": (1, 1, 2, 2), "seed": 2, "distill_weight": 0.9},
        "large": {"widths": (48, 96, 160, 224), "blocks": (1, 1, 2, 2)},
    }
)
"""At most 34 million multiply-adds, but for "large", which shows what a net of 89 million would gain."""
TEACHERS_SHARE, ALL = 0.52, 0.97
"""Of the time: when teachers end, and everything. Choice."""


def chain_jobs(data: Path, limit: int | None = None) -> list[Job]:
    """Teachers and students. ``limit``: the first so many faces, for trials."""
    common: dict[str, Any] = {"data": data, "limit": limit, **ON_CARD}
    jobs = []
    for name, (system, settings) in {**TEACHERS, **SCRATCH}.items():
        recipe = {"learning_rate": 0.04, "decay_epochs": 12.0, "epochs": 60, "augmentation": TRAVELLING}
        if system == "ours":
            recipe |= {"learning_rate": 0.1}
        config = default_config(system, **common | recipe | dict(settings))
        jobs.append(Job(name, config, TEACHERS_SHARE, teaches=name in TEACHERS))
    for name, settings in STUDENTS.items():
        recipe = {"learning_rate": 0.12, "decay_epochs": 60.0, "epochs": 400, "score_every": 10}
        config = default_config("student", **common | recipe | dict(settings) | {"teachers": tuple(TEACHERS)})
        jobs.append(Job(name, config, ALL, learns_from=tuple(TEACHERS)))
    return jobs


def zoo_jobs(data: Path, limit: int | None = None) -> list[Job]:
    """Every system of the seed projects as its authors train it, or until the time is over.

    Bases whose weights would have to be downloaded are trained from scratch: such machines have no network.
    """
    names = [name for name in SYSTEMS if name not in OUR_OWN]
    configs = {name: default_config(name, data=data, limit=limit) for name in names}
    downloaded = {name for name, base in BASES.items() if isinstance(base.source, Download)}
    return [
        Job(name, replace(config, weights="none") if name in downloaded else config, ALL)
        for name, config in configs.items()
    ]
