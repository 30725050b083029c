"""A run is one call, can be killed at any step, and gives what an uninterrupted one gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import numpy as np
import pytest
from faces import tiny_config, write_dataset

from classroom_fer.errors import ConfigError
from training.config import TrainConfig, read_config
from training.data import read_split
from training.runs import CHECKPOINT, CONFIG, HISTORY, WEIGHTS, read_record
from training.train import DivergedError, averaged_model, predict_logits, score, train_and_evaluate

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one epoch."""
    folder = tmp_path_factory.mktemp("run")
    train_and_evaluate(small(data, epochs=1), folder)
    return folder


def small(data: Path, **changes: Any) -> TrainConfig:
    """The smallest net with two heads: one residual block."""
    return tiny_config(data, **({"widths": (8,), "blocks": (1,)} | changes))


def arrays(path: Path) -> list[np.ndarray]:
    with np.load(path) as saved:
        return [saved[name] for name in sorted(saved.files)]


def test_one_real_step_on_eight_faces(data: Path, tmp_path: Path) -> None:
    steps = []
    (result,) = train_and_evaluate(
        small(data, epochs=1, tensorboard=True),
        tmp_path,
        on_step=lambda epoch, step, all_steps: steps.append((epoch, step, all_steps)),
    )
    assert steps == [(0, 1, 1)]
    assert 0 < result.loss < 10
    assert result.accuracy is not None
    assert 0 <= result.accuracy <= 1
    assert read_config(tmp_path / CONFIG) == small(data, epochs=1, tensorboard=True)
    assert (tmp_path / WEIGHTS).is_file()
    assert len(list((tmp_path / "tensorboard").glob("*tfevents*"))) == 1


def test_the_record_of_a_run_says_what_the_results_table_needs(run: Path) -> None:
    record = read_record(run)
    assert record is not None
    (entry,) = json.loads((run / HISTORY).read_text(), parse_constant=pytest.fail)
    expected = {
        "system": "ours", "protocol": "P8", "epochs": 1, "epochs_done": 1, "finished": True, "stopped_early": False,
        "validation_accuracy_best": entry["accuracy"], "validation_accuracy_last": entry["accuracy"], "kept": entry,
        "weights": "none", "training_faces": 8, "validation_faces": 8, "teachers": [], "limit": None, "seed": 1,
        "parameters": averaged_model(run)[0].count_params(),
    }  # fmt: skip
    assert expected.items() <= record.items()
    assert record["seconds"] > 0


