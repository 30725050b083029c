"""What an export of a real analysis may not hold: values of a small group, and what the profile does not infer."""

from __future__ import annotations

from pathlib import Path

import pandas
import pympi
import pytest
from fakes import FakeClassifier, FakeDetector, FakeVideo
from in_process import invoke

from classroom_fer import analysis
from classroom_fer.lesson.records import EMOTIONS
from classroom_fer.pipeline import Parts
from classroom_fer.settings.config import load_config
from classroom_fer.store.store import open_store

INDEX = ["engagement", "engagement_low", "engagement_high", "orientation", "expression"]
SHARES = ["share_neutral", "share_smiling", "share_surprised", "share_other"]
PROBABILITIES = [f"p_{name}" for name in EMOTIONS]
INFERRED = {
    "task": [*INDEX, *SHARES, "grade"],
    "bin": [*INDEX, *PROBABILITIES],
    "track": ["yaw0_deg", "pitch0_deg"],
    "face": [*PROBABILITIES, "emotion", "emotion_confidence", "yaw_deg", "pitch_deg", "roll_deg"],
}


def analyzed(folder: Path, *, seats: int, profile: str) -> Path:
    """A folder with the session of a film of 200 s."""
    parts = Parts(FakeDetector(seats=seats), FakeClassifier() if profile != "presence" else None)
    fakes = analysis.Builders(lambda *_: FakeVideo(duration_s=200), parts=lambda _: parts)
    with open_store(folder / "classroom-fer.sqlite") as store:
        config = load_config(None, {"profile": profile})
        analysis.Analyzer(config, store, fakes).analyze(analysis.Request(Path("fake.mp4"), None, None), lambda _: None)
    return folder


@pytest.fixture(scope="module")
def presence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return analyzed(tmp_path_factory.mktemp("presence"), seats=6, profile="presence")


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return analyzed(tmp_path_factory.mktemp("few"), seats=4, profile="research")


@pytest.fixture(scope="module")
def enough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return analyzed(tmp_path_factory.mktemp("enough"), seats=6, profile="research")


def table(folder: Path, level: str) -> pandas.DataFrame:
    done = invoke(folder, "export", "latest", "--level", level)
    assert done.exit_code == 0, done.output
    return pandas.read_csv(folder / done.stdout.splitlines()[0])


def tiers(folder: Path) -> dict[str, int]:
    """Annotations of each tier."""
    done = invoke(folder, "export", "latest", "--format", "elan")
    document = pympi.Eaf(str(folder / done.stdout.splitlines()[0]))
    return {name: len(document.get_annotation_data_for_tier(name)) for name in document.get_tier_names()}


def curves(folder: Path) -> list[str]:
    """Columns of the timeline of a BORIS project; none without one."""
    files = invoke(folder, "export", "latest", "--format", "boris").stdout.splitlines()
    return [name for file in files if file.endswith(".csv") for name in pandas.read_csv(folder / file).columns]


def test_a_class_that_may_be_shown_has_all_of_it(enough: Path) -> None:
    for level, columns in INFERRED.items():
        assert table(enough, level)[columns].notna().any().all(), level
    shown = tiers(enough)
    assert (shown["Coverage"], shown["Engagement"]) == (20, 20)
    assert {"engagement", "coverage"} < set(curves(enough))


@pytest.mark.parametrize("level", INFERRED)
def test_presence_leaves_without_expressions_directions_and_index(presence: Path, level: str) -> None:
    found = table(presence, level)
    assert len(found) > 0 and found[INFERRED[level]].isna().all(axis=None)


def test_presence_is_coverage_alone_in_other_programs(presence: Path) -> None:
    shown = tiers(presence)
    assert (shown["Coverage"], shown["Engagement"], shown["Moments"]) == (20, 0, 0)
    assert curves(presence) == ["time", "coverage", "coverage_measured"]


@pytest.mark.parametrize(
    ("level", "hidden"), [("task", ["n", "coverage"]), ("bin", ["faces", "coverage"]), ("session", ["coverage"])]
)
def test_of_a_class_below_min_group_nothing_leaves_but_times_and_names(
    few: Path, level: str, hidden: list[str]
) -> None:
    found = table(few, level)
    assert found[[*hidden, *INFERRED.get(level, [])]].isna().all(axis=None)
    if level == "task":
        assert found.not_shown_because.tolist() == ["few"]


def test_of_a_class_below_min_group_other_programs_have_the_tasks_alone(few: Path) -> None:
    assert tiers(few) == {"Task": 1, "Mode": 1, "Coverage": 0, "Engagement": 0, "Moments": 0}
    assert curves(few) == []
    for arguments in (("--level", "face"), ("--level", "track"), ("--format", "openface")):
        assert invoke(few, "export", "latest", *arguments).exit_code == 4
