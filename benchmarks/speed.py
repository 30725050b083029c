"""How long is an analysis, measured against reading the film with OpenCV on the same machine in the same run?

  python benchmarks/speed.py FILM [--fps 1] [--min-face 20] [--rounds 2] [--json]

Prints wall time of the analysis (detect, crop, classify, track, store; start-up excluded) over the wall time of
decoding every frame with OpenCV, the same by stage, and peak memory. Both are run in turn, the median ratio counts.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def decode_with_opencv(film: Path) -> tuple[float, int]:
    import cv2

    started, frames, capture = time.perf_counter(), 0, cv2.VideoCapture(str(film))
    while capture.read()[0]:
        frames += 1
    capture.release()
    return time.perf_counter() - started, frames


def analyse(film: Path, fps: float, min_face: int) -> dict[str, float]:
    """Seconds per stage of one analysis, and peak memory before and after; runs in its own process."""
    from classroom_fer.analysis import Analyzer, Request
    from classroom_fer.settings.config import load_config
    from classroom_fer.store.store import open_store

    config = load_config(None, {"fps": fps, "min_face": min_face})
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "speed.sqlite") as store:
        analyzer = Analyzer(config, store)
        warm_up(analyzer.parts)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        started = time.perf_counter()
        outcome = analyzer.analyze(Request(film, None, None), lambda _: None)
        wall = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        seen = outcome.result.visibility
    return {**outcome.seconds, "wall": wall, "start_mb": before, "peak_mb": peak, "samples": seen.frames_sampled,
            "faces": seen.faces}  # fmt: skip


def warm_up(parts) -> None:  # type: ignore[no-untyped-def]
    """First calls compile graphs and load libraries; that is start-up."""
    import numpy as np

    from classroom_fer import wiring
    from classroom_fer.settings.config import default_config

    wiring.build_pure_half(default_config())
    parts.detector.detect([np.zeros((120, 160, 3), np.uint8)])
    parts.classifier.classify(np.zeros((1, parts.classifier.input_px, parts.classifier.input_px), np.uint8))


def in_child(script: str, film: Path, **options: float) -> dict[str, float]:
    """What a benchmark's ``--child`` measures of the film, in a process of its own."""
    given = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    command = [sys.executable, script, str(film), *given, "--child"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film", type=Path)
    parser.add_argument("--fps", type=float, default=1.0)
    parser.add_argument("--min-face", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(analyse(args.film, args.fps, args.min_face)))
        return

    rounds = []
    for _ in range(args.rounds):
        decode, frames = decode_with_opencv(args.film)
        rounds.append((decode, frames, in_child(__file__, args.film, fps=args.fps, min_face=args.min_face)))
    decode = statistics.median(r[0] for r in rounds)
    ours = {key: statistics.median(r[2][key] for r in rounds) for key in rounds[0][2]}
    ratio = statistics.median(r[2]["wall"] / r[0] for r in rounds)
    if args.json:
        print(json.dumps({"ratio": ratio, "decode_s": decode, "frames": rounds[0][1], "analysis": ours}, indent=2))
        return
    print(f"{args.film.name}: {rounds[0][1]} frames; OpenCV decodes them in {decode:.1f} s (1.00)")
    for stage in ("open", "decode", "detect", "crop", "classify", "store", "track", "measure"):
        print(f"  {stage:<11} {ours.get(stage, 0.0):7.1f} s  {ours.get(stage, 0.0) / decode:5.2f}")
    found = f"{ours['samples']:.0f} samples, {ours['faces']:.0f} faces"
    print(f"  analysis    {ours['wall']:7.1f} s  {ratio:5.2f}   ({found})")
    print(f"  memory      {ours['start_mb']:7.0f} MB with the models loaded, {ours['peak_mb']:.0f} MB at most")


if __name__ == "__main__":
    main()
