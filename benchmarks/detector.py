"""Detectors: is our MTCNN driver facenet-pytorch's own, and which detector finds the labelled faces of photographs?

    python benchmarks/detector.py [FILES...] [--frames 2] [--min-face 20 30 40] [--threads 0] [--json]
    python benchmarks/detector.py --data DIR [--scales 0.5 0.75 1 1.5] [--every 1] [--threads 0] [--json]

FILES are films or pictures; without any, the two photographs that scikit-image and matplotlib carry. Of each film
FRAMES frames are taken, evenly spread. The gate: at least 99.5 % of the stock boxes are matched at IoU >= .6, and our
unmatched boxes are at most as many as the stock's, plus one in a thousand. Both detectors take turns on every frame
after a warm-up; the speed ratio is the median over frames of ours / stock, in wall time and in CPU time of the process
(which says more on a busy machine, unless OpenMP's threads spin: set OMP_WAIT_POLICY=PASSIVE as the product does).
Exit code 1 if the gate is missed.

With --data: DIR holds pictures and ``faces.json`` (see `detection_score.py`). CenterFace as it is used and at fixed
scales, stock MTCNN and our driver of it: average precision, recall at a precision of .95, recall by height, occlusion
and pose, and the median distance of O-Net's points from MTCNN's on faces that both find, in widths of the face.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from detection_score import Found, Scored, groups, read_labels, score

from classroom_fer.faces import centerface, mtcnn
from classroom_fer.faces.boxes import clip, has_area, iou
from classroom_fer.faces.centerface_net import MIN_SCORE
from classroom_fer.faces.looks import full_scale

MIN_IOU = 0.6  # boxes that overlap this much are the same face (choice)
MIN_MATCHED = 0.995
FALSE_TOLERANCE = 0.001  # of the stock boxes: one score that rounding lifts over its threshold among a thousand
PICTURES = {".jpg", ".jpeg", ".png"}

Boxes = np.ndarray[Any, np.dtype[np.float32]]
Detect = Callable[[np.ndarray[Any, Any]], Boxes]
DetectAll = Callable[[np.ndarray[Any, Any]], Found]
LOWEST_SCORE = 0.05
"""Of the boxes that an average precision is made of."""


@dataclass(frozen=True)
class Gate:
    """How the faces of two detectors agree."""

    min_face: int
    frames: int
    stock_boxes: int
    our_boxes: int
    matched: int

    @property
    def matched_share(self) -> float:
        return self.matched / self.stock_boxes if self.stock_boxes else 1.0

    @property
    def is_passed(self) -> bool:
        unmatched_stock, unmatched_ours = self.stock_boxes - self.matched, self.our_boxes - self.matched
        tolerance = math.ceil(FALSE_TOLERANCE * self.stock_boxes)
        return self.matched_share >= MIN_MATCHED and unmatched_ours <= unmatched_stock + tolerance


@dataclass(frozen=True)
class Speed:
    """Seconds a frame (medians) and the medians of the frames' ratios."""

    stock_s: float
    ours_s: float
    ratio: float
    stock_cpu_s: float
    ours_cpu_s: float
    cpu_ratio: float


def photographs() -> list[Path]:
    """Eileen Collins and Grace Hopper (NASA, US Navy; public domain), from the packages that carry them."""
    places = {"skimage": "data/astronaut.png", "matplotlib": "mpl-data/sample_data/grace_hopper.jpg"}
    specs = {name: importlib.util.find_spec(name) for name in places}
    return [Path(spec.origin).parent / places[name] for name, spec in specs.items() if spec and spec.origin]


def read_frames(path: Path, count: int) -> list[np.ndarray[Any, Any]]:
    """``count`` RGB frames of a film, evenly spread, or the picture."""
    if path.suffix.lower() in PICTURES:
        return [cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)]
    total = sum(1 for _ in _decode(path))
    wanted = set(np.linspace(0, total - 1, min(count, total)).round().astype(int).tolist())
    return [cv2.cvtColor(frame, cv2.COLOR_BGR2RGB) for index, frame in enumerate(_decode(path)) if index in wanted]


def _decode(path: Path) -> Iterable[np.ndarray[Any, Any]]:
    capture = cv2.VideoCapture(str(path))
    try:
        while (grabbed := capture.read())[0]:
            yield grabbed[1]
    finally:
        capture.release()


def stock_detector(min_face: int, threads: int) -> Detect:
    """``facenet_pytorch.MTCNN.detect`` with ``threads`` threads: its boxes."""
    detect = stock_faces(min_face, threads)
    return lambda image: detect(image).boxes


