"""The use case with fakes: in which order its parts are asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeClassifier, FakeDetector, FakeRenderer, FakeVideo
from fakes_store import FakeStore

from classroom_fer.analysis import Analyzer, Builders, Request
from classroom_fer.errors import ReportError
from classroom_fer.lesson.protocols import ReportRenderer
from classroom_fer.lesson.records import Advanced, Progress
from classroom_fer.pipeline import Parts
from classroom_fer.settings.config import Config, default_config
from classroom_fer.settings.report_style import ReportStyle


def orders(
    folder: Path, config: Config, *, no_library: bool = False, report: bool = True
) -> tuple[list[str], FakeStore]:
    """What an analysis of four minutes did, in order, up to its error, if any."""
    done: list[str] = []
    store = FakeStore()

    def renderer(style: ReportStyle) -> ReportRenderer:
        done.append("renderer")
        if no_library:
            raise ReportError("no library for the PDF", hint="install it")
        return FakeRenderer()

    def tell(event: Progress) -> None:
        if isinstance(event, Advanced) and "faces" not in done:
            done.append("faces")

    fakes = Builders(
        lambda *_: FakeVideo(duration_s=240), lambda _: Parts(FakeDetector(), FakeClassifier()), renderer=renderer
    )
    request = Request(Path("fake.mp4"), None, folder if report else None)
    analyzer = Analyzer(config, store, fakes)
    if no_library:
        with pytest.raises(ReportError, match="no library"):
            analyzer.analyze(request, tell)
    else:
        analyzer.analyze(request, tell)
    return done, store


def test_the_first_frame_does_not_wait_for_the_libraries_of_the_pdf(tmp_path: Path) -> None:
    assert orders(tmp_path, default_config())[0] == ["faces", "renderer"]


def test_a_missing_library_is_reported_before_the_first_chunk_is_done(tmp_path: Path) -> None:
    done, store = orders(tmp_path, default_config(), no_library=True)
    assert done == ["faces", "renderer"]
    (session,) = store.sessions()
    assert store.finished_chunks(session.session_id) == set()


@pytest.mark.parametrize("own", [{"template_dir": Path("style")}, {"logo": Path("logo.png")}])
def test_a_broken_file_of_the_users_is_reported_before_anything_is_done(tmp_path: Path, own: dict[str, Path]) -> None:
    config = replace(default_config(), report_style=ReportStyle(**own))
    done, store = orders(tmp_path, config, no_library=True)
    assert done == ["renderer"]
    assert store.sessions() == []


def test_nothing_of_a_pdf_is_loaded_where_none_is_asked_for(tmp_path: Path) -> None:
    assert orders(tmp_path, default_config(), report=False)[0] == ["faces"]
