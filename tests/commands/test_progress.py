"""The bar on a terminal, and silence elsewhere."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command import LESSON, command

from classroom_fer.commands.progress import ProgressBars
from classroom_fer.lesson.records import Advanced, StageFinished, StageStarted

EVENTS = (
    StageStarted("reading the file", None),
    StageFinished("reading the file", 0.1),
    StageStarted("faces", 360.0),
    Advanced("faces", 61.0, 42),
    StageFinished("faces", 2.0),
    StageStarted("report", None),
    StageFinished("report", 1.0),
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, *, quiet: bool = False, title: str = "a.mp4", films: int = 1
) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm-256color")
    with ProgressBars(films=films, quiet=quiet) as bars:
        bar = bars.film(title)
        for event in EVENTS:
            bar(event)
            if bars._bars is not None:
                bars._bars.refresh()
        bar.remove()
        bars.count_film()
        with bars.paused():
            stream.write("printed between")
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())


def test_a_terminal_shows_film_stage_time_and_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, Terminal())
    for part in ("a.mp4", "reading the file", "faces", "1:01 / 6:00", "42 faces", "report"):
        assert part in text


def test_a_name_with_markup_or_escapes_is_shown_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, Terminal(), title="[red]x[/red]\x1b]0;y\x07.mp4")
    assert "[red]x[/red]" in text
    assert "\x1b]0;y" not in text


def test_quiet_or_no_terminal_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, Terminal(), quiet=True) == "printed between"
    assert shown(monkeypatch, io.StringIO(), films=3) == "printed between"


def test_of_several_films_one_bar_counts_those_that_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, Terminal(), films=3)
    assert "all films" in text and "0 / 3" in text and "1 / 3" in text


def test_the_command_draws_its_bar_on_a_real_terminal(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    arguments = command("analyze", LESSON, "--end", "3", "--no-report", "--profile", "presence")
    process = subprocess.Popen(arguments, cwd=tmp_path, stderr=slave, stdout=subprocess.PIPE, text=True)
    os.close(slave)
    drawn = b""
    while True:
        try:
            data = os.read(master, 4096)
        except OSError:  # Linux says so when the other end is closed
            break
        if not data:
            break
        drawn += data
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, drawn.decode()
    assert "lesson.mp4" in drawn.decode()
    assert "3 frames sampled" in output
