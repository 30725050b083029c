"""The Python interface: its names, signatures, columns and dtypes stay; it shows what the views show."""

from __future__ import annotations

import inspect
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sample_database import LESSONS

import classroom_fer as cf
from classroom_fer import api, data_frames
from classroom_fer.store.store import open_store
from classroom_fer.store.views import VIEWS

ROOT = Path(__file__).resolve().parent.parent

FROZEN = {
    "analyze": "(video: 'str | PathLike[str]', *, tasks: 'str | PathLike[str] | None' = None, "
    "db: 'str | PathLike[str]' = 'classroom-fer.sqlite', report_folder: 'str | PathLike[str] | None' = None, "
    "settings: 'Mapping[str, Any] | None' = None) -> 'Analysis'",
    "open": "(db: 'str | PathLike[str]' = 'classroom-fer.sqlite') -> 'Study'",
    "Study.sessions": "(self) -> 'pd.DataFrame'",
    "Study.tasks": "(self, session: 'Session | None' = None) -> 'pd.DataFrame'",
    "Study.timeline": "(self, session: 'Session | None' = None) -> 'pd.DataFrame'",
    "Study.moments": "(self, session: 'Session | None' = None) -> 'pd.DataFrame'",
    "Study.comparisons": "(self, session: 'Session | None' = None) -> 'pd.DataFrame'",
    "Study.tracks": "(self, session: 'Session | None' = None) -> 'pd.DataFrame'",
    "Study.faces": "(self, session: 'Session') -> 'pd.DataFrame'",
    "Study.frames": "(self, session: 'Session') -> 'pd.DataFrame'",
    "Study.sizes": "(self, session: 'Session | None' = None) -> 'pd.DataFrame'",
    "Study.abstentions": "(self, session: 'Session | None' = None) -> 'pd.DataFrame'",
    "Study.labels": "(self, session: 'Session | None' = None) -> 'pd.DataFrame'",
    "Study.aggregations": "(self, session: 'Session | None' = None) -> 'pd.DataFrame'",
    "Study.aggregated_tasks": "(self, session: 'Session | None' = None) -> 'pd.DataFrame'",
    "Study.aggregated_timeline": "(self, session: 'Session | None' = None) -> 'pd.DataFrame'",
    "Study.query": "(self, sql: 'str', /, **values: 'Value') -> 'pd.DataFrame'",
    "Study.dictionary": "(self) -> 'pd.DataFrame'",
    "Study.close": "(self) -> 'None'",
    "Analysis": "(session: 'int', database: 'str', report: 'Path | None', reused: 'bool') -> None",
}
VIEW_OF = {
    "sessions": "v_session", "tasks": "v_task", "timeline": "v_timeline", "moments": "v_moment",
    "comparisons": "v_comparison", "tracks": "v_track", "faces": "v_face", "frames": "v_frame", "sizes": "v_size",
    "abstentions": "v_abstention", "labels": "v_label", "aggregations": "v_aggregation",
    "aggregated_tasks": "v_aggregated_task", "aggregated_timeline": "v_aggregated_timeline",
}  # fmt: skip


def public() -> dict[str, object]:
    """Everything that users may call: functions, classes, and the methods of Study."""
    found = {name: getattr(api, name) for name in api.__all__}
    methods = {f"Study.{name}": m for name, m in vars(api.Study).items() if inspect.isfunction(m) and name[0] != "_"}
    return {**{name: one for name, one in found.items() if name in FROZEN or not inspect.isclass(one)}, **methods}


@pytest.fixture(scope="module")
def opened(study: Path) -> Iterator[cf.Study]:
    with pytest.warns(cf.OlderRulesWarning, match="session 3; classroom-fer aggregate"), cf.open(study) as found:
        yield found


def test_names_and_signatures_stay() -> None:
    assert {name: str(inspect.signature(one)) for name, one in public().items()} == FROZEN  # type: ignore[arg-type]  # all can be called
    assert sorted(cf.__all__) == sorted([*api.__all__, "__version__"])
    assert sorted(VIEW_OF.values()) == sorted(VIEWS)


def test_everything_public_is_described() -> None:
    assert [name for name, one in public().items() if not (one.__doc__ or "").strip()] == []


def test_type_checkers_are_told_the_same_names() -> None:
    stub = (ROOT / "classroom_fer" / "__init__.pyi").read_text(encoding="utf-8")
    assert [f"import {name} as {name}" in stub for name in api.__all__] == [True] * len(api.__all__)
    assert (ROOT / "classroom_fer" / "py.typed").exists()


