"""Task table, comparisons, moments and expression groups as finished sentences. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from classroom_fer.lesson.expression_groups import GROUPS
from classroom_fer.lesson.records import Comparison, Moment, SessionResult, Task, TaskSummary
from classroom_fer.measurement.engagement import ORIENTED_MODES
from classroom_fer.measurement.uncompared import not_compared
from classroom_fer.report.formatting import clock, plain, quoted
from classroom_fer.report.view_records import (
    ExpressionFigure,
    Expressions,
    Gap,
    IntervalMark,
    MomentNote,
    Stretch,
    TaskRow,
    Tasks,
)
from classroom_fer.report.wording import Wording, change_name
from classroom_fer.settings.rules import Rules

COMPARISONS_SHOWN = 4
"""Sentences on pairs of tasks; twelve tasks have 66 pairs (choice: what fits on page 2)."""
LINES_OF_TWO = 7
"""More tasks than these are printed in one line each (choice: so that twelve fit on page 1)."""


def task_section(result: SessionResult, rules: Rules, say: Wording) -> Tasks:
    """Tasks in lesson order, never ranked."""
    ordered = sorted(result.tasks, key=lambda summary: summary.task.start_s)
    rows = tuple(_row(number, summary, rules, say) for number, summary in enumerate(ordered, start=1))
    compared = result.comparisons
    with_index = [row for row in rows if row.mark is not None]
    return Tasks(
        title=_tasks_title(ordered, rows, compared, say),
        rows=rows,
        compact=len(rows) > LINES_OF_TWO,
        ticks=(say.whole(0), say.whole(50), say.whole(100)) if with_index else None,
        scale_alt=say("scale_alt"),
        scale=_scale(rules, bool(with_index), say) if any(not row.sentence for row in rows) else (),
        comparisons=(*_comparison_sentences(compared, say), *_not_compared(result, say)) if len(with_index) > 1 else (),
    )


def presence_section(result: SessionResult, say: Wording) -> Tasks:
    """Minutes, faces and coverage of each task; nothing else is known in the presence profile (safeguard S1)."""
    rows = tuple(
        TaskRow(
            number=number,
            name=plain(summary.task.name),
            when=f"{clock(summary.task.start_s)}–{clock(summary.task.end_s)}",
            mode=say(f"mode_{summary.task.mode}"),
            minutes=say.minutes(summary.task.end_s - summary.task.start_s),
            faces="" if summary.n is None else say.whole(summary.n),
            seen="" if summary.coverage is None else say.share(summary.coverage),
            grade="",
            index="",
            mark=None,
            sentence="",
            reason="",
        )
        for number, summary in enumerate(sorted(result.tasks, key=lambda s: s.task.start_s), start=1)
    )
    return Tasks(say("tasks_presence"), rows, len(rows) > LINES_OF_TWO, None, "", (), ())


def _row(number: int, summary: TaskSummary, rules: Rules, say: Wording) -> TaskRow:
    task, shown = summary.task, summary.not_shown_because is None
    estimate = summary.engagement
    index = ""
    if shown:
        index = say.interval(estimate) if estimate else say("no_index")
    mark = None
    if estimate:
        alt = say("mark_alt", index=index)
        mark = IntervalMark(alt, estimate.value, estimate.low, estimate.high, weak=summary.grade == "C")
    return TaskRow(
        number=number,
        name=plain(task.name),
        when=f"{clock(task.start_s)}–{clock(task.end_s)}",
        mode=say(f"mode_{task.mode}"),
        minutes=say.minutes(task.end_s - task.start_s),
        faces=say.whole(summary.n) if shown and summary.n is not None else "",
        seen=say.share(summary.coverage) if shown and summary.coverage is not None else "",
        grade=_grade(summary, say) if shown else "",
        index=index,
        mark=mark,
        sentence="" if shown else _not_enough(summary, rules, say),
        reason="" if shown else _why(summary, say),
    )


def _grade(summary: TaskSummary, say: Wording) -> str:
    return say("weak") if summary.grade == "C" else str(summary.grade)


def _why(summary: TaskSummary, say: Wording) -> str:
    """The reason, unless the sentence has said it already."""
    why = summary.not_shown_because
    text = say.reason(why) if why is not None and why.code != "few" else ""
    return say("reason", reason=text) if text else ""


def _not_enough(summary: TaskSummary, rules: Rules, say: Wording) -> str:
    """Below ``min_group`` not even the number of faces is said (safeguard S3)."""
    few = say("faces_few", few=say.whole(rules.evidence.min_group))
    faces = few if summary.n is None else say.count("faces", summary.n)
    return say("not_enough", task=quoted(summary.task.name), faces=faces)


def _tasks_title(
    ordered: Sequence[TaskSummary], rows: Sequence[TaskRow], compared: Sequence[Comparison], say: Wording
) -> str:
    if not any(row.mark for row in rows):
        alone = any(s.grade for s in ordered) and not any(s.task.mode in ORIENTED_MODES for s in ordered)
        return say("tasks_modes" if alone else "tasks_unrated")
    if len(rows) == 1:
        return say("tasks_one")
    clear = [c for c in compared if c.verdict in ("higher", "lower")]
    if len(clear) == 1:
        place = {summary.task.name: say.whole(number) for number, summary in enumerate(ordered, start=1)}
        return say(f"tasks_{clear[0].verdict}", first=place[clear[0].first], second=place[clear[0].second])
    if clear:
        return say.plural("tasks_differ", len(clear))
    if any(c.verdict == "not_separable_from_time" for c in compared):
        return say("tasks_time")
    return say("tasks_alike" if compared else "tasks_apart")


def _scale(rules: Rules, index: bool, say: Wording) -> tuple[str, ...]:
    e = rules.evidence
    grades = say(
        "scale_grade",
        n_a=say.whole(e.n_grade_a),
        n_b=say.whole(e.n_grade_b),
        n_c=say.count("faces", e.min_group),
        c_a=say.percent(e.c_a),
        c_b=say.percent(e.c_b),
        c_c=say.percent(e.c_min),
    )
    return (say("scale_index"), grades) if index else (grades,)


def _comparison_sentences(compared: Sequence[Comparison], say: Wording) -> tuple[str, ...]:
    if not compared:
        return (say("compare_apart"),)
    found = [c for c in compared if c.verdict != "no_clear_difference"]
    if not found:
        return (say("compare_none"),)
    sentences = [_comparison(c, say) for c in found[:COMPARISONS_SHOWN]]
    if len(found) > COMPARISONS_SHOWN:
        sentences.append(say.plural("compare_more", len(found) - COMPARISONS_SHOWN))
    if len(found) < len(compared):
        sentences.append(say("compare_none_rest"))
    return tuple(sentences)


def _not_compared(result: SessionResult, say: Wording) -> tuple[str, ...]:
    """Which pairs of tasks with an index are not compared, and why; those not seen well enough have said so already."""
    left = not_compared(result.tasks, result.comparisons)
    indexed = {s.task.name for s in result.tasks if s.engagement is not None}
    kinds = any(why == "other_mode" and {a, b} <= indexed for a, b, why in left)
    few = [(a, b) for a, b, why in left if why == "too_few_in_both"][:COMPARISONS_SHOWN]
    pairs = "; ".join(f"{quoted(a)} – {quoted(b)}" for a, b in few)
    sentences = (say("compare_kinds"),) if kinds and result.comparisons else ()
    return (*sentences, say("compare_few", pairs=pairs)) if few else sentences


def _comparison(c: Comparison, say: Wording) -> str:
    ends = sorted((abs(c.difference.low), abs(c.difference.high)))
    key = {"higher": "compare_higher", "lower": "compare_lower"}.get(c.verdict, "compare_time")
    return say(
        key,
        first=quoted(c.first),
        second=quoted(c.second),
        points=say.whole(abs(c.difference.value)),
        low=say.whole(ends[0]),
        high=say.whole(ends[1]),
    )


def moment_notes(
    moments: Sequence[Moment], tasks: Sequence[Task], rules: Rules, say: Wording
) -> tuple[MomentNote, ...]:
    """What changed at each moment, without saying why."""
    notes = []
    for number, moment in enumerate(moments, start=1):
        sentence = say(
            "moment",
            time=clock(moment.time_s),
            change=say(f"moment_{change_name(moment, tasks)}"),
            window=window(rules.moments.window_s, say),
            points=say.change(moment.change),
        )
        notes.append(MomentNote(number, sentence))
    return tuple(notes)


def window(seconds: float, say: Wording) -> str:
    """The length of a moment's window: "2 minutes"."""
    if seconds % 60:
        return say.plural("window_seconds", int(seconds))
    return say.plural("window_minutes", int(seconds // 60))


def expression_section(result: SessionResult, axis: Stretch, say: Wording) -> Expressions:
    """Four groups over the tasks that may be shown; hidden tasks are in no total, so none can be worked out."""
    shown = [s for s in result.tasks if s.shares is not None]
    steps, total, weight = [], [0.0] * 4, 0.0
    for summary in sorted(shown, key=lambda s: s.task.start_s):
        assert summary.shares is not None  # chosen above
        shares = summary.shares
        groups = (shares.neutral, shares.smiling, shares.surprised, shares.other)
        seen = max(_weight(summary) * (summary.task.end_s - summary.task.start_s), 1e-9)
        total = [sum_ + seen * group for sum_, group in zip(total, groups, strict=True)]
        weight += seen
        span = Stretch(max(summary.task.start_s, axis.start_s), min(summary.task.end_s, axis.end_s))
        n, s, u, o = (100 * group for group in groups)
        steps.append((span, (n, s, u, o)))
    if not steps:
        return Expressions(say("expressions_none"), None, ())
    printed = dict(zip(GROUPS, (say.share(t / weight) for t in total), strict=True))
    most = total[0] / weight > 0.5
    title = say("expressions_most", share=printed["neutral"]) if most else say("expressions_mixed", **printed)
    labels = tuple(say(f"group_{name}") for name in GROUPS)
    gaps = _between([span for span, _ in steps], axis, say("gap_hidden"))
    ticks = ((0.0, say.whole(0)), (50.0, say.whole(50)), (100.0, say.percent(1.0)))
    figure = ExpressionFigure(title, say("expressions_alt", **printed), axis, tuple(steps), gaps, labels, ticks)
    return Expressions(title, figure, (say("expressions_neutral"), *_reliability(shown, say)))


def _weight(summary: TaskSummary) -> float:
    """Pupils seen at a time; both numbers are known of a shown task."""
    return (summary.n or 0) * (summary.coverage or 0.0)


def _between(spans: Sequence[Stretch], axis: Stretch, label: str) -> tuple[Gap, ...]:
    """What of the axis the spans (in order of time) leave free."""
    gaps, at = [], axis.start_s
    for span in [*spans, Stretch(axis.end_s, axis.end_s)]:
        if span.start_s > at:
            gaps.append(Gap(Stretch(at, span.start_s), label))
        at = max(at, span.end_s)
    return tuple(gaps)


def _reliability(shown: Sequence[TaskSummary], say: Wording) -> tuple[str, ...]:
    known = [(s.readable, _weight(s) * s.bins) for s in shown if s.readable is not None]
    weight = sum(w for _, w in known)
    if not weight:
        return (say("expressions_reliability"),)
    readable = sum(r * w for r, w in known) / weight
    return (say("expressions_readable", share=say.share(readable)), say("expressions_reliability"))
