"""``export``: every format holds the same values, nobody's file is lost, and what may not leave does not."""

from __future__ import annotations

import csv
import datetime
import json
import re
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas
import pyarrow.parquet
import pympi
import pytest
from command import rows
from contracts.store import finished
from contracts.store_records import session_result, tracks_of
from in_process import invoke

from classroom_fer.exchange.boris_project_reader import read_project
from classroom_fer.exchange.tasks_file import read_tasks
from classroom_fer.settings.versions import RESULT_VERSION
from classroom_fer.store.store import open_store

DB = "classroom-fer.sqlite"
NOW = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / DB
    with open_store(path) as store:
        finished(store, result_version=RESULT_VERSION)
    return path


@pytest.fixture
def folder(database: Path, tmp_path: Path) -> Path:
    """A session with hidden values, names that spreadsheets would run, and a group without an index."""
    shutil.copy(database, tmp_path / DB)
    return tmp_path


def export(folder: Path, *arguments: str) -> list[Path]:
    """The files that an export made."""
    done = invoke(folder, "export", *arguments)
    assert done.exit_code == 0, done.output
    return [folder / line for line in done.stdout.splitlines()]


def without_hashes(dictionary: Path) -> str:
    """A data dictionary without what differs from run to run."""
    document = json.loads(dictionary.read_text(encoding="utf-8"))
    made_by = document["made_by"]
    assert len(made_by["identity"]) == 32 and all(len(digest) == 64 for digest in made_by["files"].values())
    made_by |= {"program": "classroom-fer", "identity": "...", "files": dict.fromkeys(made_by["files"], "...")}
    for session in made_by["sessions"]:
        session["result_version"] = "..."
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def test_task_and_bin_tables_are_what_they_were(folder: Path, golden: Callable[[str, str], None]) -> None:
    for level in ("task", "bin"):
        table, dictionary = export(folder, "latest", "--level", level)
        if level == "task":
            golden("export/task.csv.dictionary.json", without_hashes(dictionary))
        assert (table.name, dictionary.name) == (f"Größe 6b_{level}.csv", f"Größe 6b_{level}.csv.dictionary.json")
        golden(f"export/{level}.csv", table.read_text(encoding="utf-8"))
        assert stat.S_IMODE(table.stat().st_mode) == 0o600


def test_other_programs_files_are_what_they_were(folder: Path, golden: Callable[[str, str], None]) -> None:
    events, sidecar = export(folder, "latest", "--format", "bids")
    golden("export/events.tsv", events.read_text(encoding="utf-8"))
    golden("export/events.json", without_hashes(sidecar))
    assert (events.name, sidecar.name) == ("sub-Gre6b_task-lesson_events.tsv", "sub-Gre6b_task-lesson_events.json")
    project, timeline, _ = export(folder, "latest", "--format", "boris")
    golden("export/lesson.boris", re.sub(NOW, "2026-03-05T09:30:00", project.read_text(encoding="ascii")))
    golden("export/timeline.csv", timeline.read_text(encoding="ascii"))
    document, _ = export(folder, "latest", "--format", "elan")
    golden("export/lesson.eaf", re.sub(NOW, "2026-03-05T09:30:00", document.read_text(encoding="utf-8")))


def test_csv_excel_parquet_and_json_hold_the_same_values(folder: Path) -> None:
    for level in ("session", "task", "bin", "track", "face"):
        files = {form: export(folder, "1", "--level", level, "--format", form)[0] for form in
                 ("csv", "json", "xlsx", "parquet")}  # fmt: skip
        with files["csv"].open(encoding="utf-8", newline="") as file:
            header, *lines = csv.reader(file)
        from_json = json.loads(files["json"].read_text(encoding="utf-8"))
        from_parquet = pyarrow.parquet.read_table(files["parquet"]).to_pylist()
        sheet = openpyxl.load_workbook(files["xlsx"])["rows"]
        from_excel = [dict(zip(header, row, strict=True)) for row in sheet.iter_rows(min_row=2, values_only=True)]
        assert [list(row) for row in from_json] == [header] * len(lines)
        assert len(lines) == len(from_json) == len(from_parquet) == len(from_excel) > 0
        for line, said, kept, shown in zip(lines, from_json, from_parquet, from_excel, strict=True):
            for text, name in zip(line, header, strict=True):
                value = kept[name]
                if isinstance(value, datetime.datetime):
                    value = f"{value:%Y-%m-%dT%H:%M:%SZ}"
                assert said[name] == value and shown[name] == value
                assert (text == "") == (value is None)
                if isinstance(value, float | int):
                    assert float(text) == pytest.approx(value, abs=5e-7)
                elif value is not None:
                    assert text.removeprefix("'") == value


