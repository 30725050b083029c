"""The constants of tracking and measurement: what each is, its unit, its limits and where its value comes from.

The values stand in ``rules.toml``; a user's file may change single ones. docs/settings.md is made from this module.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator
from pydantic.dataclasses import dataclass

from classroom_fer.errors import ConfigError
from classroom_fer.lesson.records import EMOTIONS, PROFILES
from classroom_fer.settings.fields import (
    NO_VALUE,
    REQUIRED,
    STRICT,
    Checked,
    Number,
    Whole,
    came_later,
    check_order,
    nearest,
    renamed,
    setting,
)

SHARE = (0.0, 1.0)
ANY = (0.0, 1e6)
"""Nothing in a lesson is larger (choice)."""
FROM_ONE = (1.0, 1e6)
SOME_TIME = (0.001, 1e6)
"""Seconds; the store counts milliseconds."""
DEGREES = (0.0, 180.0)
OWN_DATA = "Sümer 2021, arXiv 2101.04215: a minute of a person's own data adds .084 to the AUC; the number is a choice"
RENDERED = "rendered heads: all 96 that both say are bent by 30° or more (docs/measurement.md, section 2)"
ANSWERED = "keeps 90 % of such answers right on changed PublicTest faces (docs/classifier.md)"
ANSWERED_TOGETHER = "keeps 90 % of all answers right there; its own limit would be lower (docs/classifier.md)"
RACA = "Raca 2015 rejects periods with less than a quarter of their samples"


def constant(
    about: str,
    limits: tuple[float | None, float | None] = (None, None),
    *,
    unit: str = "",
    source: str = "choice",
    before: Any = NO_VALUE,
    former: tuple[str, ...] = (),
) -> Any:
    """A setting whose value stands in ``rules.toml``; ``before`` as in `came_later`, ``former`` as in `renamed`."""
    field = renamed(setting(REQUIRED, about, limits=limits, unit=unit, source=source), *former)
    return field if before is NO_VALUE else came_later(field, before)


@dataclass(frozen=True, slots=True, config=STRICT)
class TrackingRules(Checked):
    """What the seat tracker assumes; checked by ``benchmarks/tracking.py`` and the tests.

    Lengths are in face sizes (a face's size is the root of its box's area), so one set fits front and back row.
    """

    SECTION: ClassVar[str] = "rules.tracking."
    sure_confidence: Number = constant(
        "only a detection this sure may start a track", SHARE, source="as rules.expression", before=0.90
    )
    sure_confidence_large: Number = constant(
        "the same for a face of at least large_face_px", SHARE, source="as sure_confidence", before=0.90
    )
    sure_confidence_centerface: Number = constant(
        "the same where CenterFace finds the faces: its score is another", SHARE,
        source="measured on films and photographs (docs/measurement.md, section 8)", before=0.50,
    )  # fmt: skip
    sure_confidence_centerface_large: Number = constant(
        "CenterFace's for a face of at least large_face_px", SHARE,
        source="measured: .94 of large faces reach it (docs/measurement.md, section 8)", before=0.50,
    )  # fmt: skip
    large_face_px: Number = constant(
        "smallest size of a large face: clear faces of this size have higher scores than far ones",
        ANY, unit="px", source="measured (docs/measurement.md, section 8)", before=48.0,
    )  # fmt: skip
    gate_per_s: Number = constant(
        "furthest move", ANY, unit="face sizes/s", source="measured on generated classes", before=1.5
    )
    gate_floor: Number = constant(
        "jitter of the detector that is allowed however short the step", ANY, unit="face sizes", before=0.35
    )
    gate_ceiling: Number = constant(
        "however long the step, no face is looked for further off: the next seat", ANY, unit="face sizes", before=1.5
    )
    seat_gate: Number = constant(
        "how far from its seat's centroid a face still belongs to it", ANY, unit="face sizes", before=0.9
    )
    size_gate: Number = constant(
        "a face twice or half as large is another face", ANY, unit="|ln of the size ratio|", before=0.7
    )
    unmatched_cost: Number = constant("price of leaving a face or track alone; no pair costs more", ANY, before=1.6)
    active_s: Number = constant(
        "unseen for longer, and than active_steps, a track has no place but its seat", ANY, unit="s", before=3.0
    )
    active_steps: Number = constant(
        "see active_s; a half, so that jitter of times cannot decide", ANY, unit="samples", before=3.5
    )
    resting_cost: Number = constant("added for a track that is not active: one in view goes first", ANY, before=0.3)
    young_memory_s: Number = constant(
        "how long a track of fewer than min_samples is remembered", ANY, unit="s", before=10.0
    )
    seat_memory_s: Number = constant(
        "how long a free seat is kept; joining seats afterwards has no such limit", ANY, unit="s", before=600.0
    )
    seat_time_s: Number = constant("time constant of the slow centroid of a seat", SOME_TIME, unit="s", before=60.0)
    seated_spread: Number = constant(
        "further than this from its own centroid, on average, a track walks: it owns no seat",
        ANY, unit="face sizes", before=0.75,
    )  # fmt: skip
    seated_share: Number = constant(
        "share of its faces that must lie within seated_spread of a seat; else the track is of somebody who walks",
        SHARE, source="measured on made-up lessons: a teacher who stops in front of a pupil", before=0.5,
    )  # fmt: skip
    join_gate: Number = constant(
        "furthest centroids of two pieces of one seat's track", ANY, unit="face sizes", before=0.9
    )
    join_shared: Number = constant(
        "two pieces may be one seat's though they show together in this share of the shorter one's frames, or in one",
        SHARE, source="measured on made-up lessons: a single false box kept two pieces of one pupil apart", before=0.0,
    )  # fmt: skip
    min_samples: Whole = constant(
        "a shorter track is taken for false detections; its faces have no track", FROM_ONE, unit="samples", before=3
    )
    min_sure_share: Number = constant(
        "a track with a smaller share of sure detections is left out",
        SHARE,
        source="measured: torsos found again and again were sure in .05-.53 of samples, a real face of 12 px in .58",
        before=0.4,
    )
    same_face_iou: Number = constant(
        "boxes of one frame that overlap more are one face; the surer one is kept", SHARE, before=0.5
    )
    same_face_inside: Number = constant(
        "share of the smaller box inside the larger from which they are one face",
        SHARE, source="MTCNN's own last step", before=0.7,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, config=STRICT)
class LookRules(Checked):
    """Where CenterFace looks at the frames of a film. These rules change face rows: another value needs the film again.

    Lengths are in face sizes, here the longer side of a face's box. What each choice costs in recall:
    docs/measurement.md, section 11.
    """

    SECTION: ClassVar[str] = "rules.looks."
    whole_every_s: Number = constant(
        "the whole picture is looked at so often, and first in each chunk; 0 = every sample", ANY, unit="s", before=0.0
    )
    known_px: Number = constant(
        "between whole looks, with how many pixels a known face is shown", (12, 200), unit="px",
        source="measured: recall .95 of a whole look's faces, boxes within 2 % of its size", before=28.0,
    )  # fmt: skip
    known_sides: Number = constant(
        "side of the square that is shown around it",
        (1.5, 10), unit="face sizes", source="measured, with known_px", before=2.5,
    )  # fmt: skip
    missing_sides: Number = constant(
        "the same where the look before did not find it", (1.5, 10), unit="face sizes", before=3.2
    )
    moved_levels: Number = constant(
        "a picture that changed more in a place that belongs to nobody known is looked at there",
        (1, 255), unit="grey levels of 255", before=20.0,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, config=STRICT)
class PoseRules(Checked):
    """When a face counts as turned to the task. Angles are relative to the track's own baseline."""

    SECTION: ClassVar[str] = "rules.pose."
    yaw_full: Number = constant("turned less than this counts fully", DEGREES, unit="°")
    yaw_zero: Number = constant("turned further counts nothing; linear between the two", DEGREES, unit="°")
    down: Number = constant("pitch from which a head is down", DEGREES, unit="°")
    sunk: Number = constant(
        "a face this much lower in the picture than usual, and of a frontal score below unclear, is down too",
        ANY, unit="shorter sides of its usual box", source=RENDERED, before=1e6,
    )  # fmt: skip
    unclear: Number = constant("see sunk", SHARE, source=RENDERED, before=0.0)
    min_face_px: Number = constant(
        "smallest face whose head pose is used, shorter side of its box",
        ANY, unit="px", source="calculated: at 32 px, 1 px of noise in the landmarks is 8°",
    )  # fmt: skip
    baseline_min_samples: Whole = constant("samples that a track's own baseline needs", FROM_ONE, source=OWN_DATA)
    baseline_min_span_s: Number = constant("time that they must span", ANY, unit="s", source=OWN_DATA)
    baseline_max_dev: Number = constant(
        "a track whose baseline is further from the line through all is left out of orientation", DEGREES, unit="°"
    )
    line_min_tracks: Whole = constant("tracks with a baseline of their own that the line needs", ANY, unit="tracks")
    camera_shift: Number = constant(
        "while the camera looks further from its usual place, no direction is used",
        ANY, unit="picture widths", source="choice: about 6° of a 60° lens", before=0.1,
    )  # fmt: skip

    def __post_init__(self) -> None:
        check_order(self, "yaw_full", "yaw_zero")


