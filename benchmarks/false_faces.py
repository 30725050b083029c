"""How many faces are found in an hour of film in which there is none?

    python benchmarks/false_faces.py [FILMS...] [--fps 2] [--seconds 30] [--threads 0] [--json]

FILMS are films without a face. Two are generated besides, SECONDS long: a class of drawn figures and the backs of heads
(`faceless_films.py`); then, as a comparison, a poster, whose face is one. Each is analysed as a lesson is, up to the
tracks (profile presence). Face rows are counted as shares of the samples and as what a lesson of an hour would have at
1 sample/s; tracks are what a report counts. Where nothing was found in n samples, the share is below 3 / n with a
confidence of .95 if samples are independent, which those of one film are not.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import skimage.data
from faceless_films import Draw, backs_of_heads, drawn_class, poster, write_film

from classroom_fer.analysis import Analyzer, Request
from classroom_fer.settings.config import load_config
from classroom_fer.store.store import open_store

SAMPLES_AN_HOUR = 3600
"""At 1 sample/s."""
ASTRONAUT = (slice(0, 300), slice(80, 380))
"""Rows and columns of scikit-image's astronaut that are head and shoulders."""


@dataclass(frozen=True, slots=True)
class Row:
    """One film."""

    film: str
    samples: int
    faces: int
    """Face rows."""
    tracks: int

    @property
    def an_hour(self) -> float:
        """Face rows in an hour at 1 sample/s."""
        return SAMPLES_AN_HOUR * self.faces / max(self.samples, 1)


def generated() -> Iterator[tuple[str, Draw]]:
    """Name and pictures of the films that are made here."""
    yield "drawn class", drawn_class
    yield "backs of heads", backs_of_heads()
    yield "poster (a face)", poster(skimage.data.astronaut()[ASTRONAUT])


def look(analyzer: Analyzer, name: str, film: Path) -> Row:
    """What the product finds in ``film``."""
    seen = analyzer.analyze(Request(film, None, None), lambda _: None).result.visibility
    return Row(name, seen.frames_sampled, seen.faces, seen.tracks)


def look_at_all(films: Sequence[Path], seconds: float, fps: float, threads: int) -> list[Row]:
    config = load_config(None, {"fps": fps, "threads": threads, "profile": "presence"})
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "faces.sqlite") as store:
        analyzer = Analyzer(config, store)
        rows = [look(analyzer, film.name, film) for film in films]
        for number, (name, draw) in enumerate(generated()):
            rows.append(look(analyzer, name, write_film(Path(folder) / f"{number}.mp4", draw, seconds)))
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="*", type=Path)
    parser.add_argument("--fps", type=float, default=2.0, help="samples a second")
    parser.add_argument("--seconds", type=float, default=30, help="of each generated film")
    parser.add_argument("--threads", type=int, default=0, help="0 = all cores")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()

    rows = look_at_all(args.films, args.seconds, args.fps, args.threads)
    if args.json:
        print(json.dumps([asdict(row) | {"faces_an_hour": row.an_hour} for row in rows]))
    else:
        print("film                       samples  face rows  tracks  face rows an hour at 1 sample/s")
        for row in rows:
            print(f"{row.film:26} {row.samples:7d} {row.faces:10d} {row.tracks:7d} {row.an_hour:9.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
