"""The table [report] of a settings file."""

from __future__ import annotations

from pathlib import Path

import pytest

from classroom_fer.errors import ConfigError
from classroom_fer.settings.config import load_config
from classroom_fer.settings.report_style import ReportStyle


def test_a_settings_file_holds_the_style_and_paths_are_relative_to_it(tmp_path: Path) -> None:
    file = tmp_path / "school.toml"
    file.write_text(
        '[report]\nschool = "École Nord"\nlogo = "owl.svg"\nlang = "fr"\ntemplate_dir = "look"\nappendix = true\n'
    )
    expected = ReportStyle("fr", "École Nord", tmp_path / "owl.svg", tmp_path / "look", True)
    assert load_config(file, {}).report_style == expected
    assert load_config(file, {"lang": "de", "template_dir": Path("x")}).report_style.lang == "de"
    assert load_config(None, {}).report_style == ReportStyle()


def test_the_style_changes_no_number_and_no_hash(tmp_path: Path) -> None:
    file = tmp_path / "school.toml"
    file.write_text('[report]\nschool = "École Nord"\nlang = "fr"\n')
    assert load_config(file, {}).as_dict() == load_config(None, {}).as_dict()
    assert load_config(file, {}).settings_sha256() == load_config(None, {}).settings_sha256()


@pytest.mark.parametrize(
    ("text", "told", "hint"),
    [
        ('[report]\nskool = "x"', r"report\.skool", "did you mean report.school"),
        ("[report]\nschool = 3", r"report\.school = 3 is not text", ""),
        ('[report]\nappendix = "yes"', r"report\.appendix = 'yes' is not true or false", ""),
        ('[report]\nlang = "xx"', "'xx'", "de (Deutsch)"),
        ('report = "fr"', "report must be a table", ""),
        (f'[report]\nschool = "{"x" * 81}"', "81 characters", "80"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, text: str, told: str, hint: str) -> None:
    file = tmp_path / "school.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=told) as caught:
        load_config(file, {})
    assert hint in caught.value.hint
