"""``validate``: a sample for observers, their sheets back, and every way in which they can be wrong."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from command import rows
from drawn_lessons import DrawnLesson, drawn_lesson, store_lesson
from in_process import invoke
from study.observers import Row, change, fill

from classroom_fer.settings.config import default_config
from classroom_fer.store.store import open_store
from classroom_fer.study.codebook import QUESTIONS

LESSONS = {"drawn.mp4": drawn_lesson()}
DB = "classroom-fer.sqlite"
A, B = "coding/sheet-A.csv", "coding/sheet-B.csv"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one lesson of twelve pupils, and an empty sheet for each observer."""
    folder = tmp_path_factory.mktemp("validate")
    with open_store(folder / DB) as store:
        store_lesson(LESSONS["drawn.mp4"], store)
    assert invoke(folder, "validate", "sample", "latest", "--n", 60, "--seed", 7, "--out", "coding").exit_code == 0
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def filled(folder: Path, error: float = 0.1) -> None:
    for number, sheet in enumerate((A, B)):
        fill(folder / sheet, LESSONS, error, seed=number)


def edit(folder: Path, sheet: str, column: str, value: str, *, clip: str = "3") -> None:
    change(folder / sheet, lambda row: {**row, column: value} if row["clip"] == clip else row)


def test_sheets_are_blind_private_and_name_their_sample(folder: Path) -> None:
    text = (folder / A).read_text(encoding="utf-8-sig")
    sample = rows(folder / DB, "SELECT sample_id FROM validation_sample")[0][0]
    assert all(line.startswith(f"{sample}-A,") for line in text.splitlines()[1:])
    for word in ("valued", "unseen", "size", "probability", "weight", "engagement", "index", "coverage", "stratum"):
        assert word not in text
    for path in (folder / "coding").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "'=Discussing" in text


def test_the_same_seed_gives_the_same_sample_in_another_form(folder: Path) -> None:
    again = invoke(
        folder, "validate", "sample", "1", "--n", 60, "--seed", 7, "--format", "boris", "--out", "b", "--json"
    )
    told = json.loads(again.stdout)
    assert [told["sample"]] == [row[0] for row in rows(folder / DB, "SELECT sample_id FROM validation_sample")]
    assert len(rows(folder / DB, "SELECT * FROM validation_clip")) == told["clips"] == 60
    other = invoke(folder, "validate", "sample", "1", "--n", 60, "--seed", 8, "--out", "c", "--json")
    assert json.loads(other.stdout)["sample"] != told["sample"]


def test_the_instructions_define_every_code_with_an_example(folder: Path) -> None:
    text = (folder / "coding" / "instructions.md").read_text()
    for question in QUESTIONS:
        assert f"## {question.key}" in text and question.asks in text
        for answer in question.answers:
            assert f"| `{answer.code}` | {answer.means} | {answer.example} |" in text
    assert "research material about single pupils" in text


