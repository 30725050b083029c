"""The seams: what the pipeline asks of a part, with the promises in the docstrings.

Implementations do not inherit from these. Tests in ``tests/contracts`` run against fakes and real adapters alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from classroom_fer.lesson.labels import Labels
from classroom_fer.lesson.records import (
    ChunkResult,
    Expressions,
    FaceDetection,
    Frame,
    FrameSample,
    Image,
    Progress,
    SessionResult,
    SessionStart,
    StoredSession,
    Task,
    Track,
    VideoInfo,
)

OnProgress = Callable[[Progress], None]


class VideoSource(Protocol):
    """One open film. Not thread-safe; close it (context manager)."""

    @property
    def info(self) -> VideoInfo: ...

    def sample(self, start_s: float, end_s: float, fps: float) -> Iterator[Frame]:
        """The first decodable frame of each interval [k/fps, (k+1)/fps) that begins inside [start_s, end_s).

        Frames come in order of time; a frame is given once; an interval in which nothing decodes gives nothing. Where
        no frame comes in an interval, the one that is shown still stands for it: ``Frame.still_s``, or ``Frame.held``
        where it is given for such intervals only (its time is then the start of the first one). The
        same stretch gives the same frames whether it is reached by a seek or by reading on. At most a few decoded
        frames are alive at any time. Frames past the last decodable one are simply not given.
        """
        ...

    def lost(self, start_s: float, end_s: float) -> int:
        """Source frames of [start_s, end_s) that did not decode; call it after ``sample`` of that stretch ended."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...


class FaceDetector(Protocol):
    """Finds faces. One result per image, in order; no faces is an empty list."""

    def detect(self, images: Sequence[Image]) -> list[list[FaceDetection]]:
        """Args: RGB images, any sizes. Boxes are clipped to the image and never empty."""
        ...

    def search(self) -> FaceSearch:
        """What finds the faces of one chunk of a film; a new one knows nothing."""
        ...


class FaceSearch(Protocol):
    """Finds faces in the frames of one chunk, given in order of time; what it has seen tells it where to look.

    In the first frame it finds what ``FaceDetector.detect`` finds. How many are given at once changes nothing.
    """

    def look(self, frames: Sequence[Frame]) -> list[list[FaceDetection]]:
        """One list per frame, in order. Boxes are clipped to the image and never empty."""
        ...


class EmotionClassifier(Protocol):
    """Names expressions on face crops made by ``crops.face_crop``."""

    @property
    def input_px(self) -> int:
        """Side of the square grey crop."""
        ...

    @property
    def sha256(self) -> str: ...

    def expressions(self, crops: npt.NDArray[np.uint8]) -> Expressions:
        """Args: grey crops [N, S, S]; N may be 0."""
        ...


class Tracker(Protocol):
    """Joins face samples to tracks, offline, from geometry and time alone."""

    def track(self, frames: Sequence[FrameSample]) -> list[Track]:
        """Every face belongs to at most one track; a track has at most one face per frame. The order of ``frames``
        does not matter. Track ids are 1..n, numbered by first appearance (the store shuffles them)."""
        ...


class Store(Protocol):
    """Where sessions live. Every write is one transaction."""

    def begin_session(self, start: SessionStart, tasks: Sequence[Task]) -> StoredSession: ...

    def set_tasks(self, session_id: int, tasks: Sequence[Task], start: SessionStart) -> StoredSession:
        """Replaces the tasks and the recorded settings of a session; its results are gone until written again."""
        ...

    def finished_chunks(self, session_id: int) -> set[int]: ...

    def write_chunk(self, session_id: int, chunk: ChunkResult) -> None: ...

    def frames(self, session_id: int) -> list[FrameSample]:
        """All sampled frames, in order of time."""
        ...

    def frames_lost(self, session_id: int) -> int: ...

    def write_result(self, session_id: int, result: SessionResult, tracks: Sequence[Track]) -> None:
        """Replaces the derived rows, sets each face's track, marks the session finished. Ids are shuffled here."""
        ...

    def result(self, session_id: int) -> SessionResult: ...

    def sessions(self) -> list[StoredSession]: ...

    def session(self, session_id: int) -> StoredSession: ...

    def sessions_of(self, video_sha256: str) -> list[StoredSession]:
        """All sessions of one film, oldest first."""
        ...

    def restate(self, session_id: int, start: SessionStart) -> StoredSession:
        """Replaces what was declared, the stored settings and the date of deletion of a session; its results stay."""
        ...

    def set_labels(self, session_id: int, labels: Labels) -> StoredSession:
        """Replaces the free labels of a session."""
        ...

    def forget_faces(self, session_id: int) -> StoredSession:
        """Deletes the rows per face and per track of a finished session for good; its class values stay.

        StoreError if another program is reading, so that old bytes must stay for now; the rows are gone then too.
        """
        ...

    def delete(self, session_id: int) -> None:
        """Removes a session with all its rows; for bytes that must be gone from the file, see ``SqlStore.purge``."""
        ...

    def record(self, action: str, session_id: int | None, details: dict[str, object]) -> None:
        """Appends to the hash-chained audit table."""
        ...

    def database_id(self) -> str:
        """A name that no other database has; it stays when the database is moved."""
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """Holds the database for one run; DatabaseInUseError if another run holds it. Ends with the process."""
        ...

    def analyzing(self) -> AbstractContextManager[None]:
        """Holds the database for an analysis, where it can be beside others that have claimed other films."""
        ...

    def claim(self, video_sha256: str) -> None:
        """Holds a film, so that no two sessions of it are begun; FilmInUseError if another run does.

        A film that was claimed twice must be released twice.
        """
        ...

    def release(self, video_sha256: str) -> None:
        """Lets other runs have a film."""
        ...


class ReportRenderer(Protocol):
    """Prints a finished session."""

    not_drawn: tuple[str, ...]
    """What readers see as characters and no font here draws, in the last PDF."""

    def render(self, session: StoredSession, result: SessionResult, out: Path, identity: str = "") -> None:
        """Writes the PDF at ``out``, whole or not at all, mode 0600. ReportError if it cannot.

        ``identity`` (ASCII) becomes its file identifier: see ``report/pdf_place.py``.
        """
        ...