@dataclass(frozen=True, slots=True, config=STRICT)
class ExpressionRules(Checked):
    """When a face's expression is judged. These rules change face rows: another value needs the film again."""

    SECTION: ClassVar[str] = "rules.expression."
    min_face_px: Number = constant("smallest face, shorter side of its box", ANY, unit="px")
    good_face_px: Number = constant("from this size a face is large in the report's table", ANY, unit="px")
    max_yaw: Number = constant("turned further, no expression is judged", DEGREES, unit="°")
    min_frontal: Number = constant(
        "smallest `frontal`: how frontal and clear O-Net finds the face",
        SHARE, source="below it a third of the boxes are no faces (docs/measurement.md, section 3)",
        before=0.90, former=("min_det_conf",),
    )  # fmt: skip
    min_votes: Number = constant(
        "smallest share of votes of the likeliest name; a face with less has no part in E", SHARE, former=("min_p",)
    )
    min_neutral: Number = constant(
        "smallest probability of the group neutral-looking; where the likeliest group has less than its own, the "
        "expression is uncertain", SHARE, source=ANSWERED, before=0.5,
    )  # fmt: skip
    min_smiling: Number = constant(
        "the same of smiling",
        SHARE, source="of the sample lesson's neutral faces fewer than a tenth are called smiling (docs/classifier.md)",
        before=0.5,
    )  # fmt: skip
    min_surprised: Number = constant("the same of surprised-looking", SHARE, source=ANSWERED_TOGETHER, before=0.5)
    min_other: Number = constant(
        "the same of the other expressions together",
        SHARE, source="measured: .56; raised above .625, which five of eight classes have where nothing is known",
        before=0.5,
    )  # fmt: skip

    def least_of_group(self) -> tuple[float, float, float, float]:
        """In the order of `lesson.expression_groups.GROUPS`."""
        return self.min_neutral, self.min_smiling, self.min_surprised, self.min_other


