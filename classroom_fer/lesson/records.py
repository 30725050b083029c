"""Records that flow between the parts. Frozen; units are in the names.

Seconds from media start end in ``_s``; boxes are ``xyxy`` pixels in the upright (rotated) frame; images are
RGB ``uint8`` [H, W, 3]; unknown is ``None``, never 0 or -1. Names follow ``ARCHITECTURE.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from classroom_fer.lesson.camera import CameraStep
from classroom_fer.lesson.span import Span
from classroom_fer.lesson.validation import Validation

Image: TypeAlias = npt.NDArray[np.uint8]
"""RGB [H, W, 3] unless a docstring says grey [H, W]."""
Box: TypeAlias = tuple[float, float, float, float]
"""x1, y1, x2, y2 in pixels of the upright frame."""
Landmarks: TypeAlias = tuple[tuple[float, float], ...]
"""Five (x, y) pixels: image-left eye, image-right eye, nose, image-left mouth corner, image-right mouth corner."""
Probabilities: TypeAlias = tuple[float, ...]
"""Eight probabilities in the order of EMOTIONS; they sum to 1."""

EMOTIONS: tuple[str, ...] = (
    "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt",
)  # FER+ column order, Barsoum et al. 2016  # fmt: skip
TASK_MODES: tuple[TaskMode, ...] = ("board", "desk", "group", "move")

TaskMode: TypeAlias = Literal["board", "desk", "group", "move"]
Grade: TypeAlias = Literal["A", "B", "C"]
Abstention: TypeAlias = Literal[
    "too small", "turned away", "pose unknown", "unsure detection", "uncertain", "not inferred"
]
"""Why a face has no expression. All but "uncertain" are decided before the classifier runs, so those have no
probabilities either; "uncertain" keeps its probabilities but no class. "not inferred": the profile is presence."""
NotShownCode: TypeAlias = Literal[
    "outside", "short", "partly_analysed", "nobody", "few", "coverage", "not_inferred", "unknown"
]
"""Why a task has no class values; ``NotShown`` says what its numbers are. "unknown": a reason that an earlier version
stored in words which no code stands for."""
Verdict: TypeAlias = Literal["higher", "lower", "no_clear_difference", "not_separable_from_time"]
"""higher / lower: of the second task against the first."""
NotComparedCode: TypeAlias = Literal["other_mode", "no_index", "not_enough_seen", "too_few_in_both"]
"""Why two tasks are not compared: of different modes; of a mode without an index; one of them has no grade; fewer than
``min_group`` pupils can be shown to have been in both."""
PROFILES: tuple[str, ...] = ("research", "teacher", "presence")
"""Privacy profiles (safeguard S1): research keeps numeric rows per face until the session expires; teacher deletes them
once the class values exist; presence infers nothing, it counts faces and minutes."""
SessionStatus: TypeAlias = Literal["running", "finished"]
RepairCode: TypeAlias = Literal[
    "times_restarted", "time_outliers", "times_equal", "times_made", "fields_joined", "pictures_held"
]
"""What was repaired in a film's time stamps.

times_restarted: they began again in mid-film; carried on past it. time_outliers: a stamp out of line got its
neighbours' time. times_equal: pictures of one stamp were spread up to the next. times_made: no stamp was there, or
all of them followed the order of coding. fields_joined: two packets, one picture. pictures_held: shown for long,
because the recorder wrote a frame only when something changed."""


@dataclass(frozen=True, slots=True)
class FilmRepair:
    """One kind of repair in a film."""

    code: RepairCode
    count: int
    """Pictures (times_restarted: places) that were repaired."""
    seconds: float
    """pictures_held: how long they were shown, together; fields_joined: 0; else the largest change to a time stamp."""


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What the container says of a film, after one pass over its packets (nothing decoded)."""

    path: Path
    sha256: str
    duration_s: float
    """Span that the container declares; what decodes may end earlier."""
    width_px: int
    """Upright, after rotation."""
    height_px: int
    source_fps: float | None
    """Average; None where the container does not say."""
    frames_declared: int
    """The larger of the header's frame count and the packets found."""
    rotation_deg: int
    codec: str
    recorded_on: datetime | None
    """The container's creation time, if any."""
    repairs: tuple[FilmRepair, ...] = ()
    """What was repaired to know when each picture is shown."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded, upright picture."""

    index: int
    """Source frame number in presentation order, from 0."""
    time_s: float
    """When it is looked at, from media start: its presentation time, or the start of a later interval that it still
    stands for (then ``held`` is not 0)."""
    image: Image
    held: int = 0
    """Sampling intervals that the picture had stood for already when it was sampled; 0 = it came in this one."""
    still_s: tuple[float, ...] = ()
    """Starts of the sampling intervals that follow, in which no other picture comes and this one is shown still."""

    def samples(self) -> list[Frame]:
        """One record per sampling interval that the picture stands for, itself first; all share the picture.

        >>> [(s.time_s, s.held) for s in Frame(7, 0.9, np.zeros((1, 1, 3), np.uint8), 0, (1.0, 2.0)).samples()]
        [(0.9, 0), (1.0, 1), (2.0, 2)]
        """
        later = [Frame(self.index, time, self.image, self.held + n) for n, time in enumerate(self.still_s, start=1)]
        return [Frame(self.index, self.time_s, self.image, self.held), *later]


