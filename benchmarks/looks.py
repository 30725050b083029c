"""What do the cheaper looks between whole ones cost in recall, and what do they save?

    python benchmarks/looks.py FILM... [--fps 1] [--end S] [--whole-every 10] [--known-px 28] [--min-face 20] [--json]

Every sample of each film is looked at whole, and once more as the program does it (settings ``rules.looks``; options
above override single ones, several values are tried in turn). Of the samples between whole looks: how many of a whole
look's faces the cheaper look finds (IoU >= .5), how many it finds beside them, median and 10th percentile of the IoU of
both boxes, the median ratio of their longer sides, milliseconds of CPU a sample (whole looks included), and how many
pixels the network is shown against whole looks alone. Chunks are those of an analysis.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from classroom_fer.faces import looks
from classroom_fer.faces.boxes import Floats, iou
from classroom_fer.faces.centerface_net import CenterFaceNet
from classroom_fer.faces.landmarks import LandmarkFinder
from classroom_fer.faces.mosaic import Mosaic
from classroom_fer.faces.nets import open_net
from classroom_fer.film.video import open_video
from classroom_fer.lesson.records import Frame
from classroom_fer.lesson.span import Span
from classroom_fer.settings.config import default_config
from classroom_fer.settings.rules import LookRules

MIN_IOU = 0.5
GIF_FPS = 25.0
"""Of classroom.gif, which has no better clock."""

SHOWN = ("recall", "faces", "beside", "iou", "iou_p10", "size", "whole_ms", "ours_ms", "shown")
"""Columns of the table."""


class CountingNet(CenterFaceNet):
    """Adds up the pixels that the network is shown."""

    shown_px = 0

    def _seen(self, mosaic: Mosaic, image: np.ndarray, min_score: float) -> tuple[Floats, Floats]:
        self.shown_px += mosaic.size[0] * mosaic.size[1]
        return super()._seen(mosaic, image, min_score)


@dataclass
class Cost:
    """Sums over a film's samples between whole looks."""

    samples: int = 0
    faces: int = 0
    found: int = 0
    beside: int = 0
    overlaps: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    whole_s: float = 0.0
    ours_s: float = 0.0
    shown: float = 0.0

    def add(self, whole: np.ndarray, ours: np.ndarray) -> None:
        overlap = iou(whole, ours) if len(whole) and len(ours) else np.zeros((len(whole), 1))
        best = overlap.max(axis=1) if len(whole) else np.zeros(0)
        matched = np.flatnonzero(best >= MIN_IOU)
        self.faces += len(whole)
        self.found += len(matched)
        self.beside += len(ours) - len(matched)
        self.overlaps += best[matched].tolist()
        for row in matched:
            self.ratios.append(longer(ours[overlap[row].argmax()]) / longer(whole[row]))

    def table(self) -> dict[str, float]:
        return {
            "samples": self.samples, "recall": self.found / max(1, self.faces), "faces": self.faces,
            "beside": self.beside, "iou": float(np.median(self.overlaps or [0])),
            "iou_p10": float(np.percentile(self.overlaps or [0], 10)), "size": float(np.median(self.ratios or [0])),
            "whole_ms": 1000 * self.whole_s / self.samples, "ours_ms": 1000 * self.ours_s / self.samples,
            "shown": self.shown,
        }  # fmt: skip


def longer(box: np.ndarray) -> float:
    return float(max(box[2] - box[0], box[3] - box[1]))


def chunks_of(film: Path, fps: float, end_s: float) -> Iterator[list[Frame]]:
    """The sampled frames of each chunk; of a GIF every tenth of its pictures."""
    if film.suffix.lower() == ".gif":
        pictures = itertools.islice(_decoded(film), 0, None, max(1, round(GIF_FPS / fps)))
        yield [Frame(n, n / fps, picture) for n, picture in enumerate(pictures)]
        return
    with open_video(film, threads=1) as source:
        for chunk in Span(0.0, min(end_s, source.info.duration_s), fps, default_config().chunk_s).chunks():
            yield list(source.sample(chunk.start_s, chunk.end_s, fps))


def _decoded(film: Path) -> Iterator[np.ndarray]:
    capture = cv2.VideoCapture(str(film))
    while (grabbed := capture.read())[0]:
        yield cv2.cvtColor(grabbed[1], cv2.COLOR_BGR2RGB)


def boxes_of(faces: Sequence) -> np.ndarray:  # type: ignore[type-arg]
    return np.array([face.box for face in faces], np.float32).reshape(-1, 4)


def measure(film: Path, args: argparse.Namespace, plans: Sequence[LookRules]) -> list[Cost]:
    """One pass over the film: each frame whole, and by each plan."""
    net, landmarks = (
        CountingNet(open_net("faces", threads=args.threads)),
        LandmarkFinder(open_net("landmarks", threads=1)),
    )
    costs, shown = [Cost() for _ in plans], np.zeros(1 + len(plans))
    for frames in chunks_of(film, args.fps, args.end):
        every = dataclasses.replace(plans[0], whole_every_s=0.0)
        searches = [looks.ChunkLooks(net, landmarks, plan, min_face=args.min_face) for plan in (every, *plans)]
        last_whole = [-np.inf] * len(plans)
        for frame in frames:
            answers, seconds = [], []
            for number, search in enumerate(searches):
                before, started = net.shown_px, time.process_time()
                answers.append(boxes_of(search.look([frame])[0]))
                seconds.append(time.process_time() - started)
                shown[number] += net.shown_px - before
            for number, (cost, plan) in enumerate(zip(costs, plans, strict=True)):
                cost.samples += 1
                cost.whole_s += seconds[0]
                cost.ours_s += seconds[1 + number]
                if frame.time_s - last_whole[number] >= plan.whole_every_s - 1e-6:
                    last_whole[number] = frame.time_s
                else:
                    cost.add(answers[0], answers[1 + number])
    for number, cost in enumerate(costs):
        cost.shown = float(shown[1 + number] / shown[0])
    return costs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="+", type=Path)
    parser.add_argument("--fps", type=float, default=1.0)
    parser.add_argument("--end", type=float, default=1e9, help="seconds of film")
    parser.add_argument("--min-face", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    rules = default_config().rules.looks
    for name, value in dataclasses.asdict(rules).items():
        parser.add_argument(
            f"--{name.replace('_', '-').removesuffix('-s')}", dest=name, type=float, nargs="+", default=[value]
        )
    args = parser.parse_args()
    names = list(dataclasses.asdict(rules))
    plans = [LookRules(*values) for values in itertools.product(*(getattr(args, name) for name in names))]
    rows = [
        {"film": film.name, **dataclasses.asdict(plan), **cost.table()}
        for film in args.films
        for plan, cost in zip(plans, measure(film, args, plans), strict=True)
    ]
    if args.json:
        print(json.dumps(rows, indent=2))
        return
    head = ("plan", "recall", "faces", "beside", "IoU", "p10", "size", "whole ms", "ours ms", "shown")
    print(f"{'film':20} {head[0]:20} " + " ".join(f"{name:>8}" for name in head[1:]))
    for row in rows:
        plan = " ".join(f"{row[name]:g}" for name in names)
        values = [f"{row[key]:8.3f}" if isinstance(row[key], float) else f"{row[key]:8d}" for key in SHOWN]
        print(f"{row['film'][:20]:20} {plan:20} " + " ".join(values))


if __name__ == "__main__":
    main()
