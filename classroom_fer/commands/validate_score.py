"""What ``classroom-fer validate score`` does: reads the sheets, keeps and shows the figures."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from classroom_fer.commands.validate import ScoreOptions
from classroom_fer.commands.validate_sample import chosen_lesson, chosen_sessions
from classroom_fer.errors import SheetError
from classroom_fer.lesson.validation import Agreement, Part, Validation
from classroom_fer.store.store import open_store
from classroom_fer.study.sheet_files import read_sheet
from classroom_fer.study.validate import Missing, check_clips, check_sheets, make_validation, missing
from classroom_fer.terminal import counted, say, show, user_errors


def run(options: ScoreOptions) -> None:
    """Scores the sheets; nothing is stored unless all of them are right."""
    with user_errors():
        sheets = [read_sheet(path) for path in options.sheets]
        sample_id = check_sheets(sheets)
        with open_store(options.db, create=False) as store:
            sample = store.sample(sample_id)
            if sample is None:
                raise SheetError(
                    f"database {store.where} knows no sample {sample_id}",
                    hint="name the database that it was drawn from with --db",
                )
            check_clips(sample, sheets)
            numbers = sorted({clip.session_id for clip in sample.clips})
            lessons = [chosen_lesson(store.session(number), store) for number in numbers]
            also = [session.session_id for session in chosen_sessions(options.also or [], store)]
            validation = make_validation(sample, lessons, sheets, datetime.now(UTC))
            number = store.write_validation(validation, numbers, also)
        left_open = missing(sample, sheets)
        if options.as_json:
            show(json.dumps(_as_json(number, validation, left_open), indent=2))
            return
        for line in lines(number, validation, left_open):
            show(line)
        if validation.observers < 2:
            say("note: the sheet of one observer says nothing of how sure the codes are; have a second one code")


def _as_json(number: int, validation: Validation, left_open: list[Missing]) -> dict[str, Any]:
    whole = asdict(validation)
    whole["scored_at"] = validation.scored_at.isoformat()
    return {"validation": number, **whole, "left_open": [asdict(one) for one in left_open]}


WORDS: dict[tuple[str, str], str] = {
    ("icc", "pupils"): "number of pupils, ICC(2,1)",
    ("icc", "on_task_share"): "share on task by task, ICC(2,1)",
    ("share", "missed"): "pupils whom the camera missed (of those counted)",
    ("share", "unseen"): "clips of present pupils in which no face was found",
    ("share", "without_value"): "clips of present pupils without a value",
    ("share", "on_task"): "clips seen on task",
    ("difference", "on_task_where_valued"): "on task: with a value minus without",
}
TITLES = {
    "kappa": "Cohen's kappa, {}",
    "weighted_kappa": "weighted kappa, {}",
    "auc": "AUC of {} for on task",
    "rank": "rank correlation of {} with on task, by clip",
    "task_rank": "rank correlation of {} with on task, by task",
    "recall": "average recall of {}",
}


def title(one: Agreement) -> str:
    """What a figure is, in words."""
    words = WORDS.get((one.statistic, one.about)) or TITLES[one.statistic].format(one.about.replace("_", " "))
    return words + part_words(one.part)


def part_words(part: Part) -> str:
    """Which clips, in words; empty for all.

    >>> part_words(Part()), part_words(Part("row", 1, 2)), part_words(Part("size_px", 36, None))
    ('', ' [rows 1-2]', ' [faces of 36 pixels and more]')
    """
    if part.kind == "all" or part.low is None:
        return ""
    if part.kind == "row":
        return f" [row {part.low:g}]" if part.low == part.high else f" [rows {part.low:g}-{part.high:g}]"
    return (
        f" [faces of {part.low:g} pixels and more]"
        if part.high is None
        else f" [faces of {part.low:g}-{part.high:g} pixels]"
    )


def lines(number: int, validation: Validation, left_open: list[Missing]) -> list[str]:
    """The table on the terminal."""
    v = validation
    told = [
        f"validation {number} of sample {v.sample_id}: {v.coded} of {counted(v.drawn, 'clip')} coded by "
        f"{counted(v.observers, 'observer')}, {counted(v.seats, 'seat')} of {counted(v.lessons, 'lesson')}"
    ]
    for one in left_open:
        gaps = [f"{name} in {count}" for name, count in one.answers.items() if count]
        unsure = sum(one.cannot_tell.values())
        told.append(
            f"observer {one.observer}: {counted(one.clips, 'clip')} not coded"
            + (f"; left open: {', '.join(gaps)}" if gaps else "")
            + (f"; {unsure} times 'cannot tell'" if unsure else "")
        )
    told += [f"  {title(a):<72} {_decimals(a.value):>6}  {_interval(a):<16} {a.clips:>5} clips" for a in v.agreements]
    told.append(
        "intervals: 95 %, as other lessons would vary"
        if v.cluster == "lesson"
        else "intervals: 95 %, as other seats of these lessons would vary; for other lessons at least six are needed"
    )
    return told


def _interval(one: Agreement) -> str:
    return "" if one.low is None or one.high is None else f"({_decimals(one.low)} to {_decimals(one.high)})"


def _decimals(value: float) -> str:
    """
    >>> _decimals(-0.004), _decimals(-0.25)
    ('0.00', '-0.25')
    """
    return f"{value:z.2f}"
