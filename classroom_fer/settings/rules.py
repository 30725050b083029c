"""The constants of tracking and measurement: what each is, its unit, its limits and where its value comes from.

The values stand in ``rules.toml``; a user's file may change single ones. docs/settings.md is made from this module.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator
from pydantic.dataclasses import dataclass

from classroom_fer.lesson.records import EMOTIONS, PROFILES
from classroom_fer.settings.description import (
    RECORD,
    About,
    Amount,
    AtLeastOne,
    Count,
    Degrees,
    Faces,
    Number,
    Pixels,
    Points,
    Seconds,
    Share,
    Unit,
    in_order,
    nearest,
    wrong,
)

PER_PERSON = "Sümer 2021, arXiv 2101.04215: a minute of a person's own data adds .084 to the AUC; the number is a choice"
RACA = "Raca 2015 rejects periods with less than a quarter of their samples"
OWN_LAST_STEP = "MTCNN's own last step uses it"


@dataclass(config=RECORD, frozen=True, slots=True)
class TrackingRules:
    """What the seat tracker takes for granted; checked by ``benchmarks/tracking.py`` and the tests.

    Lengths are in face sizes (a face's size is the root of its box's area), so one set fits front and back row.
    """

    sure_confidence: Annotated[Share, About("only a detection this sure may start a track", "as rules.expression", 0.90)]
    gate_per_s: Annotated[Amount, Unit("face sizes/s"), About("furthest move", "choice", 1.5)]
    gate_floor: Annotated[
        Faces, About("jitter of the detector that is allowed however short the step between samples", "choice", 0.35)
    ]
    gate_ceiling: Annotated[
        Faces, About("however long the step, no face is looked for further off: the next seat", "choice", 1.5)
    ]
    seat_gate: Annotated[Faces, About("how far from its seat's centroid a face still belongs to it", "choice", 0.9)]
    size_gate: Annotated[
        Amount, Unit("|ln size ratio|"), About("a face twice or half as large is another face", "choice", 0.7)
    ]
    unmatched_cost: Annotated[
        Amount, Unit("cost"), About("price of leaving a face or a track alone; no pair may cost more", "choice", 1.6)
    ]
    active_s: Annotated[
        Seconds, About("unseen for longer, and than active_steps, a track has no place but its seat", "choice", 3.0)
    ]
    active_steps: Annotated[
        Amount, Unit("samples"), About("see active_s; a half, so that jitter of times cannot decide", "choice", 3.5)
    ]
    resting_cost: Annotated[
        Amount, Unit("cost"), About("added for a track that is not active: one in view goes first", "choice", 0.3)
    ]
    young_memory_s: Annotated[
        Seconds, About("how long a track of fewer than min_samples is remembered", "choice", 10.0)
    ]
    seat_memory_s: Annotated[
        Seconds, About("how long a free seat is kept; joining seats afterwards has no such limit", "choice", 600.0)
    ]
    seat_time_s: Annotated[
        Seconds, Field(gt=0), About("time constant of the slow centroid of a seat", "choice", 60.0)
    ]
    seated_spread: Annotated[
        Faces, About("a track further than this from its own centroid, on average, walks: it owns no seat", "choice", 0.75)
    ]
    join_gate: Annotated[Faces, About("furthest centroids of two pieces of one seat's track", "choice", 0.9)]
    min_samples: Annotated[
        AtLeastOne, About("a shorter track is taken for false detections; its faces have no track", "choice", 3)
    ]
    min_sure_share: Annotated[
        Share,
        About(
            "a track with a smaller share of sure detections is left out",
            "measured: torsos found again and again were sure in .05-.53 of their samples, a real face of 12 px in .58",
            0.4,
        ),
    ]
    same_face_iou: Annotated[
        Share, About("boxes of one frame that overlap more are one face; the surer one is kept", "choice", 0.5)
    ]
    same_face_inside: Annotated[
        Share, About("share of the smaller box inside the larger from which they are one face", OWN_LAST_STEP, 0.7)
    ]


@dataclass(config=RECORD, frozen=True, slots=True)
class PoseRules:
    """When a face counts as turned to the task. Angles are relative to the track's own baseline."""

    yaw_full: Annotated[Degrees, About("turned less than this counts fully")]
    yaw_zero: Annotated[Degrees, About("turned further than this counts nothing; linear between the two")]
    down: Annotated[Degrees, About("pitch from which a head is down")]
    min_face_px: Annotated[
        Pixels, About("smallest face whose head pose is used", "calculated: at 32 px, 1 px of landmark noise is 8°")
    ]
    baseline_min_samples: Annotated[AtLeastOne, About("samples that a track's own baseline needs", PER_PERSON)]
    baseline_min_span_s: Annotated[Seconds, About("time that they must span", PER_PERSON)]
    baseline_max_dev: Annotated[
        Degrees, About("a track whose baseline is further from the line through all is left out of orientation")
    ]
    line_min_tracks: Annotated[Count, About("tracks with a baseline of their own that the line needs")]

    _order = in_order("yaw_full", "yaw_zero")


@dataclass(config=RECORD, frozen=True, slots=True)
class ExpressionRules:
    """When a face's expression is judged. These rules change face rows: another value needs the film again."""

    min_face_px: Annotated[Pixels, About("smallest face, shorter side of its box")]
    good_face_px: Annotated[Pixels, About("size from which a face counts as large in the report's table")]
    max_yaw: Annotated[Degrees, About("turned further, no expression is judged")]
    min_det_conf: Annotated[Share, About("smallest confidence of the detector")]
    min_p: Annotated[Share, About("smallest probability of the likeliest expression; below, it is uncertain")]


