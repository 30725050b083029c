"""What the terminal says of a finished film."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from fakes import FakeClassifier, FakeDetector, FakeRenderer, FakeVideo
from report import samples
from rich.cells import cell_len

from classroom_fer.analysis import Analyzer, Builders, Outcome, Request
from classroom_fer.commands.summary import NAME_CELLS, as_json, glyph_lines, lines, task_line
from classroom_fer.pipeline import Parts
from classroom_fer.settings.config import default_config
from classroom_fer.store.store import open_store
from classroom_fer.terminal import escaped

LONG = "👩🏽‍🏫 分数练习 क्ष " * 10


def outcome(*not_drawn: str) -> Outcome:
    session, result = samples.no_faces()
    return Outcome(session, result, Path("reports/a.pdf"), False, False, not_drawn=not_drawn)


def test_what_no_font_draws_is_named_and_stands_in_json() -> None:
    shown = lines(Path("a.mp4"), outcome("🇨🇭", "\u0378\u0301"), "x.sqlite")
    assert any("🇨🇭 \u0378\u0301" in line for line in shown)
    assert as_json(Path("a.mp4"), outcome("🇨🇭"), "x.sqlite")["not_drawn"] == ["🇨🇭"]
    assert glyph_lines(()) == []


def test_an_analysis_hands_over_what_its_renderer_could_not_draw(tmp_path: Path) -> None:
    renderer = FakeRenderer()
    renderer.not_drawn = ("🇨🇭",)
    builders = Builders(
        open_video=lambda *_: FakeVideo(duration_s=4),
        parts=lambda _: Parts(FakeDetector(seats=5), FakeClassifier()),
        renderer=lambda _: renderer,
    )
    with open_store(tmp_path / "classroom-fer.sqlite") as store:
        analyzer = Analyzer(default_config(), store, builders)
        found = [
            analyzer.analyze(Request(Path("fake.mp4"), None, folder), lambda _: None).not_drawn
            for folder in (tmp_path / "reports", None)
        ]
    assert found == [("🇨🇭",), ()]


@pytest.mark.parametrize("name", [LONG, "short", "分数练习"])
def test_names_take_the_same_room_whatever_their_script_and_no_emoji_is_cut(name: str) -> None:
    _, result = samples.clear_effect()
    summary = dataclasses.replace(result.tasks[0], task=dataclasses.replace(result.tasks[0].task, name=name))
    line = task_line(summary)
    plain = task_line(result.tasks[0])
    mode = result.tasks[0].task.mode
    assert cell_len(line.partition(f" {mode} ")[0]) == cell_len(plain.partition(f" {mode} ")[0]) == 14 + NAME_CELLS
    assert "\\u" not in escaped(line)
