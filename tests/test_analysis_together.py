"""Films analysed together end as each would alone."""

from __future__ import annotations

from pathlib import Path

from fakes import FakeRenderer
from fakes_store import FakeStore
from far_parts import DURATION_S, MAKERS

from classroom_fer.analysis import Analyzer, Builders, Outcome, Request
from classroom_fer.analysis_together import Ended, Together
from classroom_fer.errors import ClassroomFerError, RunCancelledError
from classroom_fer.executors.processes import Processes
from classroom_fer.lesson.protocols import OnProgress
from classroom_fer.lesson.records import Advanced, Progress, StageFinished, StageStarted
from classroom_fer.settings.config import default_config

CONFIG = default_config()
BUILDERS = Builders(MAKERS.open_video, MAKERS.parts, renderer=lambda style: FakeRenderer())


def films(folder: Path, *names: str) -> list[Request]:
    for name in names:
        (folder / f"{name}.mp4").write_text(name.removeprefix("copy-of-"))
    return [Request(folder / f"{name}.mp4", None, folder / "out") for name in names]


def together(store: FakeStore, requests: list[Request]) -> tuple[list[Ended], dict[str, list[Progress]]]:
    heard: dict[str, list[Progress]] = {}

    def listen(request: Request) -> OnProgress:
        return heard.setdefault(request.video.stem, []).append

    with Processes(2, MAKERS, CONFIG) as pool:
        return list(Together(Analyzer(CONFIG, store, BUILDERS), pool, listen).analyze(requests)), heard


def outcomes(ended: list[Ended]) -> dict[str, Outcome | Exception]:
    return {one.request.video.stem: one.outcome for one in ended}


def test_rows_results_and_pdfs_are_those_of_films_analysed_alone(tmp_path: Path) -> None:
    requests = films(tmp_path, "one", "other")
    store, alone = FakeStore(), FakeStore()
    ended, heard = together(store, requests)
    for request in requests:
        expected = Analyzer(CONFIG, alone, BUILDERS).analyze(request, lambda event: None)
        got = outcomes(ended)[request.video.stem]
        assert isinstance(got, Outcome)
        assert got.result.tasks == expected.result.tasks and got.result.bins == expected.result.bins
        assert store.frames(got.session.session_id) == alone.frames(expected.session.session_id)
        assert got.report is not None and got.report.exists()
        told = heard[request.video.stem]
        assert StageStarted("faces", DURATION_S) in told
        assert [event.done_s for event in told if isinstance(event, Advanced)][-1] == DURATION_S
        assert [e.stage for e in told if isinstance(e, StageFinished)][-2:] == ["tracks and timeline", "report"]


def test_a_film_that_fails_keeps_what_was_seen_and_the_others_end_well(tmp_path: Path) -> None:
    store = FakeStore()
    requests = [*films(tmp_path, "dies", "bad", "good"), Request(tmp_path / "missing.mp4", None, None)]
    got = outcomes(together(store, requests)[0])
    assert isinstance(got["good"], Outcome)
    assert isinstance(got["missing"], FileNotFoundError)
    for name in ("dies", "bad"):
        assert isinstance(got[name], ClassroomFerError), got[name]
    stored = {session.start.video_name: session for session in store.sessions()}
    assert store.finished_chunks(stored["dies.mp4"].session_id) == {0, 2}
    assert stored["bad.mp4"].status == "running"


def test_what_is_stored_is_not_looked_at_again(tmp_path: Path) -> None:
    store, requests = FakeStore(), films(tmp_path, "dies-once")
    together(store, requests)
    ended, heard = together(store, requests)
    outcome = outcomes(ended)["dies-once"]
    assert isinstance(outcome, Outcome) and outcome.reused
    assert StageStarted("faces", DURATION_S) not in heard["dies-once"]


def test_a_copy_of_a_film_waits_for_its_session_and_uses_it(tmp_path: Path) -> None:
    store = FakeStore()
    got = outcomes(together(store, films(tmp_path, "one", "copy-of-one"))[0])
    first, copy = got["one"], got["copy-of-one"]
    assert isinstance(first, Outcome) and isinstance(copy, Outcome)
    assert (first.reused, copy.reused) == (False, True)
    assert copy.session.session_id == first.session.session_id


def test_a_film_that_is_cancelled_is_looked_at_no_further_and_the_others_end_well(tmp_path: Path) -> None:
    store, requests = FakeStore(), films(tmp_path, "off", "good")

    def listen(request: Request) -> OnProgress:
        def hear(event: Progress) -> None:
            if request.video.stem == "off" and isinstance(event, Advanced):
                raise RunCancelledError("cancelled")

        return hear

    with Processes(1, MAKERS, CONFIG) as pool:
        got = outcomes(list(Together(Analyzer(CONFIG, store, BUILDERS), pool, listen).analyze(requests)))
    assert isinstance(got["off"], RunCancelledError) and isinstance(got["good"], Outcome)
    stored = {session.start.video_name: session.session_id for session in store.sessions()}
    assert len(store.finished_chunks(stored["off.mp4"])) < 3