def test_importing_the_package_stays_light() -> None:
    code = "import sys, classroom_fer; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not set(done.stdout.split()) & {"numpy", "pandas", "sqlalchemy", "typer", "classroom_fer.api"}
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = cf.nonsense  # type: ignore[attr-defined]  # that is the point
    assert set(cf.__all__) <= set(dir(cf))


@pytest.mark.parametrize("method", VIEW_OF)
def test_a_table_has_the_columns_and_dtypes_of_its_view(opened: cf.Study, method: str) -> None:
    arguments = (1,) if method in ("faces", "frames") else ()
    table = getattr(opened, method)(*arguments)
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == data_frames.dtypes_of(VIEW_OF[method])
    assert list(table.columns) == [name for name, _ in VIEWS[VIEW_OF[method]]]
    assert len(table) > 0


def test_an_empty_table_has_the_same_dtypes(opened: cf.Study) -> None:
    full, empty = opened.sessions(), opened._view("v_session", 1, "session_id").iloc[:0]
    assert (empty.dtypes == full.dtypes).all()
    answer = opened._database.ask("SELECT * FROM v_moment WHERE 0", {})
    assert (data_frames.as_frame("v_moment", answer).dtypes == opened.moments().dtypes).all()


def test_a_session_is_named_by_number_film_or_as_the_latest(opened: cf.Study) -> None:
    by_number = opened.timeline(2)
    assert set(by_number["session_id"]) == {2}
    pd.testing.assert_frame_equal(opened.timeline("tuesday"), by_number)
    assert set(opened.tasks("latest")["session_id"]) == {3}
    assert set(opened.tasks()["session_id"]) == {1, 2, 3}
    with pytest.raises(cf.ClassroomFerError, match="there is no session 'sunday'") as error:
        opened.tasks("sunday")
    assert "1 (monday.mp4)" in error.value.hint


def test_missing_stays_missing(opened: cf.Study) -> None:
    timeline = opened.timeline(1)
    between = timeline[timeline["task"].isna()]
    assert len(between) > 0
    assert timeline["start_s"].is_monotonic_increasing


def test_lists_and_times_are_no_texts(opened: cf.Study) -> None:
    sessions = opened.sessions()
    assert sessions["film_repairs"].tolist() == [[], [], []]
    assert sessions["video"].tolist() == list(LESSONS)
    assert (sessions["analyzed_at"] <= pd.Timestamp.now(tz="UTC")).all()


def test_a_question_takes_values_by_name_and_cannot_write(opened: cf.Study) -> None:
    found = opened.query("SELECT COUNT(*) AS n FROM v_task WHERE session_id = :session", session=1)
    assert found["n"].tolist() == [4]
    with pytest.raises(cf.ClassroomFerError, match="refused"):
        opened.query("DELETE FROM task")


def test_values_out_of_tables_go_into_questions(opened: cf.Study) -> None:
    number = opened.sessions()["session_id"].max()
    found = opened.query(
        "SELECT :n AS n, :mean AS mean, :gone IS NULL AS gone", n=number, mean=np.float64(0.5), gone=pd.NA
    )
    assert found.to_dict("records") == [{"n": 3, "mean": 0.5, "gone": 1}]


def test_the_dictionary_describes_every_column(opened: cf.Study) -> None:
    told = opened.dictionary()
    columns = told[(told["object"] == "v_task") & (told["column"] != "")]
    assert columns["column"].tolist() == opened.tasks().columns.tolist()


def test_a_study_without_older_results_warns_of_nothing(tmp_path: Path) -> None:
    open_store(tmp_path / "new.sqlite").close()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with cf.open(tmp_path / "new.sqlite") as study:
            assert len(study.sessions()) == 0


def test_a_database_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(cf.ClassroomFerError, match="no such file"):
        cf.open(tmp_path / "none.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_film_that_is_not_there_is_an_error_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    with pytest.raises(cf.ClassroomFerError, match=r"none\.mp4"):
        cf.analyze(tmp_path / "none.mp4", db=tmp_path / "new.sqlite", settings={"fps": 2.0})
    with pytest.raises(cf.ClassroomFerError, match="fbs"):
        cf.analyze(tmp_path / "none.mp4", db=tmp_path / "new.sqlite", settings={"fbs": 2.0})


@pytest.mark.slow
def test_a_lesson_is_analysed_and_read(tmp_path: Path) -> None:
    lesson = ROOT / "sample_videos" / "lesson.mp4"
    done = cf.analyze(lesson, db=tmp_path / "study.sqlite", settings={"end_s": 2.0})
    assert (done.session, done.report, done.reused) == (1, None, False)
    assert cf.analyze(lesson, db=tmp_path / "study.sqlite", settings={"end_s": 2.0}).reused
    with cf.open(done.database) as study:
        assert study.sessions()["faces"].tolist() == [32]
