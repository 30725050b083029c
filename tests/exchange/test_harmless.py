"""Cells that spreadsheets would run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_fer.exchange.harmless import harmless, meant


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "＝1", " =1", "'=1"])
def test_what_begins_like_a_formula_is_shown_as_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Group work", "a=b", "'tis", "3-2"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@given(st.text(alphabet=st.sampled_from("'=+-@\t\r\n a＝"), max_size=8))
def test_the_guard_can_be_taken_away_again(text: str) -> None:
    assert meant(harmless(text)) == text
