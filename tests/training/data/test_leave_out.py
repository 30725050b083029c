"""The manifest is a table that people may edit; what is wrong in it is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.data.leave_out import Entry, check_known, read_leave_out, write_leave_out
from training.data.splits import DataError


def test_what_is_written_is_read_for_its_split(tmp_path: Path) -> None:
    entries = [Entry("Training", 'a "b", c.png', "blank", "x"), Entry("PublicTest", "a.png", "blank", "")]
    write_leave_out(tmp_path / "m.csv", entries)
    assert read_leave_out(tmp_path / "m.csv", "Training") == {'a "b", c.png': 2}
    assert read_leave_out(tmp_path / "m.csv", "PrivateTest") == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("usage,picture\n", r"m\.csv, line 1: missing column name"),
        ("usage,name\nTraining,a\ntrain,b\n", r"m\.csv, line 3: unknown Usage 'train'"),
    ],
)
def test_a_wrong_manifest_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read_leave_out(tmp_path / "m.csv", "Training")


def test_a_missing_manifest_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file") as caught:
        read_leave_out(tmp_path / "m.csv", "Training")
    assert caught.value.hint == "write it with `python -m training clean`, or correct --leave-out"


def test_the_first_unknown_line_is_named() -> None:
    with pytest.raises(DataError, match="line 4: no face 'b'"):
        check_known(Path("m.csv"), {"a": 2, "c": 9, "b": 4}, ["a"], "Training")
