"""A column has as many cells as it was given, whatever the script."""

from __future__ import annotations

import pytest

from classroom_fer.text.columns import cell_len, filled, fitted


@pytest.mark.parametrize("name", ["quiz", "分数练习", "👩🏽‍🏫👩🏽‍🏫", "a very long name of a task", ""])
@pytest.mark.parametrize("cells", [1, 5, 12])
def test_a_fitted_name_takes_exactly_its_column(name: str, cells: int) -> None:
    assert cell_len(fitted(name, cells)) == cells


@pytest.mark.parametrize("name", ["quiz", "分数练习"])
def test_a_filled_name_is_never_cut(name: str) -> None:
    assert filled(name, 3).rstrip() == name
    assert cell_len(filled(name, 12)) == 12