def test_no_cell_is_a_formula(folder: Path) -> None:
    text = export(folder, "latest")[0].read_text(encoding="utf-8")
    assert ",'=SUM(A1)," in text and ",=SUM" not in text
    sheet = openpyxl.load_workbook(export(folder, "latest", "--format", "xlsx")[0])["rows"]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert "=SUM(A1)" in [cell.value for cell in cells] and all(cell.data_type != "f" for cell in cells)
    assert (sheet["F2"].value, sheet["F2"].number_format, sheet["G2"].number_format) == (10, "0.000", "General")


def test_seconds_have_three_decimals_and_missing_values_are_as_pandas_reads_them(folder: Path) -> None:
    table = export(folder, "latest")[0]
    frame = pandas.read_csv(table)
    assert frame.end_s.tolist() == [10.0, 20.125, 30.0] and "20.125," in table.read_text(encoding="utf-8")
    assert frame.engagement.isna().tolist() == [False, True, True]
    events = pandas.read_csv(export(folder, "latest", "--format", "bids")[0], sep="\t")
    assert list(events.columns[:3]) == ["onset", "duration", "trial_type"]
    assert (events.onset.tolist(), events.duration.tolist()) == ([0.0, 10.0, 20.125], [10.0, 10.125, 9.875])
    assert events.onset.is_monotonic_increasing and events.engagement.isna().sum() == 2


def test_every_column_stands_in_the_dictionary_with_its_meaning(folder: Path) -> None:
    for level in ("session", "task", "bin", "track", "face"):
        table, dictionary = export(folder, "latest", "--level", level)
        described = json.loads(dictionary.read_text(encoding="utf-8"))["columns"]
        header = table.read_text(encoding="utf-8").splitlines()[0].split(",")
        assert list(described) == header and all(entry["description"] for entry in described.values())
    events, sidecar = export(folder, "latest", "--format", "bids", "--level", "bin")
    described = json.loads(sidecar.read_text(encoding="utf-8"))
    header = events.read_text(encoding="utf-8").splitlines()[0].split("\t")
    assert [name for name in described if name != "made_by"] == header


def test_a_boris_project_has_the_tasks_as_states_and_draws_the_timeline(folder: Path) -> None:
    project, timeline, _ = export(folder, "latest", "--format", "boris")
    (observation,) = read_project(project).observations
    assert [event.time_s for event in observation.events] == [0.0, 10.0, 10.0, 20.125, 20.125, 30.0]
    plots = json.loads(project.read_text())["observations"]["Größe 6b.mp4"]["plot_data"]
    assert [(plot["file_path"], plot["columns"]) for plot in plots.values()] == [
        (timeline.name, "1,2"),
        (timeline.name, "1,4"),
    ]
    assert [task.name for task in read_tasks(project).tasks] == [
        "Fractions 分数 🙂", "<b>Board</b>; DROP TABLE face; --", "=SUM(A1)",
    ]  # fmt: skip


