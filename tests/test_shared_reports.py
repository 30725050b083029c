"""Two databases that share a folder of reports never overwrite each other's film; each overwrites its own PDF."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from fakes import FakeClassifier, FakeDetector, FakeRenderer, FakeVideo

from classroom_fer import analysis
from classroom_fer.pipeline import Parts
from classroom_fer.settings.config import default_config
from classroom_fer.store.store import open_store


def analyzed(folder: Path, database: str, film: str = "fake.mp4", sha256: str = "", *, fresh: bool = False) -> str:
    """Name of the PDF that an analysis of the film with this database makes."""
    video = FakeVideo(duration_s=30)
    video.info = dataclasses.replace(video.info, path=Path(film), sha256=sha256)
    parts = Parts(FakeDetector(seats=5), FakeClassifier())
    fakes = analysis.Builders(lambda *_: video, parts=lambda _: parts, renderer=lambda _: FakeRenderer())
    with open_store(folder / database) as store:
        request = analysis.Request(Path(film), None, folder / "reports", fresh)
        outcome = analysis.Analyzer(default_config(), store, fakes).analyze(request, lambda _: None)
    assert outcome.report is not None
    return outcome.report.name


def test_films_of_one_name_and_one_film_in_two_databases_have_pdfs_of_their_own(tmp_path: Path) -> None:
    names = [
        analyzed(tmp_path, "one.sqlite", sha256="1" * 64),
        analyzed(tmp_path, "two.sqlite", sha256="2" * 64),
        analyzed(tmp_path, "three.sqlite", sha256="1" * 64),
        analyzed(tmp_path, "three.sqlite", film="FAKE.mov", sha256="3" * 64),
    ]
    assert names == ["fake.pdf", "fake-1.pdf", "fake-1-2.pdf", "FAKE-2.pdf"]
    kept = {file.name: file.read_bytes() for file in (tmp_path / "reports").iterdir()}
    assert analyzed(tmp_path, "two.sqlite", sha256="2" * 64) == "fake-1.pdf"
    assert {file.name: file.read_bytes() for file in (tmp_path / "reports").iterdir()} == kept


def test_a_fresh_analysis_and_a_database_that_was_moved_go_over_their_own_pdf(tmp_path: Path) -> None:
    analyzed(tmp_path, "one.sqlite", sha256="1" * 64)
    assert analyzed(tmp_path, "two.sqlite", sha256="2" * 64) == "fake-1.pdf"
    assert analyzed(tmp_path, "two.sqlite", sha256="2" * 64, fresh=True) == "fake-1.pdf"
    (tmp_path / "two.sqlite").rename(tmp_path / "moved.sqlite")
    assert analyzed(tmp_path, "moved.sqlite", sha256="2" * 64) == "fake-1.pdf"
    assert len(list((tmp_path / "reports").iterdir())) == 2
