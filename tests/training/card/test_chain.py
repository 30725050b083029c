"""Teacher and student on a processor: the folders are those of `train`, and what failed is told."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import numpy as np
import pytest
import torch
from labelled_faces import write_dataset
from typer.testing import CliRunner

from classroom_fer.errors import ConfigError
from training.card.chain import Job, Place, check_device, run_chain, trained
from training.card.jobs import STUDENTS, TEACHERS, chain_jobs, zoo_jobs
from training.card.run import shortened, train_on_card
from training.card.views import ANSWERS, Views
from training.commands.card import card
from training.runs.folder import averaged_model, read_record
from training.runs.history import EpochResult
from training.runs.predictions import predict_logits, score_logits
from training.runs.teachers import load_teacher
from training.runs.train import read_faces
from training.settings.config import Augmentation, TrainConfig
from training.settings.systems import SYSTEMS

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


def tiny(data: Path, **changes: Any) -> TrainConfig:
    settings = {
        "data": data, "widths": (8,), "blocks": (1,), "branches": 1, "batch": 8, "epochs": 2, "score_every": 1,
        "precision": "float32", "ema": 0.5, "decay_epochs": 1.0, "learning_rate": 0.01,
    }  # fmt: skip
    return TrainConfig(**settings | changes)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Nets as small as these wait for each other's threads more than they compute."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data"), faces=24)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    views = Views(2, Augmentation.nothing())
    return Place(tmp_path_factory.mktemp("card"), views, "cpu", time.monotonic(), 600)


@pytest.fixture(scope="module")
def teacher(data: Path, place: Place) -> Path:
    trained(Job("teacher", tiny(data), 1, teaches=True), place, [], StringIO())
    return place.workdir / "teacher"


def test_a_run_is_a_folder_as_train_writes_it(data: Path, teacher: Path) -> None:
    model, config = averaged_model(teacher)
    record = read_record(teacher)
    assert record is not None
    assert record["finished"]
    assert record["backend"] == "torch on a processor"
    faces = read_faces(config).validation
    accuracy, loss = score_logits(predict_logits(model, faces.images), faces)
    assert record["kept"]["accuracy"] == pytest.approx(accuracy)
    assert record["kept"]["loss_validation"] == pytest.approx(loss, rel=1e-4)


def test_a_teacher_answers_the_views_that_a_student_sees(data: Path, teacher: Path) -> None:
    told = np.load(teacher / ANSWERS)
    faces = read_faces(tiny(data)).training
    wanted = load_teacher([teacher]).probabilities(faces.images[..., None], 2.0)["emotions"]
    logits = told[1][:, :8].astype(np.float64) / 2
    found = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    assert told.shape == (2, len(faces.images), 15)
    assert np.abs(found - wanted).max() < 2e-3


def test_a_student_learns_from_the_answers(data: Path, place: Place, teacher: Path) -> None:
    log = StringIO()
    student = Job("student", tiny(data, teachers=("teacher",), distill_weight=1.0, aux_weight=0.0), 1)
    trained(student, place, [teacher.name], log)
    assert "teachers teacher" in log.getvalue()
    history = json.loads((place.workdir / "student" / "history.json").read_text())
    assert history[-1]["loss"] < 1  # a divergence from a teacher, not a cross-entropy (ln 8 = 2.08)


def test_it_learns(data: Path, tmp_path: Path) -> None:
    config = tiny(
        data, epochs=15, learning_rate=0.2, decay_epochs=5.0, score_every=15, augmentation=Augmentation.nothing()
    )
    history = train_on_card(config, tmp_path / "run", read_faces(config), device="cpu")
    assert history[-1].loss < 0.87 * history[0].loss


def test_another_run_is_not_overwritten(data: Path, teacher: Path) -> None:
    with pytest.raises(ConfigError, match="already holds a run"):
        train_on_card(tiny(data), teacher, read_faces(tiny(data)), device="cpu")


@pytest.mark.parametrize("settings", [{"mixup": 0.2}, {"teachers": ("a",)}, {"start": "a"}, {"tensorboard": True}])
def test_what_is_not_known_here_is_refused(data: Path, tmp_path: Path, settings: dict[str, Any]) -> None:
    config = tiny(data, **settings)
    with pytest.raises(ConfigError, match="not known here"):
        train_on_card(config, tmp_path / "run", read_faces(tiny(data)), device="cpu")


def curve(epochs: int, seconds: float) -> list[EpochResult]:
    return [EpochResult(k + 1, 1.0, None, None, seconds) for k in range(epochs)]


@pytest.mark.parametrize(
    ("done", "left", "epochs"),
    [
        (10, 1000.0, 60),  # there is time for all
        (10, 40.0, 60),  # not all, but it need not fall yet
        (10, 12.5, 22),  # now it falls, over its twelve epochs
        (55, 1.0, 60),  # it falls already
    ],
)
def test_a_run_falls_when_the_time_for_it_comes(done: int, left: float, epochs: int) -> None:
    config = TrainConfig(epochs=60, decay_epochs=12.0)
    assert shortened(config, curve(done, 1.0), time.monotonic() + left).epochs == epochs
    assert shortened(config, curve(done, 1.0), None).epochs == 60


def test_a_run_without_a_fall_ends_with_the_time() -> None:
    config = TrainConfig(schedule="constant", epochs=60)
    assert shortened(config, curve(10, 1.0), time.monotonic() + 5.5).epochs == 15


def test_a_failed_run_is_told(data: Path, tmp_path: Path) -> None:
    """A real process; its net cannot be built."""
    place = Place(tmp_path, Views(1, Augmentation.nothing()), "cpu", time.monotonic(), 240)
    said: list[str] = []
    ended = run_chain([Job("teacher", tiny(data, widths=()), 1, teaches=True)], place, said.append)
    assert ended == {"teacher": False}
    assert said == [f"teacher: failed, see {tmp_path / 'teacher.log'}"]
    assert "no stages of ours" in (tmp_path / "teacher.log").read_text()


def test_what_has_not_begun_when_the_time_is_over_is_not_done(data: Path, tmp_path: Path) -> None:
    place = Place(tmp_path, Views(1, Augmentation.nothing()), "cpu", time.monotonic() - 10, 1, at_once=0)
    assert run_chain([Job("late", tiny(data), 1)], place, lambda _: None) == {"late": False}


def test_the_jobs(data: Path) -> None:
    jobs = chain_jobs(data)
    assert [job.name for job in jobs if job.teaches] == list(TEACHERS)
    students = [job for job in jobs if job.learns_from]
    assert [job.name for job in students] == list(STUDENTS)
    assert all(job.config.teachers == tuple(TEACHERS) for job in students)
    assert {job.name for job in zoo_jobs(data)} == {s.name for s in SYSTEMS.values() if s.row and s.name != "ours"} | {
        "cnn-attention",
        "vgg16-hed-transfer",
    }
    short = [replace(job.config, limit=None) for job in chain_jobs(data, 16)]
    assert short == [job.config for job in jobs]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a card here")
def test_no_card_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--device cuda"):
        check_device("cuda")
    import typer

    app = typer.Typer()
    app.command()(card)
    done = CliRunner().invoke(app, ["--workdir", str(tmp_path)])
    assert done.exit_code == 2, done.output
    assert "--device cpu" in done.output