def test_an_elan_document_has_a_tier_each_and_no_annotation_for_what_is_hidden(folder: Path) -> None:
    document, _ = export(folder, "latest", "--format", "elan")
    there = pympi.Eaf(str(document))
    tiers = {name: sorted(there.get_annotation_data_for_tier(name)) for name in there.get_tier_names()}
    assert list(tiers) == ["Task", "Mode", "Coverage", "Engagement", "Moments"]
    assert tiers["Coverage"] == [(0, 10000, "0.900"), (20125, 30000, "0.000")]
    assert tiers["Engagement"] == [(0, 10000, "64.5")]
    assert tiers["Moments"] == [(14200, 15200, "-11.5 points (n = 4)"), (21000, 22000, "+8.5 points (n = 4)")]
    assert [task.mode for task in read_tasks(document, tier="Task").tasks] == ["desk", "board", "group"]


def test_openface_has_radians_frames_from_one_and_yaw_to_the_other_side(folder: Path) -> None:
    frame = pandas.read_csv(export(folder, "latest", "--format", "openface")[0])
    assert list(frame.columns) == "frame face_id timestamp confidence success pose_Rx pose_Ry pose_Rz".split()
    stored = rows(folder / DB, "SELECT frame_index, yaw_deg, pitch_deg FROM v_face WHERE yaw_deg IS NOT NULL")
    known = frame[frame.success == 1]
    assert len(known) == len(stored) < len(frame)
    assert sorted(known.pose_Ry.round(4)) == sorted(round(-yaw * 3.14159265 / 180, 4) for _, yaw, _ in stored)
    assert known.pose_Rx.round(4).tolist() == pytest.approx([0.0567] * len(known))
    assert known.frame.min() == 1 + min(index for index, _, _ in stored)


def test_several_sessions_are_one_table_and_one_file_each_elsewhere(folder: Path) -> None:
    with open_store(folder / DB) as store:
        finished(store, result_version=RESULT_VERSION, video_name="other.mp4", video_sha256="f" * 64)
    table, _ = export(folder, "1", "2", "1")
    assert table.name == "sessions-1-2_task.csv"
    frame = pandas.read_csv(table)
    assert frame.session_id.tolist() == [1, 1, 1, 2, 2, 2] and frame.video.nunique() == 2
    assert [path.suffix for path in export(folder, "1", "2", "--format", "elan")] == [".eaf", ".json"] * 2


def test_all_sessions_are_one_table_that_grows_with_the_database(folder: Path) -> None:
    (before, _) = export(folder, "--all", "--level", "bin")
    assert (before.name, pandas.read_csv(before).session_id.unique().tolist()) == ("sessions_bin.csv", [1])
    with open_store(folder / DB) as store:
        finished(store, result_version=RESULT_VERSION, video_name="other.mp4", video_sha256="f" * 64)
    (after, _) = export(folder, "--all", "--level", "bin")
    assert (after, pandas.read_csv(after).session_id.unique().tolist()) == (before, [1, 2])
    (some, _) = export(folder, "1", "2", "--level", "bin")
    assert (some.name, some.read_bytes()) == ("sessions-1-2_bin.csv", after.read_bytes())


def test_the_same_export_replaces_its_own_files_and_no_others(folder: Path) -> None:
    first = export(folder, "latest", "--format", "boris")
    before = [path.read_bytes() for path in first]
    assert export(folder, "latest", "--format", "boris") == first
    assert [path.read_bytes() for path in first] == before
    first[0].write_text("coded for three hours")
    done = invoke(folder, "export", "latest", "--format", "boris")
    assert "was left alone" in done.stderr and "Größe 6b-1.boris" in done.stdout
    assert first[0].read_text() == "coded for three hours" and first[1].read_bytes() == before[1]


def test_a_file_of_somebody_else_is_left_alone(folder: Path) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "größe 6B_TASK.csv").write_text("my own table")
    table, _ = export(folder, "latest", "--out", "mine")
    assert table.name == "Größe 6b-1_task.csv"
    assert (folder / "mine" / "größe 6B_TASK.csv").read_text() == "my own table"


