"""What a search may vary is written as text and checked before anything is trained."""

from __future__ import annotations

import pytest

from classroom_fer.errors import ConfigError
from training.settings.search_space import Choices, Range, grid, parse_space, settings_of


def test_choices_and_ranges_are_told_apart() -> None:
    space = parse_space(["optimizer=sgd,adam", "dropout=0..0.5", "batch=16..128:log", "widths=8,16|16,32"])
    assert space == {
        "optimizer": Choices(("sgd", "adam")),
        "dropout": Range(0.0, 0.5, log=False, whole=False),
        "batch": Range(16.0, 128.0, log=True, whole=True),
        "widths": Choices(("8,16", "16,32")),
    }


def test_parameters_become_settings_of_their_kind() -> None:
    space = parse_space(["batch=32,64", "widths=8,16|16,32", "dropout=0..0.5"])
    found = settings_of(space, {"batch": "64", "widths": "8,16", "dropout": 0.25})
    assert found == {"batch": 64, "widths": (8, 16), "dropout": 0.25}


def test_a_grid_is_every_combination() -> None:
    combinations = list(grid(parse_space(["batch=32,64", "loss=categorical,binary"])))
    assert len(combinations) == 4
    assert {"batch": "64", "loss": "categorical"} in combinations


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([], "nothing to search"),
        (["batch"], "not a dimension"),
        (["batch="], "not a dimension"),
        (["colour=1,2"], "unknown setting 'colour'"),
        (["batch=1,many"], "batch=many"),
        (["dropout=0.5..0.1"], "not a range"),
        (["dropout=0..0.5:log"], "not a range"),
        (["optimizer=sgd..adam"], "only numbers have ranges"),
        (["learning_rate=0..inf"], "finite number"),
    ],
)
def test_a_space_that_makes_no_sense_is_refused(texts: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        parse_space(texts)
    assert caught.value.hint


def test_a_grid_with_a_range_is_refused() -> None:
    with pytest.raises(ConfigError, match="dropout: a grid has no ranges"):
        grid(parse_space(["dropout=0..0.5"]))