@dataclass(frozen=True, slots=True, config=STRICT)
class BinRules(Checked):
    """The time steps in which everything is counted."""

    SECTION: ClassVar[str] = "rules.bins."
    seconds: Number = constant(
        "length of a base bin",
        (1, 600), unit="s", source="Whitehill 2014: labels averaged over 10 s predict the clip's label, r = .85",
    )  # fmt: skip
    min_pose: Whole = constant(
        "valid samples that a track's orientation needs in a bin; scaled with fps and the bin's length",
        FROM_ONE, unit="samples in 10 s at 1/s",
    )  # fmt: skip
    min_expr: Whole = constant("the same for its expression", FROM_ONE, unit="samples in 10 s at 1/s")


@dataclass(frozen=True, slots=True, config=STRICT)
class EvidenceRules(Checked):
    """How much must have been seen before a number is given."""

    SECTION: ClassVar[str] = "rules.evidence."
    min_group: Whole = constant(
        "below this no class value leaves the program (docs/small-groups.md)", (2, 1000), unit="faces"
    )
    n_grade_b: Whole = constant("faces for grade B", ANY, unit="faces")
    n_grade_a: Whole = constant("faces for grade A", ANY, unit="faces")
    c_min: Number = constant("coverage below which no number is given", SHARE, source=RACA)
    c_b: Number = constant("coverage for grade B", SHARE)
    c_a: Number = constant("coverage for grade A", SHARE)
    task_min_s: Number = constant("a shorter task gets no number", ANY, unit="s")
    track_min_bins: Whole = constant("valid bins that a track needs in a task", FROM_ONE, unit="bins")
    track_min_share: Number = constant("and the share of the task's bins that they must be", SHARE, source=RACA)
    timeline_min_tracks: Whole = constant(
        "a time step of fewer is a gap (or of fewer than min_group, where smaller)", FROM_ONE, unit="tracks"
    )
    timeline_min_share: Number = constant("or of fewer than this share of the faces visible at once", SHARE)

    def __post_init__(self) -> None:
        for smaller, larger in (("c_min", "c_b"), ("c_b", "c_a"), ("n_grade_b", "n_grade_a")):
            check_order(self, smaller, larger)


