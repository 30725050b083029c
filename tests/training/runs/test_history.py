"""The curve decides alone: best epoch, stopping, rate reductions; and it is valid JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from run_curves import curve

from classroom_fer.errors import ConfigError
from training.runs.history import EpochResult, best_entry, plateau_reductions, read_history, should_stop, write_history


def test_the_first_of_equally_good_epochs_is_the_best() -> None:
    assert best_entry(curve(3, 1, 2, 1), "loss") == curve(3, 1)[-1]
    assert best_entry(curve(None, None), "loss") is None


def test_the_accuracy_can_be_monitored_instead() -> None:
    history = [EpochResult(1, 1.0, 0.5, 1.0, 1.0), EpochResult(2, 1.0, 0.6, 2.0, 1.0)]
    assert [best_entry(history, monitor) for monitor in ("loss", "accuracy")] == history


def test_a_run_stops_after_so_many_epochs_without_improvement() -> None:
    stops = [should_stop(curve(3, 2, 2.5, 2.1, 2)[:k], patience=3, monitor="loss") for k in range(6)]
    assert stops == [False, False, False, False, False, True]
    assert not should_stop(curve(*[2] * 50), patience=0, monitor="loss")


def test_epochs_that_were_not_scored_count_but_do_not_decide() -> None:
    history = curve(2, None, None, None, 3)
    assert not should_stop(history[:4], patience=3, monitor="loss")
    assert should_stop(history, patience=3, monitor="loss")


@pytest.mark.parametrize(
    ("losses", "reductions"),
    [((3, 2, 1), 0), ((1, 2, 2), 1), ((1, 2, 2, 2, 2), 2), ((1, 2, 0.5, 1, 1), 1), ((1, 0.99999, 0.99998), 1)],
)
def test_the_rate_falls_where_keras_would_let_it_fall(losses: tuple[float, ...], reductions: int) -> None:
    assert plateau_reductions(curve(*losses), patience=2, monitor="loss") == reductions
    assert keras_reductions(losses, patience=2) == reductions


def keras_reductions(losses: tuple[float, ...], *, patience: int) -> int:
    """What Keras' own callback does with this curve."""
    import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
    import keras

    class Net:
        optimizer = keras.optimizers.SGD(1.0)

    callback = keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=patience)
    callback.set_model(Net)
    callback.on_train_begin()
    rates = []
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        rates.append(float(Net.optimizer.learning_rate))
    return sum(a != b for a, b in zip([1.0, *rates], rates, strict=False))


def test_the_file_is_valid_json_even_of_a_run_that_diverged(tmp_path: Path) -> None:
    history = [EpochResult(1, float("nan"), None, None, 2.0)]
    write_history(history, tmp_path / "h.json")
    (entry,) = json.loads((tmp_path / "h.json").read_text(), parse_constant=pytest.fail)
    assert entry["loss"] is None
    assert entry["accuracy"] is None


def test_the_nan_of_older_runs_is_read_as_not_scored(tmp_path: Path) -> None:
    old = '[{"epoch": 1, "loss": 2.5, "accuracy": NaN, "loss_validation": NaN, "seconds": 3.0}]'
    (tmp_path / "h.json").write_text(old)
    assert read_history(tmp_path / "h.json") == [EpochResult(1, 2.5, None, None, 3.0)]


@pytest.mark.parametrize("text", ["", "{}", '[{"epoch": 1, "colour": 2}]', "[3]"])
def test_a_file_that_is_no_curve_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "h.json").write_text(text)
    with pytest.raises(ConfigError, match=r"h\.json: not the curve of a run"):
        read_history(tmp_path / "h.json")
