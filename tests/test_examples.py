"""Every example in a docstring of either package gives what it says."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
    for package in ("classroom_fer", "training")
    for path in (ROOT / package).rglob("*.py")
    if "\n    >>> " in path.read_text(encoding="utf-8")
)


def test_there_are_examples() -> None:
    assert len(MODULES) > 40


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), extraglobs={"np": np})
    assert result.attempted > 0
    assert result.failed == 0
