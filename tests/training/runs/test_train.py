"""A run is one call, can be killed at any step, and gives what an uninterrupted one gives."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import keras
import numpy as np
import pytest
from labelled_faces import smooth_faces, tiny_config, write_dataset, write_mosaic

from classroom_fer.errors import ConfigError
from training.data.splits import SPLITS, read_split
from training.runs.compilation import compiled_model
from training.runs.folder import CHECKPOINT, CONFIG, HISTORY, RECORD, WEIGHTS, read_record
from training.runs.train import DivergedError, averaged_model, predict_logits, score, train_and_evaluate
from training.runs.watch import Watch
from training.settings.config import Augmentation, TrainConfig, read_config

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
        watch=Watch(step=lambda epoch, step, all_steps: steps.append((epoch, step, all_steps))),
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
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rate falls and the run stops by what happened before the kill, too."""
    monkeypatch.setattr("training.runs.train.STATISTICS_SPANS", 0.5)  # eight times as long otherwise; tested below
    config = small(
        data, epochs=9, batch=4, learning_rate=0.5, schedule="plateau", plateau_patience=1, plateau_factor=0.5,
        early_stopping=3, mixup=0.2, class_weights="balanced", warmup_epochs=0, monitor="accuracy", ema=0.9,
    )  # fmt: skip

    def kill_in_the_second_epoch(epoch: int, step: int, _: int) -> None:
        if (epoch, step) == (1, 1):
            raise KeyboardInterrupt

    whole = train_and_evaluate(config, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train_and_evaluate(config, tmp_path / "cut", watch=Watch(step=kill_in_the_second_epoch))
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
    best = max(whole, key=lambda entry: entry.accuracy or 0.0)
    assert best.epoch == len(whole) - 3
    kept = score(averaged_model(tmp_path / "cut")[0], read_split(data, "PublicTest"))
    assert kept == pytest.approx((best.accuracy, best.loss_validation), rel=1e-4)


@pytest.fixture
def nets(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The networks that runs train, as they are made: to look at their own weights, which a run does not keep."""
    made: list[Any] = []

    def make(config: TrainConfig) -> Any:
        made.append(compiled_model(config))
        return made[-1]

    monkeypatch.setattr("training.runs.train.compiled_model", make)
    return made


def values(variables: list[Any]) -> list[np.ndarray]:
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def batch_norms(model: Any) -> list[Any]:
    return [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]


def statistics(model: Any) -> list[np.ndarray]:
    """Moving means and variances, layer by layer."""
    return values([v for layer in batch_norms(model) for v in (layer.moving_mean, layer.moving_variance)])


def test_a_run_keeps_the_exponential_average_of_its_weights_and_goes_on_with_the_weights_themselves(
    data: Path, tmp_path: Path, nets: list[Any]
) -> None:
    """Keras' rule: the first step's weights, then ema times the average and (1 - ema) times each step's weights."""
    steps: list[list[np.ndarray]] = []
    config = small(
        data, epochs=3, score_every=3, batch=4, ema=0.7, learning_rate=0.05, warmup_epochs=0, schedule="constant"
    )
    train_and_evaluate(config, tmp_path, watch=Watch(step=lambda *_: steps.append(values(nets[0].trainable_variables))))
    assert len(steps) == 6
    expected = steps[0]
    for weights in steps[1:]:
        expected = [0.7 * average + 0.3 * new for average, new in zip(expected, weights, strict=True)]
    kept = values(averaged_model(tmp_path)[0].trainable_variables)
    own = values(nets[0].trainable_variables)
    for average, found, last, now in zip(expected, kept, steps[-1], own, strict=True):
        np.testing.assert_allclose(found, average, rtol=1e-4, atol=1e-6)
        np.testing.assert_array_equal(now, last)
    assert max(np.abs(average - last).max() for average, last in zip(expected, own, strict=True)) > 0.01


def test_statistics_of_averaged_weights_are_those_of_the_training_faces_under_them(
    tmp_path: Path, nets: list[Any]
) -> None:
    """All training faces are one picture here, so every batch has the same statistics.

    They are gathered over 40 batches (an epoch has 8) at momentum .9: of the net's own ones, which they begin
    with, .9 ** 40 = .015 remains.
    """
    data = write_dataset(tmp_path / "data", faces=80)
    face = smooth_faces(1, seed=9)
    write_mosaic(data / SPLITS["Training"], np.repeat(face, 80, axis=0))
    config = small(
        data, epochs=5, score_every=5, batch=10, ema=0.97, learning_rate=0.05, schedule="constant", warmup_epochs=0,
        balance=0,
        augmentation=Augmentation.nothing(),
    )  # fmt: skip
    train_and_evaluate(config, tmp_path / "run")
    model, _ = averaged_model(tmp_path / "run")
    kept, own = statistics(model), statistics(nets[0])
    for layer in batch_norms(model):
        layer.momentum = 0.0  # then the moving statistics are those of the last batch
    model(face[..., None].astype(np.float32), training=True)
    for found, under_average, under_own in zip(kept, statistics(model), own, strict=True):
        expected = 0.9**40 * under_own + (1 - 0.9**40) * under_average
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)
        assert np.abs(under_own - under_average).max() > 0.02 * np.abs(under_average).max()


def test_a_folder_with_a_run_is_not_overwritten(data: Path, run: Path) -> None:
    with pytest.raises(ConfigError, match="already holds a run"):
        train_and_evaluate(small(data, epochs=1), run)
    with pytest.raises(ConfigError, match="another seed"):
        train_and_evaluate(small(data, epochs=1, seed=9), run, resume=True)


def test_what_makes_a_run_another_one_is_said_with_both_values(data: Path, run: Path) -> None:
    changes = {"limit": 4, "widths": (8, 16), "blocks": (1, 1), "augmentation": Augmentation(blur=0.25)}
    with pytest.raises(ConfigError) as caught:
        train_and_evaluate(small(data, epochs=3, **changes), run, resume=True)
    assert str(caught.value) == (
        f"{run} was started with another limit (none there, 4 here), widths (8 there, 8,16 here), "
        "blocks (1 there, 1,1 here), augmentation.blur (0.0 there, 0.25 here)"
    )


def damaged(run: Path, folder: Path, name: str, size: float) -> Path:
    """A copy of ``run`` with so much of one file: a share of its bytes."""
    copytree(run, folder)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: int(size * len(content))])
    return folder


