"""Does ``validate`` find back what is known? Simulated lessons, observers with known errors, 20 seeds.

    python benchmarks/validation.py [--seeds 20] [--lessons 12] [--json]

In each lesson 20 seats are on task or not for 60 clips, more often in some lessons than in others and less where the
camera has no value. O is normally distributed with a known difference between both, so that its AUC is known; each
observer errs with a known probability, so that kappa is known. 200 clips are drawn by the product's own sampler, with
very unequal probabilities, and scored by its own statistics. Printed: how often the 95 % interval holds the truth, the
mean error, and what the same figures would be without the weights.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from sklearn import config_context

from classroom_fer.measurement.engagement import Floats
from classroom_fer.study.clips import Clip
from classroom_fer.study.clusters import errors, interval, resampling
from classroom_fer.study.coded import CodedClips
from classroom_fer.study.sampling import DrawnClip, draw
from classroom_fer.study.scoring import figures
from classroom_fer.study.seats import Seat

SEATS, BINS = 20, 60
ERROR = 0.1
"""Of each observer."""
APART = 1.0
"""Standard deviations of O between on task and not."""
ON_TASK_VALUED, ON_TASK_NOT = 0.75, 0.4
"""Mean share of clips on task where the camera has a value and where not."""
BETWEEN_LESSONS = 0.1
"""Standard deviation of that share between lessons."""
SHARE_VALUED = 0.8
CLIPS = 200
CUTS_PX = (32.0, 36.0, 72.0)
MEASURED = (("kappa", "on_task"), ("auc", "orientation"), ("share", "on_task"))


@dataclass(frozen=True, slots=True)
class Known:
    """What is true of all clips."""

    kappa: float
    auc: float
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """All clips of the simulated lessons, with what happens in them."""

    clips: list[Clip]
    on_task: Floats
    value: Floats


def simulate(lessons: int, random: np.random.Generator) -> Lessons:
    clips: list[Clip] = []
    truth: list[float] = []
    for lesson in range(lessons):
        shift = random.normal(0, BETWEEN_LESSONS)
        for track in range(SEATS):
            seat = Seat(track, float(random.choice([34, 50, 90])), track // 5 + 1, track % 5 + 1, 5)
            for b in range(BINS):
                valued = random.random() < SHARE_VALUED
                mean = (ON_TASK_VALUED if valued else ON_TASK_NOT) + shift
                truth.append(float(random.random() < mean))
                times = (10.0 * b, 10.0 * b + 10)
                task = "First" if b < BINS / 2 else "Second"
                clips.append(Clip(lesson, *times, task, "board", 0.0, 0.0, seat, "valued" if valued else "unseen"))
    on_task = np.array(truth)
    value = random.normal(APART * on_task, 1.0)
    valued = np.array([clip.coverage == "valued" for clip in clips])
    return Lessons(clips, on_task, np.where(valued, value, np.nan))


def known(lessons: Lessons) -> Known:
    """By the formulas of two observers who err independently, on clips whose truth is counted."""
    share = float(lessons.on_task.mean())
    said = share * (1 - ERROR) + (1 - share) * ERROR
    agree, chance = (1 - ERROR) ** 2 + ERROR**2, said**2 + (1 - said) ** 2
    on = lessons.on_task[~np.isnan(lessons.value)]
    mean = float(on.mean())
    yes = mean * (1 - ERROR) / (mean * (1 - ERROR) + (1 - mean) * ERROR)
    no = mean * ERROR / (mean * ERROR + (1 - mean) * (1 - ERROR))
    right = NormalDist().cdf(APART / np.sqrt(2))
    same = yes * no + (1 - yes) * (1 - no)
    auc = yes * (1 - no) * right + (1 - yes) * no * (1 - right) + 0.5 * same
    return Known((agree - chance) / (1 - chance), auc, said)


def coded(lessons: Lessons, drawn: list[DrawnClip], random: np.random.Generator) -> CodedClips:
    """What two observers write of the drawn clips."""
    places = {id(clip): place for place, clip in enumerate(lessons.clips)}
    rows = np.array([places[id(one.clip)] for one in drawn])
    n, chosen = len(rows), [one.clip for one in drawn]
    wrong = random.random((n, 2)) < ERROR
    says_on = np.where(wrong, 1 - lessons.on_task[rows, None], lessons.on_task[rows, None])
    nothing, missing = np.full(n, -1), np.full((n, 2), -1)
    value = lessons.value[rows]
    return CodedClips(
        weight=np.array([1 / one.probability for one in drawn]),
        lesson=np.array([clip.session_id for clip in chosen]),
        task=np.array([2 * clip.session_id + (clip.task == "Second") for clip in chosen]),
        seat=np.array([SEATS * clip.session_id + clip.seat.track for clip in chosen]),
        row=np.array([clip.seat.row for clip in chosen]),
        size_px=np.array([clip.seat.size_px for clip in chosen]),
        present=np.zeros((n, 2), dtype=np.int64),
        on_task=(1 - says_on).astype(np.int64),
        facing=missing,
        head_down=missing,
        expression=missing,
        pupils=np.full((n, 2), np.nan),
        program_orientation=value,
        program_expression=value,
        program_index=value,
        program_facing=nothing,
        program_head_down=nothing,
        program_group=nothing,
        has_value=~np.isnan(value),
        has_face=~np.isnan(value),
        faces=np.full(n, np.nan),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """One figure of one seed."""

    name: str
    truth: float
    value: float
    low: float
    high: float
    unweighted: float

    @property
    def holds(self) -> bool:
        return self.low <= self.truth <= self.high


def recover(seed: int, lessons: int = 12, clips: int = CLIPS) -> list[Found]:
    """Kappa, AUC and the share on task of one simulated study."""
    random = np.random.default_rng(seed)
    made = simulate(lessons, random)
    true = known(made)
    rows = coded(made, draw(made.clips, clips, seed, CUTS_PX), random)
    chosen = [next(f for f in figures() if (f.statistic, f.about) == which) for which in MEASURED]
    drawn = resampling(rows)
    with config_context(assume_finite=True, skip_parameter_validation=True):
        spreads = errors([figure.measure for figure in chosen], rows, drawn)
    found = []
    for figure, truth, error in zip(chosen, (true.kappa, true.auc, true.share), spreads, strict=True):
        value = figure.measure(rows)
        low, high = interval(value, error, drawn.count, figure.limits) or (value, value)
        unweighted = figure.measure(without_weights(rows))
        found.append(Found(f"{figure.statistic} {figure.about}", truth, value, low, high, unweighted))
    return found


def without_weights(rows: CodedClips) -> CodedClips:
    """As if every clip had been drawn with the same probability."""
    columns = {name: getattr(rows, name) for name in CodedClips.__slots__}
    return CodedClips(**columns | {"weight": np.ones(len(rows))})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--lessons", type=int, default=12)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = [one for seed in range(options.seeds) for one in recover(seed, options.lessons)]
    table = []
    for name in dict.fromkeys(one.name for one in found):
        mine = [one for one in found if one.name == name]
        table.append(
            {
                "figure": name,
                "truth": float(np.mean([one.truth for one in mine])),
                "found": float(np.mean([one.value for one in mine])),
                "held by the interval": sum(one.holds for one in mine),
                "of seeds": len(mine),
                "width": float(np.mean([one.high - one.low for one in mine])),
                "without weights": float(np.mean([one.unweighted for one in mine])),
            }
        )
    if options.json:
        print(json.dumps(table, indent=2))
        return
    for line in table:
        print(", ".join(f"{key} {value:.3f}" if isinstance(value, float) else f"{key} {value}"
                        for key, value in line.items()))  # fmt: skip


if __name__ == "__main__":
    main()