@dataclass(config=RECORD, frozen=True, slots=True)
class BinRules:
    """The time steps in which everything is counted."""

    seconds: Annotated[
        Seconds,
        Field(ge=1, le=600),
        About("length of a base bin", "Whitehill 2014: labels averaged over 10 s predict the clip's label, r = .85"),
    ]
    min_pose: Annotated[
        AtLeastOne,
        Unit("samples in 10 s at 1/s"),
        About("valid samples that a track's orientation needs in a bin; scaled with fps and the bin's length"),
    ]
    min_expr: Annotated[
        AtLeastOne, Unit("samples in 10 s at 1/s"), About("the same for its expression")
    ]


@dataclass(config=RECORD, frozen=True, slots=True)
class EvidenceRules:
    """How much must have been seen before a number is given."""

    min_group: Annotated[
        Count, Field(ge=2, le=1000), Unit("faces"), About("below this no class value leaves the program (docs/small-groups.md)")
    ]
    n_grade_b: Annotated[Count, Unit("faces"), About("faces for grade B")]
    n_grade_a: Annotated[Count, Unit("faces"), About("faces for grade A")]
    c_min: Annotated[Share, About("coverage below which no number is given", RACA)]
    c_b: Annotated[Share, About("coverage for grade B")]
    c_a: Annotated[Share, About("coverage for grade A")]
    task_min_s: Annotated[Seconds, About("a shorter task gets no number")]
    track_min_bins: Annotated[AtLeastOne, Unit("bins"), About("valid bins that a track needs in a task")]
    track_min_share: Annotated[Share, About("and the share of the task's bins that they must be", RACA)]
    timeline_min_tracks: Annotated[
        AtLeastOne, Unit("tracks"), About("a time step of fewer is a gap (or of fewer than min_group, where smaller)")
    ]
    timeline_min_share: Annotated[Share, About("or of fewer than this share of the faces visible at once")]

    _coverage_b = in_order("c_min", "c_b")
    _coverage_a = in_order("c_b", "c_a")
    _faces = in_order("n_grade_b", "n_grade_a")


@dataclass(config=RECORD, frozen=True, slots=True)
class CompareRules:
    """When two tasks of one mode are said to differ."""

    min_points: Annotated[Points, About("smallest difference that is told")]
    max_cov_gap: Annotated[Share, About("largest difference of the two coverages")]
    alphas: Annotated[
        tuple[Share, ...],
        Field(min_length=1),
        About("the sign must be the same with each of these in place of alpha_orientation"),
    ]
    level: Annotated[Number, Field(ge=0.5, le=0.999), Unit("share"), About("confidence, before Holm's correction", "convention")]


@dataclass(config=RECORD, frozen=True, slots=True)
class MomentRules:
    """When the class is said to have changed."""

    window_s: Annotated[Seconds, Field(gt=0), About("before and after the moment")]
    min_bins: Annotated[AtLeastOne, Unit("bins"), About("bins that a track needs on each side")]
    min_points: Annotated[Points, About("smallest change that is told")]
    min_t: Annotated[
        Amount, Unit("t"), About("smallest |t|", "simulated: .02-.33 false moments in a lesson of 45 min (docs/simulation.md)")
    ]
    max: Annotated[Count, Unit("moments"), About("the strongest that are told")]
    guard_s: Annotated[Seconds, About("no moment nearer to the edge of a task")]
    min_apart_s: Annotated[Seconds, About("no two moments nearer to each other")]


def _one_of_each(weights: dict[str, float]) -> dict[str, float]:
    """The weights in EMOTIONS order."""
    if set(weights) != set(EMOTIONS):
        raise wrong(
            f"must have exactly these eight keys: {', '.join(EMOTIONS)}",
            "copy a set from classroom_fer/settings/rules.toml and change its numbers",
        )
    if max(weights.values()) <= min(weights.values()):
        raise wrong("gives every emotion the same weight", "vary them")
    return {emotion: weights[emotion] for emotion in EMOTIONS}


WeightSet = Annotated[dict[str, Annotated[Number, Field(ge=-1e6, le=1e6)]], AfterValidator(_one_of_each)]


@dataclass(config=RECORD, frozen=True, slots=True)
class Rules:
    """Everything the pure half needs besides rows and tasks."""

    weight_set: Annotated[str, About("name of the set of weights in use; --weights on the command line")]
    alpha_orientation: Annotated[
        Share, About("part of orientation in the index, the rest is expression", "Sümer 2021: orientation tells more; choice")
    ]
    weight_sets: Annotated[
        dict[str, WeightSet],
        About(
            "what each expression counts for, by name of the set; only their order and ratios matter",
            "sharma2019: as public code quotes Sharma et al. 2019, arXiv 1909.12913; contempt, and flat, are choices",
        ),
    ]
    tracking: TrackingRules
    pose: PoseRules
    expression: ExpressionRules
    bins: BinRules
    evidence: EvidenceRules
    compare: CompareRules
    moments: MomentRules

    @model_validator(mode="after")
    def _set_is_known(self) -> Rules:
        if self.weight_set not in self.weight_sets:
            near = nearest(self.weight_set, self.weight_sets)
            hint = f"did you mean {near}?" if near else f"known: {', '.join(self.weight_sets)}"
            if self.weight_set in PROFILES:
                hint = f'the privacy profile stands below [policy]: profile = "{self.weight_set}"'
            raise wrong(f"must be the name of a set of weights, not {self.weight_set!r}", hint, at="weight_set")
        return self

    def weights(self, name: str | None = None) -> tuple[float, ...]:
        """Weights in EMOTIONS order of the set ``name`` (default: the one in use)."""
        table = self.weight_sets[name or self.weight_set]
        return tuple(table[emotion] for emotion in EMOTIONS)
