"""Which direction is read of heads turned by known angles, how often none is, and how often is no face found?

    python benchmarks/head_pose.py [--sizes 24 32 48 64 96 160] [--yaws ...] [--pitches ...] [--threads 0] [--json]

The two photographs of the sample lesson, each as it is and in a mirror, are rendered at every pair of angles
(`rendered_heads.py`), drawn at every size and shown to the product's detector. An angle is compared with the one that
the same head is given when it is turned by nothing (median over the sizes): a photograph's own zero is not known, and
the product takes each pupil's own, too. Errors are read minus true. No data set is needed; two minutes on two cores.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median

import numpy as np
from rendered_heads import LARGEST_PX, Bytes, Placed, Sprite, heads, laid_out, mirrored, turned

from classroom_fer.faces.centerface import CenterFaceDetector, load_detector
from classroom_fer.faces.head_pose import head_pose
from classroom_fer.lesson.records import FaceDetection, HeadPose
from classroom_fer.settings.config import default_config
from classroom_fer.settings.rules import PoseRules

SIZES_PX = (24, 32, 48, 64, 96, LARGEST_PX)
YAWS = tuple(range(-60, 61, 15))
PITCHES = tuple(range(-30, 61, 15))
LEVEL_YAW_DEG = 30
"""Turned no further, heads are counted in the tables of pitch; bent no further, in those of yaw."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One rendered head, and what was read of it."""

    person: str
    mirrored: bool
    size_px: int
    yaw_deg: float
    pitch_deg: float
    found: bool
    frontal: float | None
    read_yaw_deg: float | None
    """None where no valid pose was read."""
    read_pitch_deg: float | None
    read_roll_deg: float | None
    box: tuple[float, float, float, float] | None
    """x1, y1, x2, y2 relative to the eyes of the level head, in widths of the face."""


@dataclass(frozen=True, slots=True)
class Row:
    """The heads of one kind. Errors are NaN where nothing was read."""

    kind: str
    heads: int
    not_found: float
    """Share of the heads."""
    no_pose: float
    """Share of the faces found."""
    yaw_bias: float
    yaw_sd: float
    pitch_bias: float
    pitch_sd: float
    down_by_pitch: float
    """Share of the faces found that are down by their pitch."""
    down: float
    """Share of them that are down by pitch or place."""
    unclear: float
    """Share of the faces found whose ``frontal`` is below the rule for an expression."""


def sprites(yaws: Sequence[int], pitches: Sequence[int]) -> list[Sprite]:
    """Every head at every pair of angles, and in a mirror."""
    rendered = [turned(person, yaw, pitch) for person in heads() for yaw, pitch in itertools.product(yaws, pitches)]
    return [*rendered, *map(mirrored, rendered)]


def read_all(every: Sequence[Sprite], sizes: Iterable[int], detector: CenterFaceDetector) -> list[Reading]:
    """Shows ``every`` head at every size to ``detector``."""
    return [
        reading
        for size in sizes
        for picture, placed in laid_out(every, size)
        for reading in read_picture(picture, placed, size, detector)
    ]


def read_picture(picture: Bytes, placed: Placed, size_px: int, detector: CenterFaceDetector) -> list[Reading]:
    """The heads of one picture; a face belongs to the head whose level eyes its middle is within a face's width of."""
    (faces,) = detector.detect([picture])
    return [_reading(sprite, size_px, x, y, _nearest(faces, x, y, size_px)) for sprite, (x, y) in placed]


def _nearest(faces: Sequence[FaceDetection], x: float, y: float, size_px: int) -> FaceDetection | None:
    def away(face: FaceDetection) -> float:
        x1, y1, x2, y2 = face.box
        return float(np.hypot((x1 + x2) / 2 - x, (y1 + y2) / 2 - y)) / size_px

    near = [face for face in faces if away(face) < 1]
    return max(near, key=lambda face: face.confidence, default=None)


def _reading(sprite: Sprite, size_px: int, x: float, y: float, face: FaceDetection | None) -> Reading:
    pose: HeadPose | None = None if face is None else head_pose(face.landmarks)
    box = None
    if face is not None:
        x1, y1, x2, y2 = face.box
        box = ((x1 - x) / size_px, (y1 - y) / size_px, (x2 - x) / size_px, (y2 - y) / size_px)
    return Reading(
        sprite.person,
        sprite.mirrored,
        size_px,
        sprite.yaw_deg,
        sprite.pitch_deg,
        found=face is not None,
        frontal=None if face is None else face.frontal,
        read_yaw_deg=None if pose is None else pose.yaw_deg,
        read_pitch_deg=None if pose is None else pose.pitch_deg,
        read_roll_deg=None if pose is None else pose.roll_deg,
        box=box,
    )