@dataclass(frozen=True, slots=True, config=STRICT)
class CompareRules(Checked):
    """When two tasks of one mode are said to differ."""

    SECTION: ClassVar[str] = "rules.compare."
    min_points: Number = constant("smallest difference that is reported", ANY, unit="points of 100")
    max_cov_gap: Number = constant("largest difference of the two coverages", SHARE)
    alphas: tuple[Number, ...] = constant("the sign must be the same with each of these in place of alpha_orientation")
    level: Number = constant("confidence, before Holm's correction", (0.5, 0.999), source="convention")

    def __post_init__(self) -> None:
        if not self.alphas or not all(0 <= alpha <= 1 for alpha in self.alphas):
            raise ConfigError(
                f"rules.compare.alphas must be a list of numbers between 0 and 1, not {list(self.alphas)}",
                hint="write alphas = [0.5, 0.7, 0.9]",
            )


@dataclass(frozen=True, slots=True, config=STRICT)
class MomentRules(Checked):
    """When the class is said to have changed."""

    SECTION: ClassVar[str] = "rules.moments."
    window_s: Number = constant("before and after the moment", SOME_TIME, unit="s")
    min_bins: Whole = constant("bins that a track needs on each side", FROM_ONE, unit="bins")
    min_points: Number = constant("smallest change that is reported", ANY, unit="points of 100")
    min_t: Number = constant(
        "smallest |t|", ANY, source="simulated: .02-.33 false moments in a lesson of 45 min (docs/simulation.md)"
    )
    max: Whole = constant("how many are reported, the strongest first", ANY, unit="moments")
    guard_s: Number = constant("no moment nearer to the edge of a task", ANY, unit="s")
    min_apart_s: Number = constant("no two moments nearer to each other", ANY, unit="s")


@dataclass(frozen=True, slots=True, config=STRICT)
class SynchronyRules(Checked):
    """When pupils are said to turn together; not part of the index."""

    SECTION: ClassVar[str] = "rules.synchrony."
    min_change: Number = constant(
        "change of a track's O from bin to bin that counts as a turn",
        (0.01, 1), unit="0-1", before=0.25,
        source="choice: a quarter of the time turned right away, above the noise of small faces (docs/measurement.md)",
    )  # fmt: skip
    level: Number = constant(
        "chance alone stays within synchrony_chance in this share of the bins",
        (0.5, 0.999), source="convention", before=0.95,
    )  # fmt: skip


def _one_of_each(sets: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Every set in EMOTIONS order."""
    for name, weights in sets.items():
        if set(weights) != set(EMOTIONS):
            raise ConfigError(
                f"weight_sets.{name} must have exactly these eight keys: {', '.join(EMOTIONS)}",
                hint="copy a set from classroom_fer/settings/rules.toml and change its numbers",
            )
        if max(weights.values()) <= min(weights.values()):
            raise ConfigError(f"weight_sets.{name} gives every emotion the same weight", hint="vary them")
    return {name: {emotion: weights[emotion] for emotion in EMOTIONS} for name, weights in sets.items()}


@dataclass(frozen=True, slots=True, config=STRICT)
class Rules(Checked):
    """Everything the pure half needs besides rows and tasks."""

    weight_set: str = constant("name of the set of weights in use; --weights on the command line", former=("profile",))
    alpha_orientation: Number = constant(
        "part of orientation in the index, the rest is expression", SHARE, source="Sümer 2021: orientation does better"
    )
    weight_sets: Annotated[dict[str, dict[str, Number]], AfterValidator(_one_of_each)] = constant(
        "what each expression counts for, by name of the set; only order and ratios of their differences matter",
        source="sharma2019: as public code quotes Sharma et al. 2019, arXiv 1909.12913; contempt and flat: choices",
        former=("profiles",),
    )
    looks: LookRules = constant("where faces are looked for")
    tracking: TrackingRules = constant("the seat tracker")
    pose: PoseRules = constant("which way a face is turned")
    expression: ExpressionRules = constant("when an expression is judged")
    bins: BinRules = constant("time steps")
    evidence: EvidenceRules = constant("how much must have been seen")
    compare: CompareRules = constant("when two tasks differ")
    moments: MomentRules = constant("when the class changed")
    synchrony: SynchronyRules = constant("when pupils turn together")

    def __post_init__(self) -> None:
        if self.weight_set not in self.weight_sets:
            near = nearest(self.weight_set, self.weight_sets)
            hint = f"did you mean {near}?" if near else f"known: {', '.join(self.weight_sets)}"
            if self.weight_set in PROFILES:
                hint = f'the privacy profile stands below [policy]: profile = "{self.weight_set}"'
            raise ConfigError(f"weight_set = {self.weight_set!r} is no set of weights", hint=hint)

    def weights(self, name: str | None = None) -> tuple[float, ...]:
        """Weights in EMOTIONS order of the set ``name`` (default: the one in use)."""
        table = self.weight_sets[name or self.weight_set]
        return tuple(table[emotion] for emotion in EMOTIONS)
