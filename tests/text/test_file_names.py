"""Names after films: the rest of their promises stands in tests/report/test_pdf_place.py."""

from __future__ import annotations

from classroom_fer.text.file_names import film_stem


def test_a_long_name_is_cut_between_letters_and_stays_within_every_file_system() -> None:
    assert film_stem("ä" * 300 + ".mp4") == "ä" * 100
    assert len(film_stem("分" * 300 + ".mp4").encode()) <= 220