@dataclass(frozen=True, slots=True)
class FaceDetection:
    """One face that a detector found; the box is clipped to the frame and not empty."""

    box: Box
    confidence: float
    """Is there a face? The detector's score, 0 to 1; comparable within one detector only."""
    landmarks: Landmarks
    frontal: float | None = None
    """How frontal and clear is it? O-Net's score, 0 to 1; None where no O-Net was asked."""


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Angles in degrees. Yaw: + = turned to the image's right. Pitch: + = down. Roll: + = clockwise in the image."""

    yaw_deg: float
    pitch_deg: float
    roll_deg: float


@dataclass(frozen=True, slots=True)
class FaceQuality:
    """How well a face could be seen."""

    size_px: float
    """Shorter side of the box."""
    blur: float
    """Variance of the Laplacian of the grey crop at the classifier's input size; small = blurred."""


@dataclass(frozen=True, slots=True, eq=False)
class Expressions:
    """What a classifier says of N crops, in EMOTIONS order; every row sums to 1."""

    classes: npt.NDArray[np.float32]
    """[N, 8] calibrated: how probable each class is, all of its heads together."""
    votes: npt.NDArray[np.float32]
    """[N, 8] how often people would give each name: the head that learnt FER+'s votes, calibrated alone."""


@dataclass(frozen=True, slots=True)
class FaceSample:
    """One face in one sampled frame: numbers only, no pixels."""

    frame_index: int
    face_index: int
    """Position within its frame, from 0; (frame_index, held, face_index) names the sample within a session."""
    time_s: float
    box: Box
    confidence: float
    quality: FaceQuality
    pose: HeadPose | None
    emotion: Probabilities | None
    """How probable each class is, all the classifier's heads together."""
    abstained_because: Abstention | None
    """None when the expression may be used."""
    held: int = 0
    """Sampling intervals that the picture had stood for already when it was sampled; 0 = it came in this one."""
    frontal: float | None = None
    """How frontal and clear the face is, 0-1 (O-Net's score); None where that was not asked or not kept."""
    votes: Probabilities | None = None
    """How often people would give the face each name: what E is made from. None = as ``emotion`` (older sessions)."""


@dataclass(frozen=True, slots=True)
class FrameSample:
    """A frame that was looked at; no faces means "looked, saw nobody"."""

    frame_index: int
    time_s: float
    faces: tuple[FaceSample, ...]
    held: int = 0
    """Sampling intervals that the picture had stood for already when it was sampled; 0 = it came in this one."""
    camera: CameraStep | None = None
    """Its view against that of the frame before; None for the film's first one, and where that was not looked at."""


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """All that one chunk of video gave."""

    chunk_index: int
    """Chunk k covers [k * chunk_s, (k + 1) * chunk_s)."""
    start_s: float
    end_s: float
    frames: tuple[FrameSample, ...]
    frames_lost: int
    """Source frames in this chunk that did not decode."""


@dataclass(frozen=True, slots=True)
class Task:
    """A teacher-marked part of the lesson; ``end_s`` is not included."""

    name: str
    start_s: float
    end_s: float
    mode: TaskMode = "board"