def stock_faces(min_face: int, threads: int) -> DetectAll:
    """The same: its boxes and scores."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from facenet_pytorch import MTCNN

    model = MTCNN(keep_all=True, min_face_size=min_face)

    def detect(image: np.ndarray[Any, Any]) -> Found:
        torch.set_num_threads(threads)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            boxes, scores, _ = model.detect(image, landmarks=True)
        if boxes is None:
            return Found(np.zeros((0, 4), np.float32), np.zeros(0))
        return Found(boxes.astype(np.float32), np.asarray(scores, float))

    return detect


def our_detector(min_face: int, threads: int) -> Detect:
    import torch

    detector = mtcnn.load_detector(min_face=min_face, threads=threads)

    def detect(image: np.ndarray[Any, Any]) -> Boxes:
        torch.set_num_threads(1)  # as a process has it that does not run the stock detector too
        return np.array([face.box for face in detector.detect([image])[0]], np.float32).reshape(-1, 4)

    return detect


def count_matches(stock: Boxes, ours: Boxes) -> int:
    """Pairs of boxes at IoU >= MIN_IOU, each box in at most one, best pairs first."""
    overlaps = iou(stock, ours)
    count = 0
    while overlaps.size and overlaps.max() >= MIN_IOU:
        row, column = np.unravel_index(overlaps.argmax(), overlaps.shape)
        overlaps[row, :] = overlaps[:, column] = 0
        count += 1
    return count


def compare(
    frames: Sequence[np.ndarray[Any, Any]], min_face: int, threads: int, *, warm_up: int = 1
) -> tuple[Gate, Speed]:
    """Both detectors in turn on every frame."""
    stock, ours = stock_detector(min_face, threads), our_detector(min_face, threads)
    for frame in frames[:warm_up]:
        stock(frame), ours(frame)
    totals = np.zeros(3, int)
    times = []
    for frame in frames:
        started = now()
        theirs = stock(frame)
        halfway = now()
        found = ours(frame)
        times.append((halfway - started, now() - halfway))
        visible = clip(theirs, *frame.shape[:2])
        visible = visible[has_area(visible)]
        totals += len(visible), len(found), count_matches(visible, found)
    gate = Gate(min_face, len(frames), *(int(total) for total in totals))
    seconds = np.array(times)  # [frames, stock | ours, wall | CPU]
    medians, ratios = np.median(seconds, axis=0), np.median(seconds[:, 1] / seconds[:, 0], axis=0)
    return gate, Speed(*(float(v) for kind in (0, 1) for v in (*medians[:, kind], ratios[kind])))


def now() -> np.ndarray[Any, Any]:
    """Wall clock and this process's CPU time, seconds."""
    return np.array([time.perf_counter(), time.process_time()])


@dataclass(frozen=True)
class Judged:
    """One detector on a set of labelled pictures."""

    name: str
    scored: Scored
    score: float
    """At which recall by kind of face is told: that of the detector as it is used."""
    seconds: float
    """A picture, median."""


def judge(name: str, pictures: Sequence[Path], labels: Sequence[Any], detect: DetectAll, used: float) -> Judged:
    """Runs ``detect`` on every picture."""
    found, seconds = [], []
    for path in pictures:
        (image,) = read_frames(path, 1)
        started = time.perf_counter()
        found.append(detect(image))
        seconds.append(time.perf_counter() - started)
    return Judged(name, score(labels, found), used, float(np.median(seconds)))


def candidates(scales: Sequence[float], threads: int) -> list[tuple[str, DetectAll, float]]:
    """Name, detector and the score at which it is used."""
    ours = centerface.load_detector(min_face=20, threads=threads)

    def at(scale: float | None) -> DetectAll:
        def detect(image: np.ndarray[Any, Any]) -> Found:
            shown = scale or full_scale(image.shape[0], image.shape[1], 20)
            found = ours.net.whole(image, shown, LOWEST_SCORE)
            return Found(found.boxes, found.scores)

        return detect

    def first_release(image: np.ndarray[Any, Any]) -> Found:
        return _as_found(first.detect([image])[0])

    first, stock = mtcnn.load_detector(min_face=20, threads=threads), stock_faces(20, threads)
    table = [("CenterFace", at(None), MIN_SCORE)]
    table += [(f"CenterFace at {scale:g}", at(scale), MIN_SCORE) for scale in scales]
    return [*table, ("our MTCNN", first_release, mtcnn.THRESHOLDS[2]), ("stock MTCNN", stock, mtcnn.THRESHOLDS[2])]


def _as_found(faces: Sequence[Any]) -> Found:
    boxes = np.array([face.box for face in faces], np.float32).reshape(-1, 4)
    return Found(boxes, np.array([face.confidence for face in faces]))


