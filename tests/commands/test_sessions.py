"""Commands on stored sessions, on a store filled by the fake parts."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from command import rows, run
from contracts.store import filled
from fakes import FakeClassifier, FakeDetector, FakeRenderer, FakeVideo
from in_process import invoke

from classroom_fer import analysis
from classroom_fer.pipeline import Parts
from classroom_fer.settings.config import default_config
from classroom_fer.store.store import open_store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two finished sessions of 200 s with six faces: fake.mp4 with one task, and with other settings."""
    parts = Parts(FakeDetector(seats=5), FakeClassifier())
    fakes = analysis.Builders(
        lambda *_: FakeVideo(duration_s=200), parts=lambda _: parts, renderer=lambda _: FakeRenderer()
    )
    with open_store(tmp_path / "classroom-fer.sqlite") as store:
        for fps in (1.0, 0.5):
            config = dataclasses.replace(default_config(), fps=fps)
            request = analysis.Request(Path("fake.mp4"), None, tmp_path / "fake.pdf")
            analysis.Analyzer(config, store, fakes).analyze(request, lambda _: None)
    return tmp_path


def test_sessions_lists_what_is_stored(folder: Path) -> None:
    listed = json.loads(invoke(folder, "sessions", "--json").stdout)
    assert [(s["video"], s["status"]) for s in listed] == [("fake.mp4", "finished")] * 2
    assert "fake.mp4" in invoke(folder, "sessions").stdout


def test_a_name_that_the_terminal_has_no_letters_for_is_shown_as_an_escape(tmp_path: Path) -> None:
    with open_store(tmp_path / "classroom-fer.sqlite") as store:
        filled(store)
    done = run("sessions", cwd=tmp_path, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert (done.returncode, "Gr\\xf6\\xdfe 6b.mp4" in done.stdout) == (0, True), done.stderr


def test_aggregate_keeps_the_rules_that_a_session_was_made_with(folder: Path) -> None:
    (folder / "g.toml").write_text("[rules.evidence]\nmin_group = 12\n")
    (folder / "t.csv").write_text("task,start,end\nFirst,0,100\n")
    first = json.loads(invoke(folder, "aggregate", "latest", "--config", "g.toml", "--json").stdout)
    again = json.loads(invoke(folder, "aggregate", "latest", "--tasks", "t.csv", "--json").stdout)
    assert first["tasks"][0]["not_shown_because"] == {"code": "few", "seen": None, "needed": 12}
    assert again["tasks"][0]["not_shown_because"] == {"code": "few", "seen": None, "needed": 12}


def test_aggregate_refuses_settings_that_made_the_stored_faces(folder: Path) -> None:
    (folder / "e.toml").write_text("[rules.expression]\nmin_neutral = 0.999\n")
    done = invoke(folder, "aggregate", "latest", "--config", "e.toml")
    assert done.exit_code == 2
    assert "cannot change without the film" in done.stderr


def test_a_cut_off_aggregate_can_be_given_again(folder: Path) -> None:
    with open_store(folder / "classroom-fer.sqlite") as store:
        session = store.sessions()[-1]
        store.set_tasks(session.session_id, session.tasks, session.start)
    assert invoke(folder, "report", "latest").exit_code == 1
    assert invoke(folder, "aggregate", "latest").exit_code == 0
    assert invoke(folder, "report", "latest").exit_code == 0


def test_aggregate_changes_tasks_and_weights_without_film_or_model(folder: Path) -> None:
    (folder / "t.csv").write_text("task,start,end\nFirst,0,100\nSecond,100,200\n")
    done = invoke(folder, "aggregate", "latest", "--tasks", "t.csv", "--weights", "flat", "--json")
    assert done.exit_code == 0, done.stderr
    assert [t["task"] for t in json.loads(done.stdout)["tasks"]] == ["First", "Second"]
    db = folder / "classroom-fer.sqlite"
    assert len(rows(db, "SELECT * FROM v_task")) == 3
    assert len({row[0] for row in rows(db, "SELECT settings_sha256 FROM v_session")}) == 2


def test_flat_weights_change_the_expression_part_only(folder: Path) -> None:
    before = json.loads(invoke(folder, "aggregate", "latest", "--json").stdout)["tasks"][0]
    after = json.loads(invoke(folder, "aggregate", "latest", "--weights", "flat", "--json").stdout)["tasks"][0]
    assert before["orientation"] == after["orientation"]
    assert before["expression"] != after["expression"]


def test_report_prints_a_stored_session_again(folder: Path) -> None:
    done = invoke(folder, "report", "latest", "--out", "again.pdf")
    assert done.exit_code == 0, done.stderr
    assert (folder / "again.pdf").read_bytes().startswith(b"%PDF")


def test_purge_needs_one_choice_and_asks_and_deletes(folder: Path) -> None:
    db = folder / "classroom-fer.sqlite"
    assert invoke(folder, "purge").exit_code == 2
    assert "would delete" in invoke(folder, "purge", "--all", "--dry-run").stdout
    unasked = invoke(folder, "purge", "--all")
    assert unasked.exit_code == 2
    assert "--yes" in unasked.stderr
    assert rows(db, "SELECT count(*) FROM v_session") == [(2,)]
    assert invoke(folder, "purge", "--session", "latest", "--yes").exit_code == 0
    assert rows(db, "SELECT count(*) FROM v_session") == [(1,)]
    assert "nothing to delete" in invoke(folder, "purge", "--expired", "--yes").stdout


def test_what_was_done_is_in_the_audit_table(folder: Path) -> None:
    invoke(folder, "aggregate", "latest")
    invoke(folder, "report", "latest", "--out", "x.pdf")
    actions = [row[0] for row in rows(folder / "classroom-fer.sqlite", "SELECT action FROM audit ORDER BY 1")]
    assert set(actions) >= {"analyze", "aggregate", "report"}
    with open_store(folder / "classroom-fer.sqlite") as store:
        assert store.verify_audit() == []
