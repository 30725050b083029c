"""``query`` asks, prints and changes nothing; each mistake is one error with its remedy."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command import command, heed_sigint, run
from in_process import invoke
from sample_database import LESSONS


@pytest.fixture
def ask(study: Path, tmp_path: Path) -> Any:
    """``ask("SELECT ...", *options)`` in an empty folder."""

    def asked(*arguments: object, answers: str | None = None) -> Any:
        return invoke(tmp_path, "query", *arguments, "--db", study, answers=answers)

    return asked


def test_a_table_has_names_above_and_numbers_to_the_right(ask: Any) -> None:
    done = ask("SELECT task, n, engagement IS NULL AS hidden, NULL AS empty FROM v_task WHERE session_id = 1")
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["task", "n", "hidden", "empty"]
    assert set(lines[1]) == {"-", " "}
    assert [line.split()[0] for line in lines[2:]] == ["Welcome", "Fractions", "Practice", "Results"]
    assert {line.split()[-1] for line in lines[2:]} == {"NULL"}
    assert len({line.index(str(n)) for line in lines[2:] for n in line.split()[1:2]}) <= 2


def test_csv_is_read_back_as_it_was_stored(ask: Any) -> None:
    done = ask("SELECT start_s, task, engagement FROM v_timeline WHERE session_id = 1 ORDER BY start_s", "--csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["start_s"] for row in rows[:3]] == ["0.0", "10.0", "20.0"]
    assert {row["task"] for row in rows} == {"", "Welcome", "Fractions", "Practice", "Results"}
    assert all(0 <= float(row["engagement"]) <= 100 for row in rows if row["engagement"])


def test_json_is_a_list_of_objects(ask: Any) -> None:
    done = ask("SELECT session_id, coverage, NULL AS empty FROM v_session", "--json")
    rows = json.loads(done.stdout)
    assert [(row["session_id"], row["empty"]) for row in rows] == [(1, None), (2, None), (3, None)]
    assert json.loads(ask("SELECT 1 AS a WHERE 0", "--json").stdout) == []
    assert json.loads(ask("SELECT 9e999 AS infinity, x'00ff' AS bytes", "--json").stdout) == [
        {"infinity": None, "bytes": "00ff"}
    ]


def test_json_refuses_two_columns_of_one_name(ask: Any) -> None:
    done = ask("SELECT 1 AS n, 2 AS n", "--json")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "two columns are called n" in done.stderr


@pytest.mark.parametrize("form", ["--table", "--csv", "--json"])
def test_what_is_stored_controls_neither_terminal_nor_spreadsheet(ask: Any, form: str) -> None:
    done = ask("SELECT video FROM v_session WHERE session_id = 3", form)
    assert "\x1b" not in done.stdout
    if form == "--csv":
        assert done.stdout.splitlines()[1] == "'=SUM(A1)\\x1b[31m.mp4"
    if form == "--json":
        assert json.loads(done.stdout) == [{"video": LESSONS[2]}]


def test_a_line_break_in_a_text_breaks_no_table(ask: Any) -> None:
    assert ask("SELECT 'a' || char(10) || 'b' AS text").stdout.splitlines()[2:] == ["a\\nb"]


def test_values_come_from_the_command_line(ask: Any) -> None:
    done = ask("SELECT :n + 1 AS n, :name AS name", "--param", "n=41", "-p", ":name=it's", "--csv")
    assert done.stdout.splitlines() == ["n,name", "42,it's"]


@pytest.mark.parametrize("given", ["n", "=1", "1=2", "a b=1"])
def test_a_value_needs_a_name(ask: Any, given: str) -> None:
    done = ask("SELECT :n", "--param", given)
    assert done.exit_code == 2
    assert "is not NAME=VALUE" in done.stderr


def test_a_value_is_given_once(ask: Any) -> None:
    assert "given twice" in ask("SELECT :n", "--param", "n=1", "--param", "n=2").stderr


def test_a_query_comes_from_a_file_or_from_stdin(ask: Any, tmp_path: Path) -> None:
    (tmp_path / "one.sql").write_text("\ufeff-- all\nSELECT 7 AS seven", encoding="utf-8")
    assert ask("--file", "one.sql", "--csv").stdout.splitlines() == ["seven", "7"]
    assert ask("-", "--csv", answers="SELECT 8 AS eight").stdout.splitlines() == ["eight", "8"]


def test_bad_files_are_said(ask: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.sql").write_bytes(b"SELECT '\xff\xfe'")
    (tmp_path / "large.sql").write_bytes(b" " * 1_000_001)
    for name, problem in (("no.sql", "No such file"), ("bad.sql", "is no UTF-8 text"), ("large.sql", "too large")):
        done = ask("--file", name)
        assert (done.exit_code, problem in done.stderr, "hint: " in done.stderr) == (1, True, True)
    assert "too large" in ask("-", answers=" " * 1_000_001).stderr


def test_bytes_that_are_no_text_and_numbers_beyond_64_bits_are_said(ask: Any) -> None:
    done = ask("SELECT '\udcff'")
    assert (done.exit_code, "holds something that is no text" in done.stderr) == (1, True)
    done = ask("SELECT :n", "--param", "n=9223372036854775808")
    assert (done.exit_code, "the largest whole number is 9223372036854775807" in done.stderr) == (1, True)


def test_one_query_in_one_form_is_asked(ask: Any) -> None:
    assert ask().exit_code == 2
    assert ask("SELECT 1", "--file", "x.sql").exit_code == 2
    assert "choose one of --csv, --json" in ask("SELECT 1", "--csv", "--json").stderr


def test_a_table_ends_after_a_hundred_rows_and_says_so(ask: Any) -> None:
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250) SELECT i FROM n"
    done = ask(many)
    assert len(done.stdout.splitlines()) == 102
    assert "only the first 100 rows" in done.stderr
    assert len(ask(many, "--limit", "0").stdout.splitlines()) == 252
    assert len(ask(many, "--csv").stdout.splitlines()) == 251
    assert ask(many, "--csv", "--limit", "3").stdout.splitlines() == ["i", "1", "2", "3"]


def test_a_write_is_one_clear_error(ask: Any) -> None:
    done = ask("DELETE FROM face")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "error: DELETE ... is refused: a query only reads",
        "hint: begin with SELECT, WITH, VALUES or EXPLAIN; one statement at a time",
    ]


def test_an_unknown_view_lists_what_there_is(ask: Any) -> None:
    done = ask("SELECT * FROM v_timelines")
    assert done.exit_code == 1
    assert "do you mean v_timeline? there are views: v_session, " in done.stderr


def test_results_by_older_rules_are_said(ask: Any) -> None:
    done = ask("SELECT 1 AS one")
    assert "results by older rules than this program's (v_session.result_version): session 3;" in done.stderr


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    done = invoke(tmp_path, "query", "SELECT 1", "--db", "none.sqlite")
    assert (done.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert "no such file" in done.stderr


FOREVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"


@pytest.fixture
def endless(study: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command("query", FOREVER, "--db", study), cwd=tmp_path, text=True, preexec_fn=heed_sigint,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    yield process
    process.kill()
    process.communicate()


def test_ctrl_c_stops_a_query_that_takes_long(endless: subprocess.Popen[str], study: Path) -> None:
    log = study.with_name(study.name + "-shm")
    until = time.monotonic() + 300
    while not log.exists() and endless.poll() is None and time.monotonic() < until:  # until it has the database open
        time.sleep(0.1)
    time.sleep(1)
    endless.send_signal(signal.SIGINT)
    _, said = endless.communicate(timeout=300)
    assert (endless.returncode, said.strip()) == (130, "interrupted: the query was stopped; nothing was changed")


def test_a_reader_that_ends_early_is_no_error(study: Path, tmp_path: Path) -> None:
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT i FROM n"
    whole = " ".join(f"'{part}'" for part in command("query", many, "--csv", "--db", study))
    done = subprocess.run(["sh", "-c", f"{whole} | head -n 1"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("i\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device that is always full is Linux's")
def test_a_disk_that_is_full_is_not_the_databases_fault(study: Path, tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123  # a device
        asked = command("query", "SELECT 1", "--csv", "--db", study)
        done = subprocess.run(asked, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr.splitlines()) == (
        1,
        [
            "error: the output cannot be written: No space left on device",
            "hint: let it go to another place",
        ],
    )


def test_a_terminal_without_letters_shows_escapes(study: Path, tmp_path: Path) -> None:
    env = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = run("query", "SELECT 'Größe 分' AS name", "--db", study, cwd=tmp_path, env=env)
    assert (done.returncode, "Gr\\xf6\\xdfe \\u5206" in done.stdout) == (0, True), done.stderr
