"""Bad input is ordinary: one clear message with a remedy, the right exit code, nothing lost, the rest goes on."""

from __future__ import annotations

import json
import os
import shlex
import sqlite3
import subprocess
from pathlib import Path

import av
import numpy as np
from command import LESSON, command, rows, run
from in_process import invoke
from typer.testing import Result

from classroom_fer.store.store import open_store
from classroom_fer.terminal import write_log


def film(path: Path, *, seconds: float = 3, fps: int = 5, audio_only: bool = False) -> Path:
    """A grey film without a face."""
    with av.open(str(path), "w") as container:
        if audio_only:
            stream = container.add_stream("aac", rate=16000)
            stream.layout = "mono"
            for _ in range(20):
                sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
                sound.sample_rate = 16000
                container.mux(stream.encode(sound))
        else:
            stream = container.add_stream("libx264", rate=fps)
            stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
            for number in range(max(1, round(seconds * fps))):
                grey = np.full((120, 160, 3), 60 + number % 100, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def analyze(folder: Path, *arguments: object) -> Result:
    """In this process and without the larger net: what is done with bad input does not depend on what is inferred."""
    return invoke(folder, "analyze", *arguments, "--profile", "presence")


def explained(done: Result, *words: str, code: int = 1) -> None:
    assert done.exit_code == code, done.stderr
    assert "error:" in done.stderr
    assert "hint:" in done.stderr
    for word in words:
        assert word in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 4, done.stderr


def test_each_unreadable_file_gets_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "zero.mp4").write_bytes(b"")
    (tmp_path / "page.mp4").write_text("<!doctype html><html><body>Sign in to download</body></html>")
    (tmp_path / "empty").mkdir()
    film(tmp_path / "sound.mp4", audio_only=True)
    for name, word in (("none.mp4", "no such file"), ("zero.mp4", "empty"), ("page.mp4", "HTML"),
                       ("sound.mp4", "sound"), ("empty", "no film")):  # fmt: skip
        done = analyze(tmp_path, name)
        explained(done, name)
        assert word.lower() in done.stderr.lower(), done.stderr


