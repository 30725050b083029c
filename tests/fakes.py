"""Fakes of the protocols, for tests of what is built on them. They pass the contract tests of the real parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from classroom_fer.faces.looks import EveryFrameWhole
from classroom_fer.lesson.records import (
    Expressions,
    FaceDetection,
    Frame,
    Image,
    SessionResult,
    StoredSession,
    VideoInfo,
)

FRONT = ((10.0, 10.0), (30.0, 10.0), (20.0, 21.0), (12.0, 32.0), (28.0, 32.0))
"""Landmarks of a level face that looks ahead, in a box of 40 px at the origin."""


class FakeVideo:
    """A film whose every frame says its number in its first pixel; nothing is decoded."""

    def __init__(self, *, duration_s: float, source_fps: float = 10.0, lost: Sequence[int] = ()) -> None:
        self._fps, self._lost = source_fps, set(lost)
        self.frames_declared = round(duration_s * source_fps)
        self.sampled: list[int] = []
        self.info = VideoInfo(
            path=Path("fake.mp4"), sha256="f" * 64, duration_s=duration_s, width_px=320, height_px=240,
            source_fps=source_fps, frames_declared=self.frames_declared, rotation_deg=0, codec="fake", recorded_on=None,
        )  # fmt: skip

    def sample(self, start_s: float, end_s: float, fps: float) -> Iterator[Frame]:
        waiting: Frame | None = None
        first, last = int(np.ceil(start_s * fps - 1e-9)), int(np.ceil(end_s * fps - 1e-9))
        for k in range(first, last):
            inside = range(int(np.ceil(k / fps * self._fps - 1e-9)), int(np.ceil((k + 1) / fps * self._fps - 1e-9)))
            good = next((i for i in inside if i < self.frames_declared and i not in self._lost), None)
            shown = int(k / fps * self._fps + 1e-9)
            if good is None and (inside or shown >= self.frames_declared or shown in self._lost):
                continue
            if good is None and waiting is not None and waiting.index == shown:
                waiting = replace(waiting, still_s=(*waiting.still_s, k / fps))
                continue
            if waiting is not None:
                yield waiting
            if good is None:
                waiting = self._frame(shown, k / fps, k - int(shown / self._fps * fps + 1e-9))
            else:
                waiting = self._frame(good, good / self._fps, 0)
        if waiting is not None:
            yield waiting

    def _frame(self, number: int, time_s: float, held: int) -> Frame:
        image = np.zeros((240, 320, 3), np.uint8)
        image[0, 0] = (number // 65536, number // 256 % 256, number % 256)
        self.sampled.append(number)
        return Frame(number, time_s, image, held)

    def lost(self, start_s: float, end_s: float) -> int:
        return sum(start_s <= i / self._fps < end_s for i in self._lost)

    def close(self) -> None:
        return None

    def __enter__(self) -> FakeVideo:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def frame_number(image: Image) -> int:
    red, green, blue = (int(v) for v in image[0, 0])
    return red * 65536 + green * 256 + blue


class FakeDetector:
    """``seats`` faces of 40 px in rows of five, in every frame except those in ``empty``."""

    def __init__(self, *, seats: int = 3, empty: Sequence[int] = ()) -> None:
        self.seats, self.empty = seats, set(empty)
        self.batches: list[int] = []

    def detect(self, images: Sequence[Image]) -> list[list[FaceDetection]]:
        self.batches.append(len(images))
        return [self._faces(frame_number(image)) for image in images]

    def search(self) -> EveryFrameWhole:
        return EveryFrameWhole(self)

    def _faces(self, number: int) -> list[FaceDetection]:
        if number in self.empty:
            return []
        return [self._face(60.0 * (seat % 5) + number % 3, 100.0 + 60 * (seat // 5)) for seat in range(self.seats)]

    @staticmethod
    def _face(x: float, y: float) -> FaceDetection:
        landmarks = tuple((x + dx, y + dy) for dx, dy in FRONT)
        return FaceDetection(box=(x, y, x + 40.0, y + 40.0), confidence=0.99, landmarks=landmarks, frontal=0.99)


class FakeClassifier:
    """Says "neutral" with .8 of every crop; counts what it was given."""

    input_px = 48
    sha256 = "c" * 64

    def __init__(self) -> None:
        self.crops = 0

    def classify(self, crops: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        return self.expressions(crops).classes

    def expressions(self, crops: npt.NDArray[np.uint8]) -> Expressions:
        assert crops.shape[1:] == (48, 48)
        self.crops += len(crops)
        answer = np.full((len(crops), 8), 0.2 / 7, np.float32)
        answer[:, 0] = 0.8
        return Expressions(answer, answer)


class FakeRenderer:
    """Writes the session's name where the PDF would go."""

    not_drawn: tuple[str, ...] = ()

    def render(self, session: StoredSession, result: SessionResult, out: Path, identity: str = "") -> None:
        out.parent.mkdir(parents=True, exist_ok=True)
        text = f"{session.start.video_name}: {len(result.tasks)} tasks\n/ID [({identity})]"
        out.write_text(text, encoding="utf-8")