@pytest.mark.parametrize("size", [0, 0.2, 0.6, 0.99])
@pytest.mark.parametrize("name", [CHECKPOINT, HISTORY, CONFIG])
def test_a_run_whose_files_were_cut_off_does_not_go_on_and_says_which(
    name: str, size: float, data: Path, run: Path, tmp_path: Path
) -> None:
    folder = damaged(run, tmp_path / "cut", name, size)
    with pytest.raises(ConfigError, match=rf"{name}: ") as caught:
        train_and_evaluate(small(data, epochs=2), folder, resume=True)
    assert "start" in caught.value.hint


@pytest.mark.parametrize("size", [0, 0.2, 0.6, 0.99])
def test_weights_that_were_cut_off_are_named(size: float, data: Path, run: Path, tmp_path: Path) -> None:
    folder = damaged(run, tmp_path / "cut", WEIGHTS, size)
    for use in (
        lambda: averaged_model(folder),
        lambda: train_and_evaluate(small(data, start=str(folder)), tmp_path / "new"),
    ):
        with pytest.raises(ConfigError, match=rf"{WEIGHTS}: damaged \(.+\)") as caught:
            use()
        assert caught.value.hint == "copy it again, or start anew in another --workdir"
        rmtree(tmp_path / "new", ignore_errors=True)


def test_arrays_that_were_overwritten_inside_a_checkpoint_are_damage(data: Path, run: Path, tmp_path: Path) -> None:
    copytree(run, tmp_path / "run")
    content = bytearray((run / CHECKPOINT).read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(64)
    (tmp_path / "run" / CHECKPOINT).write_bytes(content)
    with pytest.raises(ConfigError, match=rf"{CHECKPOINT}: damaged"):
        train_and_evaluate(small(data, epochs=2), tmp_path / "run", resume=True)


@pytest.mark.parametrize(("name", "content"), [(HISTORY, "[]"), (RECORD, "[]"), (RECORD, '{"epochs": ')])
def test_a_curve_or_summary_of_something_else_is_named(
    name: str, content: str, data: Path, run: Path, tmp_path: Path
) -> None:
    copytree(run, tmp_path / "run")
    (tmp_path / "run" / name).write_text(content)
    with pytest.raises(ConfigError, match=rf"{name}: "):
        train_and_evaluate(small(data, epochs=2), tmp_path / "run", resume=True)


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
        optimizer="adam", learning_rate=1e-2, schedule="constant", dropout=0, balance=0, score_every=12,
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
