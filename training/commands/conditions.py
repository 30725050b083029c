"""`conditions`: parse, call, show."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from classroom_fer.commands.options import JsonOption
from classroom_fer.terminal import say, show, user_errors
from training.commands.evaluation import DataOption, progress
from training.commands.progress import AGAIN
from training.evaluation.conditions import markdown, measure_conditions
from training.evaluation.question import Question
from training.evaluation.results_conditions import save_conditions
from training.runs.teachers import SHIPPED
from training.settings.config import DEFAULT_DATA


def conditions(
    model: Annotated[str, typer.Argument(metavar="[RUN|EXPORT|shipped]")] = SHIPPED,
    data: DataOption = DEFAULT_DATA,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="First N faces: a trial.")] = None,
    as_json: JsonOption = False,
    save_result: Annotated[bool, typer.Option("--save-result", help="Keep it in training/results/conditions.")] = False,
) -> None:
    """The four groups on PublicTest under conditions of elsewhere: blur, low light, small, compressed, framing, hidden.

    By what either head says and by both joined; against what people saw, what the label meant, and where both agree.

    Example:

        python -m training conditions shipped --data DIR
    """
    with user_errors(interrupted=AGAIN):
        record = measure_conditions(model, Question(data, limit=limit), progress(as_json))
        show(json.dumps(record, indent=2) if as_json else markdown(record))
        if save_result:
            say(f"wrote {save_conditions(record)}")