@pytest.mark.parametrize(
    ("arguments", "code", "told", "hint"),
    [
        ((), 2, "name the sessions, or give --all", ""),
        (("1", "--all"), 2, "name the sessions, or give --all", ""),
        (("7",), 1, "there is no session '7'", "1 (Größe 6b.mp4)"),
        (("1", "--format", "spss"), 2, "no format 'spss'", "csv, parquet"),
        (("1", "--level", "pupil"), 2, "no level 'pupil'", "session, task"),
        (("1", "--format", "boris", "--level", "face"), 2, "does not go with --level face", "--format csv"),
        (("1", "--format", "openface", "--level", "bin"), 2, "a row for each face", "csv"),
        (("1", "--format", "bids", "--level", "session"), 2, "events are tasks or bins", "csv"),
    ],
)
def test_mistakes_are_told_with_a_remedy(
    folder: Path, arguments: tuple[str, ...], code: int, told: str, hint: str
) -> None:
    done = invoke(folder, "export", *arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert told in done.stderr and hint in done.stderr.splitlines()[1]
    assert not (folder / "exports").exists()


def test_a_folder_that_cannot_be_made_is_one_error(folder: Path) -> None:
    (folder / "exports").write_text("a file")
    done = invoke(folder, "export", "latest")
    assert done.exit_code == 1 and "exports: the export cannot be written" in done.stderr
    assert (folder / "exports").read_text() == "a file"


def test_exports_are_noted_in_the_audit_without_names(folder: Path) -> None:
    export(folder, "latest", "--level", "bin")
    ((action, session, details),) = rows(folder / DB, "SELECT action, session_id, details FROM audit")
    assert (action, session, details) == ("export", 1, '{"format":"csv","level":"bin"}')


def test_rows_of_single_faces_come_with_a_warning_and_not_after_they_were_deleted(folder: Path) -> None:
    assert "about single faces" in invoke(folder, "export", "1", "--level", "face").stderr
    with open_store(folder / DB) as store:
        store.forget_faces(1)
    for level in ("face", "track"):
        done = invoke(folder, "export", "1", "--level", level)
        assert done.exit_code == 1 and "were deleted (profile teacher)" in done.stderr
    assert export(folder, "1")


@pytest.mark.parametrize("arguments", [("--level", "face"), ("--level", "track"), ("--format", "openface")])
def test_pseudonyms_hide_nobody_in_a_group_below_min_group(folder: Path, arguments: tuple[str, str]) -> None:
    with open_store(folder / DB) as store:
        small, tracks = store.result(1), tracks_of(store.frames(1))
        seen = replace(small.visibility, coverage=None, sizes=(), abstentions=())
        store.write_result(1, replace(session_result(tracks), visibility=seen), tracks)
    done = invoke(folder, "export", "1", *arguments)
    assert done.exit_code == 4 and "fewer than min_group pupils were seen" in done.stderr
    assert "--level task" in done.stderr and not (folder / "exports").exists()
    assert export(folder, "1")


def test_where_one_session_may_not_leave_no_file_is_written(folder: Path) -> None:
    with open_store(folder / DB) as store:
        finished(store, result_version=RESULT_VERSION, profile="presence", video_sha256="f" * 64)
    done = invoke(folder, "export", "1", "2", "--format", "openface")
    assert (done.exit_code, done.stdout) == (1, "") and "session 2" in done.stderr
    assert not (folder / "exports").exists()


def test_what_is_declared_now_holds_for_sessions_from_before(folder: Path) -> None:
    (folder / "law.toml").write_text('[policy]\njurisdiction = "DE"\nsetting = "education"\nprofile = "presence"\n')
    done = invoke(folder, "export", "1", "--config", "law.toml")
    assert done.exit_code == 4 and "Article 5(1)(f)" in done.stderr
    assert not (folder / "exports").exists()


def test_presence_has_no_head_poses_for_openface(tmp_path: Path) -> None:
    with open_store(tmp_path / DB) as store:
        finished(store, result_version=RESULT_VERSION, profile="presence")
    done = invoke(tmp_path, "export", "latest", "--format", "openface")
    assert done.exit_code == 1 and "no head pose was looked at" in done.stderr