class Zeros:
    """The angles that each head is given when it is turned by nothing."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self._read: dict[tuple[str, bool], tuple[float, float]] = {}
        ahead = [r for r in readings if r.yaw_deg == r.pitch_deg == 0 and r.read_yaw_deg is not None]
        for key in {(r.person, r.mirrored) for r in ahead}:
            own = [r for r in ahead if (r.person, r.mirrored) == key]
            self._read[key] = (median(r.read_yaw_deg or 0 for r in own), median(r.read_pitch_deg or 0 for r in own))
        self._boxes = {(r.person, r.mirrored, r.size_px): r.box for r in ahead if r.box is not None}

    def errors(self, reading: Reading) -> tuple[float, float]:
        """Yaw and pitch, read minus true; NaN without a pose."""
        if reading.read_yaw_deg is None or reading.read_pitch_deg is None:
            return float("nan"), float("nan")
        yaw0, pitch0 = self._read[reading.person, reading.mirrored]
        return reading.read_yaw_deg - yaw0 - reading.yaw_deg, reading.read_pitch_deg - pitch0 - reading.pitch_deg

    def is_down(self, reading: Reading, rules: PoseRules) -> tuple[bool, bool]:
        """Whether a found head is down by its pitch, and by pitch or place (``measurement/directions.py``)."""
        by_pitch = self.errors(reading)[1] + reading.pitch_deg >= rules.down
        usual = self._boxes.get((reading.person, reading.mirrored, reading.size_px))
        if reading.box is None or usual is None or (reading.frontal or 0) >= rules.unclear:
            return by_pitch, by_pitch
        (_, top, _, bottom), (left0, top0, right0, bottom0) = reading.box, usual
        drop = (top + bottom - top0 - bottom0) / 2 / min(right0 - left0, bottom0 - top0)
        return by_pitch, by_pitch or drop >= rules.sunk


def summarised(kind: str, readings: Sequence[Reading], zeros: Zeros) -> Row:
    """One row of a table."""
    rules = default_config().rules
    found = [r for r in readings if r.found]
    errors = np.array([zeros.errors(r) for r in found if r.read_yaw_deg is not None]).reshape(-1, 2)
    down = [zeros.is_down(r, rules.pose) for r in found]
    (yaw_bias, pitch_bias), (yaw_sd, pitch_sd) = _mean(errors), _sd(errors)
    return Row(
        kind,
        len(readings),
        not_found=1 - len(found) / len(readings),
        no_pose=_share([r.read_yaw_deg is None for r in found]),
        yaw_bias=yaw_bias,
        yaw_sd=yaw_sd,
        pitch_bias=pitch_bias,
        pitch_sd=pitch_sd,
        down_by_pitch=_share([by_pitch for by_pitch, _ in down]),
        down=_share([by_either for _, by_either in down]),
        unclear=_share([(r.frontal or 0) < rules.expression.min_frontal for r in found]),
    )


def _share(answers: Sequence[bool]) -> float:
    return sum(answers) / len(answers) if answers else float("nan")


def _mean(errors: np.ndarray) -> tuple[float, float]:
    return (float("nan"),) * 2 if not len(errors) else tuple(errors.mean(axis=0).tolist())


def _sd(errors: np.ndarray) -> tuple[float, float]:
    return (float("nan"),) * 2 if len(errors) < 2 else tuple(errors.std(axis=0, ddof=1).tolist())


def tables(readings: Sequence[Reading]) -> dict[str, list[Row]]:
    """Rows by pitch, by yaw, by size and by both pitch and size."""
    zeros = Zeros(readings)
    sizes, yaws, pitches = (
        sorted({getattr(r, name) for r in readings}) for name in ("size_px", "yaw_deg", "pitch_deg")
    )

    def row(kind: str, chosen: Callable[[Reading], bool]) -> Row:
        return summarised(kind, [r for r in readings if chosen(r)], zeros)

    def level(r: Reading) -> bool:
        return abs(r.yaw_deg) <= LEVEL_YAW_DEG

    return {
        "pitch": [row(f"{p:+.0f}°", lambda r, p=p: r.pitch_deg == p and level(r)) for p in pitches],
        "yaw": [row(f"{y:+.0f}°", lambda r, y=y: r.yaw_deg == y and abs(r.pitch_deg) <= LEVEL_YAW_DEG) for y in yaws],
        "size": [row(f"{s} px", lambda r, s=s: r.size_px == s and level(r)) for s in sizes],
        "pitch and size": [
            row(f"{p:+.0f}° {s} px", lambda r, p=p, s=s: (r.pitch_deg, r.size_px) == (p, s) and level(r))
            for p, s in itertools.product(pitches, sizes)
        ],
    }


HEADINGS = "heads of     n  not found  no pose    yaw bias, SD    pitch bias, SD   down by pitch, at all  not frontal"


def print_tables(found: dict[str, list[Row]]) -> None:
    for name, rows in found.items():
        print(f"\nby {name}\n{HEADINGS}")
        for r in rows:
            print(
                f"{r.kind:12} {r.heads:4d} {r.not_found:9.2f} {r.no_pose:8.2f} {r.yaw_bias:9.1f} {r.yaw_sd:6.1f} "
                f"{r.pitch_bias:11.1f} {r.pitch_sd:6.1f} {r.down_by_pitch:6.2f} {r.down:6.2f} {r.unclear:8.2f}"
            )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES_PX, help="width of the face, pixels")
    parser.add_argument("--yaws", type=int, nargs="+", default=YAWS, help="degrees; 0 is among them")
    parser.add_argument("--pitches", type=int, nargs="+", default=PITCHES, help="degrees; 0 is among them")
    parser.add_argument("--threads", type=int, default=0, help="0 = all cores")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()

    detector = load_detector(threads=args.threads or os.cpu_count() or 1)
    readings = read_all(sprites(args.yaws, args.pitches), args.sizes, detector)
    found = tables(readings)
    if args.json:
        rows = {name: [asdict(row) for row in kind] for name, kind in found.items()}
        print(json.dumps({"readings": [asdict(r) for r in readings], **rows}))
    else:
        print(f"{len(readings)} heads")
        print_tables(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
