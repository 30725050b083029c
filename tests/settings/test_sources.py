"""Settings that an earlier release stored are read with the values of its time."""

from __future__ import annotations

import copy
import dataclasses
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from classroom_fer.errors import ConfigError, StoreError
from classroom_fer.lesson.records import Declaration
from classroom_fer.settings.config import Config, default_config, load_config, stored_config
from classroom_fer.settings.fields import Checked, settings_of
from classroom_fer.settings.rules import Rules

RELEASED = sorted((Path(__file__).parents[1] / "store" / "released").glob("*.sqlite"))
FIRST_RELEASE = frozenset({
    "alpha_orientation", "weight_set", "weight_sets",
    "rules.pose.yaw_full", "rules.pose.yaw_zero", "rules.pose.down", "rules.pose.min_face_px",
    "rules.pose.baseline_min_samples", "rules.pose.baseline_min_span_s", "rules.pose.baseline_max_dev",
    "rules.pose.line_min_tracks", "rules.expression.min_face_px", "rules.expression.good_face_px",
    "rules.expression.max_yaw", "rules.expression.min_votes", "rules.bins.seconds",
    "rules.bins.min_pose", "rules.bins.min_expr", "rules.evidence.min_group", "rules.evidence.n_grade_b",
    "rules.evidence.n_grade_a", "rules.evidence.c_min", "rules.evidence.c_b", "rules.evidence.c_a",
    "rules.evidence.task_min_s", "rules.evidence.track_min_bins", "rules.evidence.track_min_share",
    "rules.evidence.timeline_min_tracks", "rules.evidence.timeline_min_share", "rules.compare.min_points",
    "rules.compare.max_cov_gap", "rules.compare.alphas", "rules.compare.level", "rules.moments.window_s",
    "rules.moments.min_bins", "rules.moments.min_points", "rules.moments.min_t", "rules.moments.max",
    "rules.moments.guard_s", "rules.moments.min_apart_s",
})  # fmt: skip
"""Rules that every release has stored (`min_votes` as `min_p`)."""
CHANGED_SINCE: dict[tuple[str, ...], Any] = {
    ("detector",): "mtcnn",
    ("rules", "expression", "min_frontal"): 0.90,
    ("rules", "expression", "min_neutral"): 0.5,
    ("rules", "expression", "min_smiling"): 0.5,
    ("rules", "expression", "min_surprised"): 0.5,
    ("rules", "expression", "min_other"): 0.5,
    ("rules", "pose", "sunk"): 1e6,
    ("rules", "pose", "unclear"): 0.0,
    ("rules", "looks", "whole_every_s"): 0.0,
    ("rules", "tracking", "sure_confidence_centerface"): 0.50,
    ("rules", "tracking", "sure_confidence_centerface_large"): 0.50,
    ("rules", "tracking", "join_gate"): 0.9,
    ("rules", "tracking", "seated_share"): 0.5,
    ("rules", "tracking", "join_shared"): 0.0,
}
"""What was done before there was a setting that does otherwise by default now, by the setting's place."""


def keys(table: dict[str, Any], at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key of a table and of the tables inside it."""
    for key, value in table.items():
        yield (*at, key)
        if isinstance(value, dict) and key not in ("declaration", "weight_sets"):
            yield from keys(value, (*at, key))


def constants(record: type[Checked] = Rules) -> Iterator[tuple[str, Any]]:
    for name, one in settings_of(record).items():
        if isinstance(one.plain, type) and issubclass(one.plain, Checked):
            yield from constants(one.plain)
        else:
            yield f"{record.SECTION}{name}", one


def before_there_was(lacking: tuple[str, ...] = ()) -> Config:
    """Today's defaults, but what was done before for the settings at or below the place ``lacking``."""
    table = default_config().as_dict()
    for place, value in CHANGED_SINCE.items():
        if place[: len(lacking)] == lacking:
            *tables, key = place
            inner = table
            for name in tables:
                inner = inner[name]
            inner[key] = value
    return stored_config(table)


def test_a_rule_that_came_later_says_what_was_done_before_it() -> None:
    """Otherwise old sessions would be read with today's default, whatever it has become by then."""
    later = {name for name, one in constants() if name not in FIRST_RELEASE}
    assert later == {name for name, one in constants() if one.is_later}
    assert later


def test_settings_without_any_one_key_are_read() -> None:
    whole = default_config().as_dict()
    removed = list(keys(whole))
    assert len(removed) > 70
    for *tables, key in removed:
        settings = copy.deepcopy(whole)
        table = settings
        for name in tables:
            table = table[name]
        del table[key]
        assert stored_config(settings) == before_there_was((*tables, key)), key


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.stem)
def test_settings_of_released_databases_are_read(released: Path) -> None:
    with sqlite3.connect(f"file:{released}?mode=ro&immutable=1", uri=True) as connection:
        stored = [row[0] for row in connection.execute("SELECT settings FROM session")]
    assert stored
    for settings in stored:
        assert stored_config(json.loads(settings)) == before_there_was()


def test_the_former_names_of_the_sets_of_weights_are_read() -> None:
    settings = load_config(None, {"weights": "flat"}).as_dict()
    rules = settings["rules"]
    rules["profile"], rules["profiles"] = rules.pop("weight_set"), rules.pop("weight_sets")
    assert stored_config(settings).rules.weight_set == "flat"
    assert stored_config(settings) == load_config(None, {"weights": "flat"})


def test_the_former_name_of_a_rule_is_read_from_sessions_and_files(tmp_path: Path) -> None:
    settings = default_config().as_dict()
    settings["rules"]["expression"]["min_det_conf"] = settings["rules"]["expression"].pop("min_frontal") / 2
    former = stored_config(settings)
    assert former.rules.expression.min_frontal == default_config().rules.expression.min_frontal / 2
    file = tmp_path / "own.toml"
    file.write_text(f"[rules.expression]\nmin_det_conf = {former.rules.expression.min_frontal}")
    assert load_config(file, {}) == former


def test_a_rule_under_both_of_its_names_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("[rules.expression]\nmin_det_conf = 0.7\nmin_frontal = 0.8")
    with pytest.raises(ConfigError, match="min_det_conf is the former name") as caught:
        load_config(file, {})
    assert str(caught.value).startswith(str(file))
    assert caught.value.hint == "keep min_frontal"


def test_the_former_name_of_the_declaration_is_read() -> None:
    declared = dataclasses.replace(default_config(), declaration=Declaration("CH", "education", "Which tasks?"))
    settings = declared.as_dict()
    settings["policy"] = settings.pop("declaration")
    assert stored_config(settings) == declared


def test_a_setting_that_is_gone_is_left_out() -> None:
    settings = default_config().as_dict()
    settings["rules"]["pose"]["gone"] = settings["rules"]["gone"] = settings["gone"] = 3
    assert stored_config(settings) == default_config()


@pytest.mark.parametrize(
    "damage",
    [
        {"rules": 3},
        {"fps": "x"},
        {"rules": {"pose": {"yaw_full": 90}}},
        {"declaration": 3},
        {"regions": 3},
    ],
)
def test_damaged_settings_are_an_error_with_a_remedy(damage: dict[str, Any]) -> None:
    with pytest.raises(StoreError, match="stored settings cannot be read") as caught:
        stored_config(default_config().as_dict() | damage)
    assert "--fresh" in caught.value.hint
