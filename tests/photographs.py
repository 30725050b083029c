"""Two photographs in the public domain, and classes made of them; `benchmarks/detector.py` as a module."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from classroom_fer.lesson.records import Image

ROOT = Path(__file__).resolve().parents[1]


@cache
def benchmark() -> ModuleType:
    """``benchmarks/detector.py``, which is no package."""
    spec = importlib.util.spec_from_file_location("benchmark_detector", ROOT / "benchmarks" / "detector.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")  # where it finds its neighbours when it is run; one is named report
        spec.loader.exec_module(module)
    return module


@cache
def astronaut() -> Image:
    image: Image = benchmark().read_frames(benchmark().photographs()[0], 1)[0]
    return image


@cache
def hopper() -> Image:
    image: Image = benchmark().read_frames(benchmark().photographs()[1], 1)[0]
    return image


def resized(image: Image, height: int, width: int) -> Image:
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def class_picture(rows: int, columns: int, *, smallest_px: int) -> Image:
    """Portraits in seats of 100 px, each one larger than the one before, on grey."""
    picture = np.full((rows * 100, columns * 100, 3), 120, np.uint8)
    for seat in range(rows * columns):
        portrait = (astronaut()[:256, 96:352], hopper()[:512])[seat % 2]
        side = min(smallest_px + 3 * seat, 100)
        y, x = seat // columns * 100, seat % columns * 100
        picture[y : y + side, x : x + side] = resized(portrait, side, side)
    return picture