def test_scores_are_told_stored_audited_and_belong_to_the_session(folder: Path) -> None:
    filled(folder)
    edit(folder, B, "on_task", "")
    edit(folder, B, "facing", "cannot_tell")
    change(
        folder / B, lambda row: row if row["clip"] != "5" else {**row, **dict.fromkeys((q.key for q in QUESTIONS), "")}
    )
    done = invoke(folder, "validate", "score", A, B, "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    found = {(a["statistic"], a["about"]): a for a in told["agreements"] if a["part"]["kind"] == "all"}
    assert (told["drawn"], told["coded"], told["observers"], told["lessons"], told["cluster"]) == (60, 60, 2, 1, "seat")
    assert found["kappa", "on_task"]["clips"] == 58
    assert found["kappa", "on_task"]["low"] < found["kappa", "on_task"]["value"] < 1
    assert found["auc", "orientation"]["value"] > 0.7
    assert found["recall", "facing"]["value"] == pytest.approx(1.0)
    assert 0.05 < found["share", "missed"]["value"] < 0.2
    assert told["left_open"][1]["clips"] == 1
    assert (told["left_open"][1]["answers"], told["left_open"][1]["cannot_tell"]) == ({"on_task": 1}, {"facing": 1})
    stored = rows(folder / DB, "SELECT statistic, about, value FROM validation_figure WHERE part = 'all'")
    assert {(s, a): v for s, a, v in stored} == {key: a["value"] for key, a in found.items()}
    with open_store(folder / DB) as store:
        validation = store.session(1).validation
        assert validation is not None and len(validation.agreements) == len(told["agreements"])
        assert store.audit_entries()[-1].action == "validate score"


def damage(folder: Path, sheet: str, edit_text: Callable[[str], str]) -> None:
    path = folder / sheet
    path.write_text(edit_text(path.read_text(encoding="utf-8-sig")), encoding="utf-8-sig")


def one_of_each_observer(folder: Path) -> None:
    """A codes the first half, B the second."""
    nothing = dict.fromkeys((q.key for q in QUESTIONS), "")
    change(folder / A, lambda row: row if int(row["clip"]) <= 30 else {**row, **nothing})
    change(folder / B, lambda row: row if int(row["clip"]) > 30 else {**row, **nothing})


def other_sample(folder: Path) -> None:
    assert invoke(folder, "validate", "sample", "1", "--n", 60, "--seed", 9, "--out", "other").exit_code == 0
    (folder / "other" / "sheet-B.csv").replace(folder / B)
    fill(folder / B, LESSONS, 0.1, seed=2)


def same_observer(folder: Path) -> None:
    shutil.copy(folder / A, folder / B)


def purged(folder: Path) -> None:
    assert invoke(folder, "purge", "--all", "--yes").exit_code == 0


def other_tasks(folder: Path) -> None:
    (folder / "t.csv").write_text("task,start,end\nA,3,123\nB,123,237\n")
    assert invoke(folder, "aggregate", "1", "--tasks", "t.csv").exit_code == 0


def few_clips(folder: Path) -> None:
    nothing = dict.fromkeys((q.key for q in QUESTIONS), "")

    def keep(row: Row) -> Row:
        return row if row["clip"] in {"1", "2", "3"} else {**row, **nothing}

    for sheet in (A, B):
        change(folder / sheet, keep)


WRONG: dict[str, tuple[Callable[[Path], None], str]] = {
    "a made-up code": (lambda f: edit(f, A, "facing", "sideways"), "line 4: facing is 'sideways'; write front, partly"),
    "a wrong number": (lambda f: edit(f, A, "pupils", "many"), "pupils is 'many'; write a whole number"),
    "a clip twice": (lambda f: edit(f, A, "clip", "4"), "clip 4 stands in line 4 too"),
    "an unknown clip": (lambda f: edit(f, A, "clip", "99"), "has no clip 99"),
    "two sheets in one": (lambda f: edit(f, A, "sheet", "abc-B"), "several sheets are mixed"),
    "another observer": (lambda f: damage(f, A, lambda t: t.replace("-A,", "-C,")), "no sheet has the id"),
    "a cut-off line": (lambda f: damage(f, A, lambda t: t[: t.rindex(",front") + 3]), "the line is cut off"),
    "no column": (lambda f: damage(f, A, lambda t: t.replace("on_task", "x", 1)), "line 1: no column on_task"),
    "an empty file": (lambda f: (f / A).write_bytes(b""), "this is no coding sheet (the file is empty)"),
    "another file": (lambda f: (f / A).write_bytes(b"PK\x03\x04"), "this is no coding sheet"),
    "no file": (lambda f: (f / A).unlink(), "no such file"),
    "different clips": (one_of_each_observer, "coded different clips"),
    "different samples": (other_sample, "of different samples"),
    "one observer twice": (same_observer, "are both of observer A"),
    "a session purged since": (purged, "60 of the 60 clips"),
    "other tasks since": (other_tasks, "has no bin at"),
    "too few pupils": (few_clips, "fewer than 5 pupils"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_sheet_is_one_error_and_nothing_is_stored(folder: Path, what: str) -> None:
    filled(folder)
    spoil, message = WRONG[what]
    spoil(folder)
    done = invoke(folder, "validate", "score", A, B)
    assert (done.exit_code, done.stdout) == (1, ""), done.stdout
    assert message in done.stderr and "hint: " in done.stderr and done.stderr.count("error: ") == 1
    assert rows(folder / DB, "SELECT * FROM validation") == []


def test_sheets_of_another_database_are_not_known(folder: Path) -> None:
    filled(folder)
    open_store(folder / "other.sqlite").close()
    done = invoke(folder, "validate", "score", A, B, "--db", "other.sqlite")
    assert done.exit_code == 1 and "knows no sample" in done.stderr


def test_empty_sheets_say_that_nothing_is_coded(folder: Path) -> None:
    assert "nothing is coded" in invoke(folder, "validate", "score", A, B).stderr


@pytest.mark.parametrize("form", ["boris", "elan"])
def test_a_truncated_project_is_one_error(folder: Path, form: str) -> None:
    assert (
        invoke(folder, "validate", "sample", "1", "--n", 60, "--seed", 7, "--format", form, "--out", "x").exit_code == 0
    )
    (sheet,) = (folder / "x").glob("sheet-A*")
    sheet.write_bytes(sheet.read_bytes()[:5000])
    done = invoke(folder, "validate", "score", sheet)
    assert done.exit_code == 1 and "cut off or damaged here" in done.stderr


def test_what_cannot_be_sampled_says_why(folder: Path) -> None:
    with open_store(folder / DB) as store:
        lesson = LESSONS["drawn.mp4"]
        hidden = lesson.hidden.copy()
        hidden[3:] = True
        few = DrawnLesson(lesson.minutes, lesson.away, lesson.smiling, hidden)
        store_lesson(few, store, "few.mp4")
        store.forget_faces(store_lesson(lesson, store, "gone.mp4").session_id)
        store_lesson(lesson, store, "counts.mp4", replace(default_config(), profile="presence"))
    assert "fewer than 5 pupils" in invoke(folder, "validate", "sample", "few", "--out", "y").stderr
    assert "were deleted" in invoke(folder, "validate", "sample", "gone", "--out", "y").stderr
    assert "of the profile presence" in invoke(folder, "validate", "sample", "counts", "--out", "y").stderr
    assert "there is no session" in invoke(folder, "validate", "sample", "77", "--out", "y").stderr
    assert invoke(folder, "validate", "sample", "1", "--format", "word", "--out", "y").exit_code == 2
    assert not (folder / "y").exists()


def test_where_nothing_may_be_inferred_nothing_is_validated(folder: Path) -> None:
    """AI Act, article 5(1)(f): the declaration is of today, the lesson is older."""
    filled(folder)
    (folder / "classroom-fer.toml").write_text('[policy]\njurisdiction = "DE"\nsetting = "education"\n')
    for arguments in (("sample", "1", "--out", "y"), ("score", A, B)):
        assert invoke(folder, "validate", *arguments).exit_code == 4
    assert not (folder / "y").exists() and rows(folder / DB, "SELECT * FROM validation") == []
