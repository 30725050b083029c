"""Made-up lessons as finished records: what the pure half could give, without running it. Deterministic.

Each is made once for all tests, which change nothing in it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache

from classroom_fer.lesson.records import (
    Comparison,
    Declaration,
    Estimate,
    ExpressionShares,
    Grade,
    Moment,
    NotShown,
    SessionResult,
    SessionStart,
    SizeClass,
    StoredSession,
    Task,
    TaskSummary,
    TimelineBin,
    Visibility,
)
from classroom_fer.lesson.validation import Agreement, Part, Validation
from classroom_fer.measurement.small_groups import may_count
from classroom_fer.measurement.uncompared import not_compared
from classroom_fer.settings.config import default_config
from classroom_fer.settings.versions import RESULT_VERSION

Sample = tuple[StoredSession, SessionResult]
BIN_S = 10.0
SIZES = ((0.0, 32.0), (32.0, 36.0), (36.0, 72.0), (72.0, None))
"""As of visibility.size_classes with the shipped rules."""
ABSTAINED = (("too small", 0.12), ("turned away", 0.15), ("pose unknown", 0.02), ("unsure detection", 0.04),
             ("uncertain", 0.17), (None, 0.5))  # fmt: skip


def session(name: str, tasks: Sequence[Task], end_s: float, *, dated: bool = True) -> StoredSession:
    settings = default_config().as_dict()
    settings["model"] = {"temperature": 1.37, "metrics": {"ece": 0.021}}
    start = SessionStart(
        video_name=name,
        video_sha256="5f0c" * 16,
        duration_s=end_s,
        width_px=1920,
        height_px=1080,
        source_fps=25.0,
        recorded_on=datetime(2026, 11, 18, 10, 15) if dated else None,
        sample_fps=1.0,
        start_s=0.0,
        end_s=end_s,
        chunk_s=120.0,
        profile="research",
        model_sha256="a17e" * 16,
        observation_sha256="0b5e" * 16,
        settings_sha256="c0f1" * 16,
        settings=settings,
        versions={"classroom-fer": "0.1.0", "python": "3.11.9", "tensorflow": "2.21.0", "weasyprint": "70.0"},
        expires_on=datetime(2027, 11, 20),
        result_version=RESULT_VERSION,
    )
    return StoredSession(7, start, "finished", datetime(2026, 11, 20, 16, 0), tuple(tasks))


def _grade(n: int, coverage: float, task: Task) -> Grade | None:
    if n < 5 or coverage < 0.25 or task.end_s - task.start_s < 60:
        return None
    if n >= 15 and coverage >= 0.6:
        return "A"
    return "B" if n >= 10 and coverage >= 0.4 else "C"


def _summary(task: Task, level: float, n: int, coverage: float) -> TaskSummary:
    grade = _grade(n, coverage, task)
    bins = int((task.end_s - task.start_s) // BIN_S)
    if grade is None:
        why = NotShown("few", needed=5)
        return TaskSummary(task, bins, None, None, None, None, None, None, None, None, why)
    half = 22 / math.sqrt(n)
    indexed = task.mode in ("board", "desk")
    o = level / 100
    return TaskSummary(
        task,
        bins,
        n,
        coverage,
        grade,
        Estimate(level, level - half, level + half) if indexed else None,
        Estimate(o, o - half / 100, o + half / 100) if indexed else None,
        Estimate(0.7, 0.64, 0.76),
        ExpressionShares(0.78 - level / 1000, 0.1 + level / 2000, 0.03, 0.09 + level / 2000),
        0.5,
        None,
    )


def _bins(
    tasks: Sequence[Task], levels: Sequence[float], end_s: float, faces: int, coverage: float,
    lost: tuple[float, float], counts: Sequence[int], jump: tuple[float, float] = (math.inf, 0.0),
) -> tuple[TimelineBin, ...]:  # fmt: skip
    noise = random.Random(faces * 1000 + int(end_s))
    bins = []
    for k in range(math.ceil(end_s / BIN_S)):
        start, end = k * BIN_S, min((k + 1) * BIN_S, end_s)
        at = next((i for i, t in enumerate(tasks) if t.start_s <= start < t.end_s), None)
        name = None if at is None else tasks[at].name
        if lost[0] <= start < lost[1]:
            bins.append(TimelineBin(name, start, end, 0, None, None, None, None, None, None, None))
            continue
        seen = coverage + 0.12 * math.sin(k / 9) + noise.uniform(-0.06, 0.06)
        seen = min(max(seen, 0.0), 1.0) if faces else 0.0
        n = round(faces * seen)
        shown = at is not None and min(n, counts[at]) >= 5 and tasks[at].mode in ("board", "desk")
        level = 0.0 if at is None else levels[at] + 5 * math.sin(k / 5) + noise.uniform(-6, 6)
        level += jump[1] if start >= jump[0] else 0
        level = min(max(level, 5.0), 95.0)
        half = 22 / math.sqrt(max(n, 1))
        estimate = Estimate(level, max(0, level - half), min(100, level + half)) if shown else None
        orientation = min(1.0, max(0.0, (level + 8 * math.cos(k / 11)) / 100)) if shown else None
        bins.append(
            TimelineBin(
                name,
                start,
                end,
                10,
                faces * min(1.0, seen + 0.1) if faces else 0.0,
                n if shown else None,
                seen,
                estimate,
                orientation,
                0.7 if shown else None,
                None,
            )
        )
    return tuple(bins)


def _without_few(bin_: TimelineBin, pupils: int) -> TimelineBin:
    """What the pure half hides of a bin (safeguard S3)."""
    rules = default_config().rules.evidence
    faces, share = bin_.faces, bin_.coverage
    if faces is not None and not may_count(faces, pupils, rules):
        faces = None
    if share is not None and not may_count(round(share * pupils), pupils, rules):
        share = None
    return replace(bin_, faces=faces, coverage=share)


def _all_pairs(summaries: Sequence[TaskSummary], told: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """``told`` and, as the pure half gives them, the other pairs of one kind."""
    known = {(c.first, c.second) for c in told}
    rest = tuple(
        Comparison(first, second, Estimate(1.0, -4, 6), 0.8, 10, "no_clear_difference")
        for first, second, why in not_compared(summaries, told)
        if why == "too_few_in_both" and (first, second) not in known
    )
    return (*told, *rest)


def lesson(
    name: str, tasks: Sequence[Task], levels: Sequence[float], *, pupils: int, coverage: float = 0.71,
    moments: tuple[Moment, ...] = (), comparisons: tuple[Comparison, ...] = (), end_s: float | None = None,
    lost: tuple[float, float] = (math.inf, math.inf), jump: tuple[float, float] = (math.inf, 0.0),
    numbers: Sequence[int] | None = None, dated: bool = True,
) -> Sample:  # fmt: skip
    end = end_s or tasks[-1].end_s
    counts = numbers or [pupils] * len(tasks)
    summaries = tuple(_summary(t, v, n, coverage) for t, v, n in zip(tasks, levels, counts, strict=True))
    unseen = max(0.0, min(lost[1], end) - min(lost[0], end))
    readings = int(pupils * coverage * (end - unseen))
    visibility = Visibility(
        frames_sampled=int(end - unseen),
        frames_lost=int(unseen * 25),
        unseen_s=unseen,
        faces=readings,
        tracks=pupils + 2 if pupils else 0,
        simultaneous_p95=pupils,
        coverage=coverage if pupils else None,
        sizes=tuple(
            SizeClass(low, high, round(readings * part))
            for (low, high), part in zip(SIZES, (0.07, 0.1, 0.55, 0.28), strict=True)
        ),
        abstentions=tuple((reason or "none", round(readings * part)) for reason, part in ABSTAINED),
    )
    bins = _bins(tasks, levels, end, pupils, coverage, lost, counts, jump)
    if 0 < pupils < 5:
        visibility = replace(visibility, coverage=None, sizes=(), abstentions=())
    bins = tuple(_without_few(bin_, pupils) for bin_ in bins)
    result = SessionResult(visibility, (), bins, summaries, moments, _all_pairs(summaries, comparisons))
    return session(name, tasks, end, dated=dated), result


def _tasks(*parts: tuple[str, float, str]) -> list[Task]:
    """Tasks one after the other; (name, minutes, mode)."""
    made, at = [], 0.0
    for name, minutes, mode in parts:
        made.append(Task(name, at, at + 60 * minutes, mode))  # type: ignore[arg-type]  # written below
        at += 60 * minutes
    return made


@cache
def clear_effect() -> Sample:
    tasks = _tasks(("Introduction: what is a half?", 8, "board"), ("Fractions at desks", 12, "desk"),
                   ("Group work: folding paper", 10, "group"), ("Results on the board", 15, "board"))  # fmt: skip
    moments = (Moment(860.0, -11.2, -10.0, -1.2, -5.6, 17), Moment(2250.0, 9.4, 2.1, 7.3, 4.8, 16))
    comparisons = (Comparison(tasks[0].name, tasks[3].name, Estimate(-9.2, -13.8, -4.6), 0.001, 16, "lower"),)
    return lesson("fractions-5b.mp4", tasks, [74, 64, 50, 65], pupils=18, moments=moments, comparisons=comparisons,
                  jump=(2250.0, 8.0))  # fmt: skip


@cache
def no_effect() -> Sample:
    tasks = _tasks(("Story", 10, "board"), ("Questions", 10, "board"), ("Film", 10, "board"))
    pairs = [(0, 1), (0, 2), (1, 2)]
    comparisons = tuple(
        Comparison(tasks[a].name, tasks[b].name, Estimate(1.0, -4, 6), 0.8, 10, "no_clear_difference") for a, b in pairs
    )
    return lesson("reading.mkv", tasks, [62, 63, 61], pupils=10, coverage=0.48, comparisons=comparisons)


@cache
def too_few() -> Sample:
    tasks = _tasks(("Warm-up", 5, "board"), ("Reading aloud", 10, "desk"), ("Talk", 5, "board"))
    return lesson("small class.mp4", tasks, [60, 60, 60], pupils=3)


@cache
def no_faces() -> Sample:
    tasks = _tasks(("Experiment", 7, "board"), ("Protocol", 5, "desk"))
    return lesson("dark room.avi", tasks, [0, 0], pupils=0, coverage=0.0, dated=False)


@cache
def short_whole_lesson() -> Sample:
    return lesson("clip.webm", [Task("Whole lesson", 0.0, 120.0)], [58], pupils=12)


@cache
def twelve_tasks() -> Sample:
    modes = ("board", "desk", "board", "group", "board", "desk", "board", "move", "board", "desk", "board", "board")
    tasks = _tasks(*((f"Station {i + 1}: {'measuring and drawing angles' if i % 3 else 'talk'}", 7.5, mode)
                     for i, mode in enumerate(modes)))  # fmt: skip
    levels = [70.0, 62, 68, 50, 72, 58, 66, 50, 64, 60, 52, 48]
    comparisons = (
        Comparison(tasks[0].name, tasks[10].name, Estimate(-18, -24, -12), 0.0001, 24, "lower"),
        Comparison(tasks[0].name, tasks[11].name, Estimate(-22, -28, -16), 0.0001, 24, "lower"),
        Comparison(tasks[1].name, tasks[5].name, Estimate(-8, -12, -3), 0.01, 22, "not_separable_from_time"),
        Comparison(tasks[0].name, tasks[2].name, Estimate(-2, -7, 3), 1.0, 25, "no_clear_difference"),
    )
    moments = tuple(
        Moment(at, change, change * 0.8, change * 0.2, change / 2, 25)
        for at, change in ((700.0, -12.0), (1200.0, 9.0), (2440.0, -10.0), (3700.0, 8.6), (4700.0, -14.0))
    )
    return lesson("maths stations 7a.mov", tasks, levels, pupils=30, coverage=0.66, moments=moments,
                  comparisons=comparisons)  # fmt: skip


@cache
def presence() -> Sample:
    """Profile presence: counts only (what the pure half gives where nothing was inferred), everything declared."""
    tasks = _tasks(("Introduction", 8, "board"), ("Exercise", 12, "desk"), ("Groups", 10, "group"))
    session_, result = lesson("geography 6a.mp4", tasks, [60, 60, 60], pupils=22, coverage=0.7)
    nothing = {"grade": None, "engagement": None, "orientation": None, "expression": None, "shares": None,
               "readable": None, "not_shown_because": NotShown("not_inferred")}  # fmt: skip
    summaries = tuple(replace(summary, **nothing) for summary in result.tasks)  # type: ignore[arg-type]
    bins = tuple(replace(b, engagement=None, orientation=None, expression=None) for b in result.bins)
    seen = replace(result.visibility, abstentions=())
    declaration = Declaration("DE", "education", "how the room is used", "consent of the families", "DPIA 2026-14")
    start = replace(session_.start, profile="presence", declaration=declaration, regions=1, model_sha256="none")
    start.settings["model"] = None
    return replace(session_, start=start), replace(result, tasks=summaries, bins=bins, visibility=seen)


@cache
def group_only() -> Sample:
    tasks = _tasks(("Planning in groups", 15, "group"), ("Building", 10, "move"))
    return lesson("workshop.mp4", tasks, [50, 50], pupils=14, coverage=0.55)


@cache
def partly_lost() -> Sample:
    tasks = _tasks(("Vocabulary", 15, "board"), ("Writing", 15, "desk"), ("Song", 10, "board"))
    comparisons = (Comparison(tasks[0].name, tasks[2].name, Estimate(7, 2, 12), 0.02, 12, "not_separable_from_time"),)
    session_, result = lesson("english 3c.mp4", tasks, [60, 55, 67], pupils=12, coverage=0.52, lost=(1300.0, 1790.0),
                              comparisons=comparisons, numbers=[12, 4, 12])  # fmt: skip
    declaration = Declaration("CH", "education", "reflection of the teacher", "consent")
    return replace(session_, start=replace(session_.start, declaration=declaration, regions=2)), result


HOSTILE_NAMES = (
    "<script>alert('x')</script> & <b>bold</b>",
    "עבודה בקבוצות \u202eevil\u202c",
    "مهمة الكسور على الطاولة",
    "分数练习 と 分數",
    "👩🏽‍🏫 emoji 🎉\x00\x07\x1b[31m",
    "A very long task name " + "x" * 180,
    "{{ 7*7 }} {% raw %} $x^2$ \\frac",
)


@cache
def hostile_names() -> Sample:
    tasks = _tasks(*((name, 5, "board") for name in HOSTILE_NAMES))
    comparisons = (
        Comparison(tasks[0].name, tasks[2].name, Estimate(9, 4, 14), 0.001, 18, "higher"),
        Comparison(tasks[1].name, tasks[5].name, Estimate(-9, -14, -4), 0.001, 18, "lower"),
    )
    return lesson("<img src=x onerror=1>_مرحبا.mp4", tasks, [60, 62, 69, 60, 61, 53, 60], pupils=18,
                  comparisons=comparisons)  # fmt: skip


VALIDATION = Validation(
    sample_id="5b1e0c77a2d4", scored_at=datetime(2026, 12, 4, 16, 30), drawn=200, coded=196, observers=2, lessons=8,
    seats=148, cluster="lesson",
    agreements=(
        Agreement("kappa", "on_task", 0.71, 0.63, 0.79, 184),
        Agreement("weighted_kappa", "facing", 0.78, 0.70, 0.86, 180),
        Agreement("icc", "pupils", 0.94, 0.90, 0.98, 196),
        Agreement("auc", "orientation", 0.74, 0.66, 0.82, 171),
        Agreement("auc", "expression", 0.55, 0.47, 0.63, 122),
        Agreement("auc", "index", 0.73, 0.65, 0.81, 120),
        Agreement("task_rank", "index", 0.52, 0.11, 0.93, 120),
        Agreement("recall", "facing", 0.58, 0.50, 0.66, 168),
        Agreement("recall", "head_down", 0.81, 0.74, 0.88, 168),
        Agreement("recall", "expression", 0.49, None, None, 118),
        Agreement("share", "missed", 0.12, 0.08, 0.16, 196),
        Agreement("share", "on_task", 0.68, 0.6, 0.76, 190),
        Agreement("auc", "orientation", 0.66, 0.55, 0.77, 80, Part("size_px", 0.0, 36.0)),
        Agreement("auc", "orientation", 0.79, 0.70, 0.88, 91, Part("size_px", 36.0, None)),
        Agreement("auc", "orientation", 0.80, 0.71, 0.89, 60, Part("row", 1.0, 1.0)),
        Agreement("auc", "orientation", 0.68, 0.58, 0.78, 111, Part("row", 2.0, 4.0)),
    ),
)  # fmt: skip


@cache
def checked() -> Sample:
    """Observers coded lessons of its class."""
    session, result = clear_effect()
    return replace(session, validation=VALIDATION), result


SAMPLES: dict[str, Callable[[], Sample]] = {
    make.__name__: make
    for make in (
        clear_effect,
        no_effect,
        too_few,
        no_faces,
        short_whole_lesson,
        twelve_tasks,
        group_only,
        partly_lost,
        presence,
        hostile_names,
        checked,
    )
}
