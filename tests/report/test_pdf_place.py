"""No PDF is ever written over another's: of two databases, of two films of one name, on any file system."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from report import samples

from classroom_fer.errors import ReportError
from classroom_fer.report import pdf_place as module
from classroom_fer.report.pdf_place import identity_of, pdf_place
from classroom_fer.report.renderer import PdfRenderer
from classroom_fer.text.file_names import film_stem

ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32


def printed(folder: Path, identity: str, name: str = "lesson.mp4", number: int = 1) -> str:
    with pdf_place(folder, name, number, identity) as path:
        path.write_bytes(f"%PDF-1.7\nof {identity}\n/ID [({identity}) (0)]".encode())
    return path.name


def test_each_has_its_own_name_and_a_second_print_goes_over_the_first(tmp_path: Path) -> None:
    names = [printed(tmp_path, one) for one in (ONE, TWO, THREE)]
    assert names == ["lesson.pdf", "lesson-1.pdf", "lesson-1-2.pdf"]
    assert [printed(tmp_path, one) for one in (THREE, TWO, ONE)] == names[::-1]
    assert [identity_of(tmp_path / name) for name in names] == [ONE, TWO, THREE]


def test_a_folder_that_was_moved_is_known_again(tmp_path: Path) -> None:
    names = [printed(tmp_path / "before", one, number=7) for one in (ONE, TWO)]
    (tmp_path / "before").rename(tmp_path / "after")
    (tmp_path / "after" / names[0]).unlink()
    assert printed(tmp_path / "after", TWO, number=7) == names[1] == "lesson-7.pdf"


def test_what_is_nobodys_or_was_renamed_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "lesson.pdf").write_bytes(b"a letter")
    (tmp_path / "lesson-1.pdf").mkdir()
    assert printed(tmp_path, ONE) == "lesson-1-2.pdf"
    (tmp_path / "lesson-1-2.pdf").rename(tmp_path / "lesson - to keep.pdf")
    assert printed(tmp_path, ONE) == "lesson-1-2.pdf"
    assert (tmp_path / "lesson.pdf").read_bytes() == b"a letter"
    assert identity_of(tmp_path / "lesson - to keep.pdf") == ONE


def test_names_that_differ_in_case_only_are_one_name(tmp_path: Path) -> None:
    """The folder may come to a file system on which they are."""
    assert printed(tmp_path, ONE, "Lesson.mp4") == "Lesson.pdf"
    assert printed(tmp_path, TWO, "lesson.MOV", number=2) == "lesson-2.pdf"
    assert printed(tmp_path, ONE, "lesson.mp4") == "Lesson.pdf", "its own, however the case came out"


def test_a_failure_leaves_nothing_new_and_keeps_what_was_there(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), pdf_place(tmp_path / "new", "lesson.mp4", 1, ONE):
        raise RuntimeError("no ink")
    assert list((tmp_path / "new").iterdir()) == []
    printed(tmp_path, ONE)
    before = (tmp_path / "lesson.pdf").read_bytes()
    with pytest.raises(RuntimeError), pdf_place(tmp_path, "lesson.mp4", 1, ONE):
        raise RuntimeError("no ink")
    assert (tmp_path / "lesson.pdf").read_bytes() == before


def test_two_that_print_at_the_same_time_get_two_names(tmp_path: Path) -> None:
    with pdf_place(tmp_path, "lesson.mp4", 1, ONE) as first, pdf_place(tmp_path, "lesson.mp4", 1, TWO) as second:
        assert (first.name, second.name) == ("lesson.pdf", "lesson-1.pdf")
        first.write_bytes(b"1")
        second.write_bytes(b"2")


def test_one_that_is_quicker_after_the_look_around_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def while_looking(stem: str, number: int) -> list[str]:
        (tmp_path / "lesson.pdf").write_bytes(b"quicker")
        return ["lesson.pdf", "lesson-1.pdf"]

    monkeypatch.setattr(module, "_names", while_looking)
    assert printed(tmp_path, ONE) == "lesson-1.pdf"
    assert (tmp_path / "lesson.pdf").read_bytes() == b"quicker"


def test_a_run_that_was_killed_while_it_printed_finds_its_place_again(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from classroom_fer.report.pdf_place import pdf_place\n"
        f"with pdf_place(Path(sys.argv[1]), 'lesson.mp4', 1, {ONE!r}): os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, tmp_path], check=False).returncode == 9
    assert [file.name for file in tmp_path.iterdir()] == ["lesson.pdf"]
    assert printed(tmp_path, TWO, number=2) == "lesson-2.pdf"
    assert printed(tmp_path, ONE) == "lesson.pdf"


def test_a_place_that_is_no_folder_is_told_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(ReportError, match="cannot be written") as caught, pdf_place(tmp_path / "reports", "a", 1, ONE):
        raise AssertionError("written")
    assert "--out" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Größe 6b.mp4", "Größe 6b"),
        ("5b 10:30.mp4", "5b 10_30"),
        ('a<b>"c|d?e*.mp4', "a_b__c_d_e_"),
        ("bad\\udcff\\x00.mp4", "bad_udcff_x00"),
        ("CON.mp4", "CON_"),
        ("com1.de.mp4", "com1.de_"),
        ("lesson. .mp4", "lesson"),
        ("x" * 251 + ".mp4", "x" * 100),
        ("分" * 83 + ".mp4", "分" * 73),
        ("👩🏽‍🏫" * 20 + ".mp4", "👩🏽‍🏫" * 14),
    ],
)
def test_every_file_system_takes_the_name(name: str, stem: str) -> None:
    assert film_stem(name) == stem


@pytest.mark.parametrize("letter", ["a", "é", "分", "🙂"])
def test_the_longest_name_of_a_film_has_a_pdf_beside_others(tmp_path: Path, letter: str) -> None:
    name = letter * (250 // len(letter.encode())) + ".mp4"
    paths = []
    for number, identity in enumerate((ONE, TWO)):
        with pdf_place(tmp_path, name, 123_456 + number, identity) as path:
            path.write_bytes(b"pdf")
        paths.append(path)
    assert len(set(paths)) == 2


def test_a_real_report_carries_its_identity_and_one_without_carries_none(tmp_path: Path) -> None:
    PdfRenderer().render(*samples.no_faces(), tmp_path / "with.pdf", ONE)
    PdfRenderer().render(*samples.no_faces(), tmp_path / "without.pdf")
    assert (identity_of(tmp_path / "with.pdf"), identity_of(tmp_path / "without.pdf")) == (ONE, None)
    with pikepdf.open(tmp_path / "with.pdf") as pdf:
        assert bytes(pdf.trailer.ID[0]) == ONE.encode()
