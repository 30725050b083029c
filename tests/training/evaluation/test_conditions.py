"""Both heads of a net under conditions of elsewhere, alone and joined."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import numpy as np
import pytest
from typer.testing import CliRunner

from classroom_fer.errors import ConfigError
from training.__main__ import app
from training.data.splits import FER7
from training.evaluation.answers import Subject, open_subject
from training.evaluation.conditions import READINGS, TRUTHS, markdown, measure_conditions
from training.evaluation.question import Question
from training.evaluation.results_conditions import save_conditions
from training.figures.calibration import softmax
from training.figures.groups import GROUPS, answered_at, group_figures, group_matrix
from training.runs.conditions import CONDITIONS, under

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


def test_classes_of_both_heads_fall_into_the_same_four_groups() -> None:
    both = [group_matrix(names) for names in (("neutral", "happiness", "contempt"), ("neutral", "happy", "angry"))]
    assert np.array_equal(*both)
    assert both[0].tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]]


def test_a_rule_answers_as_many_faces_as_keep_the_accuracy() -> None:
    probabilities = np.array([[p, 1 - p, 0, 0] for p in (0.95, 0.9, 0.9, 0.8, 0.7)])
    truth = np.array([0, 0, 1, 0, 1])
    rule = answered_at(probabilities, truth, 0.75)
    assert rule is not None
    assert (rule.threshold, rule.share, rule.accuracy) == (0.8, 0.8, 0.75), "faces of one probability stay together"
    assert answered_at(probabilities, np.full(5, 2), 0.75) is None


def test_figures_say_which_groups_neutral_and_other_are_taken_for() -> None:
    certain = np.eye(4)[[0, 1, 3, 0, 2]]
    found = group_figures(certain, np.array([0, 0, 0, 3, 2]))
    assert found.accuracy == 0.4
    assert found.confident_wrong == 1.0
    assert found.neutral_called_smiling == found.neutral_called_other == pytest.approx(1 / 3)
    assert found.other_called_neutral == 1.0


@pytest.fixture(scope="module")
def record(tiny_run: Path) -> dict[str, Any]:
    return measure_conditions(str(tiny_run), Question(tiny_run / "data"))


def test_every_condition_is_measured_by_every_reading_and_truth(tiny_run: Path, record: dict[str, Any]) -> None:
    assert list(record["conditions"]) == list(CONDITIONS)
    assert record["faces"] == 16
    subject, faces = open_subject(str(tiny_run)), Question(tiny_run / "data").faces()
    seen, meant = group_matrix(subject.heads["emotions"]), group_matrix(FER7)
    assert record["clear"] == (seen.argmax(axis=1)[faces.labels] == meant.argmax(axis=1)[faces.fer7]).sum() > 0
    assert record["conditions"]["dim"]["votes"]["seen"]["accuracy"] == _low_light(subject, record)
    for readings in record["conditions"].values():
        assert {reading: tuple(figures) for reading, figures in readings.items()} == dict.fromkeys(READINGS, TRUTHS)
    table = markdown(record)
    assert all(f"| {name} |" in table for name in (*CONDITIONS, *READINGS))


def _low_light(subject: Subject, record: Mapping[str, Any]) -> float:
    """Accuracy of the votes' head, counted here."""
    faces, groups = Question(Path(subject.name) / "data").faces(), group_matrix(subject.heads["emotions"])
    logits = subject.logits(under("dim", faces.images, seed=1), "emotions")
    answer = (softmax(logits, record["temperatures"]["emotions"]) @ groups).argmax(axis=1)
    return float((answer == groups.argmax(axis=1)[faces.labels]).mean())


def test_what_a_page_draws_of_it_is_kept_small(tiny_run: Path, record: dict[str, Any], tmp_path: Path) -> None:
    path = save_conditions(record, tmp_path)
    kept = json.loads(path.read_text())
    assert path.name == f"{tiny_run.name}.json"
    assert kept["sha256"] == record["sha256"] is not None
    assert kept["limit"] is None
    assert list(kept["accuracy"]) == list(CONDITIONS)
    found = [record["conditions"]["dim"]["joined"][truth]["accuracy"] for truth in TRUTHS]
    assert kept["accuracy"]["dim"]["joined"] == pytest.approx(found, abs=1e-4)
    curve = kept["risk_coverage"]["clear"]["probability"]
    assert len(curve["shares"]) == len(curve["accuracy"]) == 10
    assert path.stat().st_size < 10_000


def test_a_net_of_one_head_is_refused(tiny_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Subject("one", {"emotions": GROUPS}, {}, {}, lambda _: {})
    monkeypatch.setattr("training.evaluation.conditions.open_subject", lambda _: one)
    with pytest.raises(ConfigError, match="one has not both heads"):
        measure_conditions("one", Question(tiny_run / "data"))


def test_the_command_prints_json(tiny_run: Path) -> None:
    done = CliRunner().invoke(app, ["conditions", str(tiny_run), "--data", str(tiny_run / "data"), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["faces"] == 16