def points_apart(pictures: Sequence[Path], threads: int) -> tuple[float, int]:
    """Median distance of our points from MTCNN's in widths of the face, and on how many faces that both find."""
    ours, theirs = centerface.load_detector(threads=threads), mtcnn.load_detector(threads=threads)
    apart = []
    for path in pictures:
        image = read_frames(path, 1)
        (a,), (b,) = ours.detect(image), theirs.detect(image)
        overlaps = iou(_as_found(b).boxes, _as_found(a).boxes)
        for row, face in enumerate(b):
            if overlaps.shape[1] and overlaps[row].max() >= MIN_IOU:
                nearest = a[int(overlaps[row].argmax())]
                distance = np.linalg.norm(np.subtract(face.landmarks, nearest.landmarks), axis=1).mean()
                apart.append(distance / (face.box[2] - face.box[0]))
    return (float(np.median(apart)) if apart else float("nan")), len(apart)


def print_judged(results: Sequence[Judged]) -> None:
    """A table of the detectors, then recall by kind of face."""
    print("detector             AP    recall at precision .95 (score)   as used: recall precision wrong    s a picture")
    for r in results:
        recall, at = r.scored.at_precision(0.95)
        used, precision, wrong = r.scored.at_score(r.score)
        print(
            f"{r.name:20} {r.scored.average_precision:.3f} {recall:.3f} ({at:.2f}){'':18}{r.score:.2f}: {used:.3f} "
            f"{precision:.3f} {wrong:5d} {r.seconds:12.3f}"
        )
    for kind, chosen in groups().items():
        recalls = [r.scored.recall(chosen(r.scored.faces), r.score) for r in results]
        print(f"{kind:18} n {recalls[0][1]:4d}  " + "  ".join(f"{value:.3f}" for value, _ in recalls))


def judged_table(r: Judged) -> dict[str, Any]:
    recall, at = r.scored.at_precision(0.95)
    curve = {f"{s / 20:.2f}": r.scored.at_score(s / 20) for s in range(2, 19)}
    kinds = {kind: r.scored.recall(chosen(r.scored.faces), r.score) for kind, chosen in groups().items()}
    facts = {"recall_at_precision_95": recall, "score_there": at, "score": r.score, "seconds": r.seconds}
    return {"name": r.name, "ap": r.scored.average_precision, **facts, "recall_precision_wrong": curve, "kinds": kinds}


def judge_all(args: argparse.Namespace, threads: int) -> int:
    labels = dict(list(read_labels(args.data).items())[:: args.every])
    pictures = [args.data / name for name in labels]
    results = []
    for name, detect, used in candidates(args.scales, threads):
        results.append(judge(name, pictures, list(labels.values()), detect, used))
        print(f"{name}: AP {results[-1].scored.average_precision:.3f}", file=sys.stderr, flush=True)
    apart, faces = points_apart(pictures[:: args.every_point], threads)
    if args.json:
        detectors = [judged_table(r) for r in results]
        print(
            json.dumps({"pictures": len(pictures), "threads": threads, "points_apart": apart, "detectors": detectors})
        )
    else:
        print(f"{len(pictures)} pictures, {results[0].scored.asked} faces asked for, {threads} threads")
        print_judged(results)
        print(f"points apart from MTCNN's: {apart:.2%} of the face's width (median of {faces} faces)")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--frames", type=int, default=2, help="frames a film")
    parser.add_argument("--min-face", type=int, nargs="+", default=[20, 30, 40])
    parser.add_argument("--data", type=Path, help="a folder of labelled photographs")
    parser.add_argument("--scales", type=float, nargs="*", default=[0.5, 0.75, 1.0, 1.5])
    parser.add_argument("--every", type=int, default=1, help="take every Nth photograph")
    parser.add_argument("--every-point", type=int, default=5, help="of these, every Nth for the points")
    parser.add_argument("--threads", type=int, default=0, help="0 = all cores")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()

    threads = args.threads or mtcnn.available_cores()
    if args.data:
        return judge_all(args, threads)
    frames = [frame for path in args.files or photographs() for frame in read_frames(path, args.frames)]
    results = [compare(frames, min_face, threads) for min_face in args.min_face]
    if args.json:
        rows = [asdict(gate) | asdict(speed) | {"passed": gate.is_passed} for gate, speed in results]
        print(json.dumps({"threads": threads, "load": os.getloadavg()[0], "results": rows}, indent=2))
    else:
        print(f"{len(frames)} frames, {threads} threads, load {os.getloadavg()[0]:.1f}")
        for gate, speed in results:
            print(
                f"min face {gate.min_face}: stock {gate.stock_boxes} boxes, ours {gate.our_boxes}, "
                f"matched {gate.matched} ({gate.matched_share:.2%}) {'passed' if gate.is_passed else 'MISSED'}; "
                f"stock {speed.stock_s:.3f} s a frame, ours {speed.ours_s:.3f} s, ratio {speed.ratio:.2f} "
                f"(CPU {speed.stock_cpu_s:.3f}, {speed.ours_cpu_s:.3f}, {speed.cpu_ratio:.2f})"
            )
    return 0 if all(gate.is_passed for gate, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
