"""What becomes of a session under each profile (S1), from the use case down, with fake parts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeClassifier, FakeDetector, FakeRenderer, FakeVideo
from fakes_store import FakeStore

from classroom_fer import analysis
from classroom_fer.commands import summary
from classroom_fer.errors import ConfigError, PolicyError, RegionsError, StoreError
from classroom_fer.lesson.records import Declaration, StoredSession
from classroom_fer.lesson.regions import Region
from classroom_fer.pipeline import Parts
from classroom_fer.settings.config import Config, default_config, load_config

Run = Callable[..., analysis.Outcome]
LEFT_SEATS = Region(((0, 0), (150, 0), (150, 240), (0, 240)), "pixel")
GERMAN = Declaration("DE", "education")


class Films:
    """Every film that was opened."""

    def __init__(self) -> None:
        self.opened: list[FakeVideo] = []

    def open(self, path: Path, _: Config) -> FakeVideo:
        film = FakeVideo(duration_s=130)
        film.info = dataclasses.replace(film.info, path=path)
        self.opened.append(film)
        return film

    @property
    def sampled(self) -> int:
        return sum(len(film.sampled) for film in self.opened)


@pytest.fixture
def films() -> Films:
    return Films()


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def run(films: Films, store: FakeStore, tmp_path: Path) -> Run:
    def analysed(tasks: Path | None = None, *, fresh: bool = False, **changes: Any) -> analysis.Outcome:
        config = dataclasses.replace(default_config(), **changes)
        classifier = FakeClassifier() if config.infers else None
        fakes = analysis.Builders(
            films.open,
            parts=lambda _: Parts(FakeDetector(seats=5), classifier),
            renderer=lambda _: FakeRenderer(),
        )
        request = analysis.Request(Path("lesson.mp4"), tasks, tmp_path / "reports", fresh)
        return analysis.Analyzer(config, store, fakes).analyze(request, lambda _: None)

    return analysed


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    path.write_text("task,start,end\nFirst,0,60\nSecond,60,130\n")
    return path


def only(store: FakeStore) -> StoredSession:
    (session,) = store.sessions()
    return session


def test_teacher_keeps_the_class_values_and_no_face(run: Run, store: FakeStore) -> None:
    outcome = run(profile="teacher")
    session = only(store)
    assert session.faces_deleted_at is not None
    assert outcome.session == session
    assert outcome.report is not None and outcome.report.exists()
    assert store.result(session.session_id).tracks == ()
    assert store.result(session.session_id).tasks == outcome.result.tasks
    assert outcome.result.tasks[0].engagement is not None
    assert [action for action, *_ in store.shelf.audit] == ["delete faces", "analyze", "report"]


def test_a_teachers_film_is_not_looked_at_again_while_nothing_changes(run: Run, films: Films, tasks: Path) -> None:
    run(tasks, profile="teacher")
    sampled = films.sampled
    again = run(tasks, profile="teacher")
    without_tasks = run(profile="teacher")
    assert (again.reused, without_tasks.reused) == (True, True)
    assert films.sampled == sampled


def test_other_tasks_need_the_film_once_the_faces_are_gone(
    run: Run, films: Films, store: FakeStore, tasks: Path
) -> None:
    first = run(profile="teacher")
    sampled = films.sampled
    second = run(tasks, profile="teacher")
    assert films.sampled == 2 * sampled
    assert not second.reused
    assert only(store).session_id != first.session.session_id
    assert [task.task.name for task in store.result(only(store).session_id).tasks] == ["First", "Second"]


def test_research_after_teacher_looks_at_the_film_again(run: Run, films: Films, store: FakeStore) -> None:
    run(profile="teacher")
    sampled = films.sampled
    run(profile="research")
    assert films.sampled == 2 * sampled
    assert only(store).faces_deleted_at is None
    assert store.frames(only(store).session_id)


def test_teacher_after_research_deletes_what_research_kept(run: Run, films: Films, store: FakeStore) -> None:
    run(profile="research")
    sampled = films.sampled
    run(profile="teacher")
    assert films.sampled == sampled
    assert only(store).faces_deleted_at is not None


def test_aggregate_says_why_it_cannot(run: Run, store: FakeStore, tasks: Path) -> None:
    run(profile="teacher")
    session = only(store)
    config = load_config(None, {}, stored=session.start.settings)
    with pytest.raises(StoreError, match="profile teacher"):
        analysis.aggregate(session, tasks, config, store)
    assert store.result(session.session_id)


def test_aggregate_with_profile_teacher_deletes_the_faces(run: Run, store: FakeStore, tasks: Path) -> None:
    run(profile="research")
    config = dataclasses.replace(load_config(None, {}, stored=only(store).start.settings), profile="teacher")
    outcome = analysis.aggregate(only(store), tasks, config, store)
    assert only(store) == outcome.session
    assert (only(store).start.profile, only(store).faces_deleted_at is None) == ("teacher", False)


def test_presence_is_work_of_its_own_and_names_no_model(run: Run, films: Films, store: FakeStore) -> None:
    run(profile="research")
    outcome = run(profile="presence")
    start = outcome.session.start
    assert (start.profile, start.model_sha256, start.settings["model"]) == ("presence", "none", None)
    assert not outcome.reused
    assert {face.emotion for frame in store.frames(outcome.session.session_id) for face in frame.faces} == {None}
    assert run(profile="presence").reused


def test_what_was_inferred_before_is_said_to_be_there_still(run: Run) -> None:
    assert run().others == ()
    outcome = run(profile="presence")
    (other,) = outcome.others
    text = "\n".join(summary.lines(Path("lesson.mp4"), outcome, "study.sqlite"))
    assert f"session {other.session_id} of this film (lesson.mp4, profile research, 0 regions blacked out)" in text
    assert f"purge --session {other.session_id}" in text
    assert summary.as_json(Path("lesson.mp4"), outcome, "x")["other_sessions"] == [other.session_id]


def test_aggregate_cannot_turn_presence_into_inference(run: Run, store: FakeStore) -> None:
    run(profile="presence")
    config = load_config(None, {}, stored=only(store).start.settings)
    assert analysis.aggregate(only(store), None, config, store).result.tasks[0].engagement is None
    with pytest.raises(ConfigError, match="cannot change without the film"):
        analysis.aggregate(only(store), None, dataclasses.replace(config, profile="research"), store)


def test_a_ban_is_told_before_any_film_is_opened(run: Run, films: Films, store: FakeStore) -> None:
    for profile in ("research", "teacher"):
        with pytest.raises(PolicyError, match="to infer emotions"):
            run(declaration=GERMAN, profile=profile)
    assert (films.opened, store.sessions()) == ([], [])
    assert run(declaration=GERMAN, profile="presence").session.start.declaration == GERMAN


def test_a_ban_holds_for_aggregate_too(run: Run, store: FakeStore) -> None:
    run(profile="research")
    config = dataclasses.replace(load_config(None, {}, stored=only(store).start.settings), declaration=GERMAN)
    with pytest.raises(PolicyError):
        analysis.aggregate(only(store), None, config, store)


def test_another_declaration_is_noted_without_computing_anything_again(run: Run, store: FakeStore) -> None:
    for profile in ("research", "teacher"):
        run(profile=profile)
        told = Declaration("CH", "education", f"Purpose of {profile}")
        outcome = run(profile=profile, declaration=told)
        assert (outcome.reused, outcome.recomputed) == (True, False)
        assert only(store).start.declaration == told
        assert load_config(None, {}, stored=only(store).start.settings).declaration == told


def test_nobody_in_a_region_leaves_a_row(run: Run, store: FakeStore) -> None:
    outcome = run(regions=(LEFT_SEATS,))
    boxes = {face.box[0] // 60 for frame in store.frames(outcome.session.session_id) for face in frame.faces}
    assert boxes == {3, 4}, "seats 0 to 2 are inside"
    assert outcome.session.start.regions == 1
    assert not run().reused, "without the regions it is other work"


def test_regions_of_another_film_stop_the_run_before_anything_is_stored(run: Run, store: FakeStore) -> None:
    with pytest.raises(RegionsError, match=r"outside of the picture of lesson\.mp4"):
        run(regions=(Region(((400, 0), (450, 0), (400, 50)), "pixel"),))
    assert store.sessions() == []


def test_the_audit_holds_the_settings_and_no_name(run: Run, store: FakeStore) -> None:
    run(profile="research", regions=(LEFT_SEATS,))
    action, _, details = store.shelf.audit[0]
    assert action == "analyze"
    assert set(details) == {"reused", "profile", "settings_sha256", "regions", "jurisdiction", "setting"}
    assert "lesson" not in str(details)
