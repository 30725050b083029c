"""Nobody translates what is never printed: the reports of usual and of rare lessons ask for every text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from report import samples
from report.samples import Sample

from classroom_fer.lesson.records import (
    Comparison,
    Declaration,
    Estimate,
    ExpressionShares,
    Moment,
    NotShown,
    NotShownCode,
    Task,
    TaskSummary,
)
from classroom_fer.report import renderer as renderer_module
from classroom_fer.report.provenance import methods_paragraph
from classroom_fer.report.renderer import PdfRenderer
from classroom_fer.report.texts_across import ACROSS
from classroom_fer.report.view import report_view
from classroom_fer.report.wording import TEXT, Wording
from classroom_fer.settings.declaration import SETTINGS
from classroom_fer.settings.report_style import ReportStyle

IN_THE_TERMINAL = {"reason_few"}
"""The report says so in the sentence of the task."""
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><path d="M0 0h4v4z"/></svg>'


class Recording(Wording):
    """Notes the key of every text that it is asked for."""

    def __init__(self, lang: str = "en") -> None:
        super().__init__(lang)
        self.asked: set[str] = set()

    def __call__(self, key: str, **values: object) -> str:
        self.asked.add(key)
        return super().__call__(key, **values)

    def plural(self, key: str, number: int, **values: object) -> str:
        self.asked.add(key)
        return super().plural(key, number, **values)


def with_start(sample: Sample, **changes: Any) -> Sample:
    session, result = sample
    return replace(session, start=replace(session.start, **changes)), result


def with_result(sample: Sample, **changes: Any) -> Sample:
    session, result = sample
    return session, replace(result, **changes)


def seen(sample: Sample, **changes: Any) -> Sample:
    """With other figures of what was seen of the whole film."""
    return with_result(sample, visibility=replace(sample[1].visibility, **changes))


def with_tasks(sample: Sample, tasks: Sequence[TaskSummary]) -> Sample:
    return with_result(sample, tasks=(*tasks, *sample[1].tasks[len(tasks) :]))


def every_change() -> Iterator[Sample]:
    """One moment, at the board or at the desks, of direction or of expression, up or down."""
    for time_s in (100.0, 860.0):
        for orientation, expression in ((10.0, 1.0), (-10.0, -1.0), (1.0, 10.0), (-1.0, -10.0)):
            moment = Moment(time_s, orientation + expression, orientation, expression, 5.0, 17)
            yield with_result(samples.clear_effect(), moments=(moment,))


def every_reason() -> Iterator[Sample]:
    sample = samples.too_few()
    for code in get_args(NotShownCode):
        why = NotShown(code, 0.2, 60)
        yield with_tasks(sample, [replace(summary, not_shown_because=why) for summary in sample[1].tasks])


def every_comparison() -> Iterator[Sample]:
    """One that is higher, more than are listed, and none."""
    tasks = samples.twelve_tasks()[1].tasks
    names = [summary.task.name for summary in tasks if summary.task.mode == "board"]
    for verdict, count in (("higher", 1), ("lower", 6), ("lower", 0)):
        pairs = tuple(
            Comparison(names[0], other, Estimate(9, 4, 14), 0.001, 25, verdict) for other in names[1 : count + 1]
        )  # type: ignore[arg-type]  # both are verdicts
        yield with_result(samples.twelve_tasks(), comparisons=pairs)


def rare_views() -> Iterator[Sample]:
    """What a camera seldom shows."""
    usual = samples.clear_effect()
    first, visibility = usual[1].tasks[0], usual[1].visibility
    yield seen(usual, frames_sampled=0)
    yield seen(usual, frames_lost=3)
    yield seen(usual, unseen_s=20.0)
    yield seen(usual, coverage=0.99)
    yield seen(usual, cuts=2, camera_away=0.1)
    yield seen(usual, sizes=tuple(replace(size, faces=100) for size in visibility.sizes))
    yield with_result(usual, bins=tuple(replace(bin_, faces=None) for bin_ in usual[1].bins))
    yield with_tasks(usual, [replace(first, grade="C")])
    mixed = ExpressionShares(0.3, 0.4, 0.2, 0.1)
    yield with_tasks(usual, [replace(s, shares=mixed) for s in usual[1].tasks])
    session, result = samples.checked()
    yield replace(session, validation=replace(samples.VALIDATION, observers=1, cluster="seat")), result
    yield samples.lesson("long.mp4", [Task("Board", 60.0, 600.0, "board")], [60.0], pupils=18, end_s=900.0)
    yield samples.lesson("moment.mp4", [Task("Board", 0.0, 20.0, "board")], [60.0], pupils=18, end_s=200.0)


def rare_settings() -> Iterator[Sample]:
    """What a user seldom sets or declares."""
    usual = samples.clear_effect()
    start = usual[0].start
    yield with_start(usual, result_version=start.result_version - 1)
    yield replace(usual[0], aggregation="flat"), usual[1]
    yield with_start(usual, expires_on=None)
    yield with_start(usual, start_s=60.0)
    for fps in (0.5, 1.4, 2.0):
        yield with_start(usual, sample_fps=fps)
    for place in SETTINGS:
        yield with_start(usual, declaration=Declaration("CH", place, "purpose", "basis"))
    rules = start.settings["rules"]
    for table, key, value in (("moments", "window_s", 90.0), ("looks", "whole_every_s", 0.0)):
        changed = rules[table] | {key: value}
        yield with_start(usual, settings=start.settings | {"rules": rules | {table: changed}})


def test_every_text_is_said_in_some_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say = Recording()
    monkeypatch.setattr(renderer_module, "Wording", lambda lang: say)
    logo = tmp_path / "logo.svg"
    logo.write_text(LOGO)
    for make in (samples.checked, samples.presence):
        PdfRenderer(ReportStyle(appendix=True)).render_html(*make())
    for school in ("", "École Nord"):
        PdfRenderer(ReportStyle(school=school, logo=logo)).render_html(*samples.no_faces())
    usual = [make() for make in samples.SAMPLES.values()]
    for sample in (*usual, *every_change(), *every_reason(), *every_comparison(), *rare_views(), *rare_settings()):
        report_view(*sample, say)
    for session, _ in (samples.clear_effect(), samples.presence()):
        methods_paragraph(session, say)
    assert TEXT.keys() - ACROSS.keys() - say.asked == IN_THE_TERMINAL  # ACROSS: test_across.py
