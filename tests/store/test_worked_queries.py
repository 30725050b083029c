"""Each question of docs/queries.md is answered from a database, and its answer makes sense."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sample_database

from classroom_fer.resources import resource_dir
from classroom_fer.store.asking.answer import Asking
from classroom_fer.store.asking.open import asking
from classroom_fer.store.asking.sql_text import parameters
from classroom_fer.store.store import open_reader, open_store
from classroom_fer.store.worked_queries import WorkedQuery, worked_queries

QUERIES = worked_queries()
Cells = list[dict[str, object]]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Asking]:
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("study")
        with open_reader(path) as store, asking(store) as opened:
            yield opened
        return
    with open_store(request.getfixturevalue("own_postgres_url")) as store:
        sample_database.fill(store)
        with asking(store) as opened:
            yield opened


def answered(database: Asking, query: WorkedQuery, **changes: float) -> Cells:
    answer = database.ask(query.sql, {**query.examples, **changes})
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def test_there_are_twenty_one_and_none_is_lost_on_the_way() -> None:
    page = (resource_dir("docs") / "queries.md").read_text(encoding="utf-8")
    assert [query.number for query in QUERIES] == list(range(1, 22))
    assert [query.sql for query in QUERIES] == re.findall(r"```sql\n(.*?)\n```", page, flags=re.DOTALL)
    assert len({query.name for query in QUERIES}) == 21


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_question_has_a_value_for_each_parameter_reads_views_alone_and_is_answered(
    database: Asking, query: WorkedQuery
) -> None:
    assert sorted(query.examples) == sorted(parameters(query.sql))
    for source in re.findall(r"(?:FROM|JOIN) (\w+)", query.sql):
        assert source.startswith("v_"), f"{source} may change with a release"
    rows = answered(database, query)
    assert rows, "the sample has an answer to everything"
    assert all(any(row[name] is not None for row in rows) for name in rows[0] if name not in ALWAYS_MISSING)


ALWAYS_MISSING = {"not_shown_because"}
"""Columns that have no value in the sample."""


def by_number(number: int) -> WorkedQuery:
    return QUERIES[number - 1]


def test_the_lag_pairs_bins_of_one_task(database: Asking) -> None:
    rows = answered(database, by_number(4), lag_s=30)
    index = {row["start_s"]: row["engagement"] for row in rows}
    pairs = [row for row in rows if row["start_s"] - 30 in index]  # type: ignore[operator]  # they are numbers
    assert pairs
    assert all(row["engagement_before"] == index[row["start_s"] - 30] for row in pairs)  # type: ignore[operator]


def test_with_its_own_lag_of_nothing_a_lesson_goes_with_itself(database: Asking) -> None:
    assert [row["correlation"] for row in answered(database, by_number(5), lag_s=0)] == pytest.approx([1, 1, 1])


def test_shares_add_up(database: Asking) -> None:
    assert sum(float(row["share"]) for row in answered(database, by_number(11))) == pytest.approx(1)  # type: ignore[arg-type]
    readable = {row["session_id"]: row["readable"] for row in answered(database, by_number(10))}
    abstained = sum(float(row["share"]) for row in answered(database, by_number(9)))  # type: ignore[arg-type]
    assert abstained == pytest.approx(1 - readable[1])  # type: ignore[operator]  # numbers


def test_the_shipped_alpha_gives_what_is_stored_but_for_the_centring(database: Asking) -> None:
    """The stored index is track-centred, the parts are plain means: equal to within a few points, not exactly."""
    for row in answered(database, by_number(15), alpha=0.7):
        assert row["with_alpha"] == pytest.approx(row["as_stored"], abs=5)


def test_the_camera_that_was_cut_in_the_middle_is_found(database: Asking) -> None:
    rows = answered(database, by_number(16))
    assert {row["minute"]: row["cuts"] for row in rows if row["cuts"]} == {sample_database.SECONDS // 120: 1}


def test_what_is_said_to_turn_together_adds_up(database: Asking) -> None:
    rows = answered(database, by_number(21))
    (counted,) = database.ask(
        "SELECT COUNT(*), SUM(CASE WHEN synchrony > synchrony_chance THEN 1 ELSE 0 END) FROM v_timeline "
        "WHERE session_id = 1 AND synchrony IS NOT NULL",
        {},
    ).rows
    sums = sum(int(row["bins"]) for row in rows), sum(int(row["together"]) for row in rows)  # type: ignore[call-overload]
    assert sums == tuple(counted)
    for row in rows:
        assert float(row["expected_at_most"]) == pytest.approx(0.05 * int(row["bins"]))  # type: ignore[arg-type, call-overload]
        assert 0 <= float(row["mean_share"]) <= float(row["largest_share"]) <= 1  # type: ignore[arg-type]
