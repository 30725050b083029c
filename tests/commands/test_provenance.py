"""``provenance``: a block to cite, a paragraph to print, and one error where there is nothing to tell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from in_process import invoke
from sample_database import LESSONS, make_sample_database

from classroom_fer import __version__

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("provenance")
    make_sample_database(made / "classroom-fer.sqlite")
    return made


def test_the_block_is_read_line_by_line_and_the_paragraph_stands_below(folder: Path) -> None:
    done = invoke(folder, "provenance", "1")
    assert done.exit_code == 0, done.stderr
    block, _, paragraph = done.stdout.strip().partition("\n\n")
    named = dict(line.split(None, 1) for line in block.splitlines())
    assert named["film.name"] == LESSONS[0]
    assert len(named["film.sha256"]) == len(named["settings_sha256"]) == 64
    assert named["settings.rules.alpha_orientation"] == "0.7"
    assert paragraph.startswith("The film (") and "\n" not in paragraph


def test_json_holds_the_same_and_nothing_else_is_printed(folder: Path) -> None:
    told = json.loads(invoke(folder, "provenance", "1", "--json", "--lang", "de").stdout)
    assert told["lang"] == "de" and told["methods"].startswith("Der Film (")


def test_a_hostile_name_of_a_film_moves_no_cursor(folder: Path) -> None:
    assert "\x1b" not in invoke(folder, "provenance", "3").stdout


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (("77",), "there is no session", 1),
        (("1", "--lang", "tlh"), "tlh", 2),
        (("1", "--db", "no.sqlite"), "no.sqlite", 1),
    ],
)
def test_what_is_not_there_is_one_error(folder: Path, arguments: tuple[str, ...], message: str, code: int) -> None:
    done = invoke(folder, "provenance", *arguments)
    assert (done.exit_code, done.stdout) == (code, "") and message in done.stderr


def test_the_citation_names_the_release() -> None:
    assert f'version: "{__version__}"' in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
