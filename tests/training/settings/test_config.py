"""A run's settings survive the disk, old ones too, and senseless ones are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from classroom_fer.errors import ConfigError
from training.settings.config import AT_LEAST, AT_MOST, CHOICES, Augmentation, TrainConfig, read_config, save_config


def test_every_setting_survives_the_disk(tmp_path: Path) -> None:
    config = TrainConfig(
        data=tmp_path, leave_out=tmp_path / "x.csv", widths=(8, 16), blocks=(1, 2), teachers=("runs/a", "runs/b"),
        limit=9, optimizer="adam", augmentation=Augmentation(shear=0.2, blur=0.5),
    )  # fmt: skip
    save_config(config, tmp_path / "config.json")
    assert read_config(tmp_path / "config.json") == config


def test_a_config_of_an_older_version_reads_and_what_it_lacks_takes_its_default(tmp_path: Path) -> None:
    table = TrainConfig(epochs=7).as_dict()
    known = ("system", "protocol", "data", "epochs", "batch", "widths", "blocks", "branches", "augmentation")
    old = {key: table[key] for key in known}
    for later in ("shear", "blur", "blur_sigma_px"):
        del old["augmentation"][later]
    (tmp_path / "config.json").write_text(json.dumps(old))
    assert read_config(tmp_path / "config.json") == TrainConfig(epochs=7)


def test_the_recipe_is_what_changes_the_weights(tmp_path: Path) -> None:
    assert TrainConfig(data=tmp_path, tensorboard=True).recipe() == TrainConfig().recipe()
    assert TrainConfig(seed=2).recipe() != TrainConfig().recipe()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"optimizer": "lion"}, "optimizer = 'lion' is not known"),
        ({"epochs": 0}, "epochs = 0 is too small"),
        ({"learning_rate": float("nan")}, "learning_rate = nan is too small"),
        ({"ema": 1.5}, r"ema = 1\.5 is too large"),
    ],
)
def test_a_senseless_setting_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        TrainConfig(**changes)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shift": -0.1}, r"augmentation\.shift = -0\.1 is too small"),
        ({"blur": float("nan")}, r"augmentation\.blur = nan is too small"),
        ({"resample_min_px": 0}, r"augmentation\.resample_min_px = 0 is too small"),
        ({"resample_min_px": 48}, r"augmentation\.resample_min_px = 48 is too large"),
    ],
)
def test_a_senseless_change_of_faces_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Augmentation(**changes)


def test_limits_name_settings_that_exist() -> None:
    assert {*CHOICES, *AT_LEAST, *AT_MOST} <= set(TrainConfig().as_dict())


@pytest.mark.parametrize("text", ["{", "[]", '{"data": "x", "augmentation": {}, "colour": 1}'])
def test_a_file_that_is_no_config_is_an_error_with_its_path(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ConfigError, match=r"config\.json: not a training config"):
        read_config(tmp_path / "config.json")
