"""The systems table: every row is there, with its authors' settings, protocol and figure."""

from __future__ import annotations

import dataclasses
import json

import pytest
from typer.testing import CliRunner

from classroom_fer.errors import ConfigError
from training.__main__ import app
from training.settings.config import Augmentation, TrainConfig
from training.settings.systems import SYSTEMS, default_config

ROWS = {
    1: ("baseline-cnn", "P8"),
    2: ("cnn-bn-dropout", "P8"),
    3: ("cnn-bn-dropout-aug", "P8"),
    4: ("resnet50-transfer", "P8"),
    5: ("custom-cnn", "P7"),
    6: ("custom-cnn-aug", "P7"),
    7: ("vgg16-transfer", "P7"),
    8: ("resnet50-transfer-fer", "P7"),
    9: ("happy-sad", "P2"),
    10: ("four-class", "P4"),
    11: ("ours", "P8"),
}


def test_every_row_of_the_table_has_its_system_and_protocol() -> None:
    assert {s.row: (s.name, s.protocol) for s in SYSTEMS.values() if s.row is not None} == ROWS
    assert [s.name for s in SYSTEMS.values() if s.row is None] == [
        "vgg16-hed-transfer",
        "mobilenet-v2",
        "efficientnet-lite0",
        "student",
        "cnn-attention",
    ]
    assert all(name == system.name and system.note for name, system in SYSTEMS.items())


def test_a_system_is_trained_as_its_authors_did() -> None:
    config = default_config("cnn-bn-dropout-aug")
    assert (config.system, config.protocol, config.epochs, config.batch) == ("cnn-bn-dropout-aug", "P8", 100, 64)
    assert (config.optimizer, config.learning_rate, config.loss) == ("adam", 1e-4, "binary")
    assert (config.targets, config.ema, config.balance, config.weight_decay) == ("label", 0, 0, 0)
    nothing = Augmentation.nothing()
    assert config.augmentation == dataclasses.replace(nothing, rotation_deg=20.0, shift=0.1, flip=0.5)
    assert default_config("baseline-cnn").augmentation == nothing


def test_the_callbacks_of_the_transfer_net_are_set() -> None:
    config = default_config("resnet50-transfer")
    assert (config.schedule, config.early_stopping, config.trainable_layers) == ("plateau", 20, 4)
    assert (config.dense, config.dropout) == ((32, 32, 32), 0.5)


def test_ours_has_the_defaults_of_the_config() -> None:
    assert default_config("ours") == TrainConfig()


def test_every_setting_can_be_overridden() -> None:
    for name in SYSTEMS:
        config = default_config(name, protocol="P7", epochs=3, learning_rate=0.5, weights="none", widths=(8,))
        assert (config.protocol, config.epochs, config.learning_rate) == ("P7", 3, 0.5)
        assert (config.weights, config.widths) == ("none", (8,))


def test_an_unknown_system_or_setting_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="unknown system 'theirs'") as caught:
        default_config("theirs")
    assert "happy-sad" in caught.value.hint
    with pytest.raises(ConfigError, match="unknown setting 'epoch'") as caught:
        default_config("ours", epoch=3)
    assert "epochs" in caught.value.hint


def test_the_figure_that_is_no_accuracy_says_so() -> None:
    assert SYSTEMS["resnet50-transfer"].printed == ".8752 (BinaryAccuracy, no accuracy)"
    assert "7/8" in SYSTEMS["resnet50-transfer"].note


def test_the_command_lists_them_in_words_and_as_json() -> None:
    words = CliRunner().invoke(app, ["systems"])
    assert words.exit_code == 0
    assert "baseline-cnn  (P8, row 1, 100 epochs)\n    authors: .6227 test, .7247 validation" in words.stdout
    table = json.loads(CliRunner().invoke(app, ["systems", "--json"]).stdout)
    assert [entry["name"] for entry in table] == list(SYSTEMS)
    assert table[0]["settings"]["optimizer"] == "adam"
    assert table[0]["settings"]["augmentation"]["flip"] == 0
