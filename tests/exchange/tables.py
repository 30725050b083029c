"""Tables as other programs write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from classroom_fer.errors import ExchangeError
from classroom_fer.exchange.tasks_file import read_tasks
from classroom_fer.lesson.tasks import TaskTable

AGGREGATED = (
    "Observation id", "Observation date", "Description", "Observation type", "Source", "Time offset (s)",
    "Coding duration", "Media duration (s)", "FPS (frame/s)", "Weather", "Subject",
    "Observation duration by subject by observation", "Behavior", "Behavioral category", "Modifier #1",
    "Behavior type", "Start (s)", "Stop (s)", "Duration (s)", "Media file name", "Image index start",
    "Image index stop", "Image file path start", "Image file path stop", "Comment start", "Comment stop",
)  # fmt: skip
"""Header of BORIS 8.27, with one independent variable and one modifier."""
TABULAR = (
    "Observation id", "Observation date", "Description", "Observation duration", "Observation type", "Source",
    "Time offset (s)", "Media duration (s)", "FPS", "Subject", "Behavior", "Behavioral category", "Modifier #1",
    "Behavior type", "Time", "Media file name", "Image index", "Image file path", "Comment",
)  # fmt: skip


def read(
    folder: Path,
    text: str | bytes,
    video: str | None = None,
    *,
    duration_s: float | None = None,
    tier: str | None = None,
) -> TaskTable:
    path = folder / "table.tsv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_tasks(path, duration_s=duration_s, video=video, tier=tier)


def refusal(
    folder: Path,
    text: str | bytes,
    video: str | None = None,
    *,
    duration_s: float | None = None,
    tier: str | None = None,
) -> ExchangeError:
    with pytest.raises(ExchangeError) as caught:
        read(folder, text, video, duration_s=duration_s, tier=tier)
    assert caught.value.hint and "table.tsv" in str(caught.value)
    return caught.value


def spans(table: TaskTable) -> list[tuple[str, float, float]]:
    return [(task.name, task.start_s, task.end_s) for task in table.tasks]


def boris(rows: Sequence[Mapping[str, object]], header: Sequence[str] = AGGREGATED) -> str:
    """A table of these rows; every row is of one observation of lesson_A.mp4 where it does not say otherwise."""
    usual = {"Observation id": "obs A", "Source": "player #1:/films/lesson_A.mp4", "Time offset (s)": "0.0"}
    lines = ["\t".join(header)]
    for row in rows:
        cells = usual | {"Media duration (s)": "600.000", "Behavior type": "STATE"} | row
        lines.append("\t".join(str(cells.get(name, "")) for name in header))
    return "\n".join(lines) + "\n"


def state(name: str, start: object, stop: object, **more: object) -> dict[str, object]:
    return {"Behavior": name, "Start (s)": start, "Stop (s)": stop, **more}


def event(kind: str, name: str, time: object, **more: object) -> dict[str, object]:
    return {"Behavior": name, "Behavior type": kind, "Time": time, **more}