@dataclass(frozen=True, slots=True)
class Track:
    """One pupil-sized thing followed through one session; the id means nothing outside it."""

    track_id: int
    samples: tuple[FaceSample, ...]
    """In order of time, at most one per frame."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """All that the pure half needs to know of a film; each list in any order."""

    frames: Sequence[FrameSample]
    """Every sampled frame, those without faces too."""
    tracks: Sequence[Track]
    """Made from the faces of ``frames``."""
    tasks: Sequence[Task]
    """May reach beyond ``span``."""
    span: Span
    lost: int = 0
    """Source frames that did not decode."""
    inferred: bool = True
    """Whether head pose and expression were looked at; False in the profile presence."""
    width_px: int | None = None
    """Of the picture; None = unknown, the camera then counts as never away from its place."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ExpressionShares:
    """Shares of the readable samples in the four printed groups; they sum to 1.

    As results carry them, 0 stands for 5 % or less and 1 for 95 % or more (small_groups.shown_shares).
    """

    neutral: float
    smiling: float
    surprised: float
    other: float
    """Other, uncertain, or of a group too rare to be shown."""


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """What the session stores of a track besides its samples."""

    track_id: int
    first_s: float
    last_s: float
    samples: int
    median_size_px: float
    seat_x_px: float
    """Median centre."""
    seat_y_px: float
    yaw0_deg: float | None
    """Baseline; None if the track was left out of orientation."""
    pitch0_deg: float | None
    baseline: Literal["own", "line", "zero", "dropped"]
    """own: the track's own median; line: from the Theil-Sen line; zero: too few tracks for a line;
    dropped: deviates too much from the line."""


@dataclass(frozen=True, slots=True)
class TimelineBin:
    """The class in one base bin (default 10 s). Missing is None, never 0."""

    task: str | None
    """None between tasks."""
    start_s: float
    end_s: float
    frames: int
    """Sampled frames in the bin; 0 = the film was not seen here."""
    faces: float | None
    """Mean number of tracked faces visible at once; None where no frame was sampled or too few were seen (S3)."""
    n: int | None
    """Tracks behind the values; None if hidden."""
    coverage: float | None
    """None where unknown, or too few were seen to be shown (S3)."""
    engagement: Estimate | None
    """0-100."""
    orientation: float | None
    """0-1."""
    expression: float | None
    """0-1."""
    probabilities: Probabilities | None
    synchrony: float | None = None
    """Share of the tracks seen in this bin and the one before that turned the same way, 0-1; None in a task's first."""
    synchrony_chance: float | None = None
    """What ``synchrony`` exceeds by chance in one bin of twenty of this task (``rules.synchrony.level``), 0-1."""


@dataclass(frozen=True, slots=True)
class NotShown:
    """Why a task has no class values, with what was there and what it would have needed (None = no such number).

    short: seconds that the task lasts; partly_analysed: seconds of it that were analysed; coverage: share seen, 0-1;
    few: pupils needed (how many were seen is hidden, safeguard S3).
    """

    code: NotShownCode
    seen: float | None = None
    needed: float | None = None


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """The class during one task. Where ``not_shown_because`` is set every class value is None."""

    task: Task
    bins: int
    n: int | None
    """Pupils behind the value: min(qualified tracks, N95); None where they are too few to be shown (safeguard S3)."""
    coverage: float | None
    """None with ``n``."""
    grade: Grade | None
    engagement: Estimate | None
    """0-100; None in modes without orientation (group, move)."""
    orientation: Estimate | None
    """0-1."""
    expression: Estimate | None
    """0-1."""
    shares: ExpressionShares | None
    readable: float | None
    """Share of the samples of seen faces in which the expression could be judged at all."""
    not_shown_because: NotShown | None


