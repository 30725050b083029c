"""How much memory does an analysis take, and does it grow with the film?

  python benchmarks/memory.py FILM [--minutes 1 2 4] [--fps 1] [--json]
  python benchmarks/memory.py FILM --worker 60 [--fps 1] [--json]

Analyses the first minutes of FILM, each length in a process of its own, and prints the peak of its resident memory and
by how many MB that grows per minute of film (least squares).

With ``--worker`` one process looks at chunk after chunk of a film of so many minutes, FILM over and over again, as a
process of ``--jobs`` or a worker of a cluster does, on one thread: the peak, and by how much what it holds after each
chunk grows per minute of film; the first three chunks, in which caches fill, do not count.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
from speed import in_child

from classroom_fer import wiring
from classroom_fer.executors.chunk_work import ChunkWork, Makers, NotObserved
from classroom_fer.executors.worker import Observer
from classroom_fer.lesson.span import Span
from classroom_fer.settings.config import load_config


def analyse(film: Path, minutes: float, fps: float) -> dict[str, float]:
    """Peak memory of one analysis, MB, as the command does it but for the PDF; of this process."""
    from classroom_fer.analysis import Analyzer, Request
    from classroom_fer.store.store import open_store

    config = load_config(None, {"fps": fps, "end_s": 60 * minutes})
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "memory.sqlite") as store:
        outcome = Analyzer(config, store).analyze(Request(film, None, None), lambda _: None)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seen = outcome.result.visibility
    return {"minutes": minutes, "peak_mb": peak, "samples": seen.frames_sampled, "faces": seen.faces}


WARM = 3
"""Chunks in which caches fill."""


def looped(film: Path, target: Path, minutes: float) -> Path:
    """FILM over and over again, without coding it anew."""
    with av.open(str(target), "w") as out:
        copy, shift = None, 0
        while copy is None or shift * copy.time_base < 60 * minutes:
            with av.open(str(film)) as source:
                stream = source.streams.video[0]
                copy = copy or out.add_stream_from_template(stream)
                end = 0
                for packet in source.demux(stream):
                    if packet.dts is not None:
                        end = max(end, packet.pts + packet.duration)
                        packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, copy
                        out.mux(packet)
            shift += end
            copy.time_base = stream.time_base
    return target


def held_mb() -> float:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def work(film: Path, minutes: float, fps: float) -> dict[str, float]:
    """Peak of one worker, and its growth per minute of film."""
    config = replace(load_config(None, {"fps": fps}), threads=1)
    observer = Observer(Makers(wiring.open_video, wiring.build_parts), config)
    held, ends = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = looped(film, Path(folder) / "long.mp4", minutes)
        with wiring.open_video(path, config) as source:
            sha256, span = source.info.sha256, Span(0.0, source.info.duration_s, fps, config.chunk_s)
        for chunk in span.chunks():
            answer = observer.observed(ChunkWork(path, sha256, chunk), lambda _time_s, _faces: None)
            if isinstance(answer, NotObserved):
                raise answer.error
            held.append(held_mb())
            ends.append(chunk.end_s / 60)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    slope = float(np.polyfit(ends[WARM:], held[WARM:], 1)[0])
    return {"minutes": ends[-1], "peak_mb": peak, "held_mb": held[-1], "mb_per_minute": slope}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film", type=Path)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1.0, 2.0, 4.0])
    parser.add_argument("--worker", type=float, metavar="MINUTES")
    parser.add_argument("--fps", type=float, default=1.0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(analyse(args.film, args.minutes[0], args.fps)))
        return
    if args.worker:
        found = work(args.film, args.worker, args.fps)
        print(json.dumps(found) if args.json else ", ".join(f"{name} {value:.2f}" for name, value in found.items()))
        return
    rows = [in_child(__file__, args.film, minutes=minutes, fps=args.fps) for minutes in args.minutes]
    lengths, peaks = [row["minutes"] for row in rows], [row["peak_mb"] for row in rows]
    slope = float(np.polyfit(lengths, peaks, 1)[0]) if len(set(lengths)) > 1 else float("nan")
    if args.json:
        print(json.dumps({"runs": rows, "mb_per_minute": slope}, indent=2))
        return
    print("minutes  samples    faces  peak MB")
    for row in rows:
        print(f"{row['minutes']:7g} {row['samples']:8.0f} {row['faces']:8.0f} {row['peak_mb']:8.0f}")
    print(f"growth {slope:.1f} MB a minute of film")


if __name__ == "__main__":
    main()
