"""What the page says of a run, and what can be done with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from classroom_fer.lesson.runs import RUN_STATES, WAITING, Run, RunPlan, RunProgress
from classroom_fer.web.run_rows import run_rows, verbs_of
from classroom_fer.web.texts import AppWording

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
RUN = Run(3, RunPlan("/films/5b.mp4", None, "9" * 64, ()), "running", "run", NOW, NOW)
EN = AppWording("en")


def said(**changes: Any) -> tuple[str, str, int | None]:
    (row,) = run_rows([replace(RUN, **changes)], EN)
    return row.told, row.detail.replace("\u2066", "").replace("\u2069", ""), row.percent


@pytest.mark.parametrize(("changes", "told"), [
    ({"progress": RunProgress("faces", 300.0, 1200.0, 720.0)},
     ("running", "Looking for faces · 5:00 of 20:00 · about 12 min left", 25)),
    ({"progress": RunProgress("faces", 1190.0, 1200.0, 9.0)},
     ("running", "Looking for faces · 19:50 of 20:00 · less than a minute left", 99)),
    ({"progress": RunProgress("loading the models")}, ("running", "Loading the models", None)),
    ({"progress": RunProgress("something new")}, ("running", "Starting", None)),
    ({"wanted": "pause", "progress": RunProgress("faces", 0.0, 0.0)},
     ("pausing …", "Looking for faces · 0:00 of 0:00", None)),
    ({"state": "paused", "wanted": "pause", "progress": RunProgress("faces", 300.0, 1200.0, 720.0)},
     ("paused", "Looking for faces · 5:00 of 20:00", 25)),
    ({"wanted": "cancel"}, ("ending …", "Starting", None)),
    ({"state": "queued"}, ("waiting", "Starting", None)),
    ({"state": "queued", "progress": RunProgress(WAITING)},
     ("waiting", "It begins when the run before it has ended.", None)),
    ({"state": "cancelled", "progress": RunProgress("faces", 300.0, 1200.0)},
     ("cancelled", "What was finished is kept.", None)),
    ({"state": "failed", "progress": RunProgress("faces", 300.0, 1200.0)}, ("failed", "", None)),
])  # fmt: skip
def test_what_is_said(changes: dict[str, Any], told: tuple[str, str, int | None]) -> None:
    assert said(**changes) == told


def test_what_can_be_done() -> None:
    plain = {state: verbs_of(replace(RUN, state=state)) for state in RUN_STATES}
    assert plain == {
        "queued": ("pause", "cancel"), "running": ("pause", "cancel"), "paused": ("pause", "cancel"),
        "cancelled": ("go-on", "remove"), "failed": ("go-on", "remove"), "finished": ("remove",),
    }  # fmt: skip
    assert verbs_of(replace(RUN, wanted="pause")) == ("go-on", "cancel")
    assert verbs_of(replace(RUN, wanted="cancel")) == ()


def test_every_state_verb_and_stage_has_a_word() -> None:
    for state in RUN_STATES:
        (row,) = run_rows([replace(RUN, state=state, message="a\nb", hint="c")], AppWording("ar"))
        assert row.told and all(text for _, text in row.verbs)
        assert (row.message, row.hint, row.name) == (("a", "b"), "c", "5b.mp4")
