"""How well seats are followed on a film of ``make_class_video.py``, whose ``OUT.seats.csv`` is the truth.

    python benchmarks/tracking.py class.mp4 [--db FILE.sqlite | --cache FILE.npz] [--fps 1] [--json]

Truth: a seat is there in every sampled frame outside its absence, and a face belongs to the seat whose tile holds its
centre. So a face that the detector misses counts against IDR and MOTA too; "detector" says how many it found.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classroom_fer.lesson.records import FaceQuality, FaceSample, FrameSample, Track
from classroom_fer.settings.config import default_config
from classroom_fer.tracking.seat_tracker import SeatTracker

RULES = default_config().rules.tracking

MIN_SHARE = 0.80  # issue 2: exactly one track for at least 80 % of the seat's time
MIN_FACE_PX = 20


@dataclass(frozen=True)
class Seat:
    number: int
    x: float
    y: float
    width: float
    height: float
    absent: tuple[float, float] | None

    def holds(self, face: FaceSample) -> bool:
        x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height

    def is_taken(self, time_s: float) -> bool:
        return self.absent is None or not self.absent[0] <= time_s < self.absent[1]


def read_seats(path: Path) -> list[Seat]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Seat(
            int(row["seat"]),
            *(float(row[key]) for key in ("x", "y", "width", "height")),
            absent=(float(row["absent_from_s"]), float(row["absent_to_s"])) if row["absent_from_s"] else None,
        )
        for row in rows
    ]


def frames_from_film(film: Path, fps: float) -> list[FrameSample]:
    """The product's own reader and detector; the classifier is not needed for boxes."""
    from classroom_fer.faces import mtcnn
    from classroom_fer.film import video

    detector = mtcnn.load_detector(min_face=MIN_FACE_PX)
    frames: list[FrameSample] = []
    with video.open_video(film) as source:
        for frame in source.sample(0.0, source.info.duration_s, fps):
            found = [(d.box, d.confidence) for d in detector.detect([frame.image])[0]]
            frames.append(frame_sample(frame.index, frame.time_s, found))
    return frames


def frame_sample(index: int, time_s: float, found: Sequence[tuple[Sequence[float], float]]) -> FrameSample:
    faces = []
    for number, (box, confidence) in enumerate(found):
        x1, y1, x2, y2 = (float(value) for value in box)
        quality = FaceQuality(size_px=min(x2 - x1, y2 - y1), blur=0.0)
        faces.append(
            FaceSample(index, number, time_s, (x1, y1, x2, y2), float(confidence), quality, None, None, "uncertain")
        )
    return FrameSample(index, time_s, tuple(faces))


def frames_from_cache(path: Path) -> list[FrameSample]:
    """Boxes that an earlier run kept: frames [F, 2] (index, time), faces [N, 7] (index, time, box, confidence)."""
    table = np.load(path)
    found: dict[int, list[tuple[Sequence[float], float]]] = {int(index): [] for index, _ in table["frames"]}
    for row in table["faces"].reshape(-1, table["faces"].shape[-1] if len(table["faces"]) else 7):
        found[int(row[0])].append((row[2:6].tolist(), float(row[6])))
    return [frame_sample(int(index), float(time_s), found[int(index)]) for index, time_s in table["frames"]]


def write_cache(path: Path, frames: Sequence[FrameSample]) -> None:
    faces = [[f.frame_index, f.time_s, *f.box, f.confidence] for frame in frames for f in frame.faces]
    with path.open("wb") as file:
        np.savez(file, frames=np.array([[f.frame_index, f.time_s] for f in frames]), faces=np.array(faces))


def frames_from_db(path: Path, film: Path) -> list[FrameSample]:
    """The face rows of the newest session of this film."""
    import sqlite3

    with sqlite3.connect(path) as db:
        query = "select max(session_id) from v_session where video = ?"
        (session,) = db.execute(query, (film.name,)).fetchone()
        if session is None:
            raise SystemExit(f"{path} holds no session of {film.name}")
        looked_at = db.execute(
            "select frame_index, time_s from frame where session_id = ? order by time_s", (session,)
        ).fetchall()
        faces = db.execute(
            "select frame_index, x1, y1, x2, y2, confidence from v_face where session_id = ? order by frame_index, x1",
            (session,),
        ).fetchall()
    found: dict[int, list[tuple[Sequence[float], float]]] = {index: [] for index, _ in looked_at}
    for index, *box, confidence in faces:
        found[index].append((box, confidence))
    return [frame_sample(index, time_s, found[index]) for index, time_s in looked_at]


