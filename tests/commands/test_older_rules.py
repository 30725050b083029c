"""Sessions whose results the rules of an earlier version made are computed again before anything of them is shown."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from fakes import FakeClassifier, FakeDetector, FakeRenderer, FakeVideo
from in_process import invoke

from classroom_fer import analysis, wiring
from classroom_fer.pipeline import Parts
from classroom_fer.settings.config import load_config
from classroom_fer.settings.versions import RESULT_VERSION
from classroom_fer.store.store import open_store

DB = "classroom-fer.sqlite"
RELEASED = sorted((Path(__file__).parents[1] / "store" / "released").glob("*.sqlite"))


@pytest.fixture(autouse=True)
def no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "build_renderer", lambda *_: FakeRenderer())


def analyzed(folder: Path, **flags: object) -> tuple[analysis.Outcome, FakeVideo]:
    """The session of a film of 200 s."""
    video, parts = FakeVideo(duration_s=200), Parts(FakeDetector(seats=5), FakeClassifier())
    fakes = analysis.Builders(lambda *_: video, parts=lambda _: parts, renderer=lambda _: FakeRenderer())
    with open_store(folder / DB) as store:
        config = load_config(None, flags)
        request = analysis.Request(Path("fake.mp4"), None, folder / "fake.pdf")
        return analysis.Analyzer(config, store, fakes).analyze(request, lambda _: None), video


def age(folder: Path) -> None:
    """As if an earlier version had made the results: other rules, other numbers."""
    with sqlite3.connect(folder / DB) as connection:
        connection.execute("UPDATE session SET result_version = 0")
        connection.execute("UPDATE visibility SET frames_sampled = 7")


def shown(folder: Path) -> tuple[int, int]:
    """Version of the rules behind the stored results, and one of the numbers."""
    with sqlite3.connect(folder / DB) as connection:
        found: tuple[int, int] = connection.execute("SELECT result_version, frames_sampled FROM v_session").fetchone()
        return found


def test_analyze_report_export_and_aggregate_compute_them_again_from_the_stored_faces(tmp_path: Path) -> None:
    analyzed(tmp_path)
    age(tmp_path)
    assert shown(tmp_path) == (0, 7)
    outcome, video = analyzed(tmp_path)
    assert (outcome.recomputed, video.sampled) == (True, [])
    assert shown(tmp_path) == (RESULT_VERSION, 200)
    for command in (("report", "latest"), ("export", "latest"), ("aggregate", "latest")):
        age(tmp_path)
        done = invoke(tmp_path, *command)
        assert done.exit_code == 0, done.output
        assert shown(tmp_path) == (RESULT_VERSION, 200)
    again = invoke(tmp_path, "report", "latest")
    assert "older rules" not in again.stderr


def test_where_the_faces_were_deleted_the_report_is_printed_as_it_was(tmp_path: Path) -> None:
    analyzed(tmp_path, profile="teacher")
    age(tmp_path)
    done = invoke(tmp_path, "report", "latest")
    assert done.exit_code == 0, done.output
    assert shown(tmp_path) == (0, 7)


def test_another_time_to_keep_it_analyses_no_session_anew(tmp_path: Path) -> None:
    first, _ = analyzed(tmp_path, profile="teacher")
    second, video = analyzed(tmp_path, profile="teacher", retention_days=30)
    assert (second.session.session_id, second.recomputed, video.sampled) == (first.session.session_id, False, [])
    assert second.session.start.expires_on is not None and first.session.start.expires_on is not None
    assert (first.session.start.expires_on - second.session.start.expires_on).days in (334, 335)


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.stem)
@pytest.mark.parametrize("command", ["aggregate", "report"])
def test_sessions_of_a_released_database_are_computed_again(tmp_path: Path, released: Path, command: str) -> None:
    shutil.copyfile(released, tmp_path / DB)
    done = invoke(tmp_path, command, "1")
    assert done.exit_code == 0, done.output
    assert shown(tmp_path)[0] == RESULT_VERSION
