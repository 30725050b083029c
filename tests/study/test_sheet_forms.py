"""A sheet in each of its forms: what an observer fills in comes back, whatever program wrote it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from classroom_fer.errors import SheetError
from classroom_fer.study.codebook import QUESTIONS
from classroom_fer.study.sheet_files import WRITERS, read_sheet
from classroom_fer.study.sheets import Sheet, SheetClip

Answers = dict[int, dict[str, str]]
NOW = datetime(2026, 11, 27, tzinfo=UTC)
KEYS = [question.key for question in QUESTIONS]
CODES: Answers = {
    1: {
        "present": "yes",
        "on_task": "no",
        "facing": "away",
        "head_down": "no",
        "expression": "smiling",
        "pupils": "21",
    },
    2: {"present": "no", "on_task": "", "facing": "", "head_down": "", "expression": "", "pupils": "cannot_tell"},
    3: dict.fromkeys((question.key for question in QUESTIONS), ""),
}


def clip(number: int, film: str, start_s: float) -> SheetClip:
    return SheetClip(number, film, start_s, start_s + 10, "=Größe & <b>", "desk", 41.6, 30.2, 2, 3, 5)


FILM = "Größe 6b.mp4"
SHEET = Sheet("5b1e0c77a2d4", "A", NOW, (clip(1, FILM, 20.0), clip(2, FILM, 20.0), clip(3, FILM, 40.0)))
"""Two clips at the same time."""


def fill_csv(data: bytes) -> bytes:
    """As a spreadsheet in Western Europe saves it: semicolons, Windows-1252, capitals, numbers with decimals."""
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=";")
    writer.writeheader()
    for row in rows:
        codes = {key: "21.0" if code == "21" else code.upper() for key, code in CODES[int(row["clip"])].items()}
        writer.writerow({**row, **codes})
    return out.getvalue().encode("cp1252")


def fill_boris(data: bytes) -> bytes:
    """As BORIS saves it: an event with the code as modifier for each answer."""
    project = json.loads(data)
    assert {len(one["modifiers"]) for one in project["behaviors_conf"].values()} == {1}
    for name, observation in project["observations"].items():
        start, end = observation["observation time interval"]
        assert end - start == 10
        for key, code in CODES[int(name.split()[1])].items():
            if code:
                observation["events"].append([start + 1.5, "", key, code, "", 37])
    return json.dumps(project).encode()


def fill_elan(data: bytes) -> bytes:
    """As ELAN saves it: the empty annotations of each question's tier get a text, here by their place."""
    text = data.decode()
    lanes = {"1": (1, 3), "2": (2,)}

    def tier(match: re.Match[str]) -> str:
        key, _, lane = match.group(1).partition(" ")
        if key not in CODES[1]:
            return match.group()
        codes = iter([CODES[number][key] for number in lanes[lane]])
        return re.sub(r"<ANNOTATION_VALUE ?/>|<ANNOTATION_VALUE></ANNOTATION_VALUE>",
                      lambda _: f"<ANNOTATION_VALUE>{next(codes)}</ANNOTATION_VALUE>", match.group())  # fmt: skip

    return re.sub(r'<TIER [^>]*TIER_ID="([^"]*)".*?</TIER>', tier, text, flags=re.DOTALL).encode()


FILLED: dict[str, Callable[[bytes], bytes]] = {"csv": fill_csv, "boris": fill_boris, "elan": fill_elan}


@pytest.mark.parametrize("form", WRITERS)
def test_codes_come_back_as_they_were_given(form: str, tmp_path: Path) -> None:
    ((name, data),) = WRITERS[form](SHEET)
    (tmp_path / name).write_bytes(FILLED[form](data))
    read = read_sheet(tmp_path / name)
    assert (read.sample_id, read.observer) == ("5b1e0c77a2d4", "A")
    assert {one.number: dict(one.answers) for one in read.clips} == CODES


@pytest.mark.parametrize("form", WRITERS)
def test_an_empty_sheet_is_read_as_nothing_coded(form: str, tmp_path: Path) -> None:
    ((name, data),) = WRITERS[form](SHEET)
    (tmp_path / name).write_bytes(data)
    read = read_sheet(tmp_path / name)
    assert [set(one.answers.values()) for one in read.clips] == [{""}] * 3


@pytest.mark.parametrize("form", WRITERS)
def test_the_same_sheet_has_the_same_bytes(form: str) -> None:
    assert WRITERS[form](SHEET) == WRITERS[form](SHEET)


def test_elan_has_a_document_for_each_film() -> None:
    two = Sheet("5b1e0c77a2d4", "B", NOW, (clip(1, "a.mp4", 0.0), clip(2, "a.mov", 0.0)))
    assert [name for name, _ in WRITERS["elan"](two)] == ["sheet-B-a.mp4.eaf", "sheet-B-a.mov.eaf"]


def test_two_answers_to_one_question_are_a_mistake(tmp_path: Path) -> None:
    ((name, data),) = WRITERS["boris"](SHEET)
    project = json.loads(data)
    project["observations"]["clip 001"]["events"] = [[21, "", "on_task", code, "", 1] for code in ("yes", "no")]
    (tmp_path / name).write_text(json.dumps(project))
    with pytest.raises(SheetError, match="clip 001': on_task is answered 'yes' and 'no'"):
        read_sheet(tmp_path / name)


def test_every_mistake_of_a_sheet_is_told_at_once(tmp_path: Path) -> None:
    ((name, data),) = WRITERS["csv"](SHEET)
    text = data.decode("utf-8-sig").replace(",,,,,,", ",maybe,,sideways,,,-3", 2)
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(SheetError) as caught:
        read_sheet(tmp_path / name)
    assert len(str(caught.value).splitlines()) == 6
    assert "line 2: present is 'maybe'; write yes, no or cannot_tell" in str(caught.value)
