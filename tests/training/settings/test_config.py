"""A run's settings survive the disk, old ones too, and senseless ones are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from classroom_fer.errors import ConfigError
from classroom_fer.settings.fields import settings_of
from training.settings.config import Augmentation, RefitSettings, TrainConfig, read_config, save_config
from training.settings.overrides import with_settings


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
        ({"learning_rate": float("nan")}, "learning_rate = nan is not a number"),
        ({"ema": 1.5}, "ema = 1.5 is too large"),
        ({"augmentation.shift": -0.1}, "augmentation.shift = -0.1 is too small"),
        ({"augmentation.blur": float("nan")}, "augmentation.blur = nan is not a number"),
        ({"augmentation.resample_min_px": 0}, "augmentation.resample_min_px = 0 is too small"),
        ({"augmentation.resample_min_px": 48}, "augmentation.resample_min_px = 48 is too large"),
    ],
)
def test_a_senseless_setting_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        with_settings(TrainConfig(), changes)
    assert str(caught.value) == message
    assert caught.value.hint


def test_every_setting_says_what_it_is() -> None:
    for record in (TrainConfig, Augmentation, RefitSettings):
        assert all(one.about for one in settings_of(record).values())
    assert all(one.source for one in settings_of(Augmentation).values())


def test_a_setting_of_a_file_that_is_unknown_or_out_of_range_is_named_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    for table, message, hint in (
        ({"epoch": 3}, "unknown setting 'epoch'", "did you mean epochs?"),
        ({"augmentation": {"flips": 0}}, "unknown setting 'augmentation.flips'", "did you mean augmentation.flip?"),
        ({"epochs": 0}, "epochs = 0 is too small", "at least 1 epochs"),
    ):
        path.write_text(json.dumps(table))
        with pytest.raises(ConfigError) as caught:
            read_config(path)
        assert str(caught.value) == f"{path}: not a training config ({message})"
        assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize("text", ["{", "[]", "3"])
def test_a_file_that_is_no_config_is_an_error_with_its_path(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ConfigError, match=r"config\.json: not a training config"):
        read_config(tmp_path / "config.json")
