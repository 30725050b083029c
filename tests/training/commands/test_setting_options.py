"""A command takes settings as options with the type, the limits and the meaning that their record gives them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from typer.testing import CliRunner, Result

from classroom_fer.commands.option_records import takes
from training.commands.setting_options import TakesSettings, with_settings_of
from training.settings.config import TrainConfig

NAMES = ("epochs", "dropout", "optimizer", "teachers", "data", "tensorboard")


@with_settings_of(TrainConfig, *NAMES, flags={"teachers": "--teacher", "tensorboard": "--tensorboard"})
@dataclass(frozen=True, kw_only=True)
class Some(TakesSettings):
    """Options of a command of its own, with some settings."""

    folder: Annotated[Path, typer.Option(help="Where to.")] = Path("here")


@with_settings_of(TrainConfig, "seed", prefix="first")
@dataclass(frozen=True, kw_only=True)
class Prefixed(TakesSettings):
    """A setting under another name."""


def called(record: type[TakesSettings], *arguments: str) -> tuple[Result, list[TakesSettings]]:
    """What a command is given when it is called so."""
    heard: list[TakesSettings] = []
    app = typer.Typer(rich_markup_mode=None)
    app.command()(takes(record)(heard.append))
    return CliRunner().invoke(app, list(arguments)), heard


def test_only_settings_that_were_given_are_passed_on() -> None:
    _, (options,) = called(Some)
    assert options.given() == {}
    _, (options,) = called(
        Some, "--folder", "there", "--epochs", "3", "--dropout", "0", "--teacher", "a", "--teacher", "b",
        "--data", "faces", "--tensorboard",
    )  # fmt: skip
    assert isinstance(options, Some)
    assert options.folder == Path("there")
    assert options.given() == {
        "epochs": 3, "dropout": 0.0, "teachers": ("a", "b"), "data": Path("faces"), "tensorboard": True,
    }  # fmt: skip
    _, (options,) = called(Prefixed, "--first-seed", "0")
    assert options.given() == {"seed": 0}


def test_limits_meaning_and_words_are_those_of_the_record() -> None:
    done, heard = called(Some, "--epochs", "0")
    assert (done.exit_code, heard) == (2, [])
    page = " ".join(called(Some, "--help")[0].stdout.split())
    assert "Share of values that are dropped. [0<=x<=1]" in page
    assert "sgd, adam, adamw: " in page
    assert "[default: 1]" in called(Prefixed, "--help")[0].stdout
