"""How well seats are followed where that is hard: IDF1, HOTA, duplicates, tracks on two seats.

    python benchmarks/tracking.py [--rates 0.5 1 2 5] [--keep FOLDER] [--seed 1] [--json]
    python benchmarks/tracking.py --film class.mp4 [...]        # a film that make_class_video.py made before
    python benchmarks/tracking.py --made-only [...]             # made-up lessons only; needs nothing else

- A class film of ``../shared/tools/make_class_video.py`` with absences, seen by the product's own detector, as it is
  and with 12 % of the faces taken away by chance. ``OUT.seats.csv`` is the truth: a face belongs to the seat whose tile
  holds its middle. "chain" also counts what the detector missed: IDF1 against every seat that is taken.
- ``../shared/videos/real_class_7.mp4`` at 2 and 4 samples/s: seven pupils; the number of tracks.
- Made-up lessons of boxes (``tracking_lessons.py``): restless pupils, heads that touch, a teacher in front of the
  seats, pupils who swap seats, 50 minutes.

IDF1 and HOTA are of the faces that the tracker was given. With --keep the databases of the films stay in FOLDER (never
inside the repository) and are used again; cases that need ../shared say so where it is absent. Exit code 1: a goal is
missed on the class film.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.tracking_lessons import SITUATIONS
from benchmarks.tracking_score import Moment, TrackScore, track_score
from classroom_fer.analysis import Analyzer, Request
from classroom_fer.lesson.records import FaceSample, FrameSample, Track
from classroom_fer.settings.config import default_config, load_config
from classroom_fer.store.store import open_store
from classroom_fer.tracking.seat_tracker import SeatTracker
from classroom_fer.wiring import build_pure_half

SHARED = Path(__file__).resolve().parents[2] / "shared"
MAKE_CLASS = SHARED / "tools" / "make_class_video.py"
REAL_CLASS = SHARED / "videos" / "real_class_7.mp4"
REAL_RATES = (2.0, 4.0)
REAL_TRACKS = (7, 8)
"""Seven pupils, and perhaps the teacher."""
MISSED = 0.12
GOAL_IDF1, GOAL_DUPLICATES = 0.98, 0.2
"""Of the class film: at least, and at most a seat and hour."""

Whose = Callable[[FaceSample], int | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    case: str
    rate: float
    tracks: int
    score: TrackScore | None = None
    """None where there is no truth but a number of tracks."""
    chain_idf1: float | None = None
    is_good: bool | None = None
    """Whether the goals are met; None where none was set."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A tile of the class film, pixels, and from when to when it is empty."""

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
    """The seats by number, from the CSV beside the film."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Seat(
            *(float(row[key]) for key in ("x", "y", "width", "height")),
            absent=(float(row["absent_from_s"]), float(row["absent_to_s"])) if row["absent_from_s"] else None,
        )
        for row in rows
    ]


def frames_of(film: Path, fps: float, folder: Path) -> list[FrameSample]:
    """What the product stores of the film at this rate; a database that ``folder`` has already is used again."""
    config = load_config(None, {"fps": fps, "profile": "presence"})
    with open_store(folder / f"{film.stem}-{fps:g}.sqlite") as store:
        outcome = Analyzer(config, store).analyze(Request(film, None, None), lambda _: None)
        return store.frames(outcome.session.session_id)


def thinned(frames: Sequence[FrameSample], share: float, seed: int) -> list[FrameSample]:
    """The frames without a ``share`` of their faces, taken away by chance."""
    rng = np.random.default_rng(seed)
    return [replace(frame, faces=tuple(face for face in frame.faces if rng.random() >= share)) for frame in frames]


def moments(frames: Sequence[FrameSample], tracks: Sequence[Track], whose: Whose) -> list[Moment]:
    """Who could be followed (the faces found) and who was, frame by frame."""
    tracked: dict[tuple[int, int], list[tuple[int, int | None]]] = {}
    for track in tracks:
        for face in track.samples:
            tracked.setdefault((face.frame_index, face.held), []).append((track.track_id, whose(face)))
    return [
        Moment(
            frozenset(person for face in frame.faces if (person := whose(face)) is not None),
            tuple(tracked.get((frame.frame_index, frame.held), ())),
        )
        for frame in frames
    ]


def class_rows(film: Path, rates: Sequence[float], folder: Path, seed: int) -> Iterator[Row]:
    """The class film at every rate, whole and thinned."""
    seats = read_seats(film.with_suffix(".seats.csv"))

    def whose(face: FaceSample) -> int | None:
        return next((number for number, seat in enumerate(seats) if seat.holds(face)), None)

    tracker = build_pure_half(default_config()).tracker
    for rate in rates:
        whole = frames_of(film, rate, folder)
        for case, frames in (("class film", whole), (f"class film, {MISSED:.0%} missed", thinned(whole, MISSED, seed))):
            tracks = tracker.track(frames)
            found = moments(frames, tracks, whose)
            taken = [
                replace(moment, there=frozenset(n for n, seat in enumerate(seats) if seat.is_taken(frame.time_s)))
                for moment, frame in zip(found, frames, strict=True)
            ]
            hours = (frames[-1].time_s + 1 / rate) / 3600
            score = track_score(found, len(seats), hours)
            chain = track_score(taken, len(seats), hours).idf1
            yield Row(case, rate, len(tracks), score, chain, is_good(score))


def is_good(score: TrackScore) -> bool:
    """Whether the goals of the class film are met."""
    return score.idf1 >= GOAL_IDF1 and score.duplicates_per_seat_hour <= GOAL_DUPLICATES and score.two_seats == 0


def real_rows(film: Path, folder: Path) -> Iterator[Row]:
    """How many tracks the staged class of seven has."""
    for rate in REAL_RATES:
        tracks = build_pure_half(default_config()).tracker.track(frames_of(film, rate, folder))
        yield Row("real class of 7", rate, len(tracks), is_good=len(tracks) in REAL_TRACKS)


def made_rows(rates: Sequence[float], seed: int, only: Sequence[str]) -> Iterator[Row]:
    """The made-up lessons; their scores are on MTCNN's scale (``tests/synthetic.py``)."""
    tracker = SeatTracker(default_config().rules.tracking)
    for name in only or SITUATIONS:
        for rate in rates:
            lesson = SITUATIONS[name](rate, seed)
            tracks = tracker.track(lesson.frames)
            truth = lesson.truth
            found = moments(lesson.frames, tracks, lambda face, t=truth: t[face.frame_index, face.face_index])
            yield Row(name, rate, len(tracks), track_score(found, lesson.seats, lesson.hours))