def seat_measures(seats: Sequence[Seat], frames: Sequence[FrameSample], tracks: Sequence[Track]) -> dict[str, Any]:
    """Per seat: the share of its frames in which its main track, and no other, has a face there."""
    there: dict[tuple[int, int], list[int]] = {}
    visits: dict[int, Counter[int]] = {track.track_id: Counter() for track in tracks}
    for track in tracks:
        for sample in track.samples:
            for seat in seats:
                if seat.holds(sample):
                    there.setdefault((seat.number, sample.frame_index), []).append(track.track_id)
                    visits[track.track_id][seat.number] += 1
    shares: dict[int, float] = {}
    detected: list[bool] = []
    for seat in seats:
        at = [frame for frame in frames if seat.is_taken(frame.time_s)]
        alone = Counter(ids[0] for frame in at if len(ids := there.get((seat.number, frame.frame_index), [])) == 1)
        shares[seat.number] = max(alone.values(), default=0) / len(at) if at else 0.0
        detected += [any(seat.holds(face) for face in frame.faces) for frame in at]
    return {
        "seats": len(seats),
        "seats_followed": sum(share >= MIN_SHARE for share in shares.values()),
        "seat_shares": {seat: round(share, 3) for seat, share in shares.items()},
        "tracks": len(tracks),
        "tracks_per_seat": {seat.number: sum(seat.number in v for v in visits.values()) for seat in seats},
        "tracks_covering_two_seats": [track for track, v in visits.items() if len(v) > 1],
        "detector": round(float(np.mean(detected)), 4),
    }


def identity_measures(
    seats: Sequence[Seat], frames: Sequence[FrameSample], tracks: Sequence[Track]
) -> dict[str, float]:
    """IDF1, IDP, IDR, MOTA by py-motmetrics; a track's face can only be the seat whose tile holds its centre."""
    import motmetrics

    by_frame: dict[int, list[tuple[int, FaceSample]]] = {}
    for track in tracks:
        for sample in track.samples:
            by_frame.setdefault(sample.frame_index, []).append((track.track_id, sample))
    accumulator = motmetrics.MOTAccumulator(auto_id=True)
    for frame in frames:
        taken = [seat for seat in seats if seat.is_taken(frame.time_s)]
        seen = by_frame.get(frame.frame_index, [])
        far = np.array([[0.5 if seat.holds(face) else np.nan for _, face in seen] for seat in taken])
        accumulator.update([seat.number for seat in taken], [number for number, _ in seen], far)
    names = ["idf1", "idp", "idr", "mota", "num_switches", "num_false_positives", "num_misses"]
    summary = motmetrics.metrics.create().compute(accumulator, metrics=names, name="film")
    return {name: round(float(summary.loc["film", name]), 4) for name in names}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film", type=Path)
    parser.add_argument("--fps", type=float, default=1.0, help="samples a second (default 1)")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--db", type=Path, help="take the faces of this film from an analysed database")
    source.add_argument("--cache", type=Path, help="keep the detector's boxes (numbers only) here and reuse them")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()

    seats = read_seats(args.film.with_suffix(".seats.csv"))
    if args.db:
        frames = frames_from_db(args.db, args.film)
    elif args.cache and args.cache.exists():
        frames = frames_from_cache(args.cache)
    else:
        frames = frames_from_film(args.film, args.fps)
        if args.cache:
            write_cache(args.cache, frames)
    start = time.perf_counter()
    tracks = SeatTracker(RULES).track(frames)
    seconds = time.perf_counter() - start
    result = {
        "film": args.film.name,
        "frames": len(frames),
        "faces": sum(len(frame.faces) for frame in frames),
        **seat_measures(seats, frames, tracks),
        **identity_measures(seats, frames, tracks),
        "tracking_s": round(seconds, 3),
    }
    if args.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:26} {value}")


if __name__ == "__main__":
    main()
