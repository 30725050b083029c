"""Datasette itself reads what ``datasette`` writes: descriptions, units, and questions that are answered."""

from __future__ import annotations

import asyncio
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from in_process import invoke

from classroom_fer.store import datasette as metadata_module
from classroom_fer.store.dictionary import entries
from classroom_fer.store.worked_queries import worked_queries


@pytest.fixture(scope="module")
def served(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """``served("/path")``: the response of a real Datasette, in this process."""
    app = pytest.importorskip("datasette.app", reason="Datasette is not installed (pip install datasette)")
    folder = tmp_path_factory.mktemp("served")
    shutil.copyfile(study, folder / "study.sqlite")
    done = invoke(folder, "datasette", "--db", "study.sqlite")
    assert done.exit_code == 0, done.stderr
    metadata = app.parse_metadata((folder / "study.metadata.yaml").read_text(encoding="utf-8"))
    loop = asyncio.new_event_loop()
    shown = app.Datasette([str(folder / "study.sqlite")], metadata=metadata, settings={"sql_time_limit_ms": 60_000})
    yield lambda path: loop.run_until_complete(shown.client.get(path))
    loop.close()


def test_views_are_listed_and_their_tables_are_out_of_the_way(served: Any) -> None:
    listed = served("/study.json").json()
    assert {table["name"] for table in listed["tables"] if not table["hidden"]} == set()
    assert {"v_session", "v_task", "v_face"} <= {view["name"] for view in listed["views"]}
    assert [query["name"] for query in listed["queries"]] == [query.name for query in worked_queries()]


def test_a_column_is_described_with_its_unit(served: Any) -> None:
    page = served("/study/v_task").text
    (told,) = (entry for entry in entries() if (entry.object, entry.column) == ("v_task", "engagement"))
    assert f"{told.description} [{told.unit}]" in page


@pytest.mark.parametrize("query", worked_queries(), ids=lambda query: query.name)
def test_each_question_is_answered(served: Any, query: Any) -> None:
    values = "&".join(f"{name}={value:g}" for name, value in query.examples.items())
    answer = served(f"/study/{query.name}.json?_shape=objects&{values}").json()
    assert answer["ok"], answer
    assert answer["rows"]


def test_a_database_that_is_not_there_gives_no_file(tmp_path: Path) -> None:
    done = invoke(tmp_path, "datasette", "--db", "none.sqlite")
    assert (done.exit_code, list(tmp_path.iterdir())) == (1, [])


def test_how_to_serve_it_is_said(study: Path, tmp_path: Path) -> None:
    done = invoke(tmp_path, "datasette", "--db", study)
    assert done.stdout.startswith(f"datasette serve {study} --metadata study.metadata.yaml --host 127.0.0.1 ")
    assert "do not let others reach it" in done.stderr
    assert (tmp_path / "study.metadata.yaml").stat().st_mode & 0o077 == 0


def test_a_name_with_spaces_stays_one_word_of_the_command(study: Path, tmp_path: Path) -> None:
    own = shutil.copyfile(study, tmp_path / "class 7b's.sqlite")
    done = invoke(tmp_path, "datasette", "--db", own)
    assert shlex.split(done.stdout)[2:5] == [str(own), "--metadata", "class 7b's.metadata.yaml"]


def test_what_is_written_is_yaml_of_the_metadata(study: Path, tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    done = invoke(tmp_path, "datasette", "--db", study, "--out", "metadata.yaml")
    assert done.exit_code == 0, done.stderr
    written = (tmp_path / "metadata.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(written) == metadata_module.metadata("study")
    assert '      "sql": |-\n        SELECT task, mode,' in written.replace("          ", "        ")


def test_texts_of_several_lines_come_back_as_they_were() -> None:
    yaml = pytest.importorskip("yaml")
    texts = {"a": "SELECT 1\n  FROM t\n\nWHERE x", "b": " first\nsecond", "c": "last\n", "d": "ä \t # : 'x'", "分": ""}
    assert yaml.safe_load(metadata_module.as_yaml(texts)) == texts
