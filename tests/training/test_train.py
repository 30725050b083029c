"""A run is one call, can be killed at any step, and gives what an uninterrupted one gives."""

from __future__ import annotations

from pathlib import Path

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import numpy as np
import pytest
from faces import tiny_config, write_dataset

from classroom_fer.errors import ConfigError
from training.config import read_config
from training.train import CHECKPOINT, CONFIG, WEIGHTS, averaged_model, train_and_evaluate

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data"))


def arrays(path: Path) -> list[np.ndarray]:
    with np.load(path) as saved:
        return [saved[name] for name in sorted(saved.files)]


def weights(workdir: Path) -> list[np.ndarray]:
    return list(averaged_model(workdir)[0].get_weights())


def test_one_real_step_on_eight_faces(data: Path, tmp_path: Path) -> None:
    steps = []
    (result,) = train_and_evaluate(
        tiny_config(data, epochs=1),
        tmp_path,
        on_step=lambda epoch, step, all_steps: steps.append((epoch, step, all_steps)),
    )
    assert steps == [(0, 1, 1)]
    assert 0 < result.loss < 10
    assert 0 <= result.accuracy <= 1
    assert read_config(tmp_path / CONFIG) == tiny_config(data, epochs=1)
    assert (tmp_path / WEIGHTS).is_file()


def test_a_run_killed_in_the_middle_of_an_epoch_gives_the_weights_of_an_uninterrupted_one(
    data: Path, tmp_path: Path
) -> None:
    config = tiny_config(data, epochs=3, batch=4)

    def kill_in_the_second_epoch(epoch: int, step: int, _: int) -> None:
        if (epoch, step) == (1, 1):
            raise KeyboardInterrupt

    whole = train_and_evaluate(config, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train_and_evaluate(config, tmp_path / "cut", on_step=kill_in_the_second_epoch)
    resumed = train_and_evaluate(config, tmp_path / "cut", resume=True)

    assert [entry.epoch for entry in resumed] == [1, 2, 3]
    assert [entry.loss for entry in resumed] == pytest.approx([entry.loss for entry in whole], rel=1e-5)
    assert [entry.accuracy for entry in resumed] == [entry.accuracy for entry in whole]
    for a, b in zip(arrays(tmp_path / "whole" / CHECKPOINT), arrays(tmp_path / "cut" / CHECKPOINT), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    for a, b in zip(weights(tmp_path / "whole"), weights(tmp_path / "cut"), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_a_folder_with_a_run_is_not_overwritten(data: Path, tmp_path: Path) -> None:
    train_and_evaluate(tiny_config(data, epochs=1), tmp_path)
    with pytest.raises(ConfigError, match="already holds a run"):
        train_and_evaluate(tiny_config(data, epochs=1), tmp_path)
    with pytest.raises(ConfigError, match="another seed"):
        train_and_evaluate(tiny_config(data, epochs=1, seed=9), tmp_path, resume=True)


def test_an_unknown_system_names_the_known_ones(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown system 'theirs'") as caught:
        train_and_evaluate(tiny_config(data, system="theirs"), tmp_path)
    assert "ours" in caught.value.hint


def test_a_folder_without_a_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such run"):
        averaged_model(tmp_path)
