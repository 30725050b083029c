"""From which score `frontal` on may an expression be read? (docs/measurement.md, section 3)

    python benchmarks/frontal.py [FILMS...] [--faces DIR] [--photographs DIR] [--threads 0] [--json]

--faces is a folder of FER2013 with FER+: the tiles of PublicTest (never PrivateTest) are drawn at SIZES_PX, each in its
own continued margin, found by the product's detector and read by its classifier; right is the class that most of the
ten annotators named. --photographs is a folder of labelled pictures (`detection_score.py`): which boxes meet no face?
FILMS say how many faces would be answered. Faces that another rule leaves out (size, direction, probability) are left
out here too.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from detection_score import MIN_IOU, read_labels

from classroom_fer.faces.boxes import iou
from classroom_fer.faces.centerface import CenterFaceDetector, load_detector
from classroom_fer.faces.crops import CENTERFACE_CONTEXT, face_crop
from classroom_fer.faces.expressions_onnx import load_classifier
from classroom_fer.faces.head_pose import head_pose
from classroom_fer.lesson.records import EMOTIONS, FaceDetection
from classroom_fer.measurement.engagement import abstains_after
from classroom_fer.settings.config import default_config
from training.data.readers.faces import raise_fault
from training.data.readers.mosaics import read_mosaics

EDGES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 1.01)
SIZES_PX = (36, 48, 72)
"""Sides of a drawn tile: the smallest face that is read, the tile itself, a large face."""
CANVAS = (864, 1440)
FILM_SAMPLES_A_SECOND = 2
Image = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """One box that another rule would let pass."""

    frontal: float
    is_right: bool


def passes(face: FaceDetection) -> bool:
    """Is it large and ahead enough for an expression?"""
    rules, pose = default_config().rules.expression, head_pose(face.landmarks)
    size = min(face.box[2] - face.box[0], face.box[3] - face.box[1])
    return size >= rules.min_face_px and pose is not None and abs(pose.yaw_deg) <= rules.max_yaw


def judge_tiles(folder: Path, detector: CenterFaceDetector, threads: int) -> list[Judged]:
    """Tiles that are found and read with a likely class: is it the one that most annotators named?"""
    classifier, rules = load_classifier(threads=threads), default_config().rules.expression
    faces = read_mosaics(folder, "PublicTest", raise_fault)
    judged = []
    for side in SIZES_PX:
        for canvas, tiles in mosaics(faces.images, side):
            found = nearest(detector.detect([canvas])[0], tiles, side)
            crops = [face_crop(canvas, face.box, classifier.input_px, CENTERFACE_CONTEXT) for _, face in found]
            for (tile, face), p in zip(found, classifier.classify(np.array(crops)), strict=True):
                votes = faces.votes[tile]
                is_face = votes.argmax() < len(EMOTIONS)
                if is_face and abstains_after(p, rules) is None and abs(yaw(face)) <= rules.max_yaw:
                    judged.append(Judged(face.frontal or 0.0, bool(p.argmax() == votes.argmax())))
    return judged


def yaw(face: FaceDetection) -> float:
    """NaN without a pose."""
    pose = head_pose(face.landmarks)
    return float("nan") if pose is None else pose.yaw_deg


def mosaics(images: Image, side: int) -> Iterator[tuple[Image, dict[tuple[int, int], int]]]:
    """Pictures of many tiles with margins of a quarter, and which tile lies in which row and column."""
    margin = side // 4
    cell = side + 2 * margin
    rows, columns = CANVAS[0] // cell, CANVAS[1] // cell
    for start in range(0, len(images), rows * columns):
        canvas, tiles = np.full((*CANVAS, 3), 127, np.uint8), {}
        for number, tile in enumerate(images[start : start + rows * columns]):
            row, column = divmod(number, columns)
            method = cv2.INTER_AREA if side < len(tile) else cv2.INTER_LINEAR
            drawn = cv2.resize(tile, (side, side), interpolation=method)
            drawn = cv2.copyMakeBorder(drawn, *[margin] * 4, cv2.BORDER_REPLICATE)
            canvas[row * cell : (row + 1) * cell, column * cell : (column + 1) * cell] = drawn[..., None]
            tiles[row, column] = start + number
        yield canvas, tiles


def nearest(
    faces: Sequence[FaceDetection], tiles: dict[tuple[int, int], int], side: int
) -> list[tuple[int, FaceDetection]]:
    """The surest face around the middle of each tile that has one."""
    cell, best = side + 2 * (side // 4), {}
    for face in sorted(faces, key=lambda face: face.confidence):
        x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
        place = int(y // cell), int(x // cell)
        if place in tiles and max(abs(x % cell - cell / 2), abs(y % cell - cell / 2)) < side / 4:
            best[tiles[place]] = face
    return list(best.items())


def judge_photographs(folder: Path, detector: CenterFaceDetector) -> list[Judged]:
    """Boxes in labelled photographs: does each meet a face that no surer box has met?"""
    judged = []
    for name, labels in read_labels(folder).items():
        image = cv2.cvtColor(cv2.imread(str(folder / name)), cv2.COLOR_BGR2RGB)
        free = np.ones(len(labels.boxes), bool)
        for face in detector.detect([image])[0]:
            overlaps = iou(np.array([face.box], np.float32), labels.boxes)[0] * free if len(free) else np.zeros(1)
            met = int(overlaps.argmax())
            is_right = bool(overlaps[met] >= MIN_IOU)
            if is_right:
                free[met] = False
            if passes(face):
                judged.append(Judged(face.frontal or 0.0, is_right))
    return judged


def judge_films(films: Sequence[Path], detector: CenterFaceDetector) -> list[Judged]:
    """Faces of films; whether they are right nobody says."""
    judged = []
    for path in films:
        film = cv2.VideoCapture(str(path))
        step = max(1, round((film.get(cv2.CAP_PROP_FPS) or 25) / FILM_SAMPLES_A_SECOND))
        number = 0
        while (grabbed := film.read())[0]:
            if number % step == 0:
                (faces,) = detector.detect([cv2.cvtColor(grabbed[1], cv2.COLOR_BGR2RGB)])
                judged += [Judged(face.frontal or 0.0, is_right=True) for face in faces if passes(face)]
            number += 1
    return judged


def by_score(judged: Sequence[Judged]) -> list[dict[str, float]]:
    """Boxes, share that is right, and share of all with at least this score, by interval of EDGES."""
    rows = []
    for low, high in itertools.pairwise(EDGES):
        here = [one for one in judged if low <= one.frontal < high]
        right = sum(one.is_right for one in here) / len(here) if here else float("nan")
        kept = sum(one.frontal >= low for one in judged) / max(len(judged), 1)
        rows.append({"from": low, "boxes": len(here), "right": right, "at_least": kept})
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="*", type=Path)
    parser.add_argument("--faces", type=Path, help="a folder of FER2013 with FER+")
    parser.add_argument("--photographs", type=Path, help="a folder of labelled photographs")
    parser.add_argument("--threads", type=int, default=0, help="0 = all cores")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()

    threads = args.threads or os.cpu_count() or 1
    detector, tables = load_detector(threads=threads), {}
    if args.faces:
        tables["expressions of tiles"] = by_score(judge_tiles(args.faces, detector, threads))
    if args.photographs:
        tables["boxes in photographs"] = by_score(judge_photographs(args.photographs, detector))
    if args.films:
        tables["faces in films"] = by_score(judge_films(args.films, detector))
    if args.json:
        print(json.dumps(tables))
    for name, rows in {} if args.json else tables.items():
        print(f"{name}\nfrontal from   boxes   right   share of all from here on")
        for row in rows:
            print(f"{row['from']:8.2f} {row['boxes']:10d} {row['right']:8.3f} {row['at_least']:10.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
