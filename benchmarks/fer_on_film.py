"""The package ``fer`` on one film, as its own users would run it: what ``versus_fer.py`` starts in fer's environment.

    python benchmarks/fer_on_film.py FILM --mode mtcnn|default [--fps 1]

Prints one JSON line: seconds to load (imports, models, a first call on a grey picture), seconds from opening the film
to its last sample, of these in detection, the same in processor time, samples, faces, the samples' frame numbers, peak
memory. Needs nothing of classroom-fer. fer's own ``Video.analyze`` converts every frame and writes pictures; here a
frame between samples is only decoded, in fer's favour.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

STARTED = time.perf_counter()


def samples(film: Path, fps: float) -> Iterator[tuple[int, Any]]:
    """Number and BGR picture of the first frame in each interval [k/fps, (k+1)/fps); every frame is decoded."""
    import cv2

    capture, wanted, number = cv2.VideoCapture(str(film)), 0, 0
    while capture.grab():
        interval = math.floor(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000 * fps + 1e-6)
        if interval >= wanted:
            wanted = interval + 1
            yield number, capture.retrieve()[1]
        number += 1
    capture.release()


def load(mode: str) -> Any:
    """fer's detector in one of its modes, warmed up."""
    if mode == "mtcnn":
        import facenet_pytorch  # noqa: F401  # torch before TensorFlow: the other way round crashes
    import numpy as np
    from fer.fer import FER

    detector = FER(mtcnn=mode == "mtcnn")
    detector.detect_emotions(np.full((120, 160, 3), 128, np.uint8))
    return detector


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film", type=Path)
    parser.add_argument("--mode", choices=("mtcnn", "default"), default="mtcnn")
    parser.add_argument("--fps", type=float, default=1.0)
    args = parser.parse_args()

    detector, detect_s = load(args.mode), 0.0
    find_faces = detector.find_faces

    def timed(*given: Any, **named: Any) -> Any:
        nonlocal detect_s
        started = time.perf_counter()
        found = find_faces(*given, **named)
        detect_s += time.perf_counter() - started
        return found

    detector.find_faces = timed
    loaded, cpu = time.perf_counter(), time.process_time()
    frames, faces = [], 0
    for number, picture in samples(args.film, args.fps):
        frames.append(number)
        faces += len(detector.detect_emotions(picture))
    told = {
        "load_s": loaded - STARTED,
        "analysis_s": time.perf_counter() - loaded,
        "detect_s": detect_s,
        "cpu_s": time.process_time() - cpu,
        "samples": len(frames),
        "faces": faces,
        "frames": frames,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
