"""Every setting can be given as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from classroom_fer.errors import ConfigError
from training.settings.config import Augmentation, TrainConfig
from training.settings.overrides import all_settings, parse_settings, with_settings


def test_every_field_of_a_config_has_a_type_that_text_can_be() -> None:
    texts = {"int": "3", "float": "0.5", "str": "x", "bool": "yes", "Path": "x"}
    for key, one in all_settings().items():
        text = one.words[0] if one.words else next(value for name, value in texts.items() if name in str(one.kind))
        assert list(parse_settings([f"{key}={text}"])) == [key]


def test_settings_reach_the_config_the_nested_ones_too() -> None:
    values = parse_settings(["epochs=3", "data=faces", "tensorboard=yes", "widths=8,16", "augmentation.flip=0"])
    config = with_settings(TrainConfig(), values)
    assert (config.epochs, config.data, config.tensorboard, config.widths) == (3, Path("faces"), True, (8, 16))
    assert (config.augmentation.flip, config.augmentation.shift) == (0, Augmentation().shift)


def test_augmentation_can_be_switched_off_and_partly_on_again() -> None:
    config = with_settings(TrainConfig(), parse_settings(["augmentation=none", "augmentation.flip=0.5"]))
    assert config.augmentation == Augmentation(
        rotation_deg=0, shift=0, scale=0, flip=0.5, contrast=0, brightness=0, erase=0, resample=0
    )


@pytest.mark.parametrize(
    ("pair", "message", "hint"),
    [
        ("epochs", "'epochs' is not a setting", "key=value"),
        ("epoch=3", "unknown setting 'epoch'", "epochs"),
        ("epochs=many", "epochs=many", "a whole number"),
        ("tensorboard=perhaps", "tensorboard=perhaps", "expected "),
        ("limit=few", "limit=few", "a whole number or none"),
        ("widths=8,x", "widths=8,x", "whole numbers with commas between"),
        ("augmentation=heavy", "augmentation=heavy", "augmentation=none"),
    ],
)
def test_a_setting_that_is_none_says_what_was_expected(pair: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        parse_settings([pair])
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ("widths=8,8,a,8", "whole numbers with commas between"),
        ("epochs=x", "a whole number"),
        ("limit=x", "a whole number or none"),
    ],
)
def test_what_was_expected_is_said_in_good_english(pair: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_settings([pair])
    assert caught.value.hint == f"expected {expected}"
