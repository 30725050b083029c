"""The file that init writes says what was declared, whatever the words."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_fer.lesson.records import NOTHING_DECLARED, Declaration
from classroom_fer.settings.config import load_config
from classroom_fer.settings.declaration_file import settings_text, toml_string

WHOLE = Declaration("CH", "education", 'Which "tasks" need a pause? # \\ \u202e', "consent", "DPIA-7")


def read_back(folder: Path, text: str) -> object:
    (folder / "c.toml").write_text(text, encoding="utf-8")
    return load_config(folder / "c.toml", {})


def test_what_was_declared_is_read_back(tmp_path: Path) -> None:
    config = load_config(None, {})
    (tmp_path / "c.toml").write_text(settings_text(WHOLE, "teacher", 90), encoding="utf-8")
    found = load_config(tmp_path / "c.toml", {})
    assert (found.declaration, found.profile, found.retention_days) == (WHOLE, "teacher", 90)
    assert found.rules == config.rules


def test_what_was_not_declared_is_a_comment(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(settings_text(NOTHING_DECLARED, None, 365), encoding="utf-8")
    assert load_config(tmp_path / "c.toml", {}) == load_config(None, {})


@pytest.mark.parametrize("declaration", [NOTHING_DECLARED, WHOLE, Declaration("DE", "education")])
def test_every_suggestion_in_a_comment_is_a_setting_that_works(tmp_path: Path, declaration: Declaration) -> None:
    lines = settings_text(declaration, None, 365).splitlines()
    suggested = [line.removeprefix("# ") for line in lines if line.startswith("# ") and " = " in line]
    assert len(suggested) >= 4
    for line in suggested:
        name = line.split(" = ")[0]
        table = "[policy]\n" if name not in {"fps", "min_face", "regions"} else ""
        (tmp_path / "regions.json").write_text('{"regions": [{"points": [[0, 0], [1, 0], [0, 1]]}]}')
        read_back(tmp_path, table + line)


def test_where_the_law_bans_inference_the_file_says_so() -> None:
    assert "to infer emotions" in " ".join(
        settings_text(Declaration("DE", "education"), None, 365).replace("#", "").split()
    )
    assert "to infer emotions" not in settings_text(WHOLE, None, 365)


@given(st.text())
def test_any_text_is_one_toml_string(text: str) -> None:
    told = toml_string(text)
    assert "\n" not in told
    assert tomllib.loads(f"a = {told}")["a"] == text.encode("utf-8", "ignore").decode()
