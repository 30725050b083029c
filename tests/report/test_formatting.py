"""Printed numbers: whole, with a true minus, and never so exact that they point at a child."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_fer.lesson.records import Estimate
from classroom_fer.report import formatting as f
from classroom_fer.report.wording import Wording

SAY = Wording()


@given(st.floats(0, 1))
def test_a_share_never_tells_of_the_last_few_faces(value: float) -> None:
    printed = SAY.share(value).replace("\xa0", " ")
    if value <= 0.05:
        assert printed == "5 % or less"
    elif value >= 0.95:
        assert printed == "95 % or more"
    else:
        assert re.fullmatch(r"[1-9]?\d %", printed)


@given(st.floats(-1e6, 1e6))
def test_numbers_have_no_decimals_and_no_hyphen_for_a_minus(value: float) -> None:
    assert re.fullmatch(r"−?\d{1,3}(,\d{3})*", SAY.whole(value))
    assert SAY.whole(value) != "−0"


@given(st.text(max_size=400))
def test_a_printed_name_is_one_short_line_without_control_or_direction_characters(text: str) -> None:
    name = f.plain(text)
    assert len(name) <= f.NAME_SHOWN
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]", name)


@pytest.mark.parametrize("name", ["مهمة الكسور", "分数练习", "👩🏽‍🏫", "नमस्ते दुनिया", "می‌خواهم"])
def test_letters_of_every_script_and_the_joiners_they_need_stay(name: str) -> None:
    assert f.plain(name) == name


def test_an_interval_is_a_value_with_its_ends() -> None:
    assert SAY.interval(Estimate(63.6, 58.2, 70.4)) == "64 (58–70)"


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (860.9, "14:20"), (4700, "1:18:20")])
def test_film_time(seconds: float, text: str) -> None:
    assert f.clock(seconds) == text
