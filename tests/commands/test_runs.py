"""``classroom-fer runs``."""

from __future__ import annotations

import json
from pathlib import Path

from in_process import invoke

from classroom_fer.lesson.runs import ProcessIdentity, RunPlan, RunProgress
from classroom_fer.store.process_identity import own_identity
from classroom_fer.store.store import open_store


def test_runs_says_how_far_each_is_and_what_became_of_the_others(tmp_path: Path) -> None:
    with open_store(tmp_path / "classroom-fer.sqlite") as store:
        assert "no run yet" in invoke(tmp_path, "runs").stderr
        own = own_identity()
        one = store.runs.add(RunPlan("/films/5b.mp4", None, "9" * 64, ("analyze", "--", "/films/5b.mp4")), own)
        store.runs.tell(one.run_id, "running", RunProgress("faces", 200.0, 2700.0, 720.0))
        store.runs.add(RunPlan("/films/6a.mp4", None, "9" * 64, ()), ProcessIdentity(own.pid, 1.0, own.host))
        listed = invoke(tmp_path, "runs").stdout
        assert "5b.mp4" in listed and "faces 3:20 / 45:00, about 12:00 left" in listed
        assert "was killed, or the machine was switched off\n      go on" in listed
        assert "ends after" in invoke(tmp_path, "runs", "--cancel", one.run_id).stderr
        assert store.runs.wish(one.run_id) == "cancel"
        told = {run["film"]: run for run in json.loads(invoke(tmp_path, "runs", "--json").stdout)}
        assert told["/films/5b.mp4"]["goes_on_by"] == ["classroom-fer", "analyze", "--", "/films/5b.mp4"]
        assert (told["/films/5b.mp4"]["left_s"], told["/films/6a.mp4"]["state"]) == (720.0, "failed")
    again = invoke(tmp_path, "runs", "--cancel", 99)
    assert (again.exit_code, "holds no run 99" in again.stderr) == (1, True)
