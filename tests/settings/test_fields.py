"""A record of settings is checked whenever it is made, and refuses in words that name the setting and a remedy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
from pydantic.dataclasses import dataclass

from classroom_fer.errors import ConfigError
from classroom_fer.settings.fields import STRICT, Checked, from_text, setting, settings_of, unknown_setting


@dataclass(frozen=True, slots=True, config=STRICT)
class Inner(Checked):
    """Settings in a table of their own."""

    SECTION: ClassVar[str] = "inner."
    share: float = setting(0.5, limits=(0, 1))


@dataclass(frozen=True, slots=True, config=STRICT)
class Outer(Checked):
    """Settings of every kind."""

    rounds: int = setting(3, "How often.", limits=(1, 9), unit="rounds", source="choice")
    kind: Literal["round", "square"] = setting("round")
    most: int | None = setting(None, limits=(1, None))
    sizes: tuple[int, ...] = setting((1, 2))
    place: Path = setting(Path("here"))
    loud: bool = setting(default=False)
    inner: Inner = setting(Inner())


def test_a_record_says_of_each_field_what_its_declaration_says() -> None:
    rounds = settings_of(Outer)["rounds"]
    assert (rounds.about, rounds.limits, rounds.unit, rounds.source) == ("How often.", (1, 9), "rounds", "choice")
    assert settings_of(Outer)["kind"].words == ("round", "square")
    assert list(settings_of(Outer)) == ["rounds", "kind", "most", "sizes", "place", "loud", "inner"]


def test_values_of_a_file_become_the_types_of_the_record() -> None:
    table: dict[str, Any] = {"sizes": [4, 5], "place": "there", "inner": {"share": 1}}
    assert Outer(**table) == Outer(sizes=(4, 5), place=Path("there"), inner=Inner(share=1.0))


@pytest.mark.parametrize(
    ("changes", "message", "hint"),
    [
        ({"rounds": 0}, "rounds = 0 is too small", "at least 1 rounds"),
        ({"rounds": 10}, "rounds = 10 is too large", "at most 9 rounds"),
        ({"rounds": 2.5}, "rounds = 2.5 is not a whole number", "a whole number"),
        ({"most": 0}, "most = 0 is too small", "at least 1"),
        ({"kind": "oval"}, "kind = 'oval' is not known", "one of round, square"),
        ({"sizes": ["x"]}, "sizes = 'x' is not whole numbers", "commas between"),
        ({"round": 1}, "unknown setting 'round'", "did you mean rounds?"),
        ({"inner": {"share": 2}}, "inner.share = 2 is too large", "at most 1"),
        ({"inner": {"share": float("nan")}}, "inner.share = nan is not a number", "a number"),
        ({"inner": {"shares": 0}}, "unknown setting 'inner.shares'", "did you mean inner.share?"),
        ({"inner": 3}, "inner = 3 is not a table", ""),
    ],
)
def test_a_value_that_its_field_does_not_allow_is_refused_with_name_and_remedy(
    changes: dict[str, Any], message: str, hint: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        Outer(**changes)
    assert str(caught.value).startswith(message)
    assert hint in caught.value.hint


def test_a_changed_copy_is_checked_too() -> None:
    with pytest.raises(ConfigError, match="rounds = 0 is too small"):
        replace(Outer(), rounds=0)


def test_text_is_read_as_the_type_of_its_field() -> None:
    texts = {"rounds": "4", "kind": "square", "most": "none", "sizes": "7, 8", "place": "x", "loud": "yes"}
    found = {name: from_text(settings_of(Outer)[name], text) for name, text in texts.items()}
    assert found == {"rounds": 4, "kind": "square", "most": None, "sizes": (7, 8), "place": Path("x"), "loud": True}
    with pytest.raises(ConfigError, match="most=few is not a whole number or none"):
        from_text(settings_of(Outer)["most"], "few")


def test_an_unknown_setting_that_is_like_none_lists_them() -> None:
    assert unknown_setting("colour", ["rounds", "kind"]).hint == "known: rounds, kind"