def test_one_bad_film_does_not_stop_the_batch(tmp_path: Path) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    film(folder / "a.mp4")
    (folder / "b.mp4").write_text("<html></html>")
    film(folder / "c.mp4", seconds=0.2)
    (folder / "README.md").write_text("not a film")
    done = analyze(tmp_path, "films", "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert [Path(f["video"]).name for f in told["films"]] == ["a.mp4", "c.mp4"]
    assert [Path(f["video"]).name for f in told["errors"]] == ["b.mp4"]
    assert {f["visibility"]["faces"] for f in told["films"]} == {0}
    assert told["films"][1]["visibility"]["frames_sampled"] == 1
    assert all(Path(tmp_path / f["report"]).read_bytes().startswith(b"%PDF") for f in told["films"])


def test_a_truncated_film_is_analysed_as_far_as_it_goes_and_says_so(tmp_path: Path) -> None:
    data = film(tmp_path / "whole.mkv", seconds=20).read_bytes()
    (tmp_path / "cut.mkv").write_bytes(data[: len(data) // 2])
    done = analyze(tmp_path, "cut.mkv", "--no-report", "--json")
    assert done.exit_code == 0, done.stderr
    seen = json.loads(done.stdout)["films"][0]["visibility"]
    assert 0 < seen["frames_sampled"] < 20
    assert seen["unseen_s"] > 1 or seen["frames_lost"] > 0


def test_task_mistakes_stop_the_film_before_anything_is_stored(tmp_path: Path) -> None:
    film(tmp_path / "a.mp4")
    (tmp_path / "t.csv").write_text("task,start,end\nA,0,90\nB,1,2,\n")
    done = analyze(tmp_path, "a.mp4", "--tasks", "t.csv")
    assert done.exit_code == 1
    assert "t.csv, line 2, column 'end': 1:30 is past the end of the film (0:03)" in done.stderr
    assert rows(tmp_path / "classroom-fer.sqlite", "SELECT count(*) FROM v_session") == [(0,)]


def test_usage_errors_exit_2(tmp_path: Path) -> None:
    assert analyze(tmp_path).exit_code == 2
    assert analyze(tmp_path, LESSON, "--start", "soon").exit_code == 2
    assert analyze(tmp_path, LESSON, "--fps", "0").exit_code == 2
    (tmp_path / "c.toml").write_text("fsp = 1")
    explained(analyze(tmp_path, LESSON, "--config", "c.toml"), "fsp", "did you mean fps", code=2)


def test_databases_that_cannot_be_used_are_explained(tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_text("this is no database, only some text that is long enough to be read")
    foreign = sqlite3.connect(tmp_path / "foreign.sqlite")
    foreign.execute("CREATE TABLE patients (name TEXT)")
    foreign.commit()
    foreign.close()
    for name in ("text.sqlite", "foreign.sqlite", "nowhere/there.sqlite/db"):
        if "/" in name:
            (tmp_path / "nowhere").write_text("a file where a folder should be")
        explained(analyze(tmp_path, LESSON, "--db", name), name.split("/")[0])
    explained(invoke(tmp_path, "sessions", "--db", "missing.sqlite"), "missing.sqlite")
    assert not (tmp_path / "missing.sqlite").exists()


def test_a_database_from_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    assert invoke(tmp_path, "sessions").exit_code == 1
    db = tmp_path / "classroom-fer.sqlite"
    open_store(db).close()
    connection = sqlite3.connect(db)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    before = db.read_bytes()
    explained(analyze(tmp_path, LESSON), "newer")
    assert db.read_bytes() == before


def test_a_second_analysis_on_the_same_database_waits_for_nobody_and_says_who_holds_it(tmp_path: Path) -> None:
    with open_store(tmp_path / "classroom-fer.sqlite") as store, store.exclusive():
        explained(analyze(tmp_path, LESSON), str(os.getpid()))
        assert invoke(tmp_path, "sessions").exit_code == 0


def test_an_unwritable_report_folder_is_found_before_the_analysis(tmp_path: Path) -> None:
    film(tmp_path / "a.mp4")
    (tmp_path / "reports").write_text("a file where the folder should be")
    explained(analyze(tmp_path, "a.mp4"), "reports", "--out")
    assert rows(tmp_path / "classroom-fer.sqlite", "SELECT count(*) FROM v_session") == [(0,)]
    assert analyze(tmp_path, "a.mp4", "--out", "elsewhere").exit_code == 0
    assert (tmp_path / "elsewhere" / "a.pdf").read_bytes().startswith(b"%PDF")


def test_names_that_could_harm_a_terminal_are_shown_escaped(tmp_path: Path) -> None:
    name = "evil\x1b]0;owned\x07.mp4"
    (tmp_path / name).write_text("<html></html>")
    done = analyze(tmp_path, name)
    assert done.exit_code == 1
    assert "\x1b" not in done.stderr
    assert "\\x1b]0;owned\\x07.mp4" in done.stderr


def test_quiet_says_nothing_and_json_only_json(tmp_path: Path) -> None:
    """In a process of its own and with every net: native libraries write past Python."""
    film(tmp_path / "a.mp4")
    done = run("analyze", "a.mp4", "--no-report", "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert json.loads(invoke(tmp_path, "sessions", "--json").stdout)[0]["status"] == "finished"


def test_dry_run_stores_nothing_and_names_the_time(tmp_path: Path) -> None:
    film(tmp_path / "a.mp4", seconds=8)
    done = analyze(tmp_path, "a.mp4", "--dry-run")
    assert done.exit_code == 0, done.stderr
    assert "8 samples, 8 still to do, about 0:" in done.stdout
    assert not (tmp_path / "classroom-fer.sqlite").exists()


def test_a_start_past_the_end_of_one_film_is_that_films_error(tmp_path: Path) -> None:
    film(tmp_path / "a.mp4")
    explained(analyze(tmp_path, "a.mp4", "--start", "50"), "past the end of the film")


def test_output_that_nobody_reads_to_its_end_is_no_bug(tmp_path: Path) -> None:
    film(tmp_path / "a.mp4")
    program = shlex.join(command("analyze", "a.mp4", "--no-report", "--profile", "presence"))
    line = f"{program} 2>errors | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, check=False)
    assert done.returncode == 0
    assert "bug" not in (tmp_path / "errors").read_text()


def test_json_stays_json_whatever_the_names(tmp_path: Path) -> None:
    film(tmp_path / "a.mp4")
    (tmp_path / "t.csv").write_text("task,start,end\nA\u00adB \U0001f3f4\U000e0067,0,1\n", encoding="utf-8")
    done = analyze(tmp_path, "a.mp4", "--tasks", "t.csv", "--no-report", "--json")
    assert json.loads(done.stdout)["films"][0]["tasks"][0]["task"] == "A\u00adB \U0001f3f4\U000e0067"


def test_commands_that_only_read_create_nothing(tmp_path: Path) -> None:
    explained(invoke(tmp_path, "sessions", "--db", "sqlite:///typo.sqlite"), "typo.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_traceback_with_a_name_that_is_no_text_is_logged_too() -> None:
    log = write_log("film \udcff.mp4")
    assert log.read_text(encoding="utf-8") == "film \\udcff.mp4"
    log.unlink()