def test_a_run_killed_in_the_middle_of_an_epoch_gives_the_weights_of_an_uninterrupted_one(
    data: Path, tmp_path: Path
) -> None:
    """The rate falls and the run stops by what happened before the kill, too."""
    config = small(
        data, epochs=9, batch=4, learning_rate=0.5, schedule="plateau", plateau_patience=1, plateau_factor=0.5,
        early_stopping=2, mixup=0.2, class_weights="balanced", warmup_epochs=0,
    )  # fmt: skip

    def kill_in_the_second_epoch(epoch: int, step: int, _: int) -> None:
        if (epoch, step) == (1, 1):
            raise KeyboardInterrupt

    whole = train_and_evaluate(config, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train_and_evaluate(config, tmp_path / "cut", on_step=kill_in_the_second_epoch)
    resumed = train_and_evaluate(config, tmp_path / "cut", resume=True)

    assert 3 <= len(whole) < 9
    assert len({entry.learning_rate for entry in whole}) > 1
    for name in ("epoch", "learning_rate", "accuracy"):
        assert [getattr(entry, name) for entry in resumed] == [getattr(entry, name) for entry in whole]
    for name in ("loss", "loss_validation"):
        expected = [getattr(entry, name) for entry in whole]
        assert [getattr(entry, name) for entry in resumed] == pytest.approx(expected, rel=1e-4)
    for a, b in zip(arrays(tmp_path / "whole" / CHECKPOINT), arrays(tmp_path / "cut" / CHECKPOINT), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)
    record = read_record(tmp_path / "cut")
    assert record is not None
    assert record["stopped_early"]
    best = min(whole, key=lambda entry: entry.loss_validation or 0.0)
    assert best.epoch == len(whole) - 2
    kept = score(averaged_model(tmp_path / "cut")[0], read_split(data, "PublicTest"))
    assert kept == pytest.approx((best.accuracy, best.loss_validation), rel=1e-4)


def test_a_folder_with_a_run_is_not_overwritten(data: Path, run: Path) -> None:
    with pytest.raises(ConfigError, match="already holds a run"):
        train_and_evaluate(small(data, epochs=1), run)
    with pytest.raises(ConfigError, match="another seed"):
        train_and_evaluate(small(data, epochs=1, seed=9), run, resume=True)


def test_a_net_with_one_output_trains_with_an_authors_settings(data: Path, tmp_path: Path) -> None:
    config = small(
        data, system="baseline-cnn", widths=(4, 4, 4), dense=(8,), epochs=2, optimizer="adam", learning_rate=1e-2,
        schedule="constant", warmup_epochs=0, weight_decay=0, clip_norm=0, ema=0, loss="binary", targets="label",
        label_smoothing=0.1, class_weights="balanced", mixup=0.2,
    )  # fmt: skip
    first, second = train_and_evaluate(config, tmp_path)
    assert second.loss < first.loss
    model, _ = averaged_model(tmp_path)
    faces = read_split(data, "PublicTest")
    assert predict_logits(model, faces.images).shape == (8, 8)
    assert score(model, faces, targets="label") == pytest.approx((second.accuracy, second.loss_validation), rel=1e-4)


def test_a_run_may_begin_with_the_averaged_weights_of_another(data: Path, run: Path, tmp_path: Path) -> None:
    started = small(data, epochs=1, start=str(run), learning_rate=0.0, seed=7)
    train_and_evaluate(started, tmp_path / "second")
    before, after = averaged_model(run)[0], averaged_model(tmp_path / "second")[0]
    for old, new in zip(before.trainable_variables, after.trainable_variables, strict=True):
        np.testing.assert_allclose(np.asarray(new), np.asarray(old), atol=1e-6)
    record = read_record(tmp_path / "second")
    assert record is not None
    assert record["start"] == {
        "run": run.name, "weights": "none", "epochs": 1, "seconds": (read_record(run) or {})["seconds"],
    }  # fmt: skip

    train_and_evaluate(small(data, epochs=1, start=str(tmp_path / "second")), tmp_path / "third")
    train_and_evaluate(small(data, epochs=2, start=str(tmp_path / "second")), tmp_path / "third", resume=True)
    assert (read_record(tmp_path / "third") or {})["start"]["epochs"] == 2  # of both runs before it, also on resume


def test_a_run_does_not_begin_with_weights_of_another_net(data: Path, run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="whose weights do not fit this network"):
        train_and_evaluate(small(data, epochs=1, start=str(run), widths=(16,)), tmp_path)
    with pytest.raises(ConfigError, match="no such run"):
        train_and_evaluate(small(data, epochs=1, start=str(tmp_path / "nothing")), tmp_path)


def test_a_student_comes_to_answer_as_its_teacher_on_both_heads(data: Path, run: Path, tmp_path: Path) -> None:
    config = small(
        data, epochs=12, teachers=(str(run),), distill_weight=1.0, distill_temperature=1.0, aux_weight=1.0, seed=5,
        optimizer="adam", learning_rate=1e-2, schedule="constant", ema=0, dropout=0, balance=0, score_every=12,
    )  # fmt: skip
    history = train_and_evaluate(config, tmp_path)
    assert history[-1].loss < 0.2 * history[0].loss


def test_a_teacher_of_other_classes_is_refused(data: Path, run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"a teacher of 8 classes \(P8\) for a student of 7"):
        train_and_evaluate(small(data, protocol="P7", teachers=(str(run),)), tmp_path)


def test_half_precision_trains_and_goes_on(data: Path, tmp_path: Path) -> None:
    """With float16 Keras wraps the optimiser; its loss scale is part of the checkpoint."""
    train_and_evaluate(small(data, epochs=1, precision="mixed_float16"), tmp_path)
    _, second = train_and_evaluate(small(data, epochs=2, precision="mixed_float16"), tmp_path, resume=True)
    assert np.isfinite(second.loss)
    assert second.accuracy is not None


def test_an_unknown_system_names_the_known_ones(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown system 'theirs'") as caught:
        train_and_evaluate(small(data, system="theirs"), tmp_path)
    assert "ours" in caught.value.hint


def test_a_folder_without_a_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such run"):
        averaged_model(tmp_path)


def test_a_run_whose_loss_runs_away_says_so_and_where(data: Path, tmp_path: Path) -> None:
    config = small(data, epochs=9, learning_rate=1e30, clip_norm=0, warmup_epochs=0)
    with pytest.raises(DivergedError, match=r"epoch \d, (step 1|validation): the loss is no number") as caught:
        train_and_evaluate(config, tmp_path)
    assert "--learning-rate" in caught.value.hint
