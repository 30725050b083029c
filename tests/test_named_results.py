"""``export --name`` and ``provenance --name``: a named result of a session in the place of its own."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pympi
import pytest
from command import rows
from contracts.store import finished
from contracts.store_records import session_result, tracks_of
from in_process import invoke
from named import FLAT, HALVES, add_named

from classroom_fer.named_results import in_place_of_own
from classroom_fer.settings.versions import RESULT_VERSION
from classroom_fer.store.store import open_store

DB = "classroom-fer.sqlite"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("named") / DB
    with open_store(path) as store:
        add_named(store, finished(store, result_version=RESULT_VERSION).session_id)
        finished(store, result_version=RESULT_VERSION, video_name="other.mp4", video_sha256="f" * 64)
    return path


@pytest.fixture
def folder(database: Path, tmp_path: Path) -> Path:
    """Two sessions, of which the first has the results flat and halves."""
    shutil.copy(database, tmp_path / DB)
    return tmp_path


def export(folder: Path, *arguments: str) -> Path:
    """The main file that an export made."""
    done = invoke(folder, "export", *arguments)
    assert done.exit_code == 0, done.output
    return folder / done.stdout.splitlines()[0]


def cells(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


@pytest.mark.parametrize("level", ["task", "bin"])
def test_a_table_of_a_named_result_says_which_and_differs_from_the_own_one(folder: Path, level: str) -> None:
    own, named = export(folder, "1", "--level", level), export(folder, "1", "--level", level, "--name", "flat")
    assert (own.name, named.name) == (f"Größe 6b_{level}.csv", f"Größe 6b-flat_{level}.csv")
    before, after = cells(own), cells(named)
    assert list(after[0])[:4] == ["session_id", "video", "aggregation", "task"]
    assert {row.pop("aggregation") for row in after} == {"flat"}
    assert (before[0]["engagement"], after[0]["engagement"]) == ("64.5", "11")
    assert before[1:] == after[1:] and set(before[0]) == set(after[0])
    made_by = json.loads((named.parent / f"{named.name}.dictionary.json").read_text(encoding="utf-8"))["made_by"]
    (session,) = made_by["sessions"]
    assert (session["aggregation"], session["settings_sha256"]) == ("flat", FLAT.settings_sha256)


def test_all_are_those_that_have_a_result_of_the_name(folder: Path) -> None:
    table = export(folder, "--all", "--name", "flat")
    assert table.name == "sessions-flat_task.csv" and {row["session_id"] for row in cells(table)} == {"1"}
    assert export(folder, "--all").name == "sessions_task.csv"


def test_bids_elan_and_boris_hold_the_named_result(folder: Path) -> None:
    events = export(folder, "1", "--format", "bids", "--name", "flat")
    assert events.name == "sub-Gre6b_task-lesson_desc-flat_events.tsv"
    assert cells(events, "\t")[0]["engagement"] == "11"
    document = export(folder, "1", "--format", "elan", "--name", "flat")
    assert document.name == "Größe 6b-flat.eaf"
    assert [one[2] for one in pympi.Elan.Eaf(document).get_annotation_data_for_tier("Engagement")] == ["11.0"]
    project = export(folder, "1", "--format", "boris", "--name", "flat")
    assert cells(project.with_name("Größe 6b-flat_timeline.csv"))[0]["engagement"] == "11.000000"


def test_a_result_of_tasks_alone_has_no_bins_and_shows_only_what_the_camera_saw(folder: Path) -> None:
    assert cells(export(folder, "1", "--name", "halves"))[0]["engagement"] == "22"
    refused = invoke(folder, "export", "1", "--name", "halves", "--level", "bin")
    assert (refused.exit_code, refused.stdout) == (4, "")
    assert "shows the values of its tasks alone" in refused.stderr and "--level task" in refused.stderr
    document = pympi.Elan.Eaf(export(folder, "1", "--format", "elan", "--name", "halves"))
    assert document.get_annotation_data_for_tier("Coverage")
    assert not document.get_annotation_data_for_tier("Engagement")
    with open_store(folder / DB) as store:
        (session, _) = store.sessions()
        shown, result = in_place_of_own(session, "halves", store)
    assert (shown.aggregation, shown.start.settings_sha256) == ("halves", HALVES.settings_sha256)
    for bin_ in result.bins:
        assert (bin_.engagement, bin_.orientation, bin_.synchrony, bin_.synchrony_chance, bin_.n) == (None,) * 5


@pytest.mark.parametrize("level", ["session", "track", "face"])
def test_what_the_camera_saw_belongs_to_no_named_result(folder: Path, level: str) -> None:
    done = invoke(folder, "export", "1", "--name", "flat", "--level", level)
    assert done.exit_code == 2 and "does not go with --name" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("export", "1", "--name", "steep"), "has no aggregation 'steep'"),
        (("export", "2", "--name", "flat"), "has no aggregation 'flat'"),
        (("export", "1", "2", "--name", "flat"), "has no aggregation 'flat'"),
        (("export", "--all", "--name", "steep"), "no session has an aggregation 'steep'"),
        (("provenance", "1", "--name", "steep"), "has no aggregation 'steep'"),
    ],
)
def test_a_name_that_is_not_there_is_one_error_and_nothing_is_written(
    folder: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = invoke(folder, *arguments)
    assert (done.exit_code, done.stdout) == (1, "") and told in done.stderr
    assert not (folder / "exports").exists()


def test_default_is_the_sessions_own_result(folder: Path) -> None:
    assert export(folder, "1", "--name", "default").name == "Größe 6b_task.csv"
    told = [invoke(folder, "provenance", "1", "--json", *more).stdout for more in ((), ("--name", "default"))]
    assert told[0] == told[1]


def test_values_that_have_to_be_made_again_are_not_exported(folder: Path) -> None:
    with open_store(folder / DB) as store:
        session = store.sessions()[0]
        tracks = tracks_of(store.frames(session.session_id))
        store.write_result(session.session_id, session_result(tracks), tracks)
    done = invoke(folder, "export", "1", "--name", "flat")
    assert done.exit_code == 1 and "values of aggregation 'flat' are gone" in done.stderr


def test_the_audit_notes_which_result_left(folder: Path) -> None:
    export(folder, "1", "--aggregation", "flat")
    ((details,),) = rows(folder / DB, "SELECT details FROM audit WHERE action = 'export'")
    assert json.loads(details)["settings_sha256"] == FLAT.settings_sha256


def test_provenance_tells_the_settings_of_the_named_result(folder: Path) -> None:
    told = json.loads(invoke(folder, "provenance", "1", "--json", "--name", "flat").stdout)
    assert (told["aggregation"], told["settings_sha256"]) == ("flat", FLAT.settings_sha256)
    assert told["settings"]["rules"]["weight_set"] == "flat" and "flat" in told["methods"]
    assert "aggregation " in invoke(folder, "provenance", "1", "--name", "flat").stdout
    assert "aggregation " not in invoke(folder, "provenance", "1").stdout