@dataclass(frozen=True, slots=True)
class Moment:
    """A time at which the class changed."""

    time_s: float
    change: float
    """Engagement points, after minus before."""
    change_orientation: float
    """Its orientation part, in engagement points."""
    change_expression: float
    """Its expression part, in engagement points."""
    t: float
    n: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two tasks of the same mode, in lesson order."""

    first: str
    second: str
    difference: Estimate
    """Engagement points, second minus first, paired by track."""
    p_holm: float
    n: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class SizeClass:
    """Face samples whose shorter side lies in [low_px, high_px); None = no upper end."""

    low_px: float
    high_px: float | None
    faces: int


@dataclass(frozen=True, slots=True)
class Visibility:
    """What the camera saw of the lesson."""

    frames_sampled: int
    frames_lost: int
    unseen_s: float
    """Part of the declared duration (within --start/--end) in which nothing decoded."""
    faces: int
    """Face samples in all."""
    tracks: int
    simultaneous_p95: int
    """N95: 95th percentile of faces visible at once."""
    coverage: float | None
    """Track-bins with a face / (N95 x bins); None when nobody was seen, or a class too small to be described (S3)."""
    sizes: tuple[SizeClass, ...]
    """Small to large; empty for a small class (S3)."""
    abstentions: tuple[tuple[str, int], ...]
    """(reason, face samples), every reason of Abstention, then "none"; empty for a small class (S3), or where nothing
    was inferred."""
    cuts: int | None = None
    """Times at which the view changed so that nobody could be followed; None = an earlier version did not look."""
    camera_away: float | None = None
    """Share of the sampled frames in which the camera looked elsewhere than most of the time between two cuts; their
    directions are not used."""

    @property
    def enough_seen(self) -> bool:
        """Whether there were enough pupils to say more than how many were seen (safeguard S3)."""
        return self.coverage is not None


@dataclass(frozen=True, slots=True)
class SessionResult:
    """All that the pure half gives for one session; what the report is made from."""

    visibility: Visibility
    tracks: tuple[TrackSummary, ...]
    bins: tuple[TimelineBin, ...]
    tasks: tuple[TaskSummary, ...]
    moments: tuple[Moment, ...]
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the user declared about the study (safeguard S2); None = not declared."""

    jurisdiction: str | None = None
    """ISO 3166 code, or EU."""
    setting: str | None = None
    """One of ``settings.declaration.SETTINGS``."""
    purpose: str | None = None
    legal_basis: str | None = None
    dpia: str | None = None
    """Reference of the data protection impact assessment."""


NOTHING_DECLARED = Declaration()


@dataclass(frozen=True, slots=True)
class SessionStart:
    """What is known of a session before its first frame."""

    video_name: str
    """File name only, never its folder."""
    video_sha256: str
    duration_s: float
    width_px: int
    height_px: int
    source_fps: float | None
    recorded_on: datetime | None
    sample_fps: float
    start_s: float
    end_s: float
    chunk_s: float
    profile: str
    """Privacy profile, one of PROFILES."""
    model_sha256: str
    """Of the expression model; "none" where none ran."""
    observation_sha256: str
    """Hash of the settings that change face rows; with the two hashes above it names the session's work."""
    settings_sha256: str
    settings: dict[str, Any]
    """The resolved configuration, JSON-able."""
    versions: dict[str, str]
    """Package name -> version."""
    expires_on: datetime | None
    declaration: Declaration = NOTHING_DECLARED
    regions: int = 0
    """Opt-out regions that were blacked out before faces were looked for."""
    result_version: int = 0
    """Version of the rules behind its results (``settings.versions.RESULT_VERSION``); 0 = older than versions."""
    film_repairs: tuple[FilmRepair, ...] = ()

    @property
    def span(self) -> Span:
        """The stretch that is analysed, and how."""
        return Span(self.start_s, self.end_s, self.sample_fps, self.chunk_s)


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session as the store knows it."""

    session_id: int
    start: SessionStart
    status: SessionStatus
    analyzed_at: datetime
    tasks: tuple[Task, ...]
    faces_deleted_at: datetime | None = None
    """When the profile teacher deleted its rows per face; the class values stay, nothing can be computed again."""
    labels: tuple[tuple[str, str], ...] = ()
    """Free labels (label, value), by label: see ``lesson.labels``."""
    aggregation: str | None = None
    """Name of the further result that stands in the place of the session's own (``further_results``)."""
    validation: Validation | None = None
    """The newest check of its class against human observers; None = there was none."""

    def labelled(self, key: str) -> str | None:
        """The value of a label; None without it."""
        return dict(self.labels).get(key)


@dataclass(frozen=True, slots=True)
class StageStarted:
    """Progress: a stage begins; ``total_s`` is video time, None if the stage has none."""

    stage: str
    total_s: float | None


@dataclass(frozen=True, slots=True)
class Advanced:
    """Progress: ``done_s`` of the stage's video time is behind us, ``faces`` were seen so far in this run."""

    stage: str
    done_s: float
    faces: int


@dataclass(frozen=True, slots=True)
class StageFinished:
    """Progress: a stage ended after ``wall_s`` seconds of real time."""

    stage: str
    wall_s: float


Progress: TypeAlias = StageStarted | Advanced | StageFinished
