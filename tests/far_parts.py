"""Parts that another process builds by their names: fakes, and films in whose chunks something goes wrong.

A film's name says what: ``dies`` ends the process in its second chunk, ``dies-once`` does so the first time, ``bad`` is
an error of the film, ``bug`` one of the program, ``slow`` takes long.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from fakes import FakeClassifier, FakeDetector, FakeVideo

from classroom_fer.errors import VideoError
from classroom_fer.executors.chunk_work import Makers
from classroom_fer.lesson.records import Frame
from classroom_fer.pipeline import Parts
from classroom_fer.settings.config import Config

DURATION_S = 360.0
"""Three chunks."""
TROUBLE_S = 120.0
"""Where the second one begins."""


class FarVideo(FakeVideo):
    def __init__(self, path: Path) -> None:
        super().__init__(duration_s=DURATION_S)
        self.info = replace(self.info, path=path, sha256=sha256(path.read_bytes()).hexdigest())

    def sample(self, start_s: float, end_s: float, fps: float) -> Iterator[Frame]:
        name = self.info.path.stem
        if start_s == TROUBLE_S and name == "bad":
            raise VideoError(f"{self.info.path}: no picture can be read", hint="copy it again")
        if start_s == TROUBLE_S and name == "bug":
            raise ZeroDivisionError("a fault of ours")
        if start_s == TROUBLE_S and name.startswith("dies"):
            _die(self.info.path, once=name == "dies-once")
        if name == "slow":
            time.sleep(3600)
        return super().sample(start_s, end_s, fps)


def _die(film: Path, *, once: bool) -> None:
    died = film.with_suffix(".died")
    if not once or not died.exists():
        died.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def open_far(path: Path, config: Config) -> FarVideo:
    return FarVideo(path)


def far_parts(config: Config) -> Parts:
    return Parts(FakeDetector(), FakeClassifier())


MAKERS = Makers(open_far, far_parts)