def all_rows(args: argparse.Namespace, folder: Path) -> Iterator[Row]:
    """Every case that can be run here, the quickest first."""
    yield from made_rows(args.rates, args.seed, args.only)
    if args.made_only:
        return
    if args.film or MAKE_CLASS.exists():
        yield from class_rows(args.film or made_class(folder), args.rates, folder, args.seed)
    else:
        print(f"class film: skipped, {MAKE_CLASS} is not there", file=sys.stderr)
    if REAL_CLASS.exists():
        yield from real_rows(REAL_CLASS, folder)
    else:
        print(f"real class of 7: skipped, {REAL_CLASS} is not there", file=sys.stderr)


def made_class(folder: Path) -> Path:
    """Three minutes of the class with absences, made where ``folder`` has none."""
    film = folder / "class.mp4"
    if not film.exists():
        subprocess.run([sys.executable, str(MAKE_CLASS), str(film), "--minutes", "3", "--absent"], check=True)
    return film


HEADER = "case                    /s   IDF1   HOTA  chain  tracks seats others  dup/seat h  two seats  strays of faces"


def line(row: Row) -> str:
    """A row of the table in the terminal."""
    mark = {True: "", False: "  goal missed", None: ""}[row.is_good]
    if row.score is None:
        return f"{row.case:22} {row.rate:4g} {'':20} {row.tracks:7}{mark}"
    s, chain = row.score, "     -" if row.chain_idf1 is None else f"{row.chain_idf1:6.4f}"
    return (
        f"{row.case:22} {row.rate:4g} {s.idf1:6.4f} {s.hota:6.4f} {chain} {s.seat_tracks:7} {s.seats:5} "
        f"{s.other_tracks:6} {s.duplicates_per_seat_hour:11.2f} {s.two_seats:10} {s.strays:7} of {s.faces}{mark}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", type=float, nargs="+", default=[0.5, 1.0, 2.0, 5.0], help="samples a second")
    parser.add_argument("--film", type=Path, help="a film of make_class_video.py with OUT.seats.csv beside it")
    parser.add_argument("--keep", type=Path, help="folder for databases and the class film")
    parser.add_argument("--made-only", action="store_true", help="no films")
    parser.add_argument("--only", nargs="*", default=[], choices=SITUATIONS, help="of the made-up lessons")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as scratch:
        for row in all_rows(args, args.keep or Path(scratch)):
            if not rows and not args.json:
                print(HEADER)
            rows.append(row)
            if not args.json:
                print(line(row), flush=True)
    if args.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    sys.exit(1 if any(row.is_good is False for row in rows) else 0)


if __name__ == "__main__":
    main()
