"""A small data folder in the layout of FER2013's mosaics, made from noise."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np

from classroom_fer.lesson.records import EMOTIONS, Image
from training.data.readers.class_names import OURS_TO_FER7
from training.data.splits import COLUMNS, FER7, SPLITS, TILE_PX
from training.settings.config import TrainConfig

TINY = {
    "widths": (8, 16), "blocks": (1, 1), "branches": 1, "precision": "float32", "batch": 8, "warmup_epochs": 0.5,
    "decay_epochs": 0.5, "score_every": 1, "ema": 0.0,
}  # fmt: skip


def tiny_config(data: Path, **changes: object) -> TrainConfig:
    """A net of a few thousand parameters on float32, for steps that take milliseconds.

    It averages no weights: gathering statistics for averages takes forty more steps at every score.
    """
    return TrainConfig(data=data, **(TINY | changes))  # type: ignore[arg-type]  # the changes are the tests' own


def smooth_faces(count: int, *, seed: int = 0, side: int = TILE_PX) -> Image:
    """Grey [count, side, side]: blurred noise over the whole range."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (count, 6, 6)).astype(np.float32)
    return np.stack(
        [np.clip(cv2.resize(c, (side, side), interpolation=cv2.INTER_CUBIC), 0, 255) for c in coarse]
    ).astype(np.uint8)


def write_mosaic(path: Path, faces: Image, *, columns: int = 4) -> None:
    rows = -(-len(faces) // columns)
    padded = np.zeros((rows * columns, TILE_PX, TILE_PX), np.uint8)
    padded[: len(faces)] = faces
    mosaic = padded.reshape(rows, columns, TILE_PX, TILE_PX).transpose(0, 2, 1, 3)
    cv2.imwrite(str(path), mosaic.reshape(rows * TILE_PX, columns * TILE_PX))


def write_dataset(folder: Path, *, faces: int = 8) -> Path:
    """``faces`` faces in each split; face k has five votes for emotion k % 8 and two for neutral.

    FER2013's label is the same emotion, and neutral for contempt.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, (usage, mosaic) in enumerate(SPLITS.items()):
        write_mosaic(folder / mosaic, smooth_faces(faces, seed=number))
        for tile in range(faces):
            votes = dict.fromkeys((*EMOTIONS, "unknown", "NF"), 0)
            votes["neutral"] += 2
            votes[EMOTIONS[tile % len(EMOTIONS)]] += 5
            emotion = FER7.index(OURS_TO_FER7.get(EMOTIONS[tile % len(EMOTIONS)], "neutral"))
            name = f"fer{len(rows):07d}.png"
            rows.append(
                {"row": len(rows), "Usage": usage, "image_name": name, "tile": tile, "emotion": emotion, **votes}
            )
    write_labels(folder, rows)
    return folder


def write_labels(folder: Path, rows: list[dict[str, object]], columns: tuple[str, ...] = COLUMNS) -> None:
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def read_labels(folder: Path) -> list[dict[str, object]]:
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        return [dict(row) for row in csv.DictReader(file)]
